/**
 * A CSV as its header and its rows, one at a time and without strings: what arrival files (measure) and
 * sources (sent-rows.ts) are read from. Plain or gzip, a byte-order mark, CRLF, quotes and empty lines will
 * do, commas may be semicolons or tabs. Every message names the file and the line.
 */
import { UserError } from '../../errors.ts'
import { type ByteStream, RECORD_BYTES_MAX } from '../capture/byte-stream.ts'
import { shownName as shown } from './arrival-columns.ts'
import { CsvFields, UNFINISHED } from './csv-fields.ts'
import { latin1 } from './csv-numbers.ts'
import { separatorOf } from './first-look.ts'

/** A header's first line is looked at no further. */
const FIRST_LINE_BYTES_MAX = 4096

export class CsvRows {
  readonly name: string
  /** Of the row at hand, or of the header. */
  line = 1
  /** The row at hand. */
  fields = new CsvFields(0)
  private readonly stream: ByteStream
  private readonly usualHeader: string
  private columnCount = 0

  /** @param name stands for the file in messages @param usualHeader what a first line should be */
  constructor(stream: ByteStream, name: string, usualHeader: string) {
    this.stream = stream
    this.name = name
    this.usualHeader = usualHeader
  }

  /** The names of the columns. Throws a UserError where there are none. */
  async readHeader(): Promise<string[]> {
    const { stream } = this
    if (!(await stream.ensure(1))) {
      this.failIfBroken()
      this.fail('', `the file is empty - give a CSV whose first line is: ${this.usualHeader}`)
    }
    await stream.ensure(3)
    const { view } = stream
    const isMarked = stream.end - stream.start >= 3 && view.getUint16(stream.start) === 0xefbb
    if (isMarked) stream.start += 3
    let next = UNFINISHED
    for (let isLast = false; next === UNFINISHED; ) {
      this.skipEmptyLines()
      const held = stream.end - stream.start
      const bytes = new Uint8Array(stream.view.buffer)
      const seen = latin1(bytes, stream.start, stream.start + Math.min(held, FIRST_LINE_BYTES_MAX))
      this.fields = new CsvFields(separatorOf(seen).charCodeAt(0))
      next = this.fields.read(bytes, stream.start, stream.end, isLast)
      if (next !== UNFINISHED) break
      if (held >= RECORD_BYTES_MAX) this.fail('', 'no line end in 1 MB - give a CSV, plain or gzip')
      isLast = !(await stream.ensure(held + 1))
      if (isLast) this.failIfBroken()
    }
    stream.start = next
    const header = Array.from({ length: this.fields.count }, (_, field) => this.text(field))
    this.columnCount = header.length
    const cure = `name the columns in the first line: ${this.usualHeader}`
    if (header.every((column) => column === '')) this.fail('', `no header - ${cure}`)
    if (header.every((column) => /^[-+\d.eE]*$/.test(column) && column !== ''))
      this.fail('', `no header, the first line is "${shown(header.join(','))}" - ${cure}`)
    return header
  }

  /** Calls `addRow` for every row behind the header, which stands in `fields` then. */
  async readRows(addRow: () => void): Promise<void> {
    // The header is judged before the first row is.
    this.line += 1 + this.fields.innerLines
    while (await this.fill(addRow)) this.readWhole(addRow)
  }

  /** Throws a UserError that opens with the file, the line and the column. */
  fail(column: string, what: string): never {
    throw new UserError(`${this.name}:${this.line}: ${column === '' ? '' : `${shown(column)} `}${what}`)
  }

  /** Throws where the file couldn't be read on. */
  failIfBroken(): void {
    const { failure } = this.stream
    if (failure !== undefined) this.fail('', `${failure} - copy the file again`)
  }

  text(field: number): string {
    const { fields } = this
    return new TextDecoder().decode(fields.of(field).subarray(fields.starts[field], fields.ends[field]))
  }

  /** Throws where a field isn't a number. */
  failNumber({ at, name }: { readonly at: number; readonly name: string }, cure: string): never {
    const found = this.text(at)
    return this.fail(name, `${found === '' ? 'is empty' : `is "${shown(found)}"`} - ${cure}`)
  }

  /** Waits for more rows than were read; false where there are none. */
  private async fill(addRow: () => void): Promise<boolean> {
    const { stream } = this
    const held = stream.end - stream.start
    if (held >= RECORD_BYTES_MAX) this.fail('', 'a row of more than 1 MB - is a quote left open?')
    if (await stream.ensure(held + 1)) return true
    // The last row may lack its line end; that of a file that breaks off may be half a row.
    this.readWhole(addRow, stream.failure === undefined)
    return false
  }

  /** Takes all whole rows in the window; with `isLast` the end of the file ends the last one. */
  private readWhole(addRow: () => void, isLast = false): void {
    const { stream, fields } = this
    const bytes = new Uint8Array(stream.view.buffer)
    const { end } = stream
    let { start } = stream
    while (start < end) {
      const next = fields.read(bytes, start, end, isLast)
      if (next === UNFINISHED) break
      start = next
      const isEmpty = fields.count === 1 && fields.starts[0] === fields.ends[0]
      if (!isEmpty) {
        this.checkRow()
        addRow()
      }
      this.line += 1 + fields.innerLines
    }
    stream.start = start
  }

  private checkRow(): void {
    const { fields, columnCount } = this
    if (fields.isMisquoted)
      this.fail('', 'a quote is left open or text stands behind it - double quotes within quotes')
    if (fields.count === columnCount) return
    const counts = `${fields.count} fields, the header has ${columnCount}`
    this.fail('', `${counts} - quote fields that contain separators`)
  }

  private skipEmptyLines(): void {
    const { stream } = this
    for (; stream.start < stream.end; stream.start++) {
      const byte = stream.view.getUint8(stream.start)
      if (byte === 0x0a) this.line++
      else if (byte !== 0x0d) return
    }
  }
}
