/**
 * Judges a QUIC connection by the qlogs of both its ends: packets that one end sent (`packet_sent`) and the
 * other received (`packet_received`), told by connection, packet number space and packet number. Connections
 * have the names that both files give them (group id, original destination connection id); where there is one
 * in each, it is the same one. A number that the sender skipped on purpose was never sent, so it isn't lost.
 * The two ends have clocks of their own: times are of one axis only where both files say what theirs count
 * from. Packets with damage are dropped before a qlog sees their number, so they count as lost.
 */
import { UserError } from '../../errors.ts'
import { byteStream, openFile } from '../../node/open-bytes.ts'
import { APART_SECONDS_MAX, alignClocks } from '../matching/clock.ts'
import { type ArrivalCounts, Arrivals, countsOf, type Measured } from './arrivals.ts'
import { readEvents } from './qlog.ts'
import { QlogEvents, type QlogSide } from './qlog-events.ts'

const NAMES_SHOWN = 3

/** A file, and what stands for it in messages. */
export interface QlogFile {
  readonly path: string
  readonly name: string
}

/** Throws a UserError where a file has no such packets, or both have no connection in common. */
export async function matchQlogs(sentFile: QlogFile, receivedFile: QlogFile): Promise<Measured> {
  const one = await read(sentFile, 'sent')
  const other = await read(receivedFile, 'received')
  const { flowOf, notes } = connected(one.events, other.events, sentFile.name, receivedFile.name)
  const sent = one.events.arrivals
  const flowCount = one.events.names.count
  const rowOf = Array.from({ length: flowCount }, () => new Map<number, number>())
  const rank = new Float64Array(sent.count)
  for (let row = 0; row < sent.count; row++) {
    const rows = rowOf[sent.flow[row]!]!
    rank[row] = rows.size
    // A number is used once; a file that has it twice says the same twice.
    if (!rows.has(sent.sequence[row]!)) rows.set(sent.sequence[row]!, row)
  }
  const { movedNs, areTwo, isUnknown } = axisOf(one.events, other.events)
  const isOneStream = one.events.traces <= 1
  const arrived = other.events.arrivals
  const arrivals = new Arrivals(arrived.count)
  const hasArrived = new Uint8Array(sent.count)
  let duplicated = 0
  for (let row = 0; row < arrived.count; row++) {
    const flow = flowOf[arrived.flow[row]!]!
    const from = flow < 0 ? undefined : rowOf[flow]!.get(arrived.sequence[row]!)
    if (from === undefined) continue
    duplicated += hasArrived[from]!
    hasArrived[from] = 1
    const to = arrivals.add(flow, rank[from]!)
    if (isOneStream) arrivals.tunnelSequence[to] = from
    arrivals.sentNs[to] = isUnknown ? Number.NaN : sent.receivedNs[from]!
    arrivals.receivedNs[to] = arrived.receivedNs[row]! + movedNs
    arrivals.sizeBytes[to] = arrived.sizeBytes[row]!
  }
  if (arrivals.count === 0)
    throw new UserError(
      `${receivedFile.name}: none of its ${arrived.count} packet numbers is in ${sentFile.name} - give the qlogs of both ends of the same connections`,
    )
  return {
    arrivals,
    flows: {
      count: flowCount,
      describe: (flow) => one.events.names.describe(flow),
      protocol: () => undefined,
      sent: (flow) => rowOf[flow]!.size,
    },
    counts: countAll(one.events, rowOf, hasArrived, arrived.count, arrivals.count, duplicated),
    clock: alignClocks(arrivals.sentNs, arrivals.receivedNs, arrivals.count, { areTwo }),
    numbering: 'qlog',
    sequenceBits: 'none',
    notes: [...one.notes, ...other.notes, ...notes],
  }
}

async function read({ path, name }: QlogFile, side: QlogSide) {
  const events = new QlogEvents(side, true)
  const stream = await byteStream(await openFile(path, name))
  try {
    return { events, notes: await readEvents(stream, name, events, side) }
  } finally {
    await stream.close()
  }
}

