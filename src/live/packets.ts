/**
 * The packets to inject, prepared once for all replays of a run: the same packets, numbered and with the same
 * work drawn from the same streams as in the simulator. Left out and counted are frames without an IP packet,
 * packets too large for the TUN device, and those that don't come from the scenario's inside. Everything
 * stands in shared memory.
 */

import { PacketChunk } from '../model/packets/chunk.ts'
import { Way } from '../model/packets/direction.ts'
import type { FlowTable } from '../model/packets/flow-table.ts'
import type { Traffic } from '../model/packets/traffic.ts'
import { openBytes } from '../node/open-bytes.ts'
import { Offer } from '../run/offer.ts'
import { planOf, type ResolvedScenario } from '../run/plan.ts'
import type { CapturePaths } from '../traffic/capture/capture-files.ts'
import type { CaptureStats } from '../traffic/capture/stats.ts'
import { MarkPlace, placeMark } from './device/mark.ts'
import { syntheticHeaders } from './device/synthetic-packet.ts'
import { captureBytes, Templates } from './device/templates.ts'

/** The largest MTU of a TUN device. */
const MTU_BYTES_MAX = 65_535
const MTU_BYTES_DEFAULT = 1500

/**
 * One row per packet to inject, in source order; typed arrays over shared memory, to be posted to threads.
 */
export interface InjectionColumns {
  readonly packets: number
  /** Time at the source, ns from the start of the run. */
  readonly arrivalNs: Float64Array
  readonly flow: Int32Array
  readonly variant: Int32Array
  /** As in the chunk: -1 for a packet of the warm-up. */
  readonly flowNumber: Int32Array
  readonly dataNumber: Int32Array
  readonly sizeBytes: Int32Array
  readonly payloadBytes: Int32Array
  readonly tcpFlags: Uint8Array
  /** The random part of the packet's work, ns. */
  readonly serviceDraw: Float64Array
  /**
   * Where the packet's bytes begin in `bytes`, and how many of its `sizeBytes` are there; the others are 0.
   */
  readonly bytesAt: Float64Array
  readonly bytesKept: Int32Array
  readonly bytes: Uint8Array
}

/** Packets of the source that can't be replayed as they are. */
export interface PreparedCounts {
  /** Frames of the capture without an IP packet that could be read; of one round, where it is looped. */
  readonly notIp: number
  /** Left out: larger than the MTU. */
  readonly tooLarge: number
  /** Left out: to the inside, or from elsewhere to elsewhere. */
  readonly otherWay: number
  /** Padded with zeros to their length, because the capture has only their beginning. */
  readonly cut: number
}

export interface InjectionList {
  readonly columns: InjectionColumns
  readonly flows: FlowTable
  readonly counts: PreparedCounts
  /** MTU that fits all packets, with their marks. */
  readonly mtuBytes: number
  /** No packet's mark ends further behind its begin. */
  readonly markEndBytes: number
  /** What the source has to say, a line each. */
  readonly problems: readonly string[]
}

export interface PrepareOptions {
  /** The run whose random numbers are drawn; default 0. */
  readonly run?: number | undefined
  /** No more packets than these; default all. */
  readonly limit?: number | undefined
  /** Larger packets are left out; default what a TUN device can carry. */
  readonly mtuBytes?: number | undefined
}

/**
 * Reads the scenario's source to its end, its `duration` or the limit. Throws a UserError where it can't be
 * read.
 */
export async function preparePackets(
  resolved: ResolvedScenario,
  { run = 0, limit = Number.POSITIVE_INFINITY, mtuBytes = MTU_BYTES_MAX }: PrepareOptions = {},
): Promise<InjectionList> {
  // Lanes sleep what the scenario says: lanes as a replay has measured them have their wake-up in it.
  const { calibration: _, ...asWritten } = resolved
  const plan = planOf(asWritten)
  const source = await plan.openTraffic(run, openBytes)
  try {
    const pieces: Piece[] = []
    const left = { tooLarge: 0, otherWay: 0 }
    let packets = 0
    let sourceIndex: Float64Array = new Float64Array(0)
    const offer = new Offer(plan, run, source, {
      keep(chunk) {
        sourceIndex = keepReplayable(chunk, mtuBytes, limit - packets, left)
      },
    })
    while (offer.nextNs < Number.POSITIVE_INFINITY && packets < limit) {
      await offer.fill(Number.POSITIVE_INFINITY)
      pieces.push(pieceOf(offer.chunk, sourceIndex))
      packets += offer.chunk.count
    }
    const columns = joined(pieces)
    const { source: from } = resolved.scenario
    const bytes = !('capture' in from)
      ? syntheticBytes(columns, source.flows)
      : await capturedBytes(resolved.capturePath ?? from.capture, from.sort, columns, pieces)
    const withBytes = { ...columns, ...bytes }
    return {
      columns: withBytes,
      flows: source.flows,
      counts: { notIp: notIp(source), ...left, cut: 'capture' in from ? cutPackets(columns, bytes) : 0 },
      ...markedSizes(withBytes),
      problems: source.problems ?? [],
    }
  } finally {
    await source.close()
  }
}

/**
 * Packs the chunk's packets that can be replayed, at most `limit`; returns the number in the source of each.
 */
