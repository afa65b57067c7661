/**
 * What middleboxes change on purpose, undone on the received side: the segment size in a SYN is lowered
 * (OpenVPN's mssfix, tinc, routers), TCP's numbers are shifted by a constant per connection (pf's "modulate
 * state", ASA), IP-ID is replaced. Packets that are left on both sides of a flow are compared by everything
 * else. By packets whose payload tells them, and by SYNs, the shifts of sequence and acknowledgement numbers
 * are found; the way back has the same two, exchanged. A packet that is a sent one but for that gets the sent
 * one's fingerprint. Flows of which some packets arrive with their numbers keep them, and their IP-IDs.
 */
import { TCP } from '../../model/packets/flow-table.ts'
import type { CapturedPackets } from './captured-packets.ts'
import { Copies } from './copies.ts'
import { eachTcpOption, InvariantHash, MSS_OPTION, SACK_OPTION, TIMES_OPTION } from './invariant-hash.ts'
import type { JudgedFlows } from './judged-flows.ts'
import { MATCHED, type Pairing, UNMATCHED } from './pairing.ts'
import { SegmentHash } from './segment-hash.ts'

/** Bits of what was changed. */
export const SEGMENT_SIZE = 1
export const TCP_NUMBERS = 2
export const IP_ID = 4

const SYN = 2
const ACK = 16
/** Packets that must agree on how far numbers are shifted. */
const VOTES_MIN = 2
/** One packet that arrived with its numbers outweighs so many; by chance one IP-ID in 65,536 is the same. */
const KEPT_WEIGHT = 1000
/** Payload that tells a segment from others. */
const TELLING_BYTES_MIN = 4

/** One side's packets without an equal, with what may differ beside the fingerprint of the rest. */
interface Left {
  readonly packets: CapturedPackets
  readonly rows: Int32Array
  /** As on the sent side; -1 where it isn't known. */
  readonly flow: Int32Array
  readonly low: Int32Array
  readonly high: Int32Array
  readonly acknowledgement: Uint32Array
  readonly id: Uint16Array
  readonly segmentSize: Uint16Array
  /** Hashes of the options with time stamps, which few change, and with TCP's numbers. */
  readonly times: Int32Array
  readonly blocks: Int32Array
  /** Its payload, or being a SYN, tells it from others of its flow. */
  readonly isTelling: Uint8Array
}

interface Shift {
  sequence: number
  acknowledgement: number
}

const NO_SHIFT: Readonly<Shift> = { sequence: 0, acknowledgement: 0 }

/**
 * Changes fingerprints and sequence numbers of received packets; false where there was nothing to change.
 * @param flowOf of each received row, from Pairing.sentFlows
 */
export async function undoRewriting(
  pairing: Pairing,
  judged: JudgedFlows,
  flowOf: Int32Array,
  { nat, keptBytes }: { readonly nat: boolean; readonly keptBytes: number },
): Promise<boolean> {
  const { sent, received, kind } = pairing
  const isLeftSent = Uint8Array.from(pairing.hasArrived, (one) => 1 - one)
  const isLeftReceived = Uint8Array.from(kind, (one) => (one === UNMATCHED ? 1 : 0))
  const flows = flowsLeftOnBoth(pairing, judged, flowOf)
  const onlyIn = (isLeft: Uint8Array, flow: Int32Array) =>
    isLeft.map((one, row) => (one === 1 && (flow[row]! < 0 || flows[flow[row]!] === 1) ? 1 : 0))
  const wantedSent = onlyIn(isLeftSent, sent.flow)
  const wantedReceived = onlyIn(isLeftReceived, flowOf)
  if (!wantedSent.includes(1) || !wantedReceived.includes(1)) return false
  const one = await readLeft(sent, wantedSent, sent.flow, nat, keptBytes)
  const other = await readLeft(received, wantedReceived, flowOf, nat, keptBytes)
  const telling = new Copies(one.low, one.high, one.rows.length)
  if (nat) findFlows(one, other, telling)
  const isKept = flowsKept(pairing, judged)
  const shifts = findShifts(one, other, telling, judged, isKept)
  return rekey(one, other, judged, shifts, isKept)
}

/** 1 for flows with packets left on both sides; with translated addresses all that are left count. */
function flowsLeftOnBoth(
  { sent, received, hasArrived, kind }: Pairing,
  judged: JudgedFlows,
  flowOf: Int32Array,
) {
  const missing = new Uint8Array(judged.count)
  const result = new Uint8Array(judged.count)
  for (let row = 0; row < sent.count; row++) if (hasArrived[row] === 0) missing[sent.flow[row]!] = 1
  for (let row = 0; row < received.count; row++) {
    if (kind[row] !== UNMATCHED) continue
    if (flowOf[row]! < 0) return missing
    if (missing[flowOf[row]!] === 1) result[flowOf[row]!] = 1
  }
  return result
}

