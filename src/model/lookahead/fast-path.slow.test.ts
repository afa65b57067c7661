/**
 * The fast path beside the general one, which a timer that is never set forces: the same happens, though it
 * is told in another order, and a policy is told and sees the same.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Moves } from '../../metrics/cost/moves.ts'
import type { Observer } from '../observer.ts'
import type { PacketStore } from '../packets/packet-store.ts'
import { choosing, linkSettings, type MadePacket, type Setup, simulate } from '../pipeline.testing.ts'
import { type DispatchPolicy, HOLD, type LaneView } from '../policy.ts'
import { FastPath } from './fast-path.ts'

const NEVER: Partial<DispatchPolicy> = { nextTimerNs: () => Number.POSITIVE_INFINITY }

type Rule = 'in turn' | 'any idle' | 'shortest' | 'sometimes holds' | 'sometimes looks'

/** A policy that writes down what it is told, and what it sees of the lanes where it looks at them. */
function policyOf(rule: Rule, told: unknown[], rest: Partial<DispatchPolicy>): DispatchPolicy {
  let asked = 0
  return choosing(
    (packet, lanes, nowNs) => {
      asked++
      told.push(['choose', nowNs, packet.index, packet.arrivalNs, packet.flow.index])
      if (rule === 'in turn' || (rule === 'sometimes looks' && asked % 50 > 0))
        return packet.index % lanes.count
      const { oracle } = lanes
      for (let i = 0; i < lanes.count; i++) {
        told.push([
          lanes.queued(i),
          lanes.inService(i),
          lanes.isIdle(i),
          lanes.freeSlots(i),
          lanes.finished(i),
        ])
        told.push([lanes.busyNs(i), oracle!.doneNs(i, nowNs), oracle!.serviceNs(packet, i)])
        told.push([oracle!.doneNs(i, nowNs + 25), oracle!.doneNs(i, 0)])
      }
      if (rule === 'sometimes holds' && asked % 3 === 0 && !lanes.isIdle(0)) return HOLD
      let best = 0
      for (let lane = 1; lane < lanes.count; lane++) {
        if (lanes.queued(lane) + lanes.inService(lane) < lanes.queued(best) + lanes.inService(best))
          best = lane
      }
      return rule === 'any idle' && !lanes.isIdle(best) ? HOLD : best
    },
    { onPass: (packets, _lanes, nowNs) => void told.push(['pass', packets, nowNs]), ...rest },
  )
}

/** What happened, by kind: each kind in its order. */
function logger(store: PacketStore) {
  const log = {
    arrivals: [] as unknown[],
    choices: [] as unknown[],
    drops: [] as unknown[],
    exits: [] as unknown[],
  }
  const arrived = (row: number) => void log.arrivals.push([store.index[row], store.arrivalNs[row]])
  const chosen = (row: number) => void log.choices.push([store.index[row], store.lane[row]])
  const exited = (row: number, atNs: number) => {
    const { index, startNs, lane, tunnelNumber, sizeBytes } = store
    log.exits.push([atNs, index[row], lane[row], tunnelNumber[row], startNs[row], sizeBytes[row]])
  }
  const observer: Observer = {
    blocks: {
      onBlock(packets) {
        for (let row = 0; row < packets; row++) {
          arrived(row)
          chosen(row)
        }
      },
      onDepartures(rows, count) {
        for (const row of rows.subarray(0, count)) exited(row, store.dueNs[row]!)
      },
      onForesight() {},
    },
    onArrival: arrived,
    onChoice: chosen,
    onTunDrop: (row) => void log.drops.push(['tun', store.nowNs, store.index[row]]),
    onLaneExit(row) {
      if (Number.isNaN(store.startNs[row]!))
        log.drops.push(['lane', store.nowNs, store.index[row], store.tunnelNumber[row]])
      else exited(row, store.nowNs)
    },
  }
  return { log, observer }
}

function run(
  packets: readonly MadePacket[],
  setup: Setup,
  rule: Rule,
  hears: boolean,
  rest: Partial<DispatchPolicy>,
) {
  const told: unknown[] = []
  const departures = (lanes: LaneView): Partial<DispatchPolicy> => ({
    onDeparture(packet, lane, nowNs) {
      told.push(['departure', nowNs, packet.index, lane])
      for (let i = 0; i < lanes.count; i++) told.push([lanes.queued(i), lanes.inService(i), lanes.busyNs(i)])
    },
  })
  const create = (lanes: LaneView) => policyOf(rule, told, { ...(hears && departures(lanes)), ...rest })
  const delivered: unknown[] = []
  let log: unknown
  let moves!: Moves
  simulate(packets, create, setup, [
    (store, lanes) => {
      moves = new Moves(store, { link: linkSettings(lanes.count) }, lanes.count)
      return moves
    },
    (store) => {
      const made = logger(store)
      log = made.log
      return made.observer
    },
    (store) => ({ onDelivery: (row) => void delivered.push([store.nowNs, store.index[row]]) }),
  ])
  return { told, log, delivered, moves: moves.metrics() }
}

