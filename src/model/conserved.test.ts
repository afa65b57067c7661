/** Whatever holds a packet lets it go: random machines, releases and policies, with and without timers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { randomStream } from '../sim/random.ts'
import {
  choosing,
  type Happening,
  happenings,
  inTurn,
  type Setup,
  sharedByAll,
  simulate,
} from './pipeline.testing.ts'
import type { PipelineSettings } from './pipeline-settings.ts'
import { type DispatchPolicy, HOLD } from './policy.ts'
import { SequenceRelease } from './release/sequence.ts'
import { TurnsRelease } from './release/turns.ts'
import { WindowRelease } from './release/window.ts'

/** A timer that never ends. */
function periodic(everyNs: number): Partial<DispatchPolicy> {
  let dueNs = everyNs
  return {
    nextTimerNs: () => dueNs,
    onTimer: (nowNs) => {
      dueNs = nowNs + everyNs
    },
  }
}

/** Lets one packet go per timer. */
function paced(everyNs: number): DispatchPolicy {
  const timer = periodic(everyNs)
  let isOpen = false
  const onTimer: DispatchPolicy['onTimer'] = (nowNs, lanes) => {
    isOpen = true
    timer.onTimer!(nowNs, lanes)
  }
  const choose: DispatchPolicy['choose'] = (packet, lanes) => {
    if (!isOpen) return HOLD
    isOpen = false
    return packet.index % lanes.count
  }
  return choosing(choose, { ...timer, onTimer })
}

const window = (size: number, at: 'sender' | 'receiver' = 'receiver'): PipelineSettings['release'] => ({
  at,
  create: (host) => new WindowRelease(size, host),
})

