/**
 * Reads a qlog of the receiving side: JSON, JSON text sequences (RFC 7464, each record behind 0x1e) or a JSON
 * value per line. The two latter are read record by record in constant memory; a JSON document has to be
 * parsed at once, and so may have 64 MB. What the packets are, is in qlog-events.ts.
 */
import { UserError } from '../../errors.ts'
import { type ByteStream, RECORD_BYTES_MAX } from '../../traffic/capture/byte-stream.ts'
import { grouped } from '../../units.ts'
import { alignClocks } from '../matching/clock.ts'
import { countsOf, type Measured, namedFlows } from './arrivals.ts'
import { fieldsOf, QlogEvents, type QlogSide } from './qlog-events.ts'
import { firstLine, LINE_FEED, recordBatches } from './text-records.ts'

const RECORD_SEPARATOR = 0x1e
const DOCUMENT_MB_MAX = 64
const DOCUMENT_BYTES_MAX = DOCUMENT_MB_MAX << 20

export function isJson(line: string): boolean {
  const first = withoutMark(line).trimStart()
  return isSequence(line) || first.startsWith('{') || first.startsWith('[')
}

function isSequence(line: string): boolean {
  return withoutMark(line).trimStart().charCodeAt(0) === RECORD_SEPARATOR
}

/** Without a byte-order mark. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** Throws a UserError with `file:record: what - cure`. @param name stands for the file in messages */
export async function readQlog(stream: ByteStream, name: string): Promise<Measured> {
  const events = new QlogEvents()
  const notes = await readEvents(stream, name, events)
  const { arrivals, names } = events
  const { count, sentNs, receivedNs } = arrivals
  return {
    arrivals,
    flows: namedFlows(names),
    counts: countsOf(count),
    clock: alignClocks(sentNs, receivedNs, count),
    numbering: 'qlog',
    sequenceBits: 'none',
    notes,
  }
}

/**
 * Reads the events of one side. Returns lines for the user. Throws a UserError where there are none.
 * @param side which packets the file is read for, where both sides have one
 */
export async function readEvents(
  stream: ByteStream,
  name: string,
  events: QlogEvents,
  side: QlogSide = 'received',
): Promise<string[]> {
  const notes: string[] = []
  const first = await firstLine(stream, RECORD_BYTES_MAX)
  const delimiter = isSequence(first) ? RECORD_SEPARATOR : LINE_FEED
  const isQlog =
    delimiter === RECORD_SEPARATOR || isRecord(first)
      ? await readRecords(stream, name, events, notes, delimiter)
      : await readDocument(stream, name, events)
  const { count } = events.arrivals
  if (stream.failure !== undefined) {
    if (count === 0) throw new UserError(`${name}: ${stream.failure} - copy the file again`)
    notes.push(`${name}: ${stream.failure} - the ${grouped(count)} packets before are used`)
  }
  if (count === 0) throw nothing(name, events, isQlog, side)
  return notes
}

function isRecord(line: string): boolean {
  const value = parsed(line)
  return value !== undefined && !Array.isArray(value) && !('traces' in fieldsOf(value))
}

/** Whether there was a header of a qlog. */
async function readRecords(
  stream: ByteStream,
  name: string,
  events: QlogEvents,
  notes: string[],
  delimiter: number,
): Promise<boolean> {
  let isQlog = false
  // Nothing stands before the first separator.
  let place = delimiter === LINE_FEED ? 0 : -1
  /** A record that isn't JSON: the last one may be cut. */
  let broken: string | undefined
  const tooLong = `${name}: a record of more than 1 MB - give a qlog with an event per record`
  for await (const batch of recordBatches(stream, tooLong, delimiter)) {
    for (const text of batch) {
      place++
      const where = `${name}:${delimiter === LINE_FEED ? '' : 'record '}${place}`
      if (text.trim() === '' || text === '\ufeff') continue
      if (broken !== undefined)
        throw new UserError(`${broken}: not JSON - give a qlog with an event per record`)
      const value = parsed(text)
      if (value === undefined) {
        broken = where
        continue
      }
      const fields = fieldsOf(value)
      if ('qlog_version' in fields || 'file_schema' in fields || 'trace' in fields) {
        isQlog = true
        events.startTrace(fieldsOf(fields.trace))
      } else events.add(value, where, text)
    }
  }
  if (broken !== undefined && stream.failure === undefined)
    notes.push(`${broken}: the last record is cut - those before are used`)
  return isQlog
}

async function readDocument(stream: ByteStream, name: string, events: QlogEvents): Promise<boolean> {
  const pieces: Buffer[] = []
  let bytes = 0
  while (await stream.ensure(1)) {
    const piece = Buffer.from(new Uint8Array(stream.view.buffer, stream.start, stream.end - stream.start))
    stream.start = stream.end
    pieces.push(piece)
    bytes += piece.length
    if (bytes > DOCUMENT_BYTES_MAX) {
      throw new UserError(
        `${name}: one JSON document of more than ${DOCUMENT_MB_MAX} MB - make a line of each event: jq -c '.traces[].events[]' ${name} > events.qlog`,
      )
    }
  }
  if (stream.failure !== undefined) return false
  const document = parsed(Buffer.concat(pieces).toString('utf8'))
  if (document === undefined) throw new UserError(`${name}: not JSON, or cut - copy the file again`)
  const { traces } = fieldsOf(document)
  if (!Array.isArray(traces)) return 'qlog_version' in fieldsOf(document)
  for (const [i, trace] of traces.entries()) {
    events.startTrace(fieldsOf(trace))
    const list = fieldsOf(trace).events
    if (!Array.isArray(list)) continue
    for (const [k, event] of list.entries()) events.add(event, `${name}: traces[${i}].events[${k}]`)
  }
  return true
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(withoutMark(text))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function nothing(name: string, { events, others }: QlogEvents, isQlog: boolean, side: QlogSide): UserError {
  if (!isQlog && events === 0)
    return new UserError(`${name}: JSON, but no qlog - give a qlog, a CSV or a capture`)
  const opposite = side === 'sent' ? 'received' : 'sent'
  const instead = others > 0 ? `, only ${opposite} ones: give the qlog of the other side` : ''
  const cure = others > 0 ? '' : ` - log transport:packet_${side}`
  return new UserError(
    `${name}: no ${side} packets with a number among ${grouped(events)} events${instead}${cure}`,
  )
}
