/**
 * Reads an arrivals CSV as what was sent: its rows, which stand in order of arrival, in order of sending, and
 * between them the packets of the file of lost ones beside it (`run.lost.csv`: sentNs, sizeBytes, why, flow).
 * Further copies of a packet that arrived more than once weren't sent. Packets that were sent at one time go
 * by their numbers, else as they arrived. All rows are held: 50 bytes each.
 */
import { UserError } from '../../errors.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { grown } from '../../sim/grown.ts'
import { counted, grouped } from '../../units.ts'
import type { ByteStream } from '../capture/byte-stream.ts'
import { addMadeFlow, addressedFlow } from './addresses.ts'
import type { CsvFields } from './csv-fields.ts'
import { CsvTimes, tsharkNumber } from './csv-numbers.ts'
import { CsvRows } from './csv-rows.ts'
import { FlowNames } from './flow-names.ts'
import { flowOfRow, timeOfRow } from './row-values.ts'
import { type AddressColumns, SENT_HEADER, type SentColumns, sentColumnsOf } from './sent-columns.ts'
import type { SentRun } from './sent-run.ts'
import { unitDoubts } from './time-units.ts'

const PACKET_BYTES_MIN = 20
const PACKET_BYTES_MAX = 65_535
/** What `why` says of a packet that arrived, but can't be told from others. */
const REWRITTEN = 'rewritten'
/** Flow of lost packets of which the file doesn't say it. */
const UNKNOWN_FLOW = -1

/** A file, by its name in messages. */
export interface NamedStream {
  readonly name: string
  readonly stream: ByteStream
}

export interface SentFile {
  readonly run: SentRun
  /** The flows that the run numbers. */
  readonly flows: FlowTable
  /** False: they were made up, for each flow its own. */
  readonly hasAddresses: boolean
  /** The rows have numbers within their flows. */
  readonly isNumbered: boolean
  /** Rows of the file of lost packets that say lost, and that say rewritten; null without such a file. */
  readonly lost: number | null
  readonly rewritten: number | null
  /** What makes it doubtful, a line each. */
  readonly problems: readonly string[]
}

/** Throws a UserError with `file:line: column what - cure` where a file is none of these. */
export async function readSent(arrived: NamedStream, lost?: NamedStream): Promise<SentFile> {
  const reader = new SentReader()
  await reader.read(arrived)
  if (reader.count === 0)
    throw new UserError(`${arrived.name}: no rows behind the header - one row per packet`)
  if (lost !== undefined) await reader.readLost(lost)
  return reader.end(arrived.name, lost !== undefined)
}

/** Flows with addresses made up: called as the file calls them. */
class NamedFlows extends FlowTable {
  private readonly names: FlowNames

  constructor(names: FlowNames) {
    super()
    this.names = names
  }

  override describe(index: number): string {
    if (index < this.names.count) return this.names.describe(index)
    return this.names.count === 0 && index === 0 ? 'all' : 'unknown'
  }
}

class SentReader {
  count = 0
  private sentNs = new Float64Array(1024)
  private receivedNs = new Float64Array(1024)
  private sequence = new Float64Array(1024)
  private sizeBytes = new Int32Array(1024)
  private flow = new Int32Array(1024)
  /** Shared by both files, so that their times are of one axis. */
  private readonly times = new CsvTimes()
  private readonly names = new FlowNames()
  private flows = new FlowTable()
  /** Of each name its flow in the table. */
  private readonly flowOfName: number[] = []
  private hasAddresses = false
  private isNumbered = false
  private lost = 0
  private rewritten = 0
  private readonly problems: string[] = []

  async read(file: NamedStream): Promise<void> {
    await this.readFile(file, (columns) => {
      this.hasAddresses = columns.addresses !== undefined
      this.isNumbered = columns.sequence !== undefined
      if (!this.hasAddresses) this.flows = new NamedFlows(this.names)
      return (rows) => this.add(rows, columns, this.flowOf(rows, columns))
    })
  }

  /** Packets without a flow are of the only one, else of one of their own. */
  async readLost(file: NamedStream): Promise<void> {
    const before = this.count
    let unknown = 0
    await this.readFile(file, (columns) => {
      const isTold = this.hasAddresses ? columns.addresses !== undefined : columns.flow.length > 0
      return (rows) => {
        if (!isTold) unknown++
        this.add(
          rows,
          { ...columns, received: undefined },
          isTold ? this.flowOf(rows, columns) : UNKNOWN_FLOW,
        )
        if (columns.why !== undefined && rows.text(columns.why.at) === REWRITTEN) this.rewritten++
        else this.lost++
      }
    })
    if (unknown === 0) return
    const isOnly = this.flows.count === 1
    const flow = isOnly ? 0 : addMadeFlow(this.flows)
    for (let row = before; row < this.count; row++) if (this.flow[row] === UNKNOWN_FLOW) this.flow[row] = flow
    if (isOnly) return
    const column = this.hasAddresses ? 'columns source, destination and protocol' : 'a column flow'
    this.problems.push(
      `${file.name}: ${counted(unknown, 'packet')} of unknown flow, taken as one flow of their own - add ${column}`,
    )
  }

