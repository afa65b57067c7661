/**
 * Judges a system by two captures, one of what enters it and one of what leaves it: reads both, pairs their
 * packets by the bytes that a network doesn't change (invariant-hash.ts, pairing.ts), sees through what
 * middleboxes rewrite (rewritten.ts) and through joined and split packets (datagrams.ts, segments.ts), tells
 * the way out from the way back (return-flows.ts, far-side.ts), puts the clocks on one axis (clock.ts) and
 * numbers the packets as they were sent. The captures may have different link layers and may keep different
 * lengths of each packet: then only what both kept counts. Memory is about 170 bytes per packet of both
 * together.
 */
import { UserError } from '../../errors.ts'
import { FlowTable, TCP } from '../../model/packets/flow-table.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { formatDurationNs, grouped } from '../../units.ts'
import { type ArrivalCounts, type ArrivalFlows, Arrivals, type Measured } from '../arrivals/arrivals.ts'
import { type MeasuredTcp, measuredTcp } from '../tcp/tcp-evidence.ts'
import { CapturedPackets } from './captured-packets.ts'
import { APART_SECONDS_MAX, alignClocks, type ClockStatement } from './clock.ts'
import { findFarFlows } from './far-side.ts'
import { JudgedFlows } from './judged-flows.ts'
import { matchNotes } from './match-notes.ts'
import { matchedRunOf } from './matched-run.ts'
import { CORRUPTED, DUPLICATE, MATCHED, Pairing, UNMATCHED } from './pairing.ts'
import { findReturnFlows, localFlows, noReturnFlows } from './return-flows.ts'
import { IP_ID, SEGMENT_SIZE, TCP_NUMBERS, undoRewriting } from './rewritten.ts'
import { cutToSegments } from './segments.ts'

export interface MatchOptions {
  /** Addresses and ports change on the way: packets are told by everything else. */
  readonly nat?: boolean
  /** Order of sending and of arrival: that of the files (default) or of their times. */
  readonly order?: 'file' | 'time'
  /**
   * `auto` (default) leaves out packets on the way back, where they can be told; `all` judges every packet.
   */
  readonly direction?: 'auto' | 'all'
}

/** The captures were read, and no packet is in both. */
export class NothingMatchesError extends UserError {}

/**
 * Pairs the packets of two captures. Throws a UserError where a capture can't be read, NothingMatchesError
 * where no packet is in both.
 * @param sentPath what enters the system
 * @param receivedPath what leaves it
 */
