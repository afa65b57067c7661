/**
 * Times of sending that packets carry, put on the axis of a capture. They are of the sender's clock, which
 * may count from its start, so delays are known up to a constant (matching/clock.ts); where there are several
 * senders whose clocks disagree, up to a constant for each.
 */
import type { Arrivals } from '../arrivals/arrivals.ts'
import { APART_SECONDS_MAX, alignClocks, type ClockStatement, DELAY_NS_MAX } from '../matching/clock.ts'

const SECOND_US = 1e6

/**
 * Fills `sentNs` of the arrivals and aligns it with `receivedNs`.
 * @param sentUs of each arrival by its sender's clock, NaN where it isn't known
 * @param senderOf name of the sender of each flow
 * @param baseSeconds what `receivedNs` counts from
 */
export function alignSenders(
  { count, flow, sentNs, receivedNs }: Arrivals,
  sentUs: Float64Array,
  senderOf: readonly string[],
  baseSeconds: number,
): ClockStatement {
  const first = sentUs.subarray(0, count).findIndex((us) => !Number.isNaN(us))
  if (first < 0) return alignClocks(sentNs, receivedNs, count)
  const sentSeconds = Math.floor(sentUs[first]! / SECOND_US)
  const apart = baseSeconds - sentSeconds
  const isFar = Math.abs(apart) > APART_SECONDS_MAX
  const from = isFar ? sentSeconds : baseSeconds
  const least = new Map<string, number>()
  let most = Number.NEGATIVE_INFINITY
  for (let row = 0; row < count; row++) {
    sentNs[row] = (sentUs[row]! - from * SECOND_US) * 1000
    const delayNs = receivedNs[row]! - sentNs[row]!
    const sender = senderOf[flow[row]!]!
    if (Number.isNaN(delayNs)) continue
    least.set(sender, Math.min(least.get(sender) ?? Number.POSITIVE_INFINITY, delayNs))
    most = Math.max(most, delayNs)
  }
  const areOne = !isFar && most <= DELAY_NS_MAX && [...least.values()].every((ns) => ns >= 0)
  if (least.size < 2 || areOne)
    return alignClocks(sentNs, receivedNs, count, { apartSeconds: isFar ? apart : 0 })
  for (let row = 0; row < count; row++) sentNs[row]! += least.get(senderOf[flow[row]!]!) ?? 0
  const text = `${least.size} senders' clocks: times of sending are moved so that the smallest one-way delay of each reads as 0; the true ones cannot be known`
  return { kind: 'offset', offsetNs: 0, driftPpm: 0, text }
}
