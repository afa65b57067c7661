/**
 * Puts both captures into the units that are judged: segments and datagrams as they were on the wire. Only
 * flows in which packets were joined (TSO, GSO, GRO, LRO; UDP's GSO and GRO) are touched. Their packets are
 * cut (cut-plan.ts; UDP's where the other capture has the pieces, told by their bytes), and all packets with
 * payload get new fingerprints, of what segments keep (segment-hash.ts). Needs no memory where nothing is
 * left unmatched and nothing is larger than a segment.
 */
import { TCP, UDP } from '../../model/packets/flow-table.ts'
import { type CapturedPackets, segmentIdentity } from './captured-packets.ts'
import { type Cuts, commonSegment, cutEvery, type FlowSide, planTcpCuts } from './cut-plan.ts'
import type { JudgedFlows } from './judged-flows.ts'
import { MATCHED, Pairing, UNMATCHED } from './pairing.ts'
import { SegmentHash } from './segment-hash.ts'

/** The largest payloads of a packet of 1,500 bytes. */
const TCP_PAYLOAD_MAX = 1460
const UDP_PAYLOAD_MAX = 1472
/** The most datagrams that Linux joins (UDP_MAX_SEGMENTS). */
const UDP_PIECES_MAX = 128
/** So many sizes of pieces are tried on a UDP datagram. */
const UDP_SIZES_TRIED = 8

export interface Segmented {
  readonly pairing: Pairing
  /** Packets that were cut. */
  readonly cutSent: number
  readonly cutReceived: number
}

/** What both captures are cut by. */
interface Sides {
  readonly judged: JudgedFlows
  readonly sent: Side
  readonly received: Side
  readonly nat: boolean
  readonly isWhole: boolean
}

interface Side {
  readonly packets: CapturedPackets
  /** Flow of each row, as on the sent side; -1 where it has none there. */
  readonly flowOf: Int32Array
  /** 1 for rows without an equal. */
  readonly isLeft: Uint8Array
}

/**
 * Undefined where nothing has to be cut.
 * @param flowOf of each received row, from Pairing.sentFlows
 * @param keptBytes of each packet; infinite where all were captured
 */
export async function cutToSegments(
  { sent, received, kind, partner }: Pairing,
  judged: JudgedFlows,
  flowOf: Int32Array,
  { nat, keptBytes }: { readonly nat: boolean; readonly keptBytes: number },
): Promise<Segmented | undefined> {
  const isLeft = new Uint8Array(sent.count).fill(1)
  for (let row = 0; row < received.count; row++) if (kind[row] === MATCHED) isLeft[partner[row]!] = 0
  const sides: Sides = {
    judged,
    nat,
    isWhole: keptBytes === Number.POSITIVE_INFINITY,
    sent: { packets: sent, flowOf: sent.flow, isLeft },
    received: {
      packets: received,
      flowOf: nat ? foundBySequence(sent, received, flowOf) : flowOf,
      isLeft: Uint8Array.from(kind, (one) => (one === UNMATCHED ? 1 : 0)),
    },
  }
  const flows = candidates(sides)
  if (!flows.includes(1)) return undefined
  const cutSent: Cuts = new Map()
  const cutReceived: Cuts = new Map()
  planTcp(sides, flows, cutSent, cutReceived)
  if (sides.isWhole) await planUdp(sides, flows, cutSent, cutReceived)
  if (cutSent.size + cutReceived.size === 0) return undefined
  const isCut = new Uint8Array(judged.count)
  for (const row of cutSent.keys()) isCut[sides.sent.flowOf[row]!] = 1
  for (const row of cutReceived.keys()) isCut[sides.received.flowOf[row]!] = 1
  const cut = async () => {
    const segments = new Pairing(
      await inSegments(sides, sides.sent, cutSent, isCut),
      await inSegments(sides, sides.received, cutReceived, isCut),
    )
    segments.pairSegments(segments.sentFlows(judged.count, nat))
    return segments
  }
  let segments = await cut()
  const { kind: pieceKind, hasArrived } = segments
  const isRefuted = [
    refute(cutSent, sent.count, (row) => hasArrived[row] === 1),
    refute(cutReceived, received.count, (row) => pieceKind[row] !== UNMATCHED),
  ]
  if (isRefuted.includes(true)) segments = await cut()
  return { pairing: segments, cutSent: cutSent.size, cutReceived: cutReceived.size }
}