export async function matchCaptures(
  sentPath: CapturePaths,
  receivedPath: CapturePaths,
  { nat = false, order = 'file', direction = 'auto' }: MatchOptions = {},
): Promise<Measured> {
  const flows = new FlowTable()
  const judged = new JudgedFlows(flows)
  let sent = await CapturedPackets.read(sentPath, judged, nat, Number.POSITIVE_INFINITY)
  let received = await CapturedPackets.read(receivedPath, judged, nat, Number.POSITIVE_INFINITY)
  const keptBytes = Math.min(sent.cutBytesMin, received.cutBytesMin)
  if (keptBytes < Number.POSITIVE_INFINITY) {
    sent = await CapturedPackets.read(sentPath, judged, nat, keptBytes)
    received = await CapturedPackets.read(receivedPath, judged, nat, keptBytes)
  }
  if (order === 'time') {
    sent.sortByTime()
    received.sortByTime()
  }
  const { pairing, flowOf, cut } = await paired(sent, received, judged, { nat, keptBytes })
  if (!pairing.kind.includes(MATCHED)) throw new NothingMatchesError(nothingMatches(sent, received, nat))

  const apartSeconds = received.baseSeconds - sent.baseSeconds
  const isFarApart = Math.abs(apartSeconds) > APART_SECONDS_MAX
  const movedNs = isFarApart ? 0 : apartSeconds * 1e9
  const isLocalTuple = localFlows(flows)
  const backTuples =
    direction === 'all'
      ? noReturnFlows(flows)
      : findReturnFlows(flows, differences(pairing, judged, movedNs), isLocalTuple)
  const ofTuple = (isSo: Uint8Array) =>
    Uint8Array.from({ length: judged.count }, (_, flow) => isSo[judged.base[flow]!]!)
  const isLocal = ofTuple(isLocalTuple)
  const isReturn = ofTuple(backTuples.isReturn)
  pairing.pairCorrupted(flowOf)
  const isFromFar =
    direction === 'all' ? new Uint8Array(judged.count) : findFarFlows(pairing, judged, flowOf, isReturn)

  const numbers = numberSent(pairing.sent, isReturn, judged.count)
  const { arrivals, isDoubtful } = arrivalsOf(pairing, numbers, isReturn, isLocal, movedNs)
  const hints = {
    isDoubtful,
    apartSeconds: isFarApart ? apartSeconds : 0,
    areTwo: backTuples.roundTripNsMin !== undefined && backTuples.differenceNsMax >= 0,
  }
  const stated = alignClocks(arrivals.sentNs, arrivals.receivedNs, arrivals.count, hints)
  const clock = withRoundTrip(stated, backTuples.roundTripNsMin)
  const receivedTuple = tuplesReceived(pairing, judged, flowOf)
  const tally = countAll(pairing, flowOf, isReturn, isFromFar, numbers.sentOfFlow)
  const { counts } = tally
  // Only these: what a flow is asked later mustn't keep the captures in memory.
  const [sentTcp, receivedTcp] = [sent.tcp, received.tcp]
  const notes = matchNotes({ sent, received, keptBytes, nat, order, back: backTuples, cut, ...tally })
  return {
    arrivals,
    flows: describedFlows(judged, numbers.sentOfFlow, tally.corruptedOfFlow, (flow) => {
      const there = judged.base[flow]!
      const arrived = receivedTuple[flow]!
      return measuredTcp(sentTcp.both(flows, there), receivedTcp.both(flows, arrived < 0 ? there : arrived))
    }),
    counts,
    clock,
    notes,
    sentRun: () => matchedRunOf(pairing, isReturn, movedNs),
  }
}

/** The 5-tuple by which each judged flow arrives, which another one is where addresses change; -1: none. */
function tuplesReceived({ received }: Pairing, { base, count }: JudgedFlows, flowOf: Int32Array): Int32Array {
  const tuples = new Int32Array(count).fill(-1)
  for (let row = 0; row < received.count; row++) {
    const flow = flowOf[row]!
    if (flow >= 0 && tuples[flow]! < 0) tuples[flow] = base[received.flow[row]!]!
  }
  return tuples
}

/** All that can be paired, in the units that are judged. */
async function paired(
  sent: CapturedPackets,
  received: CapturedPackets,
  judged: JudgedFlows,
  options: { readonly nat: boolean; readonly keptBytes: number },
) {
  const { nat } = options
  let pairing = new Pairing(sent, received)
  if (await undoRewriting(pairing, judged, pairing.sentFlows(judged.count, nat), options))
    pairing = new Pairing(sent, received)
  const cut = await cutToSegments(pairing, judged, pairing.sentFlows(judged.count, nat), options)
  if (cut !== undefined) pairing = cut.pairing
  return { pairing, cut, flowOf: pairing.sentFlows(judged.count, nat) }
}

