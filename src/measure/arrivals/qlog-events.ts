/**
 * The events of a qlog that say which packets came: `packet_received` of QUIC, in the order of their events,
 * numbered by packet number within its packet number space (Initial, Handshake, application data); or which
 * ones went, `packet_sent`. Names and shapes are those of draft-ietf-quic-qlog-main-schema and -quic-events,
 * and of draft-00 to -02 (events as arrays). Times are milliseconds, from the trace's reference time, the
 * event before, or 1970.
 */
import { shown, UserError } from '../../errors.ts'
import { CsvTimes, NOT_A_NUMBER } from '../../traffic/arrivals/csv-numbers.ts'
import { FlowNames } from '../../traffic/arrivals/flow-names.ts'
import { Arrivals } from './arrivals.ts'

type Fields = Readonly<Record<string, unknown>>

/** Decimals by which a millisecond is above a nanosecond. */
const MS_SHIFT = 6
const US_SHIFT = 3
const SIZE_BYTES_MAX = 2 ** 31 - 1

const SPACES: Readonly<Record<string, string>> = {
  initial: 'initial',
  handshake: 'handshake',
  '0rtt': 'application',
  zerortt: 'application',
  '1rtt': 'application',
  onertt: 'application',
  short: 'application',
}

/** Both qlogs of a connection name it alike, but not the side that wrote them. */
export type QlogSide = 'sent' | 'received'

export class QlogEvents {
  /** The packets; times of either kind stand in `receivedNs`. */
  readonly arrivals = new Arrivals()
  readonly names = new FlowNames()
  /** Events of any kind, and of packets that went the other way. */
  events = 0
  others = 0
  traces = 0
  /** Milliseconds since 1970 that times count from; undefined where it isn't known, or differs by trace. */
  referenceMs: number | undefined
  /** Traces count from different times, or from unknown ones. */
  hasSeveralReferences = false
  private readonly side: QlogSide
  /** Flows are named without the side that wrote the file. */
  private readonly isPaired: boolean
  private readonly times = new CsvTimes()
  private readonly encoder = new TextEncoder()
  private trace: Fields = {}
  private common: Fields = {}
  private shift = MS_SHIFT
  private isDelta = false
  private deltaNs = 0

  constructor(side: QlogSide = 'received', isPaired = false) {
    this.side = side
    this.isPaired = isPaired
  }

  /** Whole seconds that times count from beyond the reference. */
  get baseSeconds(): number {
    return this.times.baseSeconds
  }

  /** What follows are this trace's events. */
  startTrace(trace: Fields): void {
    this.trace = trace
    this.common = fieldsOf(trace.common_fields)
    this.traces++
    const configuration = fieldsOf(trace.configuration)
    this.shift = configuration.time_units === 'us' ? US_SHIFT : MS_SHIFT
    const format = this.common.time_format
    const fields = trace.event_fields
    this.isDelta =
      format === 'delta' ||
      format === 'relative_to_previous_event' ||
      (Array.isArray(fields) && fields.includes('delta_time'))
    this.deltaNs = 0
    const reference = referenceMs(this.common)
    if (this.traces > 1 && (reference === undefined || reference !== this.referenceMs)) {
      this.hasSeveralReferences = true
      this.referenceMs = undefined
    } else this.referenceMs = reference
  }

