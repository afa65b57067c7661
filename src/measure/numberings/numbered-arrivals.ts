/**
 * The packets of a capture that have numbers, as arrivals: numbers without wraps from 0, a flow for each
 * counter, and a new one where a counter began anew (after RFC 3550 appendix A.1: two packets that follow
 * each other, far from those before). Says what was left out and what the numbers can't tell.
 */
import { TCP, UDP } from '../../model/packets/flow-table.ts'
import { counted, grouped } from '../../units.ts'
import { type ArrivalFlows, Arrivals, countsOf, type Measured } from '../arrivals/arrivals.ts'
import { tcpLinesOf } from '../inspect/one-sided.ts'
import { LAST_RESORT } from './choose-kinds.ts'
import { esp } from './esp.ts'
import type { NumberedCapture } from './numbered-capture.ts'
import { type NumberedStreams, stepFrom } from './numbered-streams.ts'
import { alignSenders } from './senders-clock.ts'

/** One counter, and the flow of arrivals that it is by now. */
interface Counter {
  readonly streams: NumberedStreams
  readonly stream: number
  flow: number
  /** The greatest number, as on the wire and without wraps. */
  highest: number
  unwrapped: number
  /** When the greatest was sent, by the sender's clock; NaN where it isn't known. */
  sentUs: number
  /** A far number that waits for a second one, and its row; -1 without. */
  far: number
  farRow: number
}

interface CounterFlow {
  readonly streams: NumberedStreams
  readonly stream: number
  packets: number
  lowest: number
  highest: number
  hasWrapped: boolean
}

const NO_FLOW = -1
/**
 * Numbers that a flow may pass over, to begin with and for each of its packets: what was really lost is less,
 * and numbers that aren't any pass over more.
 */
const SPAN_BEGINNING = 2 ** 16
const SPAN_PER_PACKET = 256

/** Numbers of a capture's packets, by row. */
class Numbers {
  readonly flows: CounterFlow[] = []
  /** NO_FLOW for packets without. */
  readonly flow: Int32Array
  readonly number: Float64Array
  readonly sentUs: Float64Array
  /** Far from the others of their counter, with none beside. */
  strays = 0

  constructor(rows: number) {
    this.flow = new Int32Array(rows).fill(NO_FLOW)
    this.number = new Float64Array(rows)
    this.sentUs = new Float64Array(rows).fill(Number.NaN)
  }

  /** Takes the packets of `streams` whose flow was chosen for it. */
  add(streams: NumberedStreams, isChosen: (row: number) => boolean): void {
    const { row, stream, number, sentUs, count } = streams
    const counters: Counter[] = []
    for (let i = 0; i < count; i++) {
      const at = row[i]!
      if (!isChosen(at)) continue
      this.sentUs[at] = sentUs[i]!
      let counter = counters[stream[i]!]
      if (counter === undefined) {
        const fields = { streams, stream: stream[i]!, far: -1, farRow: -1, flow: NO_FLOW }
        counter = { ...fields, highest: number[i]!, unwrapped: number[i]!, sentUs: sentUs[i]! }
        counters[stream[i]!] = counter
        this.begin(counter, at, number[i]!)
      } else this.follow(counter, at, number[i]!)
    }
    for (const counter of counters) if (counter && counter.farRow >= 0) this.strays++
  }

  private begin(counter: Counter, row: number, number: number): void {
    const { streams, stream } = counter
    counter.flow = this.flows.length
    counter.highest = counter.unwrapped = number
    counter.sentUs = this.sentUs[row]!
    const none = { packets: 0, lowest: number, highest: number, hasWrapped: false }
    this.flows.push({ streams, stream, ...none })
    this.put(counter, row, number)
  }

  private follow(counter: Counter, row: number, number: number): void {
    const { kind } = counter.streams
    const step = stepFrom(counter.highest, number, kind.bits)
    // A later run of the same program: what it sends later has lower numbers.
    if (step <= 0 && this.sentUs[row]! > counter.sentUs) {
      this.begin(counter, row, number)
      return
    }
    if (this.isFar(counter, step)) {
      const { far, farRow } = counter
      const apart = farRow < 0 ? 0 : stepFrom(far, number, kind.bits)
      if (apart === 0 || Math.abs(apart) > kind.nearAhead) {
        if (farRow >= 0) this.strays++
        counter.far = number
        counter.farRow = row
        return
      }
      this.begin(counter, farRow, far)
      counter.farRow = -1
      this.follow(counter, row, number)
      return
    }
    const unwrapped = counter.unwrapped + step
    if (step > 0) {
      if (number < counter.highest) this.flows[counter.flow]!.hasWrapped = true
      counter.highest = number
      counter.unwrapped = unwrapped
      counter.sentUs = this.sentUs[row]!
    }
    this.put(counter, row, unwrapped)
  }

  private isFar({ streams: { kind }, flow, unwrapped }: Counter, step: number): boolean {
    const { packets, lowest, highest } = this.flows[flow]!
    const span = Math.max(highest, unwrapped + step) - Math.min(lowest, unwrapped + step)
    if (span > SPAN_BEGINNING + SPAN_PER_PACKET * packets) return true
    return kind.farPackets !== undefined && Math.abs(step) > kind.farPackets
  }

  private put({ flow }: Counter, row: number, unwrapped: number): void {
    const of = this.flows[flow]!
    of.packets++
    of.lowest = Math.min(of.lowest, unwrapped)
    of.highest = Math.max(of.highest, unwrapped)
    this.flow[row] = flow
    this.number[row] = unwrapped
  }
}

