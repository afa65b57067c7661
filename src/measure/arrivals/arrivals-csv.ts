/**
 * Reads an arrival file: a CSV with a header, a row per packet in order of arrival. `sequence` is required;
 * `flow` (any name), `sentNs`, `receivedNs` and `sizeBytes` are used where they stand, in any order of
 * columns; others are ignored and named once. Plain or gzip, a byte-order mark, CRLF, quotes and empty lines
 * will do, commas may be semicolons or tabs. Numbers per flow may begin anywhere and may wrap: they are kept
 * as they are, so duplicates and losses are the caller's to find.
 */

import { didYouMean, UserError } from '../../errors.ts'
import { byteStream, openFile } from '../../node/open-bytes.ts'
import type { ByteSource } from '../../traffic/capture/byte-stream.ts'
import { type ByteStream, RECORD_BYTES_MAX } from '../../traffic/capture/byte-stream.ts'
import { grouped } from '../../units.ts'
import { alignClocks } from '../matching/clock.ts'
import { FlowNames } from '../matching/flow-names.ts'
import { type ArrivalCounts, type ArrivalFlows, Arrivals, type Measured } from './arrivals.ts'
import { CsvFields, UNFINISHED } from './csv-fields.ts'
import { CsvTimes, NOT_A_NUMBER, wholeNumber } from './csv-numbers.ts'

const COLUMNS = ['sequence', 'flow', 'sentNs', 'receivedNs', 'sizeBytes'] as const
type Column = (typeof COLUMNS)[number]
const SIZE_BYTES_MAX = 2 ** 31 - 1
/** Characters of a bad field that a message shows. */
const SHOWN_MAX = 40
const SEPARATORS = [',', ';', '\t']

/**
 * Reads the file at `path`. Throws a UserError with `file:line: column what - cure` where it is not an
 * arrival file.
 * @param name stands for the path in messages
 */
export async function readArrivalsCsv(path: string, name = path): Promise<Measured> {
  return arrivalsFrom(await openFile(path, name), name)
}

/** Like {@link readArrivalsCsv}, from any source of bytes; `name` stands for it in messages. */
export async function arrivalsFrom(source: ByteSource, name: string): Promise<Measured> {
  const stream = await byteStream(source)
  try {
    return await new ArrivalsCsv(stream, name).read()
  } finally {
    await stream.close()
  }
}

class ArrivalsCsv {
  private readonly stream: ByteStream
  private readonly name: string
  private line = 1
  private fields = new CsvFields(0)
  private readonly arrivals = new Arrivals()
  private readonly names = new FlowNames()
  private readonly times = new CsvTimes()
  private readonly notes: string[] = []
  /** Place of each column in the row, or -1. */
  private readonly place: Record<Column, number> = {
    sequence: -1,
    flow: -1,
    sentNs: -1,
    receivedNs: -1,
    sizeBytes: -1,
  }
  private columns = 0

  constructor(stream: ByteStream, name: string) {
    this.stream = stream
    this.name = name
  }

