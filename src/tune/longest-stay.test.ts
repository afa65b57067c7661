import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PacketStore } from '../model/packets/packet-store.ts'
import { simulate } from '../run/simulate.testing.ts'
import { policiesOf } from '../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { type LongestStay, longestStay, type Unproven } from './longest-stay.ts'

const bounded = {
  source: { synthetic: { packetsPerSecond: 60_000, flows: { count: 50 } } },
  lanes: {
    count: 2,
    service: { fixed: '10us', perByte: '0ns', jitter: { uniform: { low: '0us', high: '30us' } } },
    queue: { capacityPackets: 9, onFull: 'drop' },
  },
  policies: ['round-robin'],
  duration: '300ms',
  warmup: '0s',
} satisfies ScenarioInput

function stayOf(input: ScenarioInput, sizeBytes = 700): LongestStay | Unproven {
  const scenario = scenarioSchema.parse(input)
  return longestStay({ scenario, policies: policiesOf(scenario) }, sizeBytes)
}
const ns = (input: ScenarioInput, sizeBytes?: number) => (stayOf(input, sizeBytes) as LongestStay).stayNs

test('nine places and work of at most 40 us: ten services, per byte and by the slowest lane', () => {
  assert.deepEqual(stayOf(bounded), { stayNs: 400_000, workNsMax: 40_000, packets: 10, otherNs: 0 })
  const perByte = { ...bounded.lanes, service: { ...bounded.lanes.service, perByte: '10ns' } }
  assert.equal(ns({ ...bounded, lanes: perByte }, 1000), 500_000)
  assert.equal(ns({ ...bounded, lanes: { ...bounded.lanes, speed: [1, 0.5] } }), 800_000)
})

test('waiting for a full lane, waking up and unequal links make it longer', () => {
  const hold = { ...bounded.lanes, queue: { capacityPackets: 9, onFull: 'hold' as const } }
  assert.equal(ns({ ...bounded, lanes: hold }), 440_000)
  assert.equal(ns({ ...bounded, lanes: { ...bounded.lanes, wakeUp: { constant: '5us' } } }), 405_000)
  const link = { delay: ['10ms', '11ms'], jitter: { uniform: { low: '0us', high: '200us' } } }
  assert.equal(ns({ ...bounded, link }), 1_600_000)
})

test('what has no bound is named, and what the bound does not cover too', () => {
  const reasons = (more: object) => {
    const { unbounded, notCovered } = stayOf({ ...bounded, ...more } as ScenarioInput) as Unproven
    return [...unbounded, '|', ...notCovered].join('; ')
  }
  const lanes = (more: object) => ({ lanes: { ...bounded.lanes, ...more } })
  const exponential = { exponential: { mean: '1us' } }
  assert.match(reasons(lanes({ service: {} })), /^work has no bound \(lognormal\); \|$/)
  assert.match(reasons(lanes({ wakeUp: exponential })), /^waking up has no bound \(exponential\); \|$/)
  assert.match(reasons(lanes({ stalls: { perSecond: 5, length: { constant: '1ms' } } })), /^stalls come/)
  assert.match(
    reasons(lanes({ queue: { capacityPackets: 'unlimited' } })),
    /^lanes' queues have no bound; \|$/,
  )
  assert.match(reasons(lanes({ cores: 1 })), /^\|; lanes share cores$/)
  assert.match(reasons({ reader: { stage: {} } }), /^\|; packets wait in the stage$/)
  assert.match(reasons({ cores: { count: 2 } }), /^\|; lanes share cores$/)
  assert.match(reasons({ receiver: {} }), /^\|; packets wait for threads at the far end$/)
  assert.match(reasons({ link: { stream: {} } }), /^\|; packets wait for others of their connection$/)
  assert.match(reasons({ link: { jitter: exponential } }), /^link delay has no bound/)
  assert.match(reasons({ link: { rateBps: 1e6 } }), /^packets queue at links/)
})

test('with the queue of a TUN device per lane, its places count', () => {
  const tunQueue = { capacityPackets: 4, onFull: 'drop' as const }
  assert.equal(ns({ ...bounded, topology: 'multi-queue', tunQueue, policies: ['hash'] }), 200_000)
})

for (const [name, more] of [
  ['drop', {}],
  ['hold', { lanes: { ...bounded.lanes, queue: { capacityPackets: 9, onFull: 'hold' } } }],
  [
    'wake-up and reader',
    { lanes: { ...bounded.lanes, wakeUp: { constant: '7us' } }, reader: { perPacket: '2us' } },
  ],
] as const) {
  test(`no packet of overloaded lanes stays longer, and some nearly as long (${name})`, async () => {
    const input = { ...bounded, ...more } as ScenarioInput
    const bound = ns(input)
    let longest = 0
    const chosenNs = new Map<number, number>()
    await simulate(input, {
      observe: (_label, store: PacketStore) => ({
        onChoice: (row: number) => void chosenNs.set(row, store.nowNs),
        onLaneExit: (row: number) => {
          longest = Math.max(longest, store.nowNs - chosenNs.get(row)!)
          assert.ok(store.count > 0)
        },
      }),
    })
    assert.ok(longest <= bound, `${longest} of ${bound}`)
    assert.ok(longest > 0.6 * bound, `${longest} of ${bound}`)
  })
}
