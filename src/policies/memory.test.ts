/** Endless new flows: what a policy keeps stays bounded, unless its rule is to remember every flow. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Flow } from '../model/packets/flow-table.ts'
import { policies } from './index.ts'
import { FlowCache } from './parts/flow-cache.ts'
import { type Asked, ask, packetOf } from './policies.testing.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Policies that remember every flow by their rule, and why. */
const UNBOUNDED = new Map([
  ['flow-pinned', 'without a capacity a flow has its entry whatever others there are'],
  ['flowlet', 'the gap is judged for every flow apart, however long ago it was seen'],
  ['drained', 'what is in flight is counted for every flow apart'],
  ['oracle', "the end of every flow's last packet is kept"],
])
const BOUNDED: ReadonlyArray<[name: string, parameters: object]> = [
  ...[...policies.keys()].filter((name) => !UNBOUNDED.has(name)).map((name): [string, object] => [name, {}]),
  ['flow-pinned', { capacity: 4096 }],
  ['flow-pinned', { capacity: 4096, key: 'address-pair', ttl: 'never' }],
  ['sprayer', { spray: 'any-idle' }],
  ['dpdk-distributor', { tags: 'as-coded' }],
]
const FLOWS_BEFORE = 2 ** 15
const FLOWS_AFTER = 2 ** 18
const FLOW_GAP_NS = 10e6

/** A packet whose flow is always another one, so that nothing but the policy can keep anything. */
const flow = {
  index: 0,
  version: 4,
  protocol: 17,
  sourcePort: 4000,
  destinationPort: 443,
  sourceWord: (word: number) => (word === 0 ? 0x0b000000 + flow.index : 0),
  destinationWord: (word: number) => (word === 0 ? 0xc6120000 : 0),
  get tripleIndex() {
    return flow.index
  },
  get pairIndex() {
    return flow.index
  },
  get hash5Tuple() {
    return Math.imul(flow.index, 2654435761) >>> 0
  },
  get hashSymmetric() {
    return flow.hash5Tuple
  },
  get hash3Tuple() {
    return flow.hash5Tuple
  },
  get hashAddressPair() {
    return flow.hash5Tuple
  },
}
const packet = packetOf(flow as unknown as Flow)

/** Every flow sends a packet, which leaves its lane, and gets an answer. */
function meetFlows(asked: Asked, from: number, end: number): void {
  const { policy } = asked
  for (let i = from; i < end; i++) {
    const nowNs = i * FLOW_GAP_NS
    flow.index = i
    if (policy.nextTimerNs !== undefined) asked.timersUntil(nowNs)
    const lane = asked.lane(packet, nowNs)
    assert.ok(lane >= 0)
    policy.onDeparture?.(packet, lane, nowNs)
    policy.onReturn?.(packet, lane, nowNs)
  }
}

function heldBytes(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function growthBytes(name: string, parameters: object): number {
  const asked = ask(name, parameters, 4)
  meetFlows(asked, 0, FLOWS_BEFORE)
  const before = heldBytes()
  meetFlows(asked, FLOWS_BEFORE, FLOWS_AFTER)
  const growth = heldBytes() - before
  asked.policy.counters?.()
  return growth
}

for (const [name, parameters] of BOUNDED) {
  test(`${name} ${JSON.stringify(parameters)}: new flows without end take no more memory`, () => {
    const bytes = growthBytes(name, parameters)
    assert.ok(bytes < 400e3, `${bytes} bytes more after ${FLOWS_AFTER} flows`)
  })
}

for (const [name, reason] of UNBOUNDED) {
  test(`${name} remembers every flow: ${reason}`, () => {
    const bytes = growthBytes(name, {})
    assert.ok(bytes > 1e6, `${bytes} bytes more after ${FLOWS_AFTER} flows`)
  })
}

test('flows that share a place of the cache still get their own numbers', () => {
  const asked: number[] = []
  const cache = new FlowCache(({ index }) => {
    asked.push(index)
    return -index
  })
  const of = (index: number) => cache.of({ index } as Flow)
  assert.deepEqual([of(1), of(1), of(65_537), of(1), of(65_536 + 2)], [-1, -1, -65_537, -1, -65_538])
  assert.deepEqual(asked, [1, 65_537, 1, 65_538])
})
