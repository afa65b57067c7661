/** The packets of a measurement as CSV: a row per arrival, in order of arrival, with the verdict on it. */
import { csvField } from '../../metrics/trace.ts'
import type { RowVerdict } from '../judge.ts'
import type { Measured } from './arrivals.ts'

export const ARRIVAL_TRACE_HEADER =
  'index,flow,sequence,sentNs,receivedNs,sizeBytes,duplicate,reordered,reorderedTunnel\n'
const FLUSH_CHARACTERS = 1 << 16

export class ArrivalTrace {
  private readonly measured: Measured
  private readonly write: (text: string) => void
  private text = ARRIVAL_TRACE_HEADER

  /** @param write takes whole lines */
  constructor(measured: Measured, write: (text: string) => void) {
    this.measured = measured
    this.write = write
  }

  /** The next arrival; of duplicates nothing else is judged, and unknown fields are empty. */
  add(row: number, verdict: RowVerdict): void {
    const { arrivals, flows } = this.measured
    const flow = csvField(flows.describe(arrivals.flow[row]!))
    const known = (value: number) => (Number.isNaN(value) || value < 0 ? '' : String(value))
    const time = (value: number) => (Number.isNaN(value) ? '' : String(value))
    const judged = verdict.isCopy
      ? '1,,'
      : `0,${Number(verdict.isReordered)},${verdict.isReorderedInTunnel === undefined ? '' : Number(verdict.isReorderedInTunnel)}`
    this.text +=
      `${row},${flow},${verdict.number},${time(arrivals.sentNs[row]!)},${time(arrivals.receivedNs[row]!)},` +
      `${known(arrivals.sizeBytes[row]!)},${judged}\n`
    if (this.text.length >= FLUSH_CHARACTERS) this.end()
  }

  /** Writes what is left. */
  end(): void {
    this.write(this.text)
    this.text = ''
  }
}
