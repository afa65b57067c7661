/**
 * Times a scan of 200 points with 4 runs each, as whole processes: once with `-j 2`, and in the same round
 * the same points by two processes with `-j 1` side by side, each every other point. The ratio of the two
 * rates is what the threads, the saving and the joining of the files cost; 0.9 or more is asked for. Then a
 * scan is killed half way and gone on with, and its files are compared with those of the whole one. Exits
 * with 1 where either fails.
 *
 *     npm run bench:scan                      three rounds, some minutes on two cores
 *     npm run bench:scan -- --rounds 5 --duration 400ms
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const POINTS = 200
const RATIO_MIN = 0.9
const FILES = ['report.json', 'summary.csv', 'runs.csv', 'flows.csv', 'distributions.csv', 'points.csv']

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const option = (name: string, usual: string) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? usual : (process.argv[at + 1] ?? usual)
}
const rounds = Number(option('rounds', '3'))
const folder = mkdtempSync(join(tmpdir(), 'lanewise-bench-'))
writeFileSync(
  join(folder, 'scan.yaml'),
  `source: { synthetic: { packetsPerSecond: 100000, flows: { count: 1000 } } }
duration: ${option('duration', '200ms')}
runs: 4
`,
)

/** Rates from 60,000 to 119,700 packets/s. */
const values = Array.from({ length: POINTS }, (_, i) => 60_000 + 300 * i)

/** Starts a scan of these rates. */
function scan(output: string, jobs: number, rates: readonly number[], more: readonly string[] = []) {
  const axis = `source.synthetic.packetsPerSecond=${rates.join(',')}`
  const words = ['scan.yaml', '-q', '-j', String(jobs), '-o', output, '-f', 'csv', '-L', axis, ...more]
  const begin = process.hrtime.bigint()
  const child = spawn(process.execPath, [main, 'compare', ...words], { cwd: folder, stdio: 'ignore' })
  const ended = new Promise<number>((done, fail) => {
    child.on('close', (code, signal) => {
      if (code === 0 || signal !== null) done(Number(process.hrtime.bigint() - begin) / 1e9)
      else fail(new Error(`exit code ${code}`))
    })
  })
  return { child, ended }
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

try {
  const ratios: number[] = []
  for (let round = 1; round <= rounds; round++) {
    const together = POINTS / (await scan('together', 2, values).ended)
    const halves = [0, 1].map((half) => values.filter((_, i) => i % 2 === half))
    const seconds = await Promise.all(halves.map((rates, half) => scan(`apart${half}`, 1, rates).ended))
    const apart = seconds.reduce((rate, one, half) => rate + halves[half]!.length / one, 0)
    ratios.push(together / apart)
    console.log(
      `round ${round}: -j 2 ${together.toFixed(2)} points/s; two of -j 1 ${apart.toFixed(2)} points/s ` +
        `(${seconds.map((one) => one.toFixed(1)).join(' s and ')} s); ratio ${(together / apart).toFixed(3)}`,
    )
  }
  console.log(
    `median ratio ${median(ratios).toFixed(3)} of ${rounds} rounds, at least ${RATIO_MIN} asked for`,
  )

  const killed = scan('killed', 2, values)
  const points = join(folder, 'killed/points')
  const saved = () =>
    existsSync(points) ? readdirSync(points).filter((name) => name.endsWith('.json')).length : 0
  while (saved() < POINTS / 2) await pause(20)
  killed.child.kill('SIGKILL')
  await killed.ended
  const left = saved()
  const seconds = await scan('killed', 2, values, ['--resume']).ended
  const different = FILES.filter((file) => {
    return !readFileSync(join(folder, 'killed', file)).equals(readFileSync(join(folder, 'together', file)))
  })
  console.log(
    `killed with ${left} of ${POINTS} points saved, gone on with in ${seconds.toFixed(1)} s: ` +
      (different.length === 0 ? 'the same bytes as in one piece' : `${different.join(', ')} differ`),
  )
  if (median(ratios) < RATIO_MIN || different.length > 0) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true })
}
