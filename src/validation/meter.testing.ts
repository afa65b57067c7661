/**
 * Test support: measures a simulation for comparison with closed forms. Sums over each of 100 batches of
 * delivered packets are taken from the product's own counters (and, for waits and holds, from each packet's
 * times). Every quantity is a ratio of two sums, so a mean over reordered packets only is one like any other;
 * neighbouring packets are correlated, batches hardly are. The estimators are the textbook ones: batch means
 * (Law, Simulation Modeling and Analysis) and the ratio estimator (Cochran, Sampling Techniques). A
 * displacement (RD) is decided up to DT packets after its packet, so it counts in the batch that decides it,
 * and RD is over the packets decided: what a batch gives to the next is about what it got from the one
 * before, and DT is small against a batch.
 */
import type { OrderTracker } from '../metrics/order/order.ts'
import type { Observer } from '../model/observer.ts'
import type { PacketStore } from '../model/packets/packet-store.ts'

export const BATCHES = 100

/** Values of the distributions that are judged one by one; -15 is the earliest in a pool of 16. */
export const extents = [1, 2, 3, 4] as const
export const displacements = [-15, -3, -2, -1, 0, 1, 2, 3, 4] as const
export const occupancies = [0, 1, 2, 3, 4] as const
export type Extent = (typeof extents)[number]
export type Displacement = (typeof displacements)[number]
export type Occupancy = (typeof occupancies)[number]

type Distributions = Readonly<
  Record<`extent=${Extent}` | `displacement=${Displacement}` | `buffered=${Occupancy}`, number>
>

/**
 * What is summed over packets; the counts of `degree1` .. `degree4` are of packets reordered by that degree
 * or more.
 */
export interface Sums extends Distributions {
  readonly packets: number
  readonly reordered: number
  readonly overtakers: number
  readonly degree1: number
  readonly degree2: number
  readonly degree3: number
  readonly degree4: number
  readonly extent: number
  readonly lateNs: number
  readonly sackLost: number
  readonly quicLost: number
  readonly waited: number
  readonly waitNs: number
  readonly held: number
  readonly heldNs: number
  /** Packets whose displacement is decided, and those that found room in RFC 5236's buffer. */
  readonly displaced: number
  readonly arrivals: number
}

/** Sums up to the end of each batch. Stands behind the observer that owns `tracker`. */
export class Meter implements Observer {
  readonly sums: Sums[] = []
  private readonly store: PacketStore
  private readonly tracker: OrderTracker
  private readonly batchPackets: number
  private packets = 0
  private waited = 0
  private waitNs = 0
  private held = 0
  private heldNs = 0

  constructor(store: PacketStore, tracker: OrderTracker, batchPackets: number) {
    this.store = store
    this.tracker = tracker
    this.batchPackets = batchPackets
  }

  onDelivery(row: number): void {
    const { store } = this
    if (store.flowNumber[row]! < 0) return
    const waitNs = store.startNs[row]! - store.arrivalNs[row]!
    this.waitNs += waitNs
    if (waitNs > 0) this.waited++
    this.packets++
    if (this.packets % this.batchPackets === 0) this.sums.push(this.sumsSoFar())
  }

  onRelease(row: number): void {
    if (this.store.flowNumber[row]! < 0) return
    const heldNs = this.store.nowNs - this.store.releaseNs[row]!
    this.heldNs += heldNs
    if (heldNs > 0) this.held++
  }

  sumsSoFar(): Sums {
    const { tracker, packets, waited, waitNs, held, heldNs } = this
    const { reordered, overtakers, extent, lateTimeNs, lossRules } = tracker
    tracker.settle()
    const { displacements: displaced, buffered } = tracker.densities
    return {
      ...distributionsOf(tracker),
      displaced: displaced.reduce((sum, count) => sum + count, 0),
      arrivals: buffered.reduce((sum, count) => sum + count, 0),
      packets,
      reordered,
      overtakers,
      degree1: tracker.nReordered(1),
      degree2: tracker.nReordered(2),
      degree3: tracker.nReordered(3),
      degree4: tracker.nReordered(4),
      extent: extent.sum,
      lateNs: lateTimeNs.sum,
      sackLost: lossRules.sackLost,
      quicLost: lossRules.quicLost,
      waited,
      waitNs,
      held,
      heldNs,
    }
  }
}

function distributionsOf({ extent, densities }: OrderTracker): Distributions {
  const { displacements: displaced, buffered, thresholdPackets } = densities
  const ofExtent = new Map(extent.table(1024).map(([low, , count]) => [low, count]))
  return Object.fromEntries([
    ...extents.map((value) => [`extent=${value}`, ofExtent.get(value) ?? 0]),
    ...displacements.map((value) => [`displacement=${value}`, displaced[value + thresholdPackets] ?? 0]),
    ...occupancies.map((value) => [`buffered=${value}`, buffered[value] ?? 0]),
  ])
}

export interface Estimate {
  readonly mean: number
  readonly standardError: number
}

/**
 * The ratio of two sums with its standard error over batches, to first order: that of the batches' means of
 * top - ratio x bottom, over the mean of bottom. With an equal bottom in every batch these are batch means.
 * @param sums up to the end of each batch @throws Error where the bottom is 0 in all
 */
export function ratioOverBatches(sums: readonly Sums[], top: keyof Sums, bottom: keyof Sums): Estimate {
  const count = sums.length
  const last = sums[count - 1]!
  if (last[bottom] === 0) throw new Error(`no ${bottom} to divide ${top} by`)
  const ratio = last[top] / last[bottom]
  let squares = 0
  for (const [i, here] of sums.entries()) {
    const before = i === 0 ? undefined : sums[i - 1]
    const tops = here[top] - (before?.[top] ?? 0)
    const bottoms = here[bottom] - (before?.[bottom] ?? 0)
    squares += (tops - ratio * bottoms) ** 2
  }
  const standardError = Math.sqrt(squares / (count - 1) / count) / (last[bottom] / count)
  return { mean: ratio, standardError }
}
