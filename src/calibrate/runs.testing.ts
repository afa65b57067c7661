/** Test support: runs written down packet by packet. */
import type { SentRun } from '../traffic/arrivals/sent-run.ts'

export type Row = readonly [sentNs: number, receivedNs: number, flow?: number, sizeBytes?: number]

/** Packets in order of sending; flow 0 and 100 bytes where a row doesn't say. */
export function runOf(rows: readonly Row[]): SentRun {
  const flow = Int32Array.from(rows, (row) => row[2] ?? 0)
  return {
    name: 'by hand',
    count: rows.length,
    sentNs: Float64Array.from(rows, ([sentNs]) => sentNs),
    receivedNs: Float64Array.from(rows, (row) => row[1]),
    sizeBytes: Int32Array.from(rows, (row) => row[3] ?? 100),
    flow,
    flowCount: Math.max(0, ...flow) + 1,
  }
}