test('both paths do the same, with queues that fill, policies that hold, warm-ups and wake-ups', (t) => {
  const times = fc.record({ gap: fc.nat(12), work: fc.nat(30), wakeUp: fc.nat(3) })
  // Packets that begin or leave at the same time: the order of what is begun counts.
  const roundTimes = fc.record({
    gap: fc.constantFrom(0, 5, 10),
    work: fc.constantFrom(0, 10, 20, 30),
    wakeUp: fc.constantFrom(0, 5),
  })
  const packet = fc.tuple(times, roundTimes, fc.nat(6))
  const setups = fc.record({
    lanes: fc.integer({ min: 1, max: 5 }),
    capacityPackets: fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY),
    onFull: fc.constantFrom('drop' as const, 'hold' as const),
    dropsAt: fc.constantFrom('lane' as const, 'tun' as const),
    warmupNs: fc.constantFrom(0, 50),
    hears: fc.boolean(),
    isRound: fc.boolean(),
    rule: fc.constantFrom<Rule>('in turn', 'any idle', 'shortest', 'sometimes holds', 'sometimes looks'),
  })
  const entered = t.mock.method(FastPath.prototype, 'consume')
  let wasComplete = 0
  fc.assert(
    fc.property(
      fc.array(packet, { minLength: 500, maxLength: 1300 }),
      setups,
      (list, { hears, isRound, rule, ...made }) => {
        let at = 0
        const packets = list.map(([any, round, flow]) => {
          const { gap, ...rest } = isRound ? round : any
          at += gap
          return { ...rest, flow, at }
        })
        const { capacityPackets, onFull, ...others } = made
        const setup: Setup = {
          ...others,
          tunQueue: { capacityPackets: 20, onFull: 'drop' },
          laneQueue: { capacityPackets, onFull },
        }
        const calls = entered.mock.callCount()
        const general = run(packets, setup, rule, hears, NEVER)
        assert.equal(entered.mock.callCount(), calls)
        const fast = run(packets, setup, rule, hears, {})
        const results = entered.mock.calls.slice(calls)
        assert.equal(results.length, Math.ceil(packets.length / 512))
        for (const { arguments: args, result } of results) if (result === args[2]) wasComplete++
        assert.deepEqual(fast, general)
      },
    ),
    { seed: 1, numRuns: 300 },
  )
  assert.ok(wasComplete > 100, `${wasComplete} blocks went through the fast path alone`)
})

test('nobody who has to hear things in order of time meets the fast path', (t) => {
  const entered = t.mock.method(FastPath.prototype, 'consume')
  const packets = [{ at: 0, work: 1 }]
  const inTurn = () => choosing(() => 0)
  simulate(packets, inTurn(), {}, [() => ({ onDelivery() {} })])
  assert.equal(entered.mock.callCount(), 1)
  for (const name of ['onArrival', 'onTunDrop', 'onChoice', 'onLaneExit'] as const)
    simulate(packets, inTurn(), {}, [() => ({ [name]() {} })])
  assert.equal(entered.mock.callCount(), 1)
})

test('a policy that asks about a lane that is not there fails on both paths', () => {
  const packets = [{ at: 0, work: 5 }]
  const looks: ReadonlyArray<(lanes: LaneView) => unknown> = [
    (lanes) => lanes.queued(lanes.count),
    (lanes) => lanes.inService(lanes.count),
    (lanes) => lanes.isIdle(-1),
    (lanes) => lanes.freeSlots(lanes.count),
    (lanes) => lanes.finished(lanes.count),
    (lanes) => lanes.busyNs(-1),
    (lanes) => lanes.oracle!.doneNs(lanes.count, 0),
  ]
  for (const look of looks) {
    const choose = (_packet: unknown, lanes: LaneView) => Number(look(lanes)) * 0
    for (const rest of [NEVER, {}])
      assert.throws(() => simulate(packets, choosing(choose, rest), { lanes: 2 }, []), TypeError)
  }
})