function keepReplayable(
  chunk: PacketChunk,
  mtuBytes: number,
  limit: number,
  left: { tooLarge: number; otherWay: number },
): Float64Array {
  const { arrivalNs, flow, variant, sizeBytes, payloadBytes, tcpFlags, serviceDraw, way } = chunk
  const numbers = new Float64Array(chunk.count)
  let kept = 0
  for (let i = 0; i < chunk.count && kept < limit; i++) {
    if (chunk.hasWays && way[i] !== Way.out) left.otherWay++
    else if (sizeBytes[i]! > mtuBytes) left.tooLarge++
    else {
      for (const column of [arrivalNs, flow, variant, sizeBytes, payloadBytes, tcpFlags, serviceDraw]) {
        column[kept] = column[i]!
      }
      numbers[kept++] = chunk.firstIndex + i
    }
  }
  chunk.hasWays = false
  chunk.count = kept
  return numbers.subarray(0, kept)
}

const KEPT = [
  'arrivalNs',
  'flow',
  'variant',
  'flowNumber',
  'dataNumber',
  'sizeBytes',
  'payloadBytes',
  'tcpFlags',
  'serviceDraw',
] as const
type Kept = Pick<InjectionColumns, (typeof KEPT)[number]>
type Piece = Kept & { readonly sourceIndex: Float64Array }
type Bytes = Pick<InjectionColumns, 'bytesAt' | 'bytesKept' | 'bytes'>

function pieceOf(chunk: PacketChunk, sourceIndex: Float64Array): Piece {
  const piece = Object.fromEntries(KEPT.map((name) => [name, chunk[name].slice(0, chunk.count)]))
  if (!chunk.hasDataNumbers) piece.dataNumber = chunk.flowNumber.slice(0, chunk.count)
  return { ...(piece as unknown as Kept), sourceIndex }
}

function joined(pieces: readonly Piece[]): Kept & { readonly packets: number } {
  const packets = pieces.reduce((sum, { flow }) => sum + flow.length, 0)
  const empty = new PacketChunk()
  const join = (name: (typeof KEPT)[number]) => {
    const alike = empty[name]
    const Column = alike.constructor as new (buffer: SharedArrayBuffer) => Float64Array
    const column = new Column(new SharedArrayBuffer(packets * alike.BYTES_PER_ELEMENT))
    let at = 0
    for (const piece of pieces) {
      column.set(piece[name], at)
      at += piece[name].length
    }
    return column
  }
  return { packets, ...(Object.fromEntries(KEPT.map((name) => [name, join(name)])) as unknown as Kept) }
}

function emptyBytes(packets: number): { bytesAt: Float64Array; bytesKept: Int32Array } {
  return {
    bytesAt: new Float64Array(new SharedArrayBuffer(8 * packets)),
    bytesKept: new Int32Array(new SharedArrayBuffer(4 * packets)),
  }
}

async function capturedBytes(
  path: CapturePaths,
  sort: boolean,
  { packets }: { packets: number },
  pieces: readonly Piece[],
): Promise<Bytes> {
  const last = pieces.findLast(({ flow }) => flow.length > 0)?.sourceIndex.at(-1) ?? -1
  const { templates, order } = await captureBytes(path, sort, last + 1)
  const { bytesAt, bytesKept } = emptyBytes(packets)
  let row = 0
  for (const { sourceIndex } of pieces) {
    for (const index of sourceIndex) point(templates, order[index % order.length]!, bytesAt, bytesKept, row++)
  }
  return { bytesAt, bytesKept, bytes: templates.bytes }
}

function syntheticBytes(
  { packets, flow, sizeBytes, tcpFlags }: Kept & { packets: number },
  flows: FlowTable,
): Bytes {
  const templates = new Templates()
  const { bytesAt, bytesKept } = emptyBytes(packets)
  const known = new Map<number, number>()
  for (let row = 0; row < packets; row++) {
    // Sizes stay below 2^20, so the key is exact.
    const key = flow[row]! * (1 << 20) + sizeBytes[row]!
    let template = known.get(key)
    if (template === undefined) {
      template = templates.add(syntheticHeaders(flows, flow[row]!, sizeBytes[row]!, tcpFlags[row]!))
      known.set(key, template)
    }
    point(templates, template, bytesAt, bytesKept, row)
  }
  return { bytesAt, bytesKept, bytes: templates.bytes }
}

function point(
  templates: Templates,
  template: number,
  bytesAt: Float64Array,
  bytesKept: Int32Array,
  row: number,
): void {
  bytesAt[row] = templates.startOf(template)
  bytesKept[row] = templates.startOf(template + 1) - templates.startOf(template)
}

function cutPackets({ packets, sizeBytes }: Kept & { packets: number }, { bytesKept }: Bytes): number {
  let cut = 0
  for (let row = 0; row < packets; row++) if (bytesKept[row]! < sizeBytes[row]!) cut++
  return cut
}

/** How long packets get by their marks, and how far behind these stand. */
function markedSizes({ packets, bytes, bytesAt, bytesKept, sizeBytes }: InjectionColumns) {
  const all = Buffer.from(bytes.buffer)
  const place = new MarkPlace()
  let mtuBytes = MTU_BYTES_DEFAULT
  let markEndBytes = 0
  for (let row = 0; row < packets; row++) {
    const isPlaced = placeMark(all, bytesAt[row]!, bytesKept[row]!, sizeBytes[row]!, place)
    mtuBytes = Math.max(mtuBytes, isPlaced ? place.lengthBytes : sizeBytes[row]!)
    if (isPlaced) markEndBytes = Math.max(markEndBytes, place.markEnd)
  }
  return { mtuBytes, markEndBytes }
}

function notIp(source: Traffic): number {
  if (!('stats' in source)) return 0
  const stats = source.stats as CaptureStats
  return stats.framesWithoutIp + stats.brokenIpFrames + stats.unreadFrames
}
