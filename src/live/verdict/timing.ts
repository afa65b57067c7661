/**
 * What became of a schedule: how late packets were sent, and at which rate. Source: tcpreplay's Actual and
 * Rated.
 */
import type { ReplayRecord } from '../threads/record.ts'

/** Quantiles of sent - planned over the packets that were sent, ns; NaN where there was no time to keep. */
export function latenessOf(
  { plannedNs, sentNs }: Pick<ReplayRecord, 'plannedNs' | 'sentNs'>,
  isPaced: boolean,
): { p50Ns: number; p99Ns: number; maxNs: number } {
  const late = sentNs.map((ns, row) => ns - plannedNs[row]!).filter((ns) => !Number.isNaN(ns))
  if (!isPaced || late.length === 0) return { p50Ns: Number.NaN, p99Ns: Number.NaN, maxNs: Number.NaN }
  late.sort()
  const quantile = (share: number) => late[Math.min(late.length - 1, Math.floor(share * late.length))]!
  return { p50Ns: quantile(0.5), p99Ns: quantile(0.99), maxNs: late.at(-1)! }
}

/** Packets and bytes sent, and their rate: a packet's worth of time follows the last one too. */
export function achievedOf({ sentNs, sizeBytes }: Pick<ReplayRecord, 'sentNs' | 'sizeBytes'>): {
  packets: number
  bytes: number
  seconds: number
  pps: number
  mbps: number
} {
  let packets = 0
  let bytes = 0
  let firstNs = Number.POSITIVE_INFINITY
  let lastNs = Number.NEGATIVE_INFINITY
  for (let row = 0; row < sentNs.length; row++) {
    const ns = sentNs[row]!
    if (Number.isNaN(ns)) continue
    packets++
    bytes += sizeBytes[row]!
    firstNs = Math.min(firstNs, ns)
    lastNs = Math.max(lastNs, ns)
  }
  const seconds = packets > 1 ? (lastNs - firstNs) / 1e9 : 0
  const share = packets > 1 ? (packets - 1) / packets / seconds : Number.NaN
  return { packets, bytes, seconds, pps: packets * share, mbps: (bytes * 8 * share) / 1e6 }
}
