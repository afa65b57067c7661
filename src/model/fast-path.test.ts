/** The fast path beside the general one, which a timer that is never set forces: everything that happens is the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FastPath } from './fast-path.ts'
import { choosing, type Happening, happenings, type MadePacket, type Setup } from './pipeline.testing.ts'
import { type DispatchPolicy, HOLD } from './policy.ts'
import { Stalls } from './stalls.ts'

const NEVER: Partial<DispatchPolicy> = { nextTimerNs: () => Number.POSITIVE_INFINITY }

type Rule = 'in turn' | 'any idle' | 'shortest' | 'sometimes holds'

/** A policy that writes down what it is told. */
function policyOf(rule: Rule, told: unknown[], rest: Partial<DispatchPolicy>): DispatchPolicy {
  let asked = 0
  return choosing(
    (packet, lanes, nowNs) => {
      asked++
      told.push([nowNs, packet.index, ...Array.from({ length: lanes.count }, (_, i) => lanes.busyNs(i))])
      if (rule === 'in turn') return packet.index % lanes.count
      if (rule === 'sometimes holds' && asked % 3 === 0 && !lanes.isIdle(0)) return HOLD
      let best = 0
      for (let lane = 1; lane < lanes.count; lane++) {
        if (lanes.queued(lane) + lanes.inService(lane) < lanes.queued(best) + lanes.inService(best))
          best = lane
      }
      return rule === 'any idle' && !lanes.isIdle(best) ? HOLD : best
    },
    {
      onPass: (packets, _lanes, nowNs) => void told.push(['pass', packets, nowNs]),
      onDeparture: (packet, lane, nowNs) => void told.push(['departure', packet.index, lane, nowNs]),
      ...rest,
    },
  )
}

function run(packets: readonly MadePacket[], setup: Setup, rule: Rule, rest: Partial<DispatchPolicy>) {
  const told: unknown[] = []
  const log: Happening[] = happenings(packets, policyOf(rule, told, rest), setup)
  return { told, log }
}

test('both paths do the same, with queues that fill, policies that hold, warm-ups, wake-ups and stalls', (t) => {
  const packet = fc.record({ gap: fc.nat(12), work: fc.nat(30), wakeUp: fc.nat(3), flow: fc.nat(3) })
  const setups = fc.record({
    lanes: fc.integer({ min: 1, max: 5 }),
    capacityPackets: fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY),
    onFull: fc.constantFrom('drop' as const, 'hold' as const),
    warmupNs: fc.constantFrom(0, 50),
    stalls: fc.boolean(),
    rule: fc.constantFrom<Rule>('in turn', 'any idle', 'shortest', 'sometimes holds'),
  })
  const entered = t.mock.method(FastPath.prototype, 'consume')
  let wasComplete = 0
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 1200 }), setups, (list, { stalls, rule, ...made }) => {
      let at = 0
      const packets = list.map(({ gap, ...rest }) => {
        at += gap
        return { ...rest, at }
      })
      const { capacityPackets, onFull, ...others } = made
      const setup: Setup = {
        ...others,
        tunQueue: { capacityPackets: 20, onFull: 'drop' },
        laneQueue: { capacityPackets, onFull },
        ...(stalls && {
          stalls: () =>
            new Stalls(
              () => 40,
              () => 7,
            ),
        }),
      }
      const calls = entered.mock.callCount()
      const general = run(packets, setup, rule, NEVER)
      assert.equal(entered.mock.callCount(), calls)
      const fast = run(packets, setup, rule, {})
      const results = entered.mock.calls.slice(calls)
      assert.equal(results.length, Math.ceil(packets.length / 512))
      for (const { arguments: args, result } of results) if (result === args[2]) wasComplete++
      assert.deepEqual(fast, general)
    }),
    { seed: 1, numRuns: 300 },
  )
  assert.ok(wasComplete > 50, `${wasComplete} blocks went through the fast path alone`)
})