/** Received - sent of every 5-tuple, by packets that aren't doubtful where a flow has such. */
function differences(
  { sent, received, kind, partner, isDoubtful }: Pairing,
  { base, table: { count: flowCount } }: JudgedFlows,
  movedNs: number,
) {
  const least = new Float64Array(flowCount).fill(Number.POSITIVE_INFINITY)
  const most = new Float64Array(flowCount).fill(Number.NEGATIVE_INFINITY)
  const packets = new Float64Array(flowCount)
  for (const doubt of [0, 1]) {
    const isKnown =
      doubt === 0 ? undefined : Uint8Array.from(least, (ns) => (ns < Number.POSITIVE_INFINITY ? 1 : 0))
    for (let row = 0; row < received.count; row++) {
      const from = partner[row]!
      if (kind[row] !== MATCHED || isDoubtful[from] !== doubt) continue
      const flow = base[sent.flow[from]!]!
      if (isKnown?.[flow] === 1) continue
      packets[flow]!++
      const difference = received.timeNs[row]! + movedNs - sent.timeNs[from]!
      if (difference < least[flow]!) least[flow] = difference
      if (difference > most[flow]!) most[flow] = difference
    }
  }
  return { least, most, packets }
}

interface SentNumbers {
  /** Number of each sent packet in its flow. */
  readonly sequence: Float64Array
  /** Number among the packets of its flow with payload; NaN without. */
  readonly data: Float64Array
  /** Number of each sent packet among those on the way out. */
  readonly tunnel: Float64Array
  readonly sentOfFlow: Float64Array
}

function numberSent(sent: CapturedPackets, isReturn: Uint8Array, flowCount: number): SentNumbers {
  const sequence = new Float64Array(sent.count)
  const data = new Float64Array(sent.count).fill(Number.NaN)
  const tunnel = new Float64Array(sent.count)
  const sentOfFlow = new Float64Array(flowCount)
  const dataOfFlow = new Float64Array(flowCount)
  let number = 0
  for (let row = 0; row < sent.count; row++) {
    const flow = sent.flow[row]!
    if (isReturn[flow] === 1) continue
    sequence[row] = sentOfFlow[flow]!++
    if (sent.payloadBytes[row]! > 0) data[row] = dataOfFlow[flow]!++
    tunnel[row] = number++
  }
  return { sequence, data, tunnel, sentOfFlow }
}

/** A row for every packet that arrived whole, and whether its partner is certain. */
function arrivalsOf(
  pairing: Pairing,
  numbers: SentNumbers,
  isReturn: Uint8Array,
  isLocal: Uint8Array,
  movedNs: number,
) {
  const { sent, received, kind, partner } = pairing
  const arrivals = new Arrivals(received.count)
  const isDoubtful = new Uint8Array(arrivals.flow.length)
  for (let row = 0; row < received.count; row++) {
    if (kind[row] !== MATCHED && kind[row] !== DUPLICATE) continue
    const from = partner[row]!
    const flow = sent.flow[from]!
    if (isReturn[flow] === 1) continue
    const to = arrivals.add(flow, numbers.sequence[from]!)
    arrivals.dataSequence[to] = numbers.data[from]!
    arrivals.tunnelSequence[to] = numbers.tunnel[from]!
    arrivals.sentNs[to] = sent.timeNs[from]!
    arrivals.receivedNs[to] = received.timeNs[row]! + movedNs
    arrivals.sizeBytes[to] = received.sizeBytes[row]!
    arrivals.payloadBytes[to] = received.payloadBytes[row]!
    arrivals.tcpFlags[to] = received.tcpFlags[row]!
    isDoubtful[to] = pairing.isDoubtful[from]! | isLocal[flow]!
  }
  return { arrivals, isDoubtful }
}