/** Takes back what no piece confirms: then the packets only seemed to be parts of each other. */
function refute(cuts: Cuts, rows: number, isMatched: (piece: number) => boolean): boolean {
  const before = cuts.size
  for (let row = 0, piece = 0; row < rows; row++) {
    const cut = cuts.get(row)
    const many = cut?.pieces.length ?? 1
    const isConfirmed = cut === undefined || cut.isCertain || cut.pieces.some((_, k) => isMatched(piece + k))
    if (!isConfirmed) cuts.delete(row)
    piece += many
  }
  return cuts.size < before
}

/** 1 for flows of the sent side in which packets may be joined. */
function candidates({ judged, sent, received }: Sides): Uint8Array {
  const left = [new Uint8Array(judged.count), new Uint8Array(judged.count)] as const
  const result = new Uint8Array(judged.count)
  for (const [i, { packets, flowOf, isLeft }] of [sent, received].entries()) {
    for (let row = 0; row < packets.count; row++) {
      const flow = flowOf[row]!
      const bytes = packets.payloadBytes[row]!
      if (flow < 0 || bytes === 0) continue
      if (isLeft[row] === 1) left[i]![flow] = 1
      if (bytes > TCP_PAYLOAD_MAX && judged.protocol(flow) === TCP) result[flow] = 1
    }
  }
  for (let flow = 0; flow < judged.count; flow++)
    if (left[0][flow] === 1 && left[1][flow] === 1) result[flow] = 1
  return result
}

/** Rows with payload by flow, for candidates of one protocol. */
function rowsByFlow({ packets, flowOf }: Side, flows: Uint8Array, judged: JudgedFlows, protocol: number) {
  const rows = new Map<number, number[]>()
  for (let row = 0; row < packets.count; row++) {
    const flow = flowOf[row]!
    if (flow < 0 || flows[flow] !== 1 || packets.payloadBytes[row] === 0) continue
    if (judged.protocol(flow) !== protocol) continue
    const own = rows.get(flow)
    if (own === undefined) rows.set(flow, [row])
    else own.push(row)
  }
  return rows
}

function planTcp({ judged, sent, received }: Sides, flows: Uint8Array, cutSent: Cuts, cutReceived: Cuts) {
  const sentRows = rowsByFlow(sent, flows, judged, TCP)
  const receivedRows = rowsByFlow(received, flows, judged, TCP)
  for (let flow = 0; flow < judged.count; flow++) {
    if (flows[flow] !== 1 || judged.protocol(flow) !== TCP) continue
    const side = ({ packets, isLeft }: Side, rows: readonly number[] = []): FlowSide => ({
      packets,
      rows,
      isLeft,
    })
    const [one, other] = planTcpCuts(
      side(sent, sentRows.get(flow)),
      side(received, receivedRows.get(flow)),
      synBytesMax(judged, flow, sent.packets, received.packets),
    )
    for (const [row, cut] of one) cutSent.set(row, cut)
    for (const [row, cut] of other) cutReceived.set(row, cut)
  }
}

/**
 * The largest segment that the flow's receiver announced, the least that the captures show; where its SYN
 * isn't there, what the sender announced, which mostly is the same.
 */
function synBytesMax(judged: JudgedFlows, flow: number, ...captures: CapturedPackets[]): number | undefined {
  const reverse = judged.table.reverseOf(judged.base[flow]!)
  for (const syn of [reverse < 0 ? -1 : judged.known(reverse), flow]) {
    const known = captures.flatMap(({ segmentBytesMax }) => segmentBytesMax.get(syn) ?? [])
    if (known.length > 0) return Math.min(...known)
  }
  return undefined
}

/**
 * UDP has no numbers, so the pieces' bytes tell where a datagram was joined: the size at which most of its
 * pieces are in the other capture.
 */
