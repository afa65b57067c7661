/**
 * Test support: scenarios of machines whose lanes stall, differ, or have to be woken, at a load of about 0.6.
 */
import type { ScenarioInput } from '../../scenario/schema/schema.ts'

const UNLIMITED = { capacityPackets: 'unlimited' } as const
const work = (median: string) => ({ lognormal: { median, sigma: 0.8 } })

/** Work of 83 us on average, 20 us of writing beside it, and waking up. */
export function wakingMachine(seed: number, changes: Partial<ScenarioInput> = {}): ScenarioInput {
  return {
    seed,
    source: { synthetic: { packetsPerSecond: 24_000, flows: { count: 8 } } },
    tunQueue: UNLIMITED,
    lanes: {
      count: 4,
      service: { fixed: '20us', perByte: '0ns', jitter: work('60us') },
      wakeUp: { exponential: { mean: '30us' } },
      queue: UNLIMITED,
    },
    policies: ['round-robin'],
    duration: '200ms',
    ...changes,
  }
}

/** The same with stalls of about 1.4 ms, 80 a second on each lane. */
export function stallingMachine(seed: number): ScenarioInput {
  const calm = wakingMachine(seed)
  const length = { uniform: { low: '800us', high: '2ms' } }
  const lanes = { ...calm.lanes, stalls: { perSecond: 80, length } }
  const source = { synthetic: { packetsPerSecond: 18_000, flows: { count: 8 } } }
  return { ...calm, source, lanes, duration: '400ms' }
}

/** Two lanes of half the speed, and a policy that gives each what it can take. */
export function unequalMachine(seed: number): ScenarioInput {
  const calm = wakingMachine(seed)
  const source = { synthetic: { packetsPerSecond: 18_000, flows: { count: 8 } } }
  return { ...calm, source, lanes: { ...calm.lanes, speed: [1, 1, 0.5, 0.5] }, policies: ['any-idle'] }
}

/** Constant work and long, varying wake-ups: an idle lane takes about three times as long as a busy one. */
export function drowsyMachine(seed: number): ScenarioInput {
  const calm = wakingMachine(seed)
  const lanes = {
    ...calm.lanes,
    service: { fixed: '20us', perByte: '0ns', jitter: { constant: '30us' } },
    wakeUp: { exponential: { mean: '100us' } },
  }
  return { ...calm, source: { synthetic: { packetsPerSecond: 40_000, flows: { count: 8 } } }, lanes }
}
