/**
 * Test support: a scan as a process that is killed half way. Nothing can tidy up then, and going on must give
 * the same bytes.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { builtMain } from '../../built.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-killed-'))
after(() => rmSync(folder, { recursive: true }))
const inFolder = (name: string) => path.join(folder, name)
writeFileSync(
  inFolder('small.yaml'),
  'source: { synthetic: { packetsPerSecond: 100000 } }\nduration: 100ms\nruns: 2\npolicies: [hash, round-robin]\n',
)
const POINTS = 20
const FILES = ['distributions.csv', 'flows.csv', 'points.csv', 'report.json', 'runs.csv', 'summary.csv']
const argv = (words: string) => [
  ...[...builtMain, 'compare', 'small.yaml'],
  ...['-P', `lanes.count=1:${POINTS}:1`, ...words.split(' ')],
]

/** Kills a scan half way, goes on with it, and compares its files with those of a scan in one piece. */
export async function assertGoesOn(jobs: number): Promise<void> {
  const whole = spawnSync(process.execPath, argv(`-q -j ${jobs} -o whole${jobs}`), { cwd: folder })
  assert.equal(whole.status, 0)
  const child = spawn(process.execPath, argv(`-q -j ${jobs} -o killed${jobs}`), {
    cwd: folder,
    stdio: 'ignore',
  })
  const gone = new Promise((done) => child.on('exit', (_, signal) => done(signal)))
  const points = inFolder(`killed${jobs}/points`)
  const saved = () => (existsSync(points) ? readdirSync(points).filter((name) => name.endsWith('.json')) : [])
  const watcher = watch(folder, { recursive: true }, () => {
    if (saved().length >= POINTS / 2) child.kill('SIGKILL')
  })
  assert.equal(await gone, 'SIGKILL')
  watcher.close()
  const left = saved().length
  assert.ok(left >= POINTS / 2 && left < POINTS, `${left} points`)
  assert.equal(existsSync(inFolder(`killed${jobs}/report.json`)), false)
  const resumed = spawnSync(process.execPath, argv(`-j ${jobs} -o killed${jobs} --resume`), {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.equal(resumed.status, 0)
  assert.equal(resumed.stderr.split('\n')[0], `--resume: ${left} of ${POINTS} points are there already`)
  for (const file of FILES) {
    const [one, other] = [`whole${jobs}`, `killed${jobs}`].map((name) =>
      readFileSync(inFolder(`${name}/${file}`)),
    )
    assert.ok(one!.equals(other!), file)
  }
  assert.deepEqual(
    readdirSync(points).filter((name) => !/^[0-9a-f]{32}\.json$/.test(name)),
    [],
  )
}
