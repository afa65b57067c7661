/**
 * Where TCP packets are cut so that both captures show segments as they were on the wire. Cards and kernels
 * join segments (TSO, GSO, GRO, LRO), on either side of a capture point, so one side's packet is several of
 * the other's. A packet that has no equal is cut where packets of the other side begin or end. What is
 * still larger than a segment can be is joined on both sides, and is cut at the segments' size: the one that
 * the other packets' sizes are multiples of, else the one that the connection's SYN allows.
 */
import type { CapturedPackets } from './captured-packets.ts'

/** A segment on Ethernet without jumbo frames has at most this payload. */
const SEGMENT_BYTES_MAX = 1460
/** Sizes that can be those of segments, where many packets are multiples of them. */
const COMMON_BYTES_MIN = 500
const COMMON_BYTES_MAX = 9216
const MULTIPLES_RATIO = 0.7
/** More than 512 kB (Linux's largest, BIG TCP) of Ethernet's segments; what has more is made up. */
const PIECES_MAX = 512

/** What packets are cut into, by row. */
export type Cuts = Map<number, Cut>

export interface Cut {
  /** Lengths of payload. */
  readonly pieces: readonly number[]
  /** No segment is as large; where not, a packet of the other side has to confirm the cut. */
  readonly isCertain: boolean
}

/** The packets with payload of one flow, in one of the captures. */
export interface FlowSide {
  readonly packets: CapturedPackets
  readonly rows: readonly number[]
  /** 1 for rows that have no equal in the other capture, by row. */
  readonly isLeft: Uint8Array
}

/** Cuts of both sides of a TCP flow. @param synBytesMax the largest segment that the receiver takes */
export function planTcpCuts(one: FlowSide, other: FlowSide, synBytesMax: number | undefined): [Cuts, Cuts] {
  const first = (one.rows.length > 0 ? one : other).packets.sequence[(one.rows[0] ?? other.rows[0])!]!
  const sides = [one, other] as const
  const starts = sides.map((side) => unwrapped(side, first))
  const bounds = sides.map(({ packets, rows }, i) => boundsOf(starts[i]!, packets, rows))
  const headers = Math.max(...sides.map(tcpOptionBytes))
  const isStated = synBytesMax !== undefined && synBytesMax - headers >= COMMON_BYTES_MIN
  const limit = isStated ? synBytesMax - headers : SEGMENT_BYTES_MAX
  const sizes = new Map<number, number>()
  for (const [i, { packets, rows, isLeft }] of sides.entries()) {
    for (const [k, row] of rows.entries()) {
      const whole = [packets.payloadBytes[row]!]
      const pieces = isLeft[row] === 1 ? cutAt(starts[i]![k]!, whole[0]!, bounds[1 - i]!) : whole
      for (const size of pieces) sizes.set(size, (sizes.get(size) ?? 0) + 1)
    }
  }
  const common = commonSegment(sizes, limit) ?? (isStated ? limit : undefined)
  const cuts = sides.map(({ packets, rows, isLeft }, i) => {
    const found: Cuts = new Map()
    for (const [k, row] of rows.entries()) {
      const whole = packets.payloadBytes[row]!
      const isJoined = common !== undefined && whole > limit
      if (isLeft[row] !== 1 && !isJoined) continue
      const pieces = cutAt(starts[i]![k]!, whole, bounds[1 - i]!).flatMap((size) =>
        common !== undefined && size > limit ? cutEvery(size, common) : [size],
      )
      if (pieces.length > 1 && pieces.length <= PIECES_MAX) found.set(row, { pieces, isCertain: isJoined })
    }
    return found
  })
  return [cuts[0]!, cuts[1]!]
}

/**
 * The size that most of the sizes above `limit` are multiples of; undefined where there is none or none is
 * above. @param sizes how often each occurs
 */
export function commonSegment(sizes: ReadonlyMap<number, number>, limit: number): number | undefined {
  const large = Array.from(sizes).filter(([size]) => size > limit)
  const total = large.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return undefined
  const divisor = large.reduce((all, [size]) => greatestDivisor(all, size), 0)
  const candidates = [...sizes.keys(), divisor].sort((a, b) => a - b)
  return candidates.find((candidate) => {
    if (candidate < COMMON_BYTES_MIN || candidate > COMMON_BYTES_MAX) return false
    const multiples = large.reduce((sum, [size, count]) => sum + (size % candidate === 0 ? count : 0), 0)
    return multiples >= total * MULTIPLES_RATIO
  })
}

/** Pieces of `length` bytes of which all but the last have `size`. */
export function cutEvery(length: number, size: number): number[] {
  const pieces = Array<number>(Math.ceil(length / size)).fill(size)
  pieces[pieces.length - 1] = length - size * (pieces.length - 1)
  return pieces
}

/** Where each packet begins in a stream that doesn't wrap: RFC 9293's comparison with the furthest so far. */
function unwrapped({ packets, rows }: FlowSide, first: number): number[] {
  let furthest = 0
  return rows.map((row) => {
    const ahead = (packets.sequence[row]! - ((first + furthest) % 2 ** 32)) | 0
    const start = furthest + ahead
    furthest = Math.max(furthest, start)
    return start
  })
}

function boundsOf(starts: readonly number[], packets: CapturedPackets, rows: readonly number[]) {
  const all = new Float64Array(starts.length * 2)
  for (let i = 0; i < starts.length; i++) {
    all[2 * i] = starts[i]!
    all[2 * i + 1] = starts[i]! + packets.payloadBytes[rows[i]!]!
  }
  return all.sort()
}

/** Lengths of what [start, start + length) falls into at sorted `bounds`. */
function cutAt(start: number, length: number, bounds: Float64Array): number[] {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (bounds[middle]! <= start) low = middle + 1
    else high = middle
  }
  const pieces: number[] = []
  let from = start
  for (let i = low; i < bounds.length && bounds[i]! < start + length; i++) {
    if (bounds[i]! === from) continue
    pieces.push(bounds[i]! - from)
    from = bounds[i]!
  }
  pieces.push(start + length - from)
  return pieces
}

/** Bytes of TCP's options in the first packet: a SYN's limit counts them as part of a segment. */
function tcpOptionBytes({ packets, rows }: FlowSide): number {
  const row = rows[0]
  if (row === undefined) return 0
  const headers = packets.sizeBytes[row]! - packets.payloadBytes[row]!
  // IPv4's header has 20 bytes and IPv6's 40; TCP's 20 to 60, in which IPv6's falls.
  const bytes = headers - 40
  return bytes > 20 ? Math.max(bytes - 20, 0) : bytes
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}
