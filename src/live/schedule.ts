/**
 * When each packet is to be sent: at its own time, faster or slower, evenly by packets or by bits, or as fast
 * as can be. Times are absolute, from the start of the run, so an injector that goes by them never drifts.
 * Source of the choices: tcpreplay's speed options.
 */
import type { InjectionColumns } from './packets.ts'

export type Pace =
  /** Arrival times, this many times faster. */
  | { readonly multiplier: number }
  | { readonly packetsPerSecond: number }
  /** 10^6 bits per second, of IP packets. */
  | { readonly megabitsPerSecond: number }
  | 'topspeed'

export interface Schedule {
  /** Per packet, ns from the start of the run, never going back; all the first one's time at topspeed. */
  readonly plannedNs: Float64Array
  /** Packets to send: fewer than there are where the duration ends before. */
  readonly packets: number
  /** False at topspeed: there is no time to be late for. */
  readonly isPaced: boolean
}

/**
 * @param columns the packets
 * @param pace how they follow each other
 * @param durationNs packets that are due so long after the first one, or later, aren't sent
 */
export function scheduleOf(
  { packets, arrivalNs, sizeBytes }: Pick<InjectionColumns, 'packets' | 'arrivalNs' | 'sizeBytes'>,
  pace: Pace = { multiplier: 1 },
  durationNs = Number.POSITIVE_INFINITY,
): Schedule {
  const plannedNs = new Float64Array(packets)
  const firstNs = packets === 0 ? 0 : arrivalNs[0]!
  let sentBytes = 0
  for (let i = 0; i < packets; i++) {
    plannedNs[i] = firstNs + afterFirst(pace, arrivalNs[i]! - firstNs, i, sentBytes)
    sentBytes += sizeBytes[i]!
  }
  let count = packets
  while (count > 0 && plannedNs[count - 1]! - firstNs >= durationNs) count--
  return { plannedNs, packets: count, isPaced: pace !== 'topspeed' }
}

/** Due so long after the first packet, ns, having `number` packets with `sentBytes` bytes before it. */
function afterFirst(pace: Pace, gapNs: number, number: number, sentBytes: number): number {
  if (pace === 'topspeed') return 0
  if ('multiplier' in pace) return Math.round(gapNs / pace.multiplier)
  if ('packetsPerSecond' in pace) return Math.round((number * 1e9) / pace.packetsPerSecond)
  return Math.round((sentBytes * 8000) / pace.megabitsPerSecond)
}