async function planUdp(sides: Sides, flows: Uint8Array, cutSent: Cuts, cutReceived: Cuts): Promise<void> {
  const { judged, sent, received } = sides
  const sizes = [sent, received].map((side) => {
    const ofFlow = new Map<number, Map<number, number>>()
    for (const [flow, rows] of rowsByFlow(side, flows, judged, UDP)) {
      const counts = new Map<number, number>()
      for (const row of rows) {
        const bytes = side.packets.payloadBytes[row]!
        if (side.isLeft[row] === 1) counts.set(bytes, (counts.get(bytes) ?? 0) + 1)
      }
      ofFlow.set(flow, counts)
    }
    return ofFlow
  })
  const tried = ([sent, received] as const).map((side, i) => {
    const { packets, flowOf, isLeft } = side
    return Array.from({ length: packets.count }, (_, row) => row).filter((row) => {
      const flow = flowOf[row]!
      if (isLeft[row] !== 1 || flow < 0 || flows[flow] !== 1 || judged.protocol(flow) !== UDP) return false
      const others = sizes[1 - i]!.get(flow)
      if (packets.payloadBytes[row]! > UDP_PAYLOAD_MAX) return true
      return (
        others !== undefined && Array.from(others.keys()).some((size) => size < packets.payloadBytes[row]!)
      )
    })
  })
  if (tried.every((rows) => rows.length === 0)) return
  const keys = [await udpKeys(sides, sent, flows), await udpKeys(sides, received, flows)]
  for (const [i, side] of ([sent, received] as const).entries()) {
    const cuts = i === 0 ? cutSent : cutReceived
    const rows = tried[i]!
    if (rows.length === 0) continue
    const unknown: number[] = []
    const used = new Map<number, number>()
    const isWanted = new Uint8Array(side.packets.count)
    for (const row of rows) isWanted[row] = 1
    const hash = new SegmentHash()
    await side.packets.reread(isWanted, (view, _, end, { transportAt, payloadBytes }, row) => {
      const flow = side.flowOf[row]!
      const others = Array.from(sizes[1 - i]!.get(flow) ?? []).filter(
        ([size]) => size < payloadBytes && size * UDP_PIECES_MAX >= payloadBytes,
      )
      others.sort(([, a], [, b]) => b - a)
      let best: number[] | undefined
      let bestHits = 0
      for (const [size] of others.slice(0, UDP_SIZES_TRIED)) {
        const pieces = cutEvery(payloadBytes, size)
        let hits = 0
        for (const [k, bytes] of pieces.entries()) {
          hash.payload(view, transportAt + 8 + k * size, bytes, end)
          if (keys[1 - i]!.has(keyOf(hash, flow))) hits++
        }
        if (hits <= bestHits) continue
        best = pieces
        bestHits = hits
      }
      if (best === undefined) {
        if (payloadBytes > UDP_PAYLOAD_MAX) unknown.push(row)
        return
      }
      cuts.set(row, { pieces: best, isCertain: true })
      used.set(flow, best[0]!)
    })
    for (const row of unknown) {
      const flow = side.flowOf[row]!
      const size = used.get(flow) ?? commonOf(sizes.flatMap((ofFlow) => ofFlow.get(flow) ?? []))
      const bytes = side.packets.payloadBytes[row]!
      if (size !== undefined && size < bytes)
        cuts.set(row, { pieces: cutEvery(bytes, size), isCertain: true })
    }
  }
}

function commonOf(sizes: readonly ReadonlyMap<number, number>[]): number | undefined {
  const all = new Map<number, number>()
  for (const some of sizes) for (const [size, count] of some) all.set(size, (all.get(size) ?? 0) + count)
  return commonSegment(all, UDP_PAYLOAD_MAX)
}