const at = fc.constantFrom('sender' as const, 'receiver' as const)
const release = fc.oneof(
  fc.constant(undefined),
  fc.record({ at, size: fc.constantFrom(2, 4, 16) }).map(({ at: where, size }) => window(size, where)),
  fc.record({ at, timeoutNs: fc.integer({ min: 1, max: 5000 }) }).map(({ at: where, timeoutNs }) => ({
    at: where,
    create: ((host) => new SequenceRelease({ timeoutNs, boundPackets: 8 }, host)) as NonNullable<
      PipelineSettings['release']
    >['create'],
  })),
  fc.integer({ min: 1, max: 3 }).map((packets) => ({
    at: 'sender' as const,
    create: ((host, lanes) => new TurnsRelease(packets, host, lanes)) as NonNullable<
      PipelineSettings['release']
    >['create'],
  })),
)
const lanes = 3
const machines: fc.Arbitrary<Setup> = fc.record({
  lanes: fc.constant(lanes),
  speed: fc.array(fc.constantFrom(0.5, 1, 4), { minLength: lanes, maxLength: lanes }),
  tunQueue: fc.record({
    capacityPackets: fc.constantFrom(1, 4, Number.POSITIVE_INFINITY),
    onFull: fc.constant('drop' as const),
  }),
  reader: fc.record({
    perPacketNs: fc.constantFrom(0, 3),
    perPassNs: fc.constantFrom(0, 7),
    batch: fc.integer({ min: 1, max: 4 }),
    feedbackDelayNs: fc.constantFrom(0, 11),
    stage: fc.constantFrom(undefined, { perLane: 2, total: 5 }, { perLane: 1, total: 1 }),
    spins: fc.boolean(),
  }),
  idleWriteNs: fc.constantFrom(undefined, [4, 40, 400]),
  allCores: fc
    .option(
      fc.record({
        count: fc.integer({ min: 1, max: 8 }),
        timeSliceNs: fc.constantFrom(1, 30, 1e6),
        seed: fc.nat(),
      }),
      { nil: undefined },
    )
    .map(
      (cores) =>
        cores &&
        sharedByAll(cores.count, {
          timeSliceNs: cores.timeSliceNs,
          staysRatio: 0.5,
          pullsRatio: 0.5,
          drawsOf: () => randomStream(cores.seed, 0, 'cores'),
        }),
    ),
  receiver: fc.constantFrom(undefined, { assign: 'own' as const }, { assign: 'shared' as const, count: 2 }),
  laneQueue: fc.record({
    capacityPackets: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
    onFull: fc.constantFrom('drop' as const, 'hold' as const),
  }),
  link: fc.record({
    delayNs: fc.constantFrom([0, 0, 0], [5, 200, 10_000]),
    lossRatio: fc.constantFrom([0, 0, 0], [0.3, 0.3, 1]),
    keepsOrder: fc.boolean(),
    hasJitter: fc.boolean(),
  }),
  release,
})
const packets = fc
  .array(
    fc.record({
      gap: fc.nat(60),
      work: fc.nat(300),
      linkJitter: fc.nat(100),
      wakeUp: fc.nat(20),
      farWork: fc.nat(200),
      farWakeUp: fc.nat(20),
      linkLossDraw: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((made) => {
    let nowNs = 0
    return made.map(({ gap, ...rest }) => {
      nowNs += gap
      return { at: nowNs, ...rest }
    })
  })
const policyMakers: readonly (() => DispatchPolicy)[] = [
  inTurn,
  () => choosing((packet, { count }) => packet.index % count, periodic(1)),
  () => choosing((packet, { count }) => packet.index % count, periodic(97)),
  () => choosing(() => 0, periodic(1000)),
  () => paced(13),
]

/** How each packet has left. */
function endsOf(log: readonly Happening[]): number[] {
  const ends = ['tun drop', 'lane drop', 'link loss', 'delivery']
  return log.filter(([, what]) => ends.includes(what)).map(([, , packet]) => packet)
}

test('every packet leaves once, whatever machine, release and policy, with timers and without', () => {
  let waited = 0
  fc.assert(
    fc.property(machines, packets, fc.constantFrom(...policyMakers), (setup, made, policy) => {
      const log = happenings(made, policy(), setup)
      assert.deepEqual(
        endsOf(log).toSorted((a, b) => a - b),
        made.map((_, i) => i),
      )
      if (log.some(([, what]) => what === 'release')) waited++
    }),
    { seed: 17, numRuns: 2000 },
  )
  assert.ok(waited > 700, `${waited} runs had a release`)
})

test('at the end a window lets go at once, whatever timer the policy has', () => {
  // Packet 1 is lost on its link, so that the window waits for it.
  const setup: Setup = { lanes: 3, link: { lossRatio: [0, 1, 0] }, release: window(4) }
  const made = [0, 1, 2].map((work) => ({ at: 0, work, linkLossDraw: 0.5 }))
  const rest = [{}, periodic(1000), periodic(1)]
  const logs = rest.map((timer) =>
    happenings(
      made,
      choosing(({ index }) => index, timer),
      setup,
    ),
  )
  assert.deepEqual(endsOf(logs[0]!), [0, 1, 2])
  assert.equal(logs[0]!.at(-1)![1], 'delivery')
  assert.deepEqual(logs[1], logs[0])
  assert.deepEqual(logs[2], logs[0])
})

test('a policy is not blamed for packets that are long in service or on their way', () => {
  const slow = [{ at: 0, work: 3_000_000 }]
  const policy = () => choosing(() => 0, periodic(1))
  assert.deepEqual(endsOf(happenings(slow, policy(), {})), [0])
  const far = { link: { delayNs: [1e15, 1e15] } }
  const log = happenings([{ at: 0, work: 1 }], policy(), far)
  assert.deepEqual(log.at(-1), [1e15 + 1, 'delivery', 0, 0])
})

test('a window that only waits for the end has nothing more for senders to hear', () => {
  // Would a run by windows believe that something is moving, it would never end.
  let delivered = 0
  const observer = () => ({ onDelivery: () => void delivered++ })
  const setup: Setup = { lanes: 3, link: { lossRatio: [0, 1, 0] }, release: window(4) }
  const made = [0, 1, 2].map((at) => ({ at, work: 1, linkLossDraw: 0.5 }))
  const advances: boolean[] = []
  simulate(
    made,
    choosing(({ index }) => index, periodic(5)),
    setup,
    [observer],
    10,
    (isMoving) => advances.push(isMoving),
  )
  assert.equal(delivered, 2)
  assert.deepEqual(advances, [false])
})
