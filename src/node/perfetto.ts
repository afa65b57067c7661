/**
 * A packet trace as trace events, which ui.perfetto.dev and chrome://tracing show: a process per policy and
 * run, a thread per lane with a slice for each packet's service, and for each packet a track of its own with
 * the time that it waited (from its arrival at the source to its service) and the time from there to its
 * delivery. It is made from the rows of the CSV trace as they are read, so that nothing of it is held.
 * Source: Google, Trace Event Format: complete (X), nestable asynchronous (b, e), instant (i) and metadata
 * (M) events; times in microseconds.
 */
import { StringDecoder } from 'node:string_decoder'
import { disk } from './files/disk.ts'
import { eachPiece } from './files/parts.ts'

const FLUSH_CHARACTERS = 1 << 16

/** Turns the rows in these files, without a header, into the whole of a trace; each file is removed. */
export function writePerfetto(parts: readonly string[], write: (text: string) => void): void {
  const events = new TraceEvents(write)
  for (const part of parts) {
    const decoder = new StringDecoder('utf8')
    let rest = ''
    eachPiece(disk.openOwn(part), (bytes) => {
      rest = rowsOf(rest + decoder.write(Buffer.from(bytes)), (row) => events.add(row))
    })
    disk.remove(part)
  }
  events.end()
}

/** Hands the whole rows on, as fields (RFC 4180); returns what is left. */
export function rowsOf(text: string, take: (fields: string[]) => void): string {
  let start = 0
  let quotes = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === 0x22) quotes++
    else if (character === 0x0a && quotes % 2 === 0) {
      take(fieldsOf(text.slice(start, at)))
      start = at + 1
    }
  }
  return text.slice(start)
}

function fieldsOf(row: string): string[] {
  if (!row.includes('"')) return row.split(',')
  const fields = `,${row}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)
  return Array.from(fields, ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare!)
}

class TraceEvents {
  private readonly write: (text: string) => void
  private text = '{"displayTimeUnit":"ns","traceEvents":[\n'
  private isFirst = true
  private process = ''
  private pid = 0
  private packets = 0
  private readonly lanes = new Set<string>()

  constructor(write: (text: string) => void) {
    this.write = write
  }

  /** A row as metrics/trace.ts writes it. */
  add(fields: readonly string[]): void {
    const [policy, run, index, flow, sizeBytes, arrivalNs, lane, departureNs] = fields as string[]
    const [reordered, reorderedTunnel, startNs, finishNs] = fields.slice(8) as string[]
    this.open(`${policy}, run ${run}`, lane!)
    const tid = Number(lane) + 1
    const id = `"0x${(++this.packets).toString(16)}"`
    const args =
      `{"index":${index},"flow":${JSON.stringify(flow)},"sizeBytes":${sizeBytes},"arrivalNs":${arrivalNs},` +
      `"startNs":${startNs || null},"finishNs":${finishNs || null},"deliveredNs":${departureNs || null},` +
      `"reordered":${reordered || null},"reorderedTunnel":${reorderedTunnel || null}}`
    const event = (name: string, phase: string, ns: string, more = '') =>
      this.event(`"name":"${name}","cat":"packet","ph":"${phase}","ts":${micros(ns)},"tid":${tid}${more}`)
    const wait = (name: string, from: string, to: string) => {
      if (from === to) return
      event(name, 'b', from, `,"id":${id},"args":{"index":${index}}`)
      event(name, 'e', to, `,"id":${id}`)
    }
    if (!startNs || !finishNs) {
      event(`dropped ${index}`, 'i', arrivalNs!, `,"s":"t","args":${args}`)
      return
    }
    wait('queueing', arrivalNs!, startNs)
    const durationNs = String(Number(finishNs) - Number(startNs))
    event(`packet ${index}`, 'X', startNs, `,"dur":${micros(durationNs)},"args":${args}`)
    if (departureNs) wait('link and release', finishNs, departureNs)
    else event(`lost ${index}`, 'i', finishNs, `,"s":"t","args":${args}`)
  }

  end(): void {
    this.write(`${this.text}\n]}\n`)
    this.text = ''
  }

  /** Names what hasn't been named. */
  private open(process: string, lane: string): void {
    if (process !== this.process) {
      this.process = process
      this.pid++
      this.lanes.clear()
      this.event(`"name":"process_name","ph":"M","args":{"name":${JSON.stringify(process)}}`)
      this.event(`"name":"process_sort_index","ph":"M","args":{"sort_index":${this.pid}}`)
    }
    if (this.lanes.has(lane)) return
    this.lanes.add(lane)
    const tid = Number(lane) + 1
    this.event(`"name":"thread_name","ph":"M","tid":${tid},"args":{"name":"lane ${lane}"}`)
    this.event(`"name":"thread_sort_index","ph":"M","tid":${tid},"args":{"sort_index":${tid}}`)
  }

  private event(fields: string): void {
    this.text += `${this.isFirst ? '' : ',\n'}{"pid":${this.pid},${fields}}`
    this.isFirst = false
    if (this.text.length < FLUSH_CHARACTERS) return
    this.write(this.text)
    this.text = ''
  }
}

/** Nanoseconds as microseconds with three digits, exact. */
function micros(ns: string): string {
  const digits = ns.padStart(4, '0')
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`
}