  end(name: string, hasLost: boolean): SentFile {
    const order = this.order()
    const { length: count } = order
    const zeroNs = this.sentNs[order[0]!]!
    const sentNs = picked(this.sentNs, order)
    const receivedNs = picked(this.receivedNs, order)
    for (let i = 0; i < count; i++) {
      sentNs[i]! -= zeroNs
      receivedNs[i]! -= zeroNs
    }
    const sizeBytes = picked(this.sizeBytes, order)
    const flow = picked(this.flow, order)
    const { flows, hasAddresses, isNumbered, problems } = this
    return {
      run: { name, count, sentNs, receivedNs, sizeBytes, flow, flowCount: flows.count },
      flows,
      hasAddresses,
      isNumbered,
      lost: hasLost ? this.lost : null,
      rewritten: hasLost ? this.rewritten : null,
      problems,
    }
  }

  private async readFile(
    { name, stream }: NamedStream,
    adding: (columns: SentColumns) => (rows: CsvRows) => void,
  ): Promise<void> {
    const rows = new CsvRows(stream, name, SENT_HEADER)
    const columns = sentColumnsOf(await rows.readHeader(), (column, what) => rows.fail(column, what))
    const from = this.count
    const add = adding(columns)
    await rows.readRows(() => add(rows))
    const read = this.count - from
    if (stream.failure !== undefined) {
      if (read === 0) rows.failIfBroken()
      this.problems.push(`${name}: ${stream.failure} - the ${grouped(read)} rows before are used`)
    }
    const { mistake, note } = unitDoubts(
      columns.sent,
      this.sentNs.subarray(from, this.count),
      this.times.baseSeconds,
    )
    if (mistake !== undefined) throw new UserError(`${name}: ${mistake}`)
    if (note !== undefined) this.problems.push(`${name}: ${note}`)
  }

  private add(rows: CsvRows, columns: Omit<SentColumns, 'addresses' | 'flow'>, flow: number): void {
    const { sent, received, size, sequence } = columns
    const { fields } = rows
    const { starts, ends } = fields
    const row = this.count
    if (row === this.sentNs.length) this.grow(row * 2)
    const sentNs = timeOfRow(rows, this.times, sent, received)
    if (Number.isNaN(sentNs)) rows.failNumber(sent, 'a source needs the time of every packet')
    const bytes = tsharkNumber(fields.of(size.at), starts[size.at]!, ends[size.at]!)
    if (!(bytes >= PACKET_BYTES_MIN && bytes <= PACKET_BYTES_MAX))
      rows.failNumber(size, `write the length of the IP packet, ${PACKET_BYTES_MIN} to ${PACKET_BYTES_MAX}`)
    this.sentNs[row] = sentNs
    this.receivedNs[row] = received === undefined ? Number.NaN : timeOfRow(rows, this.times, received, sent)
    this.sequence[row] = sequence === undefined ? Number.NaN : numberOf(fields, sequence.at)
    this.sizeBytes[row] = bytes
    this.flow[row] = flow
    this.count = row + 1
  }

  private flowOf(rows: CsvRows, { addresses, flow }: SentColumns): number {
    const name = flowOfRow(rows, addresses === undefined ? flow : columnsOf(addresses), this.names)
    this.flowOfName[name] ??=
      addresses === undefined ? addMadeFlow(this.flows) : addressedFlow(rows, addresses, this.flows)
    return this.flowOfName[name]!
  }

  /** Rows in order of sending, without further copies. */
  private order(): Int32Array {
    const { sentNs, sequence, flow } = this
    const rows = Int32Array.from({ length: this.count }, (_, row) => row)
    // Numbers that aren't there are NaN, which is neither way.
    rows.sort((a, b) => sentNs[a]! - sentNs[b]! || sequence[a]! - sequence[b]! || a - b)
    const isCopy = (at: number) => {
      const row = rows[at]!
      for (let before = at - 1; before >= 0 && isSame(sentNs, rows[before]!, row); before--) {
        if (!isSame(sequence, rows[before]!, row)) return false
        if (flow[rows[before]!] === flow[row]) return true
      }
      return false
    }
    return rows.filter((_, at) => !isCopy(at))
  }

  private grow(length: number): void {
    this.sentNs = grown(this.sentNs, length)
    this.receivedNs = grown(this.receivedNs, length)
    this.sequence = grown(this.sequence, length)
    this.sizeBytes = grown(this.sizeBytes, length)
    this.flow = grown(this.flow, length)
  }
}

function columnsOf({ source, destination, protocol, ports }: AddressColumns) {
  return [source, destination, protocol, ...(ports ?? [])]
}

function isSame(column: Float64Array, a: number, b: number): boolean {
  return column[a] === column[b]
}

/** A number within the flow; NaN where there is none. */
function numberOf(fields: CsvFields, at: number): number {
  const number = tsharkNumber(fields.of(at), fields.starts[at]!, fields.ends[at]!)
  return number >= 0 ? number : Number.NaN
}

function picked<T extends Float64Array | Int32Array>(column: T, rows: Int32Array): T {
  const Column = column.constructor as new (length: number) => T
  const result = new Column(rows.length)
  for (let i = 0; i < rows.length; i++) result[i] = column[rows[i]!]!
  return result
}