/** The counts, and what of them has reasons to be told. */
function countAll(
  { sent, received, kind, partner, hasArrived, isTwin }: Pairing,
  flowOf: Int32Array,
  isReturn: Uint8Array,
  isFromFar: Uint8Array,
  sentOfFlow: Float64Array,
) {
  const arrivedOfFlow = new Float64Array(sentOfFlow.length)
  const corruptedOfFlow = new Float64Array(sentOfFlow.length)
  const ofKind = [0, 0, 0, 0]
  const rewrittenBy = { segmentSize: 0, tcpNumbers: 0, ipId: 0 }
  let rewritten = 0
  let returnReceived = 0
  let fromFar = 0
  for (let row = 0; row < received.count; row++) {
    const flow = partner[row]! >= 0 ? sent.flow[partner[row]!]! : flowOf[row]!
    if (flow >= 0 && isReturn[flow] === 1) {
      returnReceived++
      continue
    }
    if (kind[row] === UNMATCHED && isFromFar[received.flow[row]!] === 1) {
      returnReceived++
      fromFar++
      continue
    }
    ofKind[kind[row]!]!++
    if (kind[row] === CORRUPTED) corruptedOfFlow[flow]!++
    const bits = kind[row] === MATCHED ? (received.rewritten[row] ?? 0) : 0
    if (bits === 0) continue
    rewritten++
    if ((bits & SEGMENT_SIZE) !== 0) rewrittenBy.segmentSize++
    if ((bits & TCP_NUMBERS) !== 0) rewrittenBy.tcpNumbers++
    if ((bits & IP_ID) !== 0) rewrittenBy.ipId++
  }
  let returnSent = 0
  let lost = 0
  let lostSinceArrival = 0
  let lostBeforeArrival = 0
  let identical = 0
  let matched = 0
  for (let row = 0; row < sent.count; row++) {
    const flow = sent.flow[row]!
    if (isReturn[flow] === 1) {
      returnSent++
      continue
    }
    identical += isTwin[row]!
    if (hasArrived[row] === 1) {
      if (matched++ === 0) lostBeforeArrival = lost
      arrivedOfFlow[flow]!++
      lostSinceArrival = 0
    } else {
      lost++
      lostSinceArrival++
    }
  }
  const lostWholeFlows = sentOfFlow.reduce(
    (sum, count, flow) => (arrivedOfFlow[flow] === 0 ? sum + count : sum),
    0,
  )
  const counts: ArrivalCounts = {
    sent: sent.count - returnSent,
    received: received.count - returnReceived,
    matched: ofKind[MATCHED]!,
    lost,
    lostAtEdges: lostBeforeArrival + lostSinceArrival,
    lostWholeFlows,
    duplicated: ofKind[DUPLICATE]!,
    corrupted: ofKind[CORRUPTED]!,
    rewritten,
    unmatched: ofKind[UNMATCHED]!,
    identical,
    returnSent,
    returnReceived,
    otherFramesSent: sent.otherFrames,
    otherFramesReceived: received.otherFrames,
  }
  return { counts, rewrittenBy, fromFar, corruptedOfFlow }
}

function describedFlows(
  judged: JudgedFlows,
  sentOfFlow: Float64Array,
  corruptedOfFlow: Float64Array,
  tcpOf: (flow: number) => MeasuredTcp,
): ArrivalFlows {
  return {
    count: judged.count,
    describe: (flow) => judged.describe(flow),
    protocol: (flow) => judged.protocol(flow),
    sent: (flow) => sentOfFlow[flow],
    corrupted: (flow) => corruptedOfFlow[flow]!,
    tcp: (flow) => (judged.protocol(flow) === TCP ? tcpOf(flow) : undefined),
  }
}

/** What the packets on the way back tell about the delay that the clocks hide. */
function withRoundTrip(clock: ClockStatement, roundTripNsMin: number | undefined): ClockStatement {
  if (clock.kind !== 'offset' || roundTripNsMin === undefined) return clock
  const bound = `by return traffic it is at most ${formatDurationNs(roundTripNsMin)}`
  return { ...clock, text: `${clock.text}; ${bound}` }
}

function nothingMatches(sent: CapturedPackets, received: CapturedPackets, nat: boolean): string {
  const what = `${received.name}: none of its ${grouped(received.count)} packets is in ${sent.name}`
  const cure = nat
    ? 'capture the same traffic on both sides, unencrypted (inside the tunnel)'
    : 'capture the same traffic on both sides, inside the tunnel; where addresses are translated: --nat'
  return `${what} - ${cure}`
}
