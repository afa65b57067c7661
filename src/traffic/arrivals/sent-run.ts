/**
 * What entered a running system and when it left: one row per packet, in order of sending, lost ones among
 * them. What a source is made of that sends it again, and what calibrations learn from.
 */
export interface SentRun {
  /** The file. */
  readonly name: string
  readonly count: number
  /** Ascending, from the first packet. */
  readonly sentNs: Float64Array
  /** From the same zero where clocks are the same; NaN for a lost packet, and where it isn't known. */
  readonly receivedNs: Float64Array
  /** Length of the IP packet. */
  readonly sizeBytes: Int32Array
  /** Numbered from 0. */
  readonly flow: Int32Array
  readonly flowCount: number
}
