/**
 * Times the reference scenario through the real command line, as whole processes on one core: packets per second
 * and peak memory for one and for ten million packets, with the start-up measured apart. Absolute figures depend on
 * the machine and on what else runs there; quote the median of several rounds and the ratio between the two sizes.
 *
 *     npm run bench                     three rounds
 *     npm run bench -- --rounds 7
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = join(root, 'dist/cli/main.js')
const scenario = join(root, 'scenarios/reference.yaml')
const rounds = Number(process.argv[process.argv.indexOf('--rounds') + 1] || 3) || 3

interface Timed {
  readonly seconds: number
  /** Peak resident memory, from /proc; null where that isn't Linux. */
  readonly peakMB: number | null
  readonly packets: number
}

/** Runs the scenario for so many virtual seconds and reads how many packets it was. */
async function timed(virtualSeconds: number): Promise<Timed> {
  const output = mkdtempSync(join(tmpdir(), 'lanewise-bench-'))
  try {
    const begin = process.hrtime.bigint()
    const options = ['-d', `${virtualSeconds}s`, '-j', '1', '-q', '-o', output, '-f', 'csv']
    const child = spawn(process.execPath, [main, 'compare', scenario, ...options], { stdio: 'ignore' })
    let peakMB: number | null = null
    const poll = setInterval(() => {
      peakMB = peakOf(child.pid!) ?? peakMB
    }, 20)
    const code = await new Promise((done) => child.on('close', done))
    clearInterval(poll)
    if (code !== 0) throw new Error(`exit code ${code}`)
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9
    const report = JSON.parse(readFileSync(join(output, 'report.json'), 'utf8'))
    return { seconds, peakMB, packets: report.records[0].metrics.packets.mean }
  } finally {
    rmSync(output, { recursive: true })
  }
}

function peakOf(pid: number): number | null {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return line === null ? null : Number(line[1]) / 1000
  } catch {
    return null
  }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

const sizes = [0.01, 10, 100]
const results = new Map<number, Timed[]>(sizes.map((size) => [size, []]))
for (let round = 0; round < rounds; round++) {
  for (const size of sizes) results.get(size)!.push(await timed(size))
}
const startSeconds = median(results.get(0.01)!.map((result) => result.seconds))
console.log(`start-up with a thousand packets: ${startSeconds.toFixed(2)} s (median of ${rounds})`)
for (const size of sizes.slice(1)) {
  const all = results.get(size)!
  const rates = all.map(({ packets, seconds }) => packets / seconds / 1e6)
  const memory = all.map(({ peakMB }) => peakMB ?? Number.NaN)
  const list = rates.map((rate) => rate.toFixed(2)).join(', ')
  console.log(
    `${(all[0]!.packets / 1e6).toFixed(1)} M packets: median ${median(rates).toFixed(2)} M packets/s, start-up ` +
      `included (${list}), peak ${median(memory).toFixed(0)} MB`,
  )
}