/** The sent side's flow of each received one, -1 where there is none, by their names. */
function connected(one: QlogEvents, other: QlogEvents, sentName: string, receivedName: string) {
  const names = [one, other].map(({ names }) =>
    Array.from({ length: names.count }, (_, i) => names.describe(i)),
  )
  const [sentFlows, receivedFlows] = [names[0]!, names[1]!]
  const numberOf = new Map(sentFlows.map((name, flow) => [name, flow]))
  const flowOf = receivedFlows.map((name) => numberOf.get(name) ?? -1)
  const connections = names.map((flows) => [...new Set(flows.map(connectionOf))])
  const [ofSent, ofReceived] = [connections[0]!, connections[1]!]
  if (ofReceived.some((name) => ofSent.includes(name))) return { flowOf, notes: [] }
  if (ofSent.length > 1 || ofReceived.length > 1)
    throw new UserError(
      `${receivedName}: none of its connections (${listed(ofReceived)}) is in ${sentName} (${listed(ofSent)}) - give the qlogs of both ends of the same connections`,
    )
  const [from, to] = [ofSent[0]!, ofReceived[0]!]
  const renamed = receivedFlows.map((name) => [from, spaceOf(name)].filter((part) => part !== '').join(' '))
  const isNamed = from !== '' && to !== ''
  return {
    flowOf: renamed.map((name) => numberOf.get(name) ?? -1),
    notes: isNamed
      ? [
          `${receivedName}: its connection ${to} is taken for ${from} of ${sentName}, since either has only one`,
        ]
      : [],
  }
}

function connectionOf(flow: string): string {
  return flow.slice(0, Math.max(flow.lastIndexOf(' '), 0))
}

function spaceOf(flow: string): string {
  return flow.slice(flow.lastIndexOf(' ') + 1)
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => name || 'one without a name')
  return [...shown, ...(names.length > NAMES_SHOWN ? ['...'] : [])].join(', ')
}

/** What puts the received times on the axis of the sent ones, and whether that is one clock's. */
function axisOf(one: QlogEvents, other: QlogEvents) {
  const isUnknown = one.hasSeveralReferences || other.hasSeveralReferences
  const [from, to] = [startMs(one), startMs(other)]
  if (from === undefined || to === undefined) return { movedNs: 0, areTwo: true, isUnknown }
  const apartNs = (other.baseSeconds - one.baseSeconds) * 1e9 + Math.round((to - from) * 1e6)
  const isFar = Math.abs(apartNs) > APART_SECONDS_MAX * 1e9
  return { movedNs: isFar ? 0 : apartNs, areTwo: isFar, isUnknown }
}

/** What times count from: as the file says, or 1970 where they are too large to be anything else. */
function startMs({ referenceMs, baseSeconds }: QlogEvents): number | undefined {
  return referenceMs ?? (baseSeconds > 0 ? 0 : undefined)
}

function countAll(
  { arrivals, traces }: QlogEvents,
  rowOf: readonly ReadonlyMap<number, number>[],
  hasArrived: Uint8Array,
  received: number,
  matched: number,
  duplicated: number,
): ArrivalCounts {
  const arrivedOfFlow = new Float64Array(rowOf.length)
  let sent = 0
  let lost = 0
  let lostBefore: number | undefined
  let lostSince = 0
  for (let row = 0; row < arrivals.count; row++) {
    const flow = arrivals.flow[row]!
    if (rowOf[flow]!.get(arrivals.sequence[row]!) !== row) continue
    sent++
    if (hasArrived[row] === 1) {
      lostBefore ??= lost
      arrivedOfFlow[flow]!++
      lostSince = 0
    } else {
      lost++
      lostSince++
    }
  }
  const lostWholeFlows = rowOf.reduce(
    (sum, rows, flow) => (arrivedOfFlow[flow] === 0 ? sum + rows.size : sum),
    0,
  )
  return {
    ...countsOf(received),
    sent,
    matched: matched - duplicated,
    lost,
    // Traces follow each other in a file, whenever they were.
    lostAtEdges: traces <= 1 ? (lostBefore ?? 0) + lostSince : null,
    lostWholeFlows,
    duplicated,
    unmatched: received - matched,
  }
}
