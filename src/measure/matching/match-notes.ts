/**
 * What the user should know of two matched captures: what was left out, and what makes the counts doubtful.
 */
import { grouped } from '../../units.ts'
import type { ArrivalCounts } from '../arrivals/arrivals.ts'
import type { CapturedPackets } from './captured-packets.ts'
import type { ReturnFlows } from './return-flows.ts'

/** Larger packets aren't seen on a wire without jumbo frames; cards and kernels make them (TSO, GRO). */
const WIRE_BYTES_MAX = 9216
/** Ratio of packets from which on a finding casts doubt on the whole. */
const DOUBT_RATIO = 0.01

export interface Matched {
  readonly sent: CapturedPackets
  readonly received: CapturedPackets
  readonly counts: ArrivalCounts
  /** Bytes of a packet that were compared; infinite where all were. */
  readonly keptBytes: number
  readonly nat: boolean
  readonly order: 'file' | 'time'
  readonly back: ReturnFlows
  /** How many packets were cut to segments; undefined where none was. */
  readonly cut: { readonly cutSent: number; readonly cutReceived: number } | undefined
  /** How many arrived with what changed. */
  readonly rewrittenBy: { readonly segmentSize: number; readonly tcpNumbers: number; readonly ipId: number }
  /** Received packets that the far side sent and that never crossed. */
  readonly fromFar: number
}

/** A line per finding: where - what - cure. */
export function matchNotes(matched: Matched): string[] {
  const { sent, received, counts, keptBytes, nat, order, back } = matched
  const notes = [...sent.problems, ...received.problems]
  if (keptBytes < Number.POSITIVE_INFINITY) {
    const shorter = sent.cutBytesMin <= received.cutBytesMin ? sent : received
    notes.push(
      `${shorter.name}: packets are cut - they are compared by their first ${keptBytes} bytes and their length; whether the rest is the same can't be known`,
    )
  }
  for (const { name, stats } of [sent, received]) {
    if (order === 'time' || stats.backwardTimes === 0) continue
    const many = stats.backwardTimes === 1 ? '1 frame is' : `${grouped(stats.backwardTimes)} frames are`
    notes.push(
      `${name}: ${many} earlier than the one before - the order of the file counts; by time: --order time`,
    )
  }
  notes.push(...unitNotes(matched), ...rewrittenNotes(matched))
  if (back.isDoubtful && counts.returnSent !== 0) {
    notes.push(
      `${sent.name}: ${grouped(counts.returnSent!)} packets are taken to be on the way back and are left out, since their delays are all smaller than those of the other direction - if the system is just slower in one direction: --direction all`,
    )
  }
  const { lost, lostAtEdges, lostWholeFlows, unmatched, identical } = counts
  const share = (count: number | null, of: number | null) =>
    (count ?? 0) >= DOUBT_RATIO * Math.max(of ?? 0, 1)
  if (share(lostAtEdges, counts.sent)) {
    notes.push(
      `${received.name}: ${grouped(lostAtEdges!)} of ${grouped(lost!)} lost packets were sent before the first or after the last that arrived - capture on both sides for the same time`,
    )
  }
  if (share(lostWholeFlows, counts.sent)) {
    notes.push(
      `${received.name}: ${grouped(lostWholeFlows!)} of ${grouped(lost!)} lost packets are of flows that never arrive - if they don't cross the system, filter them out of ${sent.name}`,
    )
  }
  if (share(unmatched, counts.received)) {
    const cure = nat ? 'they are left out' : 'they are left out; where addresses are translated: --nat'
    notes.push(
      `${received.name}: ${grouped(unmatched!)} of ${grouped(counts.received)} packets were not sent as far as ${sent.name} shows - ${cure}`,
    )
  }
  if (share(identical, counts.sent)) {
    notes.push(
      `${sent.name}: ${grouped(identical!)} packets have an equal twin - the k-th that arrives is taken for the k-th sent; captured on "any"? name one interface`,
    )
  }
  return notes
}

/** In which units packets were counted. */
function unitNotes({ sent, received, cut, fromFar }: Matched): string[] {
  const notes: string[] = []
  for (const [{ name, joinedDatagrams }, many] of [
    [sent, cut?.cutSent ?? 0],
    [received, cut?.cutReceived ?? 0],
  ] as const) {
    if (many > 0) {
      const what = many === 1 ? '1 packet was' : `${grouped(many)} packets were`
      notes.push(
        `${name}: ${what} joined by the network card or kernel - counted as the segments on the wire; as it was on the wire: ethtool -K INTERFACE tso off gso off gro off`,
      )
    }
    if (joinedDatagrams > 0) {
      const what = joinedDatagrams === 1 ? '1 datagram' : `${grouped(joinedDatagrams)} datagrams`
      notes.push(`${name}: ${what} in fragments - each counts once, when its last fragment is there`)
    }
  }
  if (fromFar > 0) {
    const what = fromFar === 1 ? '1 packet is' : `${grouped(fromFar)} packets are`
    notes.push(`${received.name}: ${what} from the far side and never crossed - left out`)
  }
  const large = cut === undefined ? joinedPackets(sent, received) : undefined
  return large === undefined ? notes : [...notes, large]
}

function rewrittenNotes({ received, rewrittenBy }: Matched): string[] {
  const { segmentSize, tcpNumbers, ipId } = rewrittenBy
  const reasons = [
    [segmentSize, 'the segment size in a SYN changed'],
    [tcpNumbers, "TCP's numbers shifted by a constant per connection"],
    [ipId, 'another IP identification'],
  ] as const
  return reasons.flatMap(([count, what]) => {
    if (count === 0) return []
    const packets = count === 1 ? '1 packet' : `${grouped(count)} packets`
    return [`${received.name}: ${packets} arrived with ${what} - rewritten on the way, counted as arrived`]
  })
}

function joinedPackets(sent: CapturedPackets, received: CapturedPackets): string | undefined {
  for (const { name, count, sizeBytes } of [sent, received]) {
    let large = 0
    for (let row = 0; row < count; row++) if (sizeBytes[row]! > WIRE_BYTES_MAX) large++
    if (large === 0) continue
    const many = large === 1 ? '1 packet is' : `${grouped(large)} packets are`
    return `${name}: ${many} joined by the network card or kernel and may match nothing - before capturing: ethtool -K INTERFACE tso off gso off gro off`
  }
  return undefined
}
