import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { planOf } from '../../run/plan.ts'
import { resolved } from '../threads/machine.testing.ts'
import { ReplayRecord } from '../threads/record.ts'
import type { Replayed } from '../verdict/replayed.ts'
import { compareMapping, type LearntMapping, learnMapping } from './queue-mapping.ts'

const LANES = 4
const CONNECTIONS = 200
const PACKETS_PER_FLOW = 3

const linuxTun = planOf(
  resolved({ source: { synthetic: { packetsPerSecond: 1000 } }, duration: '1s', policies: ['linux-tun'] }),
).policies[0]!

/**
 * Both directions of 200 TCP connections, three packets each, through the queues that `queueOf` gives; -1:
 * not read.
 */
function replayThrough(queueOf: (flows: FlowTable, flow: number, packet: number) => number): Replayed {
  const flows = new FlowTable()
  for (let i = 0; i < CONNECTIONS; i++) {
    const addresses = [0x0a000001 + (i % 20), 0x0a000101 + i]
    flows.key.set([addresses[0]!, 0, 0, 0, addresses[1]!, 0, 0, 0])
    flows.intern(4, 6, 443, 40_000 + i)
    flows.key.set([addresses[1]!, 0, 0, 0, addresses[0]!, 0, 0, 0])
    flows.intern(4, 6, 40_000 + i, 443)
  }
  const record = new ReplayRecord(flows.count * PACKETS_PER_FLOW)
  for (let row = 0; row < record.packets; row++) {
    const flow = row % flows.count
    record.flow[row] = flow
    record.lane[row] = queueOf(flows, flow, Math.floor(row / flows.count))
  }
  return { label: 'multi-queue', topology: 'multi-queue', lanes: LANES, record, flows }
}

const hashed = (key: number) => {
  const policy = linuxTun.create({ count: LANES } as never, key)
  return (flows: FlowTable, flow: number) =>
    policy.choose({ flow: flows.get(flow) } as never, undefined as never, 0)
}
const compared = (replayed: Replayed, learnt: LearntMapping[] = [learnMapping(replayed)]) =>
  compareMapping(replayed, learnt, (lanes, key) => linuxTun.create(lanes, key))

test('a kernel that hashes as linux-tun does, with a key of its own, is like it in everything', () => {
  const replayed = replayThrough(hashed(123_456))
  const one = learnMapping(replayed)
  const mapping = compared(replayed, [one, one, one])
  assert.deepEqual(
    { ...mapping, flowsPerQueue: mapping.flowsPerQueue.reduce((sum, count) => sum + count) },
    {
      replays: 3,
      flows: 400,
      flowsPerQueue: 400,
      flowsOnSeveralQueues: 0,
      reversePairs: 200,
      reversePairsSplit: 0,
      flowsMovedBetweenReplays: 0,
      predictedFlowsLow95: mapping.predictedFlowsLow95,
      predictedFlowsHigh95: mapping.predictedFlowsHigh95,
      asUnevenRatio: mapping.asUnevenRatio,
    },
  )
  // Pairs of 200 over 4 queues: 100 ± 1.96 * 2 * sqrt(200 * 3/16) = 76 to 124.
  assert.ok(Math.abs(mapping.predictedFlowsLow95 - 76) <= 4, String(mapping.predictedFlowsLow95))
  assert.ok(Math.abs(mapping.predictedFlowsHigh95 - 124) <= 4, String(mapping.predictedFlowsHigh95))
  assert.ok(mapping.asUnevenRatio > 0.01)
})

test('directions that are hashed apart show as split pairs', () => {
  const mapping = compared(replayThrough((_flows, flow) => flow % LANES))
  assert.deepEqual([mapping.reversePairs, mapping.reversePairsSplit], [200, 200])
})

test('all flows on one queue are more uneven than any key makes them', () => {
  const mapping = compared(replayThrough(() => 2))
  assert.deepEqual(mapping.flowsPerQueue, [0, 0, 400, 0])
  assert.equal(mapping.asUnevenRatio, 1 / 1000)
})

test('flows on several queues, and flows that move between replays, are counted', () => {
  const spread = replayThrough((_flows, flow, packet) => (flow < 7 ? packet : 0))
  assert.equal(compared(spread).flowsOnSeveralQueues, 7)
  const before = learnMapping(replayThrough(hashed(1)))
  const after = learnMapping(
    replayThrough((flows, flow) => (flow < 5 ? 3 - hashed(1)(flows, flow) : hashed(1)(flows, flow))),
  )
  assert.equal(compared(replayThrough(hashed(1)), [before, after]).flowsMovedBetweenReplays, 5)
})

test('what was never read takes no part', () => {
  const mapping = compared(replayThrough((_flows, flow) => (flow < 100 ? -1 : 0)))
  assert.deepEqual([mapping.flows, mapping.reversePairs], [300, 150])
})

test('flows are those that the kernel tells apart: what is inside a tunnel, and fragments together', () => {
  const replayed = replayThrough(() => 0)
  const { flows, record } = replayed
  // The packets of the first flow are a tunnel's: inside, each is a flow of its own.
  const variant = new Int32Array(record.packets)
  for (let row = 0; row < record.packets; row += flows.count) {
    flows.keyTuples.key.set([0x0a000001, 0, 0, 0, 0x0a000002, 0, 0, 0])
    flows.variants.wanted.set([0, flows.keyTuples.intern(4, 17, row, 53), -1, -1])
    variant[row] = flows.variants.intern()
    record.lane[row] = row / flows.count
  }
  assert.equal(compared(replayed).flowsOnSeveralQueues, 1)
  const mapping = compared({ ...replayed, variant }, [learnMapping({ ...replayed, variant })])
  assert.deepEqual([mapping.flows, mapping.flowsOnSeveralQueues], [402, 0])
})