  async read(): Promise<Measured> {
    const { stream, arrivals, names, name } = this
    await this.readHeader()
    while (await this.fill()) this.readRows()
    if (stream.failure !== undefined) {
      if (arrivals.count === 0) this.failIfBroken()
      this.notes.push(`${name}: ${stream.failure} - the ${grouped(arrivals.count)} rows before are used`)
    }
    if (arrivals.count === 0)
      this.fail('', 'no rows behind the header - one row per packet, in order of arrival')
    const clock = alignClocks(arrivals.sentNs, arrivals.receivedNs, arrivals.count)
    const flows: ArrivalFlows = {
      count: Math.max(names.count, 1),
      describe: (flow) => (names.count === 0 ? 'all' : names.describe(flow)),
      protocol: () => undefined,
      sent: () => undefined,
    }
    return { arrivals, flows, counts: countsOf(arrivals.count), clock, notes: this.notes }
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
      this.fail('', `the file is empty - give a CSV whose first line is: ${COLUMNS.join(',')}`)
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
    const { fields, place } = this
    const header = Array.from({ length: fields.count }, (_, field) => this.text(field))
    this.columns = header.length
    const cure = `name the columns in the first line: ${COLUMNS.join(',')}`
    if (header.every((column) => column === '')) this.fail('', `no header - ${cure}`)
    if (header.every((column) => /^[-+\d.eE]*$/.test(column) && column !== ''))
      this.fail('', `no header, the first line is "${shown(header.join(','))}" - ${cure}`)
    const unknown: string[] = []
    header.forEach((column, at) => {
      const known = COLUMNS.find((one) => one === column)
      if (known === undefined) unknown.push(column)
      else if (place[known] >= 0) this.fail(column, 'stands there twice - leave one out')
      else place[known] = at
    })
    if (place.sequence < 0) {
      const alike = header
        .map((column) => [column, didYouMean(column, ['sequence'])] as const)
        .find(([, text]) => text)
      const found = shown(header.join(', '))
      const hint = alike === undefined ? cure : `rename "${shown(alike[0])}"`
      this.fail('sequence', `is missing (there is: ${found}) - ${hint}`)
    }
    if (unknown.length > 0) {
      const some = unknown.map((column) => `"${shown(column)}"${didYouMean(column, COLUMNS)}`)
      this.notes.push(`${this.name}:${this.line}: not used: ${some.join(', ')}`)
    }
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
    const { fields, place, arrivals, columns } = this
    const { starts, ends, count } = fields
    if (fields.isMisquoted)
      this.fail('', 'a quote is left open or text stands behind it - double quotes within quotes')
    if (count !== columns) {
      this.fail('', `${count} fields, the header has ${columns} - quote fields that contain separators`)
    }
    const at = place.sequence
    const sequence = wholeNumber(fields.of(at), starts[at]!, ends[at]!)
    if (sequence === NOT_A_NUMBER) this.failNumber('sequence', 'write a whole number from 0 to 2^53 - 1')
    const { flow, sentNs, receivedNs, sizeBytes } = place
    const row = arrivals.add(
      flow < 0 ? 0 : this.names.intern(fields.of(flow), starts[flow]!, ends[flow]!),
      sequence,
    )
    if (sentNs >= 0) arrivals.sentNs[row] = this.time('sentNs')
    if (receivedNs >= 0) arrivals.receivedNs[row] = this.time('receivedNs')
    if (sizeBytes < 0 || starts[sizeBytes] === ends[sizeBytes]) return
    const size = wholeNumber(fields.of(sizeBytes), starts[sizeBytes]!, ends[sizeBytes]!)
    if (!(size >= 0 && size <= SIZE_BYTES_MAX))
      this.failNumber('sizeBytes', 'write a whole number of bytes, or nothing')
    arrivals.sizeBytes[row] = size
  }

  private time(column: 'sentNs' | 'receivedNs'): number {
    const { fields, place } = this
    const at = place[column]
    const value = this.times.read(fields.of(at), fields.starts[at]!, fields.ends[at]!)
    if (value === NOT_A_NUMBER)
      this.failNumber(column, 'write nanoseconds within 104 days of the first, or nothing')
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

  private failNumber(column: Column, cure: string): never {
    const found = this.text(this.place[column])
    return this.fail(column, `${found === '' ? 'is empty' : `is "${shown(found)}"`} - ${cure}`)
  }

  private failIfBroken(): void {
    const { failure } = this.stream
    if (failure !== undefined) this.fail('', `${failure} - copy the file again`)
  }

  private fail(column: string, what: string): never {
    throw new UserError(`${this.name}:${this.line}: ${column === '' ? '' : `${shown(column)} `}${what}`)
  }
}

function shown(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text
}

/** Rows are all that a file tells; what they are follows from the numbers. */
function countsOf(received: number): ArrivalCounts {
  return {
    sent: null,
    received,
    matched: null,
    lost: null,
    lostAtEdges: null,
    lostWholeFlows: null,
    duplicated: null,
    corrupted: null,
    rewritten: null,
    unmatched: null,
    identical: null,
    returnSent: null,
    returnReceived: null,
    otherFramesSent: null,
    otherFramesReceived: null,
  }
}
