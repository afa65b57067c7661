/**
 * RSS with a table that is rewritten to follow the load: a greedy form of RSS++. Every tick a lane's load is
 * the share of the tick that it was busy, and a bucket's load is its share of its lane's packets of that
 * tick. While the highest and the lowest lane's load differ by more than the threshold, the largest bucket
 * that fits goes from that lane to this one; it fits when it is at most half of the difference, so that the
 * two don't change roles. A tick that moved something halves the time to the next one, another doubles it.
 * Moving a bucket moves all its flows at once, packets in flight or not, so it may reorder. Not modelled: the
 * solver over all lanes at once, adding and removing of cores, and the migration of state that RSS++ hooks
 * around each rewrite to keep order. Source: Barbette et al., "RSS++", CoNEXT 2019;
 * vendor/nicscheduler/methods/rsspp.cc of its FastClick. Validation: rss-rebalance.test.ts (ticks worked by
 * hand), policies.test.ts (contract).
 */
import { z } from 'zod'
import type { LaneView, PolicyPlugin } from '../model/policy.ts'
import { durationNs } from '../unit-schemas.ts'
import { bucketsOf, drawsKey, hashParameters, tableSize } from './parts/toeplitz.ts'

const tick = durationNs.refine((ns) => ns >= 1000, { error: 'is less than 1us - give 1us or more' })

const parameters = z
  .strictObject({
    ...hashParameters,
    tableSize,
    threshold: z
      .number()
      .min(0)
      .lt(1, { error: 'is never exceeded, as a load is 0 to 1 - give less than 1, or use the policy rss' })
      .default(0.02)
      .describe('difference of load between two lanes (busy share, 0 to 1) that is left alone'),
    tickMin: tick.prefault('10ms').describe('shortest time between two looks at the load, and the first'),
    tickMax: tick.prefault('1000ms').describe('longest time between two looks at the load'),
  })
  .refine(({ tickMin, tickMax }) => tickMin <= tickMax, { error: 'tickMin is above tickMax - swap them' })

export const rssRebalance: PolicyPlugin<typeof parameters> = {
  name: 'rss-rebalance',
  description: 'RSS whose table follows the load of the lanes (RSS++, greedy)',
  models: 'RSS++ (CoNEXT 2019), its greedy form',
  keepsOrder: 'with one lane only: a bucket moves with packets in flight',
  parameters,
  usesRandom: drawsKey,
  create({ tableSize: size, threshold, tickMin, tickMax, ...hashing }, lanes, random) {
    const { count } = lanes
    const buckets = bucketsOf(hashing, size, random)
    const table = Int16Array.from({ length: size }, (_, bucket) => bucket % count)
    /** Packets per bucket since the last tick. */
    const packets = new Float64Array(size)
    const bucketLoad = new Float64Array(size)
    const lanePackets = new Float64Array(count)
    const laneLoad = new Float64Array(count)
    const busyBeforeNs = new Float64Array(count)
    let tickNs = tickMin
    let lastNs = 0
    let dueNs = tickMin
    let moves = 0

    function measure(nowNs: number, view: LaneView): void {
      for (let lane = 0; lane < count; lane++) {
        const busyNs = view.busyNs(lane)
        laneLoad[lane] = (busyNs - busyBeforeNs[lane]!) / (nowNs - lastNs)
        busyBeforeNs[lane] = busyNs
      }
      lanePackets.fill(0)
      for (let bucket = 0; bucket < size; bucket++) lanePackets[table[bucket]!]! += packets[bucket]!
      for (let bucket = 0; bucket < size; bucket++) {
        const lane = table[bucket]!
        bucketLoad[bucket] =
          packets[bucket] === 0 ? 0 : (packets[bucket]! / lanePackets[lane]!) * laneLoad[lane]!
      }
      packets.fill(0)
    }

    /** The largest bucket of the lane that is worth moving and at most `limit`; -1 for none. */
    function largestBucket(lane: number, limit: number): number {
      let best = -1
      let largest = 0
      for (let bucket = 0; bucket < size; bucket++) {
        const load = bucketLoad[bucket]!
        if (table[bucket] === lane && load > largest && load <= limit) {
          best = bucket
          largest = load
        }
      }
      return best
    }

    /** Moves buckets until the lanes are close enough or nothing fits; true when something was moved. */
    function rebalance(): boolean {
      let moved = false
      while (true) {
        let most = 0
        let least = 0
        for (let lane = 1; lane < count; lane++) {
          if (laneLoad[lane]! > laneLoad[most]!) most = lane
          if (laneLoad[lane]! < laneLoad[least]!) least = lane
        }
        const difference = laneLoad[most]! - laneLoad[least]!
        if (difference <= threshold) return moved
        const bucket = largestBucket(most, difference / 2)
        if (bucket < 0) return moved
        table[bucket] = least
        laneLoad[most]! -= bucketLoad[bucket]!
        laneLoad[least]! += bucketLoad[bucket]!
        moves++
        moved = true
      }
    }

    return {
      name: 'rss-rebalance',
      flowKey: 'rss',
      keepsFlowOrder: count === 1,
      choose(packet) {
        const bucket = buckets.of(packet.flow)
        packets[bucket]!++
        return table[bucket]!
      },
      nextTimerNs: () => dueNs,
      onTimer(nowNs, view) {
        measure(nowNs, view)
        tickNs = rebalance() ? Math.max(tickNs / 2, tickMin) : Math.min(tickNs * 2, tickMax)
        lastNs = nowNs
        dueNs = nowNs + Math.round(tickNs)
      },
      counters: () => ({ bucketMoves: moves }),
    }
  },
}