async function readLeft(
  packets: CapturedPackets,
  isWanted: Uint8Array,
  flowOf: Int32Array,
  nat: boolean,
  keptBytes: number,
): Promise<Left> {
  const rows: number[] = []
  for (let row = 0; row < packets.count; row++) if (isWanted[row] === 1) rows.push(row)
  const place = new Int32Array(packets.count)
  for (const [i, row] of rows.entries()) place[row] = i
  const { length } = rows
  const left: Left = {
    packets,
    rows: Int32Array.from(rows),
    flow: Int32Array.from(rows, (row) => flowOf[row]!),
    low: new Int32Array(length),
    high: new Int32Array(length),
    acknowledgement: new Uint32Array(length),
    id: new Uint16Array(length),
    segmentSize: new Uint16Array(length),
    times: new Int32Array(length),
    blocks: new Int32Array(length),
    isTelling: new Uint8Array(length),
  }
  const hash = new InvariantHash(nat, keptBytes, true)
  const option = new SegmentHash()
  await packets.reread(isWanted, (view, at, end, headers, row) => {
    const i = place[row]!
    hash.read(view, at, end, headers)
    left.low[i] = hash.low
    left.high[i] = hash.high
    if (headers.version === 4) left.id[i] = view.getUint16(at + 4)
    const { transportAt, payloadBytes, tcpFlags, protocol } = headers
    const known = Math.min(end, at + keptBytes) - (at + headers.sizeBytes - payloadBytes)
    const isSyn = (tcpFlags & SYN) !== 0
    left.isTelling[i] =
      isSyn || (payloadBytes > 0 && known >= Math.min(payloadBytes, TELLING_BYTES_MIN)) ? 1 : 0
    if (protocol !== TCP || transportAt < 0 || transportAt + 14 > end) return
    if ((tcpFlags & ACK) !== 0) left.acknowledgement[i] = view.getUint32(transportAt + 8)
    eachTcpOption(view, transportAt, Math.min(end, at + keptBytes), (kind, from, bytes) => {
      if (kind === MSS_OPTION) left.segmentSize[i] = view.getUint16(from + 2)
      if (kind !== SACK_OPTION && kind !== TIMES_OPTION) return
      option.begin(bytes)
      option.bytes(view, from, from + bytes)
      if (kind === SACK_OPTION) left.blocks[i] = option.low
      else left.times[i] = option.low
    })
  })
  return left
}

/** With translated addresses: flows of which nothing matched are told by payloads. */
function findFlows(one: Left, other: Left, telling: Copies): void {
  const found = new Map<number, number>()
  for (const [i, row] of other.rows.entries()) {
    const flow = other.packets.flow[row]!
    if (other.flow[i]! >= 0 || other.isTelling[i] !== 1 || found.has(flow)) continue
    const first = telling.find(other.low[i]!, other.high[i]!)
    if (first >= 0) found.set(flow, one.flow[first]!)
  }
  for (const [i, row] of other.rows.entries())
    if (other.flow[i]! < 0) other.flow[i] = found.get(other.packets.flow[row]!) ?? -1
}

/** What was added to TCP's numbers, by the sent side's flow. */
function findShifts(
  one: Left,
  other: Left,
  telling: Copies,
  judged: JudgedFlows,
  isKept: Uint8Array,
): Map<number, Shift> {
  const votes = new Map<number, { sequence: Map<number, number>; acknowledgement: Map<number, number> }>()
  const vote = (counts: Map<number, number>, value: number, weight: number) =>
    counts.set(value, (counts.get(value) ?? 0) + weight)
  for (const [j, row] of other.rows.entries()) {
    const flow = other.flow[j]!
    if (flow < 0 || isKept[flow] === 1) continue
    if (other.isTelling[j] !== 1 || judged.protocol(flow) !== TCP) continue
    const first = telling.find(other.low[j]!, other.high[j]!)
    const i = first < 0 ? -1 : telling.take(first)
    if (i < 0 || one.flow[i] !== flow) continue
    if (!votes.has(flow)) votes.set(flow, { sequence: new Map(), acknowledgement: new Map() })
    const { sequence, acknowledgement } = votes.get(flow)!
    const flags = one.packets.tcpFlags[one.rows[i]!]!
    // A single packet may be damaged; a SYN is single.
    const weight = (flags & SYN) !== 0 ? VOTES_MIN : 1
    vote(sequence, (other.packets.sequence[row]! - one.packets.sequence[one.rows[i]!]!) >>> 0, weight)
    if ((flags & ACK) !== 0)
      vote(acknowledgement, (other.acknowledgement[j]! - one.acknowledgement[i]!) >>> 0, weight)
  }
  const shifts = new Map<number, Shift>()
  const shiftOf = (flow: number) => {
    const shift = shifts.get(flow) ?? { sequence: 0, acknowledgement: 0 }
    shifts.set(flow, shift)
    return shift
  }
  for (const [flow, { sequence, acknowledgement }] of votes) {
    const found = { sequence: mostOf(sequence), acknowledgement: mostOf(acknowledgement) }
    const reverse = judged.table.reverseOf(judged.base[flow]!)
    const back = reverse < 0 ? -1 : judged.known(reverse)
    if (found.sequence !== undefined) {
      shiftOf(flow).sequence = found.sequence
      if (back >= 0 && !votes.has(back)) shiftOf(back).acknowledgement = found.sequence
    }
    if (found.acknowledgement !== undefined) {
      shiftOf(flow).acknowledgement = found.acknowledgement
      if (back >= 0 && !votes.has(back)) shiftOf(back).sequence = found.acknowledgement
    }
  }
  return shifts
}

