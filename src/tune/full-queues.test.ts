import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { scenarioFromText } from '../scenario/loaded-scenario.ts'
import { COMMITTED, type FullQueues, longestStayNs, writeFullQueues } from './full-queues.testing.ts'
import { searchTtl } from './search.ts'
import { tunedPolicy } from './tuned-policy.ts'
import type { Tuning } from './tuning.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-full-queues-'))
after(() => rmSync(folder, { recursive: true }))
const committed = fileURLToPath(new URL('../../scenarios/captures/full-queues.pcap.gz', import.meta.url))

test('the committed capture is the constructed case', () => {
  const file = path.join(folder, 'committed.pcap')
  writeFullQueues(file, COMMITTED)
  if (process.env.LANEWISE_UPDATE === '1')
    writeFileSync(committed, gzipSync(readFileSync(file), { level: 9 }))
  assert.deepEqual(gunzipSync(readFileSync(committed)), readFileSync(file))
})

async function tune(made: FullQueues, name: string): Promise<Tuning> {
  const file = path.join(folder, `${made.seed}.pcap`)
  writeFullQueues(file, made)
  const { lanes, workNs, capacityPackets } = made
  const scenario = {
    source: { capture: file },
    lanes: {
      count: lanes,
      service: { fixed: `${workNs}ns`, perByte: '0ns', jitter: 'none' },
      queue: { capacityPackets, onFull: 'drop' },
    },
    policies: ['hash'],
  }
  const { tuning } = await searchTtl(
    scenarioFromText(JSON.stringify(scenario), path.join(folder, 'made.json')),
    {
      tuned: tunedPolicy(name, name === 'flowlet' ? { assign: 'round-robin' } : {})!,
      targetRatio: 0.001,
      rangeNs: undefined,
      points: 16,
      checks: true,
      jobs: 1,
      signal: new AbortController().signal,
      stage: async () => ({ end() {} }),
      found() {},
    },
  )
  return tuning
}

const cases: readonly [policy: string, made: FullQueues][] = [
  ['flow-pinned', { lanes: 2, workNs: 100e3, capacityPackets: 7, packets: 20_000, seed: 2 }],
  ['flow-pinned', { lanes: 4, workNs: 20e3, capacityPackets: 31, packets: 30_000, seed: 3 }],
  ['flow-pinned', { lanes: 3, workNs: 350e3, capacityPackets: 2, packets: 20_000, seed: 4 }],
  ['flowlet', { lanes: 2, workNs: 100e3, capacityPackets: 7, packets: 20_000, seed: 5 }],
]
for (const [policy, made] of cases) {
  const stayNs = longestStayNs(made)
  test(`full lanes of ${made.capacityPackets} places and ${made.workNs} ns of work: ${policy} is safe from ${stayNs} ns on, to one grid step`, async () => {
    const { safe, proof, curve, check, decidedBy } = await tune(made, policy)
    assert.equal(proof!.stayNs, stayNs)
    const at = curve.findIndex(({ ttlNs }) => ttlNs === safe.ttlNs)
    const below = curve[at - 1]!
    const above = curve[at + 1]!
    // No value at or above the longest stay can have an unsafe move; and no value far below can be without.
    assert.ok(below.ttlNs! < stayNs, `${below.ttlNs} is unsafe`)
    assert.ok(below.metrics.unsafeMoves!.count! > 0)
    assert.ok(above.ttlNs! > stayNs, `${safe.ttlNs} is more than one step below`)
    assert.ok(safe.ttlNs! / below.ttlNs! < 1.15, 'the grid is fine there')
    assert.ok(Math.abs(safe.ttlNs! / stayNs - 1) < 0.15, `${safe.ttlNs}`)
    for (const point of curve.slice(0, at)) assert.ok(point.metrics.unsafeMoves!.count! > 0, point.policy)
    assert.ok(safe.moves! > 100)
    assert.equal(safe.bound, 3 / safe.moves!)
    assert.ok(Math.abs(proof!.gapsShorter / proof!.gaps - 1 / 2) < 0.02, 'half of the silences are shorter')
    if (policy === 'flow-pinned') assert.deepEqual([check, decidedBy], [null, 'value'], 'nothing is random')
  })
}
