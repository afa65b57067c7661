/**
 * Test support: measures a simulation for comparison with closed forms. Sums over each of 100 batches of delivered
 * packets are taken from the product's own counters (and, for waits and holds, from each packet's times). Every
 * quantity is a ratio of two sums, so a mean over reordered packets only is one like any other; neighbouring packets
 * are correlated, batches hardly are. The estimators are the textbook ones: batch means (Law, Simulation Modeling and
 * Analysis) and the ratio estimator (Cochran, Sampling Techniques).
 */
import type { OrderTracker } from '../metrics/order.ts'
import type { Observer } from '../model/observer.ts'
import type { PacketStore } from '../model/packet-store.ts'

export const BATCHES = 100

/** What is summed over packets; the counts of `degree1` .. `degree4` are of packets reordered by that degree or more. */
export interface Sums {
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

  onRelease(row: number, nowNs: number): void {
    if (this.store.flowNumber[row]! < 0) return
    const heldNs = nowNs - this.store.releaseNs[row]!
    this.heldNs += heldNs
    if (heldNs > 0) this.held++
  }

  sumsSoFar(): Sums {
    const { tracker, packets, waited, waitNs, held, heldNs } = this
    const { reordered, overtakers, nReordered, extent, lateTimeNs, sackLost, quicLost } = tracker
    return {
      packets,
      reordered,
      overtakers,
      degree1: nReordered[1]!,
      degree2: nReordered[2]!,
      degree3: nReordered[3]!,
      degree4: nReordered[4]!,
      extent: extent.sum,
      lateNs: lateTimeNs.sum,
      sackLost,
      quicLost,
      waited,
      waitNs,
      held,
      heldNs,
    }
  }
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
