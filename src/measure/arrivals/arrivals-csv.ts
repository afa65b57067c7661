/**
 * Reads an arrival file: a CSV with a header, a row per packet in order of arrival, whose columns are found
 * by their names (arrival-columns.ts), in any order; others are ignored and named once. Plain or gzip, a
 * byte-order mark, CRLF, quotes and empty lines will do, commas may be semicolons or tabs. Numbers per flow
 * may begin anywhere and may wrap: they are kept as they are, so duplicates and losses are the caller's to
 * find.
 */

import { UserError } from '../../errors.ts'
import {
  type Column,
  type ColumnMap,
  type Columns,
  columnsOf,
  shownName as shown,
  type TimeColumn,
  USUAL_HEADER,
} from '../../traffic/arrivals/arrival-columns.ts'
import { CsvFields, UNFINISHED } from '../../traffic/arrivals/csv-fields.ts'
import { CsvTimes, NOT_A_NUMBER, tsharkNumber, wholeNumber } from '../../traffic/arrivals/csv-numbers.ts'
import { FlowNames } from '../../traffic/arrivals/flow-names.ts'
import { decimalsOf, fractionCure, isFraction, unitDoubts } from '../../traffic/arrivals/time-units.ts'
import { type ByteStream, RECORD_BYTES_MAX } from '../../traffic/capture/byte-stream.ts'
import { grouped } from '../../units.ts'
import { alignClocks } from '../matching/clock.ts'
import { Arrivals, countsOf, type Measured, namedFlows } from './arrivals.ts'

const SIZE_BYTES_MAX = 2 ** 31 - 1
const FLOW_BYTES_MAX = 4096
const SEPARATORS = [',', ';', '\t']
const BLANK = 0x20

export class ArrivalsCsv {
  private readonly stream: ByteStream
  private readonly name: string
  private readonly map: ColumnMap
  private line = 1
  private fields = new CsvFields(0)
  private readonly arrivals = new Arrivals()
  private readonly names = new FlowNames()
  private readonly times = new CsvTimes()
  private readonly notes: string[] = []
  private columns!: Columns
  private columnCount = 0
  private readonly flowName = new Uint8Array(FLOW_BYTES_MAX)
  /** Rows of packets that the numbers aren't of. */
  private unnumbered = 0

  /** @param name stands for the file in messages */
  constructor(stream: ByteStream, name: string, map: ColumnMap) {
    this.stream = stream
    this.name = name
    this.map = map
  }

