/**
 * The closed forms of a pool that is never idle, end to end: from a scenario file through the command line to
 * the numbers of report.json, over 20 runs of 10,000 packets, within four standard errors. Time plays no part
 * in them, so they test every order metric from the lanes to the file. `npm run validate` judges more of
 * them, from inside.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { studentQuantile } from '../../metrics/statistics/statistics.ts'
import * as pool from '../../validation/pool-forms.testing.ts'
import { runProgram } from '../run-program.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'lanewise-closed-forms-'))
after(() => rmSync(folder, { recursive: true }))

const Z_MAX = 4
const RUNS = 20
const PACKETS = 10_000

interface Metric {
  readonly mean: number
  readonly low95: number
  readonly high95: number
  readonly runs: number
  readonly of: number
}

/** The metrics of report.json where packets come twice as fast as the lanes can work. */
async function comparedPool(lanes: number): Promise<Record<string, Metric>> {
  const file = join(folder, `pool-${lanes}.yaml`)
  // 95 % of a run is the sample; its packets come at 2 per lane and millisecond.
  const durationUs = Math.round((PACKETS / 0.95 / (2 * lanes)) * 1000)
  writeFileSync(
    file,
    `source: { synthetic: { packetsPerSecond: ${2000 * lanes}, arrivals: periodic, flows: { count: 1 } } }
tunQueue: { onFull: stop }
lanes:
  count: ${lanes}
  service: { fixed: 0ns, perByte: 0ns, jitter: { exponential: { mean: 1ms } } }
policies: [any-idle]
duration: ${durationUs}us
runs: ${RUNS}
`,
  )
  const out = join(folder, `out-${lanes}`)
  const { exitCode, stderr } = await runProgram(['compare', file, '-q', '-j', '1', '-o', out])
  assert.deepEqual([exitCode, stderr], [0, ''])
  const report = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
  return report.records[0].metrics
}

function assertNear(metrics: Record<string, Metric>, name: string, expected: number): void {
  const { mean, low95, high95, runs, of } = metrics[name]!
  assert.equal(runs, RUNS)
  assert.ok(of > 0.99 * RUNS * PACKETS && of < 1.01 * RUNS * PACKETS, `${name} of ${of}`)
  const standardError = (high95 - low95) / 2 / studentQuantile(0.95, RUNS - 1)
  const z = (mean - expected) / standardError
  const text = `${name}: ${mean} expected ${expected}, z ${z.toFixed(2)}`
  assert.ok(standardError > 0 && standardError < 0.003 && Math.abs(z) < Z_MAX, text)
}

test('report.json of a busy pool of four lanes shows its closed forms', async () => {
  const metrics = await comparedPool(4)
  const expected: Array<readonly [name: string, value: number]> = [
    ['reorderedRatio', pool.reorderedInPool(4)],
    ['tunnel.reorderedRatio', pool.reorderedInPool(4)],
    ['sackLostRatio', pool.sackLostInPool(4)],
    ['quicLostRatio', pool.quicLostInPool(4)],
    ...[1, 2, 3, 4].map((n) => [`nReordering[${n}]`, pool.degreeInPool(4, n)] as const),
    ...[-3, -2, -1, 0, 1, 2, 3, 4].map(
      (d) => [`reorderDensity[${d}]`, pool.displacementInPool(4, d)] as const,
    ),
  ]
  for (const [name, value] of expected) assertNear(metrics, name, value)
  assert.equal(metrics['reorderDensity[-4]']!.mean, 0)
})

test('report.json of a busy pool of two lanes shows what a buffer holds', async () => {
  const metrics = await comparedPool(2)
  assertNear(metrics, 'reorderedRatio', 1 / 4)
  for (const b of [0, 1, 2, 3, 4])
    assertNear(metrics, `reorderBufferDensity[${b}]`, pool.bufferedInPoolOfTwo(b))
})
