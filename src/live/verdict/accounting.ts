/**
 * Where every packet of a replay has gone: each is in exactly one place, and what the record says must be
 * what the devices have counted. A difference is a defect and is told, never left out. Which packets a device
 * dropped isn't known one by one: they are those that are missing behind it.
 */

import type { DeviceCounters } from '../device/device.ts'
import { Fate, type ReplayRecord } from '../threads/record.ts'
import { Cell } from '../threads/shared-counters.ts'

export interface ReplayCounts {
  /** Packets that were to be sent: the sum of the following. */
  readonly packets: number
  readonly delivered: number
  readonly tunDropped: number
  readonly laneDropped: number
  readonly collectorDropped: number
  /** Refused by the first device, or not offered to it: `unmarked`. */
  readonly sendFailed: number
  /** Refused by the second device. */
  readonly writeFailed: number
  /** Of a replay that was ended early: not sent, and on their way. */
  readonly notSent: number
  readonly inFlight: number
  /** Gone without a trace; 0, or it is a defect. */
  readonly unaccounted: number

  /** Packets that came more than once, further copies. */
  readonly duplicates: number
  /** Of `sendFailed`: their headers are cut or wrong, so that there is no place for a mark. */
  readonly unmarked: number
  /** Packets that had to grow for their mark. */
  readonly padded: number
  /** Packets that others, the kernel, sent into the devices; not ours, not in the sum. */
  readonly foreign: number
}

/** Drops that the devices have counted beyond the packets that are missing, which nothing explains. */
export interface Accounts {
  readonly counts: ReplayCounts
  readonly unexplainedDrops: number
  /** Packets without a fate that were read and given to no lane: the policy keeps them. */
  readonly heldPackets: number
}

/**
 * Settles the fate of every packet in the record and counts them.
 * @param endedEarly the packets on their way are no riddle
 */
export function accountFor(
  record: ReplayRecord,
  cells: Int32Array,
  device: DeviceCounters,
  endedEarly: boolean,
): Accounts {
  const { fate, sentNs, readOrder, lane, finishNs, arrivalOrder, packets } = record
  const remaining = endedEarly ? Fate.inFlight : Fate.unaccounted
  let tunLeft = device.tunDropped
  let collectorLeft = Atomics.load(cells, Cell.collectorDropped)
  let heldPackets = 0
  const sums = new Array<number>(9).fill(0)
  for (let row = 0; row < packets; row++) {
    if (arrivalOrder[row]! >= 0) fate[row] = Fate.delivered
    else if (fate[row] === Fate.notSent && !Number.isNaN(sentNs[row]!)) {
      if (readOrder[row]! < 0) fate[row] = tunLeft-- > 0 ? Fate.tunDropped : remaining
      else if (Number.isNaN(finishNs[row]!)) {
        fate[row] = remaining
        if (lane[row]! < 0) heldPackets++
      } else fate[row] = collectorLeft-- > 0 ? Fate.collectorDropped : remaining
    }
    sums[fate[row]!]!++
  }
  // Not sent, of a whole replay: nobody says why.
  const notSent = endedEarly ? sums[Fate.notSent]! : 0
  const foreign =
    device.foreign + Atomics.load(cells, Cell.foreignRead) + Atomics.load(cells, Cell.foreignCollected)
  return {
    counts: {
      packets,
      delivered: sums[Fate.delivered]!,
      tunDropped: sums[Fate.tunDropped]!,
      laneDropped: sums[Fate.laneDropped]!,
      collectorDropped: sums[Fate.collectorDropped]!,
      sendFailed: sums[Fate.sendFailed]!,
      writeFailed: sums[Fate.writeFailed]!,
      notSent,
      inFlight: sums[Fate.inFlight]!,
      unaccounted: sums[Fate.unaccounted]! + sums[Fate.notSent]! - notSent,
      duplicates: Atomics.load(cells, Cell.duplicates),
      unmarked: Atomics.load(cells, Cell.unmarked),
      padded: Atomics.load(cells, Cell.padded),
      foreign,
    },
    heldPackets,
    unexplainedDrops: Math.max(0, Math.max(0, tunLeft) + Math.max(0, collectorLeft) - foreign),
  }
}

/**
 * Undefined where every packet is accounted for; otherwise what is wrong, with the figures to look for it.
 */
export function mismatch({ counts, unexplainedDrops, heldPackets }: Accounts): string | undefined {
  if (counts.unaccounted === 0 && unexplainedDrops === 0) return undefined
  if (heldPackets > 0) {
    return (
      `its policy held packets for too long, ${counts.unaccounted} of ${counts.packets} never came - ` +
      'choose a lane, or set an earlier timer'
    )
  }
  const { packets, delivered, unaccounted, tunDropped, laneDropped, collectorDropped } = counts
  const what =
    unaccounted > 0
      ? `${unaccounted} of ${packets} packets are unaccounted for`
      : `${unexplainedDrops} dropped packets are not ours`
  return (
    `${what} (delivered ${delivered}, dropped by the TUN queue ${tunDropped}, by lanes ${laneDropped}, ` +
    `by the collector ${collectorDropped}) - replay again; if it stays, it is a defect of lanewise`
  )
}
