/**
 * Two sides in one capture: a gateway recorded on both its interfaces, by one clock. Interfaces carried the
 * same packets where most of one's fingerprints (invariant-hash.ts) appear on the other, and the side of the
 * sender is where they are first. Of Linux's `any` interface what came in and what went out are such sides.
 * Only the first packets of the capture, and of each side, are looked at.
 */
import { FlowTable } from '../../model/packets/flow-table.ts'
import { openCapture } from '../../node/open-capture.ts'
import { packetColumns } from '../../traffic/capture/columns.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'
import type { PacketWatcher } from '../../traffic/capture/packet-sink.ts'
import type { CaptureStats } from '../../traffic/capture/stats.ts'
import { InvariantHash } from './invariant-hash.ts'

const PACKETS_MAX = 65_536
const PIECE_PACKETS = 4096
/** Headers and a bit of payload: no more is kept by usual snap lengths. */
const HASHED_BYTES_MAX = 48
const SAME_MIN_RATIO = 0.5

/** A part of a capture as its name has it behind the #, and in words. */
export interface Side {
  readonly part: string
  readonly words: string
}

export interface TwoSides {
  /** Where the packets that both carried are first. */
  readonly sent: Side
  readonly received: Side
  /** Did both carry the same packets? Otherwise the order of the two means nothing. */
  readonly areSame: boolean
}

/**
 * The two sides in a capture; undefined where there aren't just two. Throws a UserError where it can't be
 * read.
 * @param nat addresses and ports may differ
 */
export async function sidesWithin(path: string, nat: boolean): Promise<TwoSides | undefined> {
  const stats = await statsOf(path)
  const pairs = pairsIn(stats)
  const baseSeconds = stats.earliest?.seconds ?? 0
  for (const [one, other] of pairs) {
    const a = await firstSeen(`${path}#${one.part}`, nat, baseSeconds)
    const b = await firstSeen(`${path}#${other.part}`, nat, baseSeconds)
    const { same, before } = compared(a, b)
    if (same < SAME_MIN_RATIO * Math.min(a.size, b.size)) continue
    const isForward = before * 2 >= same
    return { sent: isForward ? one : other, received: isForward ? other : one, areSame: true }
  }
  const named = pairs.find(([{ part }]) => part !== 'in')
  return named && { sent: named[0], received: named[1], areSame: false }
}

/** In the order in which they are tried. */
function pairsIn(stats: CaptureStats): (readonly [Side, Side])[] {
  const used = stats.interfaces.filter(({ frames }) => frames > 0)
  const pairs: (readonly [Side, Side])[] = []
  if (used.length > 1) {
    const sides = used.map(({ number, name }) => sideOf(number, isPlain(name, used) ? name : undefined))
    if (sides.length === 2) pairs.push([sides[0]!, sides[1]!])
    return pairs
  }
  if (stats.inFrames > 0 && stats.outFrames > 0) {
    pairs.push([
      { part: 'in', words: 'what came in' },
      { part: 'out', words: 'what went out' },
    ])
  }
  const indexes = [...stats.framesOfIndex.keys()].sort((a, b) => a - b)
  if (indexes.length === 2) pairs.push([sideOf(indexes[0]!), sideOf(indexes[1]!)])
  return pairs
}

function sideOf(number: number, name?: string): Side {
  return {
    part: name ?? String(number),
    words: name === undefined ? `interface ${number}` : `${name} (#${number})`,
  }
}

/** Can a name be typed as it is, and does it mean that interface alone? */
function isPlain(name: string | undefined, all: CaptureStats['interfaces']): name is string {
  if (name === undefined || !/^[\w.-]+$/.test(name) || /^(\d+|in|out)$/.test(name)) return false
  return all.filter((one) => one.name === name).length === 1
}

async function statsOf(path: string): Promise<CaptureStats> {
  const reader = await openCapture(path)
  const columns = packetColumns(PIECE_PACKETS)
  try {
    let packets = 0
    while (packets < PACKETS_MAX && (await reader.read(columns)) > 0) packets += columns.count
    return reader.stats
  } finally {
    await reader.close()
  }
}

/** When the first packet with each fingerprint was there, in ns from `baseSeconds`. */
async function firstSeen(path: string, nat: boolean, baseSeconds: number): Promise<Map<string, number>> {
  const hash = new InvariantHash(nat, HASHED_BYTES_MAX)
  const prints: string[] = []
  const watcher: PacketWatcher = {
    packet(view: DataView, at: number, end: number, headers: IpHeaders) {
      hash.read(view, at, end, headers)
      prints.push(`${hash.low} ${hash.high}`)
    },
  }
  const reader = await openCapture(path, new FlowTable(), undefined, watcher)
  const columns = packetColumns(PIECE_PACKETS)
  const seen = new Map<string, number>()
  try {
    let row = 0
    while (row < PACKETS_MAX && (await reader.read(columns)) > 0) {
      for (let i = 0; i < columns.count; i++) {
        const print = prints[row++]!
        if (seen.has(print)) continue
        seen.set(print, (columns.seconds[i]! - baseSeconds) * 1e9 + columns.nanoseconds[i]!)
      }
    }
    return seen
  } finally {
    await reader.close()
  }
}

/** How many of the fingerprints are on both sides, and how many of those are on the first one earlier. */
function compared(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>) {
  let same = 0
  let before = 0
  for (const [print, time] of a) {
    const other = b.get(print)
    if (other === undefined) continue
    same++
    if (time < other) before++
    else if (time === other) before += 0.5
  }
  return { same, before }
}
