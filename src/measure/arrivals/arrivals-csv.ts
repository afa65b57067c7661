/**
 * Reads an arrival file: a CSV with a header, a row per packet in order of arrival, whose columns are found
 * by their names (arrival-columns.ts), in any order; others are ignored and named once. Plain or gzip, a
 * byte-order mark, CRLF, quotes and empty lines will do, commas may be semicolons or tabs. Numbers per flow
 * may begin anywhere and may wrap: they are kept as they are, so duplicates and losses are the caller's to
 * find.
 */

import { UserError } from '../../errors.ts'
import {
  type ColumnMap,
  type Columns,
  columnsOf,
  shownName as shown,
  USUAL_HEADER,
} from '../../traffic/arrivals/arrival-columns.ts'
import { CsvTimes, NOT_A_NUMBER, tsharkNumber, wholeNumber } from '../../traffic/arrivals/csv-numbers.ts'
import { CsvRows } from '../../traffic/arrivals/csv-rows.ts'
import { FlowNames } from '../../traffic/arrivals/flow-names.ts'
import { flowOfRow, timeOfRow } from '../../traffic/arrivals/row-values.ts'
import { unitDoubts } from '../../traffic/arrivals/time-units.ts'
import type { ByteStream } from '../../traffic/capture/byte-stream.ts'
import { grouped } from '../../units.ts'
import { alignClocks } from '../matching/clock.ts'
import { Arrivals, countsOf, type Measured, namedFlows } from './arrivals.ts'

const SIZE_BYTES_MAX = 2 ** 31 - 1

export class ArrivalsCsv {
  private readonly stream: ByteStream
  private readonly name: string
  private readonly map: ColumnMap
  private readonly rows: CsvRows
  private readonly arrivals = new Arrivals()
  private readonly names = new FlowNames()
  private readonly times = new CsvTimes()
  private readonly notes: string[] = []
  private columns!: Columns
  /** Rows of packets that the numbers aren't of. */
  private unnumbered = 0

  /** @param name stands for the file in messages */
  constructor(stream: ByteStream, name: string, map: ColumnMap) {
    this.stream = stream
    this.name = name
    this.map = map
    this.rows = new CsvRows(stream, name, USUAL_HEADER)
  }

  /** Throws a UserError with `file:line: column what - cure` where it is not an arrival file. */
  async read(): Promise<Measured> {
    const { stream, arrivals, names, name, rows } = this
    const header = await rows.readHeader()
    this.columns = columnsOf(header, this.map, (column, what) => rows.fail(column, what))
    for (const note of this.columns.notes) this.notes.push(`${name}:${rows.line}: ${note}`)
    const { sequence, sent, received } = this.columns
    await rows.readRows(() => this.addRow())
    if (stream.failure !== undefined) {
      if (arrivals.count === 0) rows.failIfBroken()
      this.notes.push(`${name}: ${stream.failure} - the ${grouped(arrivals.count)} rows before are used`)
    }
    if (arrivals.count === 0) {
      const what = this.unnumbered > 0 ? `rows with ${sequence.name}` : 'rows behind the header'
      rows.fail('', `no ${what} - one row per packet, in order of arrival`)
    }
    const known = arrivals.sequence.subarray(0, arrivals.count)
    if (sequence.isOfProtocol && known.length > 2 && known.every((number) => number === known[0])) {
      const cure = 'name another column: --map sequence=NAME'
      throw new UserError(
        `${name}: ${shown(sequence.name)} is ${known[0]} in all rows, so it numbers nothing - ${cure}`,
      )
    }
    if (this.unnumbered > 0) {
      const left = this.unnumbered === 1 ? '1 row' : `${grouped(this.unnumbered)} rows`
      this.notes.push(`${name}: ${left} without ${sequence.name} left out`)
    }
    for (const [column, values] of [
      [sent, arrivals.sentNs],
      [received, arrivals.receivedNs],
    ] as const) {
      if (column === undefined) continue
      const known = values.subarray(0, arrivals.count)
      const { mistake, note } = unitDoubts(column, known, this.times.baseSeconds)
      if (mistake !== undefined) throw new UserError(`${name}: ${mistake}`)
      if (note !== undefined) this.notes.push(`${name}: ${note}`)
    }
    const clock = alignClocks(arrivals.sentNs, arrivals.receivedNs, arrivals.count)
    const bits = sequence.bits === undefined ? {} : { sequenceBits: sequence.bits }
    const flows = namedFlows(names)
    return { arrivals, flows, counts: countsOf(arrivals.count), clock, notes: this.notes, ...bits }
  }

  private addRow(): void {
    const { rows, arrivals } = this
    const { fields } = rows
    const { starts, ends } = fields
    const { sequence, sent, received, size } = this.columns
    const { at, isOfProtocol } = sequence
    if (isOfProtocol && starts[at] === ends[at]) {
      this.unnumbered++
      return
    }
    const readNumber = isOfProtocol ? tsharkNumber : wholeNumber
    const number = readNumber(fields.of(at), starts[at]!, ends[at]!)
    if (number === NOT_A_NUMBER) rows.failNumber(sequence, 'write a whole number from 0 to 2^53 - 1')
    const row = arrivals.add(flowOfRow(rows, this.columns.flow, this.names), number)
    if (sent !== undefined) arrivals.sentNs[row] = timeOfRow(rows, this.times, sent, received)
    if (received !== undefined) arrivals.receivedNs[row] = timeOfRow(rows, this.times, received, sent)
    if (size === undefined || starts[size.at] === ends[size.at]) return
    const readSize = size.name === 'sizeBytes' ? wholeNumber : tsharkNumber
    const bytes = readSize(fields.of(size.at), starts[size.at]!, ends[size.at]!)
    if (!(bytes >= 0 && bytes <= SIZE_BYTES_MAX))
      rows.failNumber(size, 'write a whole number of bytes, or nothing')
    arrivals.sizeBytes[row] = bytes
  }
}