/** Whole datagrams of UDP that are left. */
async function udpKeys({ judged }: Sides, { packets, flowOf, isLeft }: Side, flows: Uint8Array) {
  const keys = new Set<number>()
  const hash = new SegmentHash()
  const isWanted = Uint8Array.from(isLeft, (one, row) =>
    one === 1 && flowOf[row]! >= 0 && flows[flowOf[row]!] === 1 && judged.protocol(flowOf[row]!) === UDP
      ? 1
      : 0,
  )
  await packets.reread(isWanted, (view, _, end, { transportAt, payloadBytes }, row) => {
    hash.payload(view, transportAt + 8, payloadBytes, end)
    keys.add(keyOf(hash, flowOf[row]!))
  })
  return keys
}

/** 53 bits of fingerprint and flow. */
function keyOf({ low, high }: SegmentHash, flow: number): number {
  return (high & 0x1fffff) * 2 ** 32 + ((low ^ Math.imul(flow, 0x9e3779b1)) >>> 0)
}

/** The capture with a row for every piece, and new fingerprints in flows that were cut. */
async function inSegments(
  { judged, nat, isWhole }: Sides,
  { packets, flowOf }: Side,
  cuts: Cuts,
  isCut: Uint8Array,
): Promise<CapturedPackets> {
  const rowsOf = new Uint32Array(packets.count).fill(1)
  for (const [row, { pieces }] of cuts) rowsOf[row] = pieces.length
  const segments = packets.expanded(rowsOf)
  const starts = new Uint32Array(packets.count)
  for (let row = 1; row < packets.count; row++) starts[row] = starts[row - 1]! + rowsOf[row - 1]!
  const isWanted = Uint8Array.from(flowOf, (flow, row) =>
    flow >= 0 && isCut[flow] === 1 && packets.payloadBytes[row]! > 0 ? 1 : 0,
  )
  const hash = new SegmentHash()
  await packets.reread(isWanted, (view, at, end, headers, row) => {
    const { payloadBytes, sizeBytes } = headers
    const isTcp = judged.protocol(flowOf[row]!) === TCP
    const pieces = cuts.get(row)?.pieces ?? [payloadBytes]
    let dataAt = at + sizeBytes - payloadBytes
    let to = starts[row]!
    for (const [k, bytes] of pieces.entries()) {
      if (isWhole) hash.payload(view, dataAt, bytes, end)
      else hash.begin(bytes)
      segments.content[to] = hash.low | 1
      const sequence = isTcp ? (packets.sequence[row]! + dataAt - (at + sizeBytes - payloadBytes)) >>> 0 : 0
      hash.add(nat ? 0 : flowOf[row]!)
      if (isTcp) hash.tcp(view, headers, end, sequence, packets.acknowledgementShift.get(packets.flow[row]!))
      segments.header[to] = hash.low
      // Kernels and cards count IP's identification up from segment to segment.
      if (isTcp && headers.version === 4) hash.add((view.getUint16(at + 4) + k) & 0xffff)
      segments.low[to] = hash.low
      segments.high[to] = hash.high
      segments.sequence[to] = sequence
      segments.identity[to] = isTcp ? segmentIdentity(sequence, bytes) : 0
      segments.payloadBytes[to] = bytes
      segments.sizeBytes[to] = sizeBytes - payloadBytes + bytes
      if (k < pieces.length - 1) segments.tcpFlags[to]! &= ~0x09
      dataAt += bytes
      to++
    }
  })
  return segments
}

/**
 * With translated addresses: the flows of received rows, those of which nothing matched told by where TCP's
 * segments begin.
 */
function foundBySequence(sent: CapturedPackets, received: CapturedPackets, flowOf: Int32Array): Int32Array {
  const bySequence = new Map<number, number>()
  for (let row = 0; row < sent.count; row++)
    if (sent.sequence[row] !== 0 && sent.payloadBytes[row]! > 0)
      bySequence.set(sent.sequence[row]!, sent.flow[row]!)
  const found = new Map<number, number>()
  for (let row = 0; row < received.count; row++) {
    if (flowOf[row]! >= 0 || received.payloadBytes[row] === 0) continue
    const flow = bySequence.get(received.sequence[row]!)
    if (flow !== undefined && !found.has(received.flow[row]!)) found.set(received.flow[row]!, flow)
  }
  return Int32Array.from(flowOf, (flow, row) => (flow >= 0 ? flow : (found.get(received.flow[row]!) ?? -1)))
}