/** The value of more than half of the votes; undefined where there is none. */
function mostOf(votes: ReadonlyMap<number, number>): number | undefined {
  let total = 0
  for (const count of votes.values()) total += count
  for (const [value, count] of votes) if (count * 2 > total && count >= VOTES_MIN) return value
  return undefined
}

/**
 * 1 for flows of which enough arrives as it was sent to say that nothing changes their numbers. Where packets
 * were joined these may be few, and the rest mustn't be compared by what a program sends over and over again.
 */
function flowsKept({ sent, received, kind, partner }: Pairing, judged: JudgedFlows): Uint8Array {
  const balance = new Float64Array(judged.count)
  for (let row = 0; row < received.count; row++)
    if (kind[row] === MATCHED) balance[sent.flow[partner[row]!]!]! += KEPT_WEIGHT
    else if (kind[row] === UNMATCHED) balance[received.flow[row]!]!--
  return Uint8Array.from(balance, (more) => (more > 0 ? 1 : 0))
}

/**
 * Gives received packets the fingerprints of those that they were: with their time stamps, and where numbers
 * are shifted also without.
 */
function rekey(
  one: Left,
  other: Left,
  judged: JudgedFlows,
  shifts: ReadonlyMap<number, Shift>,
  isKept: Uint8Array,
): boolean {
  const { packets: sent } = one
  const { packets: received } = other
  const rewritten = new Uint8Array(received.count)
  const isFound = new Uint8Array(one.rows.length)
  let many = 0
  for (const withTimes of [true, false]) {
    const ofSent = keysOf(one, judged, shifts, isKept, { isReceived: false, withTimes })
    const ofReceived = keysOf(other, judged, shifts, isKept, { isReceived: true, withTimes })
    const open = Int32Array.from(one.rows.keys()).filter((i) => isFound[i] === 0)
    const copies = new Copies(pick(ofSent.low, open), pick(ofSent.high, open), open.length)
    for (const [j, row] of other.rows.entries()) {
      if (rewritten[row] !== 0 || other.flow[j]! < 0) continue
      const shift = shifts.get(other.flow[j]!) ?? NO_SHIFT
      if (!withTimes && !isShifted(shift)) continue
      const first = copies.find(ofReceived.low[j]!, ofReceived.high[j]!)
      if (first < 0) continue
      const taken = copies.take(first)
      const i = open[taken < 0 ? copies.lastOf(first) : taken]!
      isFound[i] = 1
      received.low[row] = sent.low[one.rows[i]!]!
      received.high[row] = sent.high[one.rows[i]!]!
      rewritten[row] =
        (isShifted(shift) ? TCP_NUMBERS : 0) |
        (one.segmentSize[i] !== other.segmentSize[j] ? SEGMENT_SIZE : 0) |
        (one.id[i] !== other.id[j] ? IP_ID : 0)
      many++
    }
  }
  for (const [j, row] of other.rows.entries()) {
    const shift = shifts.get(other.flow[j]!) ?? NO_SHIFT
    if (!isShifted(shift)) continue
    received.sequence[row] = (received.sequence[row]! - shift.sequence) >>> 0
    received.acknowledgementShift.set(received.flow[row]!, shift.acknowledgement)
    rewritten[row]! |= TCP_NUMBERS
    many++
  }
  received.rewritten = rewritten
  return many > 0
}

function keysOf(
  left: Left,
  judged: JudgedFlows,
  shifts: ReadonlyMap<number, Shift>,
  isKept: Uint8Array,
  { isReceived, withTimes }: { readonly isReceived: boolean; readonly withTimes: boolean },
) {
  const low = new Int32Array(left.rows.length)
  const high = new Int32Array(left.rows.length)
  const key = new SegmentHash()
  for (const [i, row] of left.rows.entries()) {
    const flow = left.flow[i]!
    const shift = shifts.get(flow) ?? NO_SHIFT
    const undo = isReceived ? shift : NO_SHIFT
    key.low = left.low[i]!
    key.high = left.high[i]!
    key.add(flow)
    key.add(flow >= 0 && isKept[flow] === 1 ? left.id[i]! : 0)
    if (flow >= 0 && judged.protocol(flow) === TCP) {
      const hasAck = (left.packets.tcpFlags[row]! & ACK) !== 0
      key.add(left.packets.sequence[row]! - undo.sequence)
      key.add(hasAck ? left.acknowledgement[i]! - undo.acknowledgement : 0)
      key.add(isShifted(shift) ? 0 : left.blocks[i]!)
      key.add(withTimes ? left.times[i]! : 0)
    }
    low[i] = key.low
    high[i] = key.high
  }
  return { low, high }
}

function isShifted({ sequence, acknowledgement }: Shift): boolean {
  return sequence !== 0 || acknowledgement !== 0
}

function pick(column: Int32Array, from: Int32Array): Int32Array {
  return Int32Array.from(from, (i) => column[i]!)
}
