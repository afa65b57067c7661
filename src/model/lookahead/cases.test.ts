/** Every case on every engine: the fast path, the general one, and each of them in short windows. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosing, settingsOf, simulate } from '../pipeline.testing.ts'
import { lookaheadApplies } from './applies.ts'
import { type EngineCase, engineCases } from './cases.testing.ts'

type Delivery = EngineCase['deliveries'][number]

function run(one: EngineCase, isGeneral: boolean, windowNs: number) {
  const setup = {
    lanes: one.lanes,
    ...(one.speed && { speed: one.speed }),
    ...(one.queue && { laneQueue: one.queue }),
  }
  // A timer that is never set forces the general path.
  const rest = isGeneral ? { nextTimerNs: () => Number.POSITIVE_INFINITY } : {}
  const policy = choosing((packet, lanes) => one.choose(packet, lanes), rest)
  assert.equal(lookaheadApplies(settingsOf(setup), policy, true), !isGeneral)
  const deliveries: Delivery[] = []
  const left = new Set(one.packets.keys())
  const packets = one.packets.map(([at, work]) => ({ at, work }))
  simulate(
    packets,
    policy,
    setup,
    [
      (store) => ({
        onDelivery(row) {
          deliveries.push([store.index[row]!, store.lane[row]!, store.nowNs])
          left.delete(store.index[row]!)
        },
      }),
    ],
    windowNs,
  )
  return { deliveries, dropped: [...left] }
}

for (const one of engineCases) {
  for (const isGeneral of [false, true]) {
    for (const windowNs of [Number.POSITIVE_INFINITY, 7, 1]) {
      const engine = isGeneral ? 'general path' : 'fast path'
      const window = windowNs === Number.POSITIVE_INFINITY ? '' : ` in windows of ${windowNs} ns`
      test(`${one.title} (${engine}${window})`, () => {
        const { deliveries, dropped } = run(one, isGeneral, windowNs)
        assert.deepEqual(deliveries, one.deliveries)
        assert.deepEqual(dropped, one.dropped ?? [])
      })
    }
  }
}
