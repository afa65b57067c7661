/**
 * The warm-up of a replay: packets whose time after the source's first packet, before any pacing, lies in the
 * scenario's `warmup`. They are sent, served and shown in counts like all others; metrics judge only
 * those behind them (flow number 0 and above).
 */
import type { InjectionList } from '../packets.ts'
import type { Schedule } from '../schedule.ts'

/** How many of the first so many packets are judged. @param flowNumber negative for packets of the warm-up */
export function judgedPackets(flowNumber: Int32Array, packets: number): number {
  let judged = 0
  for (let row = 0; row < packets; row++) if (flowNumber[row]! >= 0) judged++
  return judged
}

/** When the warm-up ends by the schedule's times, ns from the start of the run; 0 without one. */
export function warmupEndNs({ columns }: InjectionList, { plannedNs, packets }: Schedule): number {
  const { flowNumber } = columns
  let first = 0
  while (first < packets && flowNumber[first]! < 0) first++
  return first === 0 || first === packets ? 0 : Math.round(plannedNs[first]!)
}
