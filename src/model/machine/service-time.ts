/**
 * How long a packet is served: its work, fixed plus per byte plus what was drawn for it, over the speed of
 * its lane. Work is exact, in ns and fractions of them, and what load is measured in; service is work over
 * speed, rounded to whole ns once, half up, because time is whole.
 */
import { rounded } from '../../sim/rounded.ts'

/** Work of every packet, ns, and of each of its bytes. */
export interface WorkSettings {
  readonly fixedNs: number
  readonly perByteNs: number
}

/** @param serviceDraw the random part, ns */
export function workNs({ fixedNs, perByteNs }: WorkSettings, sizeBytes: number, serviceDraw: number): number {
  return fixedNs + perByteNs * sizeBytes + serviceDraw
}

/** @param speed of the lane: 2 serves twice as fast */
export function serviceNs(work: WorkSettings, speed: number, sizeBytes: number, serviceDraw: number): number {
  return rounded(workNs(work, sizeBytes, serviceDraw) / speed)
}

/** One lane's work of settings that list a value per lane. */
export function workOnLane(
  { fixedNs, perByteNs }: { readonly fixedNs: readonly number[]; readonly perByteNs: readonly number[] },
  lane: number,
): WorkSettings {
  return { fixedNs: fixedNs[lane]!, perByteNs: perByteNs[lane]! }
}