  /** Throws a UserError with `file:line: column what - cure` where it is not an arrival file. */
  async read(): Promise<Measured> {
    const { stream, arrivals, names, name } = this
    await this.readHeader()
    const { sequence, sent, received } = this.columns
    while (await this.fill()) this.readRows()
    if (stream.failure !== undefined) {
      if (arrivals.count === 0) this.failIfBroken()
      this.notes.push(`${name}: ${stream.failure} - the ${grouped(arrivals.count)} rows before are used`)
    }
    if (arrivals.count === 0) {
      const rows = this.unnumbered > 0 ? `rows with ${sequence.name}` : 'rows behind the header'
      this.fail('', `no ${rows} - one row per packet, in order of arrival`)
    }
    const known = arrivals.sequence.subarray(0, arrivals.count)
    if (sequence.isOfProtocol && known.length > 2 && known.every((number) => number === known[0])) {
      const cure = 'name another column: --map sequence=NAME'
      throw new UserError(
        `${name}: ${shown(sequence.name)} is ${known[0]} in all rows, so it numbers nothing - ${cure}`,
      )
    }
    if (this.unnumbered > 0) {
      const rows = this.unnumbered === 1 ? '1 row' : `${grouped(this.unnumbered)} rows`
      this.notes.push(`${name}: ${rows} without ${sequence.name} left out`)
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

  /** Waits for more rows than were read; false where there are none. */
  private async fill(): Promise<boolean> {
    const { stream } = this
    const held = stream.end - stream.start
    if (held >= RECORD_BYTES_MAX) this.fail('', 'a row of more than 1 MB - is a quote left open?')
    if (await stream.ensure(held + 1)) return true
    // The last row may lack its line end; that of a file that breaks off may be half a row.
    this.readRows(stream.failure === undefined)
    return false
  }

  private async readHeader(): Promise<void> {
    const { stream } = this
    if (!(await stream.ensure(1))) {
      this.failIfBroken()
      this.fail('', `the file is empty - give a CSV whose first line is: ${USUAL_HEADER}`)
    }
    await stream.ensure(3)
    const { view } = stream
    const isMarked = stream.end - stream.start >= 3 && view.getUint16(stream.start) === 0xefbb
    if (isMarked) stream.start += 3
    let next = UNFINISHED
    for (let isLast = false; next === UNFINISHED; ) {
      this.skipEmptyLines()
      const held = stream.end - stream.start
      const line = Buffer.from(stream.view.buffer, stream.start, Math.min(held, 4096)).toString('latin1')
      const first = line.split('\n', 1)[0]!
      const separator = SEPARATORS.find((mark) => first.includes(mark)) ?? ','
      this.fields = new CsvFields(separator.charCodeAt(0))
      next = this.fields.read(new Uint8Array(stream.view.buffer), stream.start, stream.end, isLast)
      if (next !== UNFINISHED) break
      if (held >= RECORD_BYTES_MAX) this.fail('', 'no line end in 1 MB - give a CSV, plain or gzip')
      isLast = !(await stream.ensure(held + 1))
      if (isLast) this.failIfBroken()
    }
    stream.start = next
    this.setColumns()
    this.line += 1 + this.fields.innerLines
  }

  private setColumns(): void {
    const { fields, name, line } = this
    const header = Array.from({ length: fields.count }, (_, field) => this.text(field))
    this.columnCount = header.length
    const cure = `name the columns in the first line: ${USUAL_HEADER}`
    if (header.every((column) => column === '')) this.fail('', `no header - ${cure}`)
    if (header.every((column) => /^[-+\d.eE]*$/.test(column) && column !== ''))
      this.fail('', `no header, the first line is "${shown(header.join(','))}" - ${cure}`)
    this.columns = columnsOf(header, this.map, (column, what) => this.fail(column, what))
    for (const note of this.columns.notes) this.notes.push(`${name}:${line}: ${note}`)
  }

  /** Takes all whole rows in the window; with `isLast` the end of the file ends the last one. */
  private readRows(isLast = false): void {
    const { stream, fields } = this
    const bytes = new Uint8Array(stream.view.buffer)
    const { end } = stream
    let { start } = stream
    while (start < end) {
      const next = fields.read(bytes, start, end, isLast)
      if (next === UNFINISHED) break
      start = next
      const isEmpty = fields.count === 1 && fields.starts[0] === fields.ends[0]
      if (!isEmpty) this.addRow()
      this.line += 1 + fields.innerLines
    }
    stream.start = start
  }

  private addRow(): void {
    const { fields, arrivals, columnCount } = this
    const { starts, ends, count } = fields
    if (fields.isMisquoted)
      this.fail('', 'a quote is left open or text stands behind it - double quotes within quotes')
    if (count !== columnCount) {
      this.fail('', `${count} fields, the header has ${columnCount} - quote fields that contain separators`)
    }
    const { sequence, sent, received, size } = this.columns
    const { at, isOfProtocol } = sequence
    if (isOfProtocol && starts[at] === ends[at]) {
      this.unnumbered++
      return
    }
    const readNumber = isOfProtocol ? tsharkNumber : wholeNumber
    const number = readNumber(fields.of(at), starts[at]!, ends[at]!)
    if (number === NOT_A_NUMBER) this.failNumber(sequence, 'write a whole number from 0 to 2^53 - 1')
    const row = arrivals.add(this.flow(), number)
    if (sent !== undefined) arrivals.sentNs[row] = this.time(sent)
    if (received !== undefined) arrivals.receivedNs[row] = this.time(received)
    if (size === undefined || starts[size.at] === ends[size.at]) return
    const readSize = size.name === 'sizeBytes' ? wholeNumber : tsharkNumber
    const bytes = readSize(fields.of(size.at), starts[size.at]!, ends[size.at]!)
    if (!(bytes >= 0 && bytes <= SIZE_BYTES_MAX))
      this.failNumber(size, 'write a whole number of bytes, or nothing')
    arrivals.sizeBytes[row] = bytes
  }

  /** The number of the row's flow; the values of several columns are joined by blanks. */
  private flow(): number {
    const { fields, columns, names, flowName } = this
    const [first] = columns.flow
    if (first === undefined) return 0
    const { starts, ends } = fields
    if (columns.flow.length === 1)
      return names.intern(fields.of(first.at), starts[first.at]!, ends[first.at]!)
    let length = 0
    for (const { at } of columns.flow) {
      if (starts[at] === ends[at]) continue
      if (length > 0) flowName[length++] = BLANK
      const value = fields.of(at).subarray(starts[at], ends[at])
      if (length + value.length >= FLOW_BYTES_MAX)
        this.fail('', 'a flow of more than 4 KB - is a quote left open?')
      flowName.set(value, length)
      length += value.length
    }
    return names.intern(flowName, 0, length)
  }

  private time(column: TimeColumn): number {
    const { fields } = this
    const { at, unit } = column
    const value = this.times.read(fields.of(at), fields.starts[at]!, fields.ends[at]!, decimalsOf(unit))
    if (value === NOT_A_NUMBER) {
      const what = { Ns: 'nanoseconds', Us: 'microseconds', Ms: 'milliseconds', S: 'seconds' }[unit]
      this.failNumber(column, `write ${what} within 104 days of the first, or nothing`)
    }
    if (unit === 'Ns' && isFraction(value)) {
      const { sent, received } = this.columns
      const other = column === sent ? received : sent
      const others = other === undefined ? [] : [[other, this.text(other.at)] as const]
      this.failNumber(column, fractionCure([column, this.text(at)], others))
    }
    return value
  }

  private skipEmptyLines(): void {
    const { stream } = this
    for (; stream.start < stream.end; stream.start++) {
      const byte = stream.view.getUint8(stream.start)
      if (byte === 0x0a) this.line++
      else if (byte !== 0x0d) return
    }
  }

  private text(field: number): string {
    const { fields } = this
    return new TextDecoder().decode(fields.of(field).subarray(fields.starts[field], fields.ends[field]))
  }

  private failNumber({ at, name }: Column, cure: string): never {
    const found = this.text(at)
    return this.fail(name, `${found === '' ? 'is empty' : `is "${shown(found)}"`} - ${cure}`)
  }

  private failIfBroken(): void {
    const { failure } = this.stream
    if (failure !== undefined) this.fail('', `${failure} - copy the file again`)
  }

  private fail(column: string, what: string): never {
    throw new UserError(`${this.name}:${this.line}: ${column === '' ? '' : `${shown(column)} `}${what}`)
  }
}