  /**
   * @param where place of the event, for messages
   * @param text of the event, which has the time as it was written
   */
  add(event: unknown, where: string, text?: string): void {
    const { time, name, data, group } = this.parts(event)
    this.events++
    let receivedNs = Number.NaN
    if (this.isDelta) {
      receivedNs = this.deltaNs += this.timeNs(time, where, text)
    }
    const kind = /^(?:transport|quic):packet_(received|sent)$/.exec(name)?.[1]
    if (kind === undefined) return
    if (kind !== this.side) {
      this.others++
      return
    }
    const header = fieldsOf(data.header)
    const type = String(header.packet_type ?? data.packet_type ?? '1RTT').toLowerCase()
    const space = SPACES[type.replaceAll(/[^a-z\d]/g, '')]
    const given = header.packet_number
    if (space === undefined || given === undefined || given === null) return
    const number = typeof given === 'string' && /^\d{1,16}$/.test(given) ? Number(given) : given
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0)
      throw new UserError(`${where}: packet_number is ${shown(given)} - expected a whole number below 2^53`)
    const flow = this.encoder.encode(this.flowName(space, group))
    const row = this.arrivals.add(this.names.intern(flow, 0, flow.length), number)
    this.arrivals.receivedNs[row] = this.isDelta ? receivedNs : this.timeNs(time, where, text)
    const size = fieldsOf(data.raw).length ?? header.packet_size ?? data.packet_size
    if (typeof size === 'number' && Number.isInteger(size) && size >= 0 && size <= SIZE_BYTES_MAX)
      this.arrivals.sizeBytes[row] = size
  }

  private parts(event: unknown): { time: unknown; name: string; data: Fields; group: unknown } {
    if (Array.isArray(event)) {
      const names = Array.isArray(this.trace.event_fields)
        ? this.trace.event_fields.map((field) => String(field).toLowerCase())
        : ['relative_time', 'category', 'event', 'data']
      const at = (...wanted: string[]) => event[names.findIndex((name) => wanted.includes(name))]
      const category = String(at('category') ?? 'transport')
      return {
        time: at('relative_time', 'time', 'delta_time'),
        name: `${category}:${at('event', 'event_type', 'type')}`.toLowerCase(),
        data: fieldsOf(at('data')),
        group: at('group_id'),
      }
    }
    const fields = fieldsOf(event)
    const name = fields.name ?? `${fields.category ?? 'transport'}:${fields.event ?? fields.type}`
    return {
      time: fields.time,
      name: String(name).toLowerCase(),
      data: fieldsOf(fields.data),
      group: fields.group_id ?? fields.ODCID,
    }
  }

  private timeNs(time: unknown, where: string, text: string | undefined): number {
    if (time === undefined || time === null) return Number.NaN
    const written = typeof time === 'number' ? (asWritten(time, text) ?? String(time)) : time
    const bytes = typeof written === 'string' ? this.encoder.encode(written) : new Uint8Array(0)
    const ns = bytes.length === 0 ? NOT_A_NUMBER : this.times.read(bytes, 0, bytes.length, this.shift)
    if (ns !== NOT_A_NUMBER) return ns
    throw new UserError(
      `${where}: time is ${shown(time)} - expected milliseconds within 104 days of the first`,
    )
  }

  /** Such as "server 5fe6c9a1 application"; what isn't known is left out. */
  private flowName(space: string, group: unknown): string {
    const { trace, common, traces } = this
    const vantage = fieldsOf(trace.vantage_point)
    const point = vantage.type === 'network' ? `network ${vantage.flow ?? ''}`.trim() : vantage.type
    const connection =
      group ?? common.group_id ?? common.ODCID ?? (traces > 1 ? `trace ${traces}` : undefined)
    // Hexadecimal, in either case.
    const parts = this.isPaired ? [String(connection ?? '').toLowerCase(), space] : [point, connection, space]
    return parts.filter((part) => isName(part)).join(' ')
  }
}

function isName(part: unknown): boolean {
  return (typeof part === 'string' && part !== '') || typeof part === 'number'
}

/** When the clock of a trace's times was 0, in milliseconds since 1970; undefined where that isn't known. */
function referenceMs({ time_format: format, reference_time: reference }: Fields): number | undefined {
  if (format === 'absolute') return 0
  if (typeof reference === 'number' || (typeof reference === 'string' && /^\d/.test(reference)))
    return Number.isFinite(Number(reference)) ? Number(reference) : undefined
  const { epoch } = fieldsOf(reference)
  const ms = typeof epoch === 'string' ? Date.parse(epoch) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** The number as the text has it, which may have more digits than a double holds. */
function asWritten(time: number, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const written = /"time"\s*:\s*(-?\d+(?:\.\d+)?)/.exec(text)?.[1]
  return written !== undefined && Number(written) === time ? written : undefined
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
