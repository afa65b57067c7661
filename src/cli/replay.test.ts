/** `lanewise replay` as a whole, on the in-memory device: what is measured is checked where it can't depend on timing. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import type { LiveReport } from '../live/live-report.ts'
import { runProgram } from './run-program.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-replay-'))
after(() => rmSync(folder, { recursive: true }))

const scenario = path.join(folder, 'small.yaml')
writeFileSync(
  scenario,
  `source: { synthetic: { packetsPerSecond: 2000, flows: { count: 5 }, sizes: { fixed: 300B } } }
lanes: { count: 2, service: { fixed: 100us, perByte: 0ns, jitter: { exponential: { mean: 200us } } } }
policies: [round-robin, hash]
duration: 300ms
warmup: 0s
`,
)
const out = (name: string) => path.join(folder, name)
const replay = (words: string) => runProgram(['replay', scenario, '--loopback', ...words.split(' ')])

test('every packet of every replay is accounted for, hash reorders nothing, and the files are there', async () => {
  const { exitCode, stdout } = await replay(`--repeat 2 --no-predict -q -f json -o ${out('plain')}`)
  assert.equal(exitCode, 0)
  const report = JSON.parse(stdout) as LiveReport
  assert.deepEqual(
    report.subjects.map(({ label }) => label),
    ['round-robin', 'hash'],
  )
  for (const { label, replays, verdict, calibrated } of report.subjects) {
    assert.ok(replays.length >= 2)
    assert.deepEqual([verdict, calibrated], [null, null])
    for (const { counts, packetsSent } of replays) {
      const { packets, delivered, tunDropped, laneDropped, unaccounted } = counts
      assert.equal(packets, report.packets)
      assert.equal(packetsSent, packets)
      assert.equal(delivered + tunDropped + laneDropped, packets)
      assert.equal(unaccounted, 0)
    }
    if (label !== 'hash') continue
    for (const { metrics } of replays) assert.equal((metrics.reorderedRatio as { count: number }).count, 0)
  }
  for (const name of ['report.json', 'live.csv', 'provenance.json'])
    assert.ok(existsSync(path.join(out('plain'), name)), name)
  const [header, ...rows] = readFileSync(path.join(out('plain'), 'live.csv'), 'utf8')
    .trim()
    .split('\n')
  assert.ok(header!.startsWith('policy,topology,replay,isCalibration,invalid,'))
  assert.equal(rows.length, report.subjects.flatMap(({ replays }) => replays).length)
})

test('topologies without a policy of ours are replayed too, and packets are written row by row', async () => {
  const packets = out('packets.csv')
  const { exitCode, stdout } = await replay(
    `--topology shared --topology multi-queue --repeat 1 --no-predict -q -f json -o ${out('topologies')} --packets ${packets}`,
  )
  assert.equal(exitCode, 0)
  const report = JSON.parse(stdout) as LiveReport
  assert.deepEqual(
    report.subjects.map(({ topology }) => topology),
    ['shared', 'multi-queue'],
  )
  const multiQueue = report.subjects[1]!.replays[0]!
  assert.equal((multiQueue.metrics.reorderedRatio as { count: number }).count, 0)
  const [header, ...rows] = readFileSync(packets, 'utf8').trim().split('\n')
  assert.ok(header!.startsWith('policy,replay,index,flow,sizeBytes,fate,lane,plannedNs,sentNs'))
  const replays = report.subjects.flatMap((subject) => subject.replays).length
  assert.equal(rows.length, report.packets * replays)
})

test('the table stands within 80 columns', async () => {
  const { stdout } = await replay(`--repeat 1 --no-predict -q --limit 100 -o ${out('table')}`)
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line)
  assert.match(stdout, /device {2}in memory/)
})

const wrong: ReadonlyArray<readonly [words: string, message: RegExp]> = [
  ['--pps 10 --topspeed', /^replay: -x, --pps, --mbps and --topspeed exclude each other - keep one$/],
  ['--work fast', /^--work fast: unknown - use one of model, aes-256-gcm, chacha20-poly1305, none$/],
  ['--topology ring', /^--topology ring: unknown - use one of dispatcher, shared, multi-queue$/],
  ['--repeat 0', /^--repeat 0: expected a whole number from 1 to 1000$/],
  ['--pps fast', /^--pps fast: expected a number above 0$/],
  ['-d 3', /^-d 3 has no unit - write it like /],
]
for (const [words, message] of wrong) {
  test(`replay ${words} ends with one clear line and exit 2`, async () => {
    const { exitCode, stderr } = await replay(words)
    assert.equal(exitCode, 2)
    assert.match(stderr.trim(), message)
  })
}