/** @param chosen what each flow's packets are numbered by @param names of the kinds in use */
export function numberedArrivals(
  capture: NumberedCapture,
  chosen: ReadonlyArray<NumberedStreams | undefined>,
  names: readonly string[],
): Measured {
  const numbers = new Numbers(capture.count)
  for (const streams of new Set(chosen)) {
    if (streams !== undefined) numbers.add(streams, (row) => chosen[capture.flow[row]!] === streams)
  }
  const arrivals = new Arrivals(capture.count)
  const sentUs = new Float64Array(capture.count)
  for (let row = 0; row < capture.count; row++) {
    const flow = numbers.flow[row]!
    if (flow === NO_FLOW) continue
    const to = arrivals.add(flow, numbers.number[row]! - numbers.flows[flow]!.lowest)
    arrivals.receivedNs[to] = capture.timeNs[row]!
    arrivals.sizeBytes[to] = capture.sizeBytes[row]!
    arrivals.payloadBytes[to] = capture.payloadBytes[row]!
    sentUs[to] = numbers.sentUs[row]!
  }
  const flows = describedFlows(capture, numbers.flows)
  const senderOf = numbers.flows.map(({ streams, stream }) => senderName(capture, streams.flowOf[stream]!))
  const clock = alignSenders(arrivals, sentUs, senderOf, capture.baseSeconds)
  const notes = notesOf(capture, chosen, numbers, arrivals)
  const counts = { ...countsOf(arrivals.count), otherFramesReceived: capture.otherFrames }
  return { arrivals, flows, counts, clock, numbering: names.join(','), notes }
}

function describedFlows({ flows }: NumberedCapture, numbered: readonly CounterFlow[]): ArrivalFlows {
  const first = (flow: number) => {
    const { streams, stream } = numbered[flow]!
    return { kind: streams.kind, from: streams.flowOf[stream]!, part: streams.partOf[stream]! }
  }
  const seen = new Map<string, number>()
  const names = numbered.map((_, flow) => {
    const { kind, from, part } = first(flow)
    const name = kind.describe(flows, from, part)
    const many = (seen.get(name) ?? 0) + 1
    seen.set(name, many)
    return many === 1 ? name : `${name} (${many})`
  })
  return {
    count: numbered.length,
    describe: (flow) => names[flow]!,
    protocol(flow) {
      const { kind, from } = first(flow)
      return kind.protocolOf(flows, from)
    },
    sent: (flow) => numbered[flow]!.highest - numbered[flow]!.lowest + 1,
  }
}

function senderName({ flows: { address } }: NumberedCapture, flow: number): string {
  return address.subarray(flow * 8, flow * 8 + 4).join()
}

function notesOf(
  capture: NumberedCapture,
  chosen: ReadonlyArray<NumberedStreams | undefined>,
  numbers: Numbers,
  { count, receivedNs }: Arrivals,
): string[] {
  const { name } = capture
  const notes = [...capture.problems]
  const without = capture.count - count - numbers.strays
  if (without > 0)
    notes.push(
      `${name}: ${grouped(without)} of ${grouped(capture.count)} packets have no number to judge them by: ${protocolsText(capture, numbers)}`,
    )
  if (numbers.strays > 0)
    notes.push(
      `${name}: ${packetsText(numbers.strays, 'has a number', 'have numbers')} far from all others, and not judged`,
    )
  const wrapped = numbers.flows.filter(({ streams, hasWrapped }) => hasWrapped && streams.kind === esp).length
  if (wrapped > 0)
    notes.push(
      `${name}: ESP numbers of ${counted(wrapped, 'flow')} go on behind 2^32: extended sequence numbers (ESN), whose high half isn't on the wire`,
    )
  const doubtful = chosen.filter(
    (streams, flow) => streams && !streams.isFounded(flow) && !streams.isFew(flow),
  )
  if (doubtful.length > 0)
    notes.push(
      `${name}: the numbers asked for don't count up in ${counted(doubtful.length, 'flow')} - is it the right --numbering?`,
    )
  if (numbers.flows.some(({ streams }) => streams.kind.name === LAST_RESORT))
    notes.push(
      `${name}: judged by IP-ID, which other packets of the sender may have used too: such gaps count as lost`,
    )
  let backward = 0
  for (let row = 1; row < count; row++) if (receivedNs[row]! < receivedNs[row - 1]!) backward++
  if (backward > 0)
    notes.push(
      `${name}: ${packetsText(backward, 'is', 'are')} earlier than the one before; the order of the file counts`,
    )
  return [...notes, ...tcpLinesOf(capture.tcp.tcp).map((line) => `${name}: ${line}`)]
}

function packetsText(count: number, one: string, several: string): string {
  return `${counted(count, 'packet')} ${count === 1 ? one : several}`
}

/** "TCP 10, UDP 3, others 1" of the packets without a number. */
function protocolsText(
  { flows, flow: flowOf, count, laterFragments }: NumberedCapture,
  { flow }: Numbers,
): string {
  let tcp = 0
  let udp = 0
  let others = 0
  for (let row = 0; row < count; row++) {
    if (flow[row]! !== NO_FLOW) continue
    const protocol = flows.protocol[flowOf[row]!]!
    if (protocol === TCP) tcp++
    else if (protocol === UDP) udp++
    else others++
  }
  const parts = [
    ['TCP', tcp],
    ['UDP', udp],
    ['others', others],
  ] as const
  const text = parts.flatMap(([what, many]) => (many === 0 ? [] : [`${what} ${grouped(many)}`])).join(', ')
  return laterFragments === 0 ? text : `${text} (later fragments ${grouped(laterFragments)})`
}
