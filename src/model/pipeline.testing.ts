/**
 * Test support: runs hand-made packets through a pipeline and writes down what happened. Times are plain
 * numbers of ns.
 */

import type { LinkSettings } from './machine/link.ts'
import type { Stalls } from './machine/stalls.ts'
import type { ObserverFactory } from './observer.ts'
import { CHUNK_PACKETS, PacketChunk } from './packets/chunk.ts'
import { chunkColumns, namesOf } from './packets/columns.ts'
import { FlowTable } from './packets/flow-table.ts'
import { SourceNumbering } from './packets/source-numbering.ts'
import { Pipeline } from './pipeline.ts'
import type { PipelineSettings } from './pipeline-settings.ts'
import type { DispatchPolicy, LaneView } from './policy.ts'

/** A packet: when it comes, how long its service takes on a lane of speed 1, its flow (default 0). */
export interface MadePacket {
  readonly at: number
  readonly work: number
  readonly flow?: number
  readonly wakeUp?: number
  readonly linkJitter?: number
  readonly linkLossDraw?: number
  /** Service at the far end, and what a thread there takes to wake up for it. */
  readonly farWork?: number
  readonly farWakeUp?: number
  /** Default: 100. */
  readonly sizeBytes?: number
}

/** One line per thing that happened: [time, what, packet index, lane]. */
export type Happening = readonly [atNs: number, what: string, packet: number, lane: number]

export interface Setup {
  readonly lanes?: number
  readonly speed?: readonly number[]
  readonly tunQueue?: PipelineSettings['tunQueue']
  readonly reader?: Partial<PipelineSettings['reader']>
  readonly laneQueue?: { capacityPackets: number; onFull: 'drop' | 'hold' } | undefined
  readonly link?: Partial<LinkSettings>
  readonly cores?: { count: number; timeSliceNs: number }
  /** Cores that the reader and receivers share, too. */
  readonly allCores?: PipelineSettings['cores']
  readonly idleWriteNs?: readonly number[] | undefined
  readonly receiver?: { readonly count?: number; readonly assign?: 'own' | 'shared' } | undefined
  readonly stalls?: (lane: number) => Stalls
  readonly release?: PipelineSettings['release']
  readonly dropsAt?: PipelineSettings['dropsAt']
  readonly warmupNs?: number
  readonly observers?: readonly ObserverFactory[]
}

/** A policy from a function alone. */
export function choosing(
  choose: DispatchPolicy['choose'],
  rest: Partial<DispatchPolicy> = {},
): DispatchPolicy {
  return { name: 'test', keepsFlowOrder: false, choose, ...rest }
}

/** Packets to the lanes in turn. */
export function inTurn(): DispatchPolicy {
  let next = 0
  return choosing((_packet, lanes) => next++ % lanes.count)
}

/** Links that change nothing, except for `changes`. */
export function linkSettings(lanes: number, changes: Partial<LinkSettings> = {}): LinkSettings {
  return {
    perLane: true,
    delayNs: new Array<number>(lanes).fill(0),
    rateBps: new Array<number>(lanes).fill(Number.POSITIVE_INFINITY),
    keepsOrder: true,
    hasJitter: false,
    lossRatio: new Array<number>(lanes).fill(0),
    ...changes,
  }
}

export function settingsOf(setup: Setup): PipelineSettings {
  const lanes = setup.lanes ?? 2
  const all = <T>(value: T) => new Array<T>(lanes).fill(value)
  return {
    tunQueue: setup.tunQueue ?? { capacityPackets: Number.POSITIVE_INFINITY, onFull: 'drop' },
    reader: { perPacketNs: 0, perPassNs: 0, batch: 1, ...setup.reader },
    lanes: {
      count: lanes,
      speed: setup.speed ?? all(1),
      fixedNs: all(0),
      perByteNs: all(0),
      stalls: setup.stalls,
      cores: setup.cores,
      idleWriteNs: setup.idleWriteNs,
      ...(setup.laneQueue ?? { capacityPackets: Number.POSITIVE_INFINITY, onFull: 'drop' }),
    },
    link: linkSettings(lanes, setup.link),
    cores: setup.allCores,
    receiver: setup.receiver && receiverSettings(setup.receiver, lanes),
    release: setup.release,
    dropsAt: setup.dropsAt,
    warmupNs: setup.warmupNs ?? 0,
  }
}

function receiverSettings({ count, assign = 'own' }: NonNullable<Setup['receiver']>, lanes: number) {
  const threads = count ?? lanes
  const all = (value: number) => new Array<number>(threads).fill(value)
  return { count: threads, assign, speed: all(1), fixedNs: all(0), perByteNs: all(0) }
}

/**
 * Cores that all threads share, where threads start on their waker's core or are taken over with the chances
 * given. Turns last for the slices given if the draws are the largest.
 */
export function sharedByAll(
  count: number,
  changes: Partial<NonNullable<PipelineSettings['cores']>> = {},
): NonNullable<PipelineSettings['cores']> {
  const drawsOf = () => () => 1 - 2 ** -53
  return { count, timeSliceNs: 1e6, staysRatio: 0, pullsRatio: 0, hasReader: true, drawsOf, ...changes }
}

/** Everything that happens to the packets, in order; throws what the pipeline throws. */
export function happenings(
  packets: readonly MadePacket[],
  policy: DispatchPolicy | ((lanes: LaneView) => DispatchPolicy),
  setup: Setup = {},
): Happening[] {
  const log: Happening[] = []
  const observer: ObserverFactory = (store) => {
    const note = (what: string) => (row: number) =>
      void log.push([store.nowNs, what, store.index[row]!, store.lane[row]!])
    return {
      onTunDrop: note('tun drop'),
      onChoice: note('choice'),
      onLaneExit: (row) => note(Number.isNaN(store.startNs[row]!) ? 'lane drop' : 'lane exit')(row),
      onLinkLoss: note('link loss'),
      onRelease: note('release'),
      onDelivery: note('delivery'),
    }
  }
  simulate(packets, policy, setup, [...(setup.observers ?? []), observer])
  return log
}

/** Packet indices in the order of what happened to them. */
export function orderOf(log: readonly Happening[], what: string): number[] {
  return log.filter((entry) => entry[1] === what).map((entry) => entry[2])
}

/** Times of what happened, by packet index. */
export function timesOf(log: readonly Happening[], what: string): Record<number, number> {
  return Object.fromEntries(log.filter((entry) => entry[1] === what).map((entry) => [entry[2], entry[0]]))
}

/** Sends the packets through a pipeline that the observers watch, until all have left. */
export function simulate(
  packets: readonly MadePacket[],
  policy: DispatchPolicy | ((lanes: LaneView) => DispatchPolicy),
  setup: Setup,
  observers: readonly ObserverFactory[],
  windowNs = Number.POSITIVE_INFINITY,
  onAdvance?: (isAnyMoving: boolean) => void,
): void {
  if (packets.length > CHUNK_PACKETS) throw new Error('too many packets for one chunk')
  const settings = settingsOf(setup)
  const flows = new FlowTable()
  for (let i = 0; i <= Math.max(0, ...packets.map((packet) => packet.flow ?? 0)); i++) {
    flows.key[0] = i
    flows.intern(4, 17, 1000, 2000)
  }
  const chunk = new PacketChunk()
  chunk.count = packets.length
  chunk.hasDetours = true
  chunk.hasReceivers = true
  packets.forEach((packet, i) => {
    chunk.arrivalNs[i] = packet.at
    chunk.serviceDraw[i] = packet.work
    chunk.flow[i] = packet.flow ?? 0
    chunk.wakeUpNs[i] = packet.wakeUp ?? 0
    chunk.linkJitterNs[i] = packet.linkJitter ?? 0
    chunk.linkLossDraw[i] = packet.linkLossDraw ?? 1
    chunk.receiverDraw[i] = packet.farWork ?? 0
    chunk.receiverWakeUpNs[i] = packet.farWakeUp ?? 0
    chunk.sizeBytes[i] = packet.sizeBytes ?? 100
    chunk.payloadBytes[i] = chunk.sizeBytes[i]! - 28
  })
  new SourceNumbering(settings.warmupNs, false).number(chunk)
  const create = typeof policy === 'function' ? policy : () => policy
  const pipeline = new Pipeline(settings, flows, create, observers)
  for (const [horizonNs, part] of windowsOf(chunk, windowNs)) {
    pipeline.consume(part)
    if (horizonNs === Number.POSITIVE_INFINITY) continue
    const isAnyMoving = pipeline.advanceTo(horizonNs)
    onAdvance?.(isAnyMoving)
  }
  pipeline.finish()
}

/** The chunk cut at horizons, as many as it takes to give out all packets. */
function* windowsOf(chunk: PacketChunk, windowNs: number): Generator<[horizonNs: number, part: PacketChunk]> {
  if (windowNs === Number.POSITIVE_INFINITY) return yield [windowNs, chunk]
  const part = new PacketChunk()
  part.hasDetours = chunk.hasDetours
  part.hasReceivers = chunk.hasReceivers
  for (let from = 0, horizonNs = windowNs; from < chunk.count; horizonNs += windowNs) {
    let to = from
    while (to < chunk.count && chunk.arrivalNs[to]! < horizonNs) to++
    for (const name of namesOf(chunkColumns)) part[name].set(chunk[name].subarray(from, to))
    part.count = to - from
    part.firstIndex = from
    from = to
    yield [horizonNs, part]
  }
}
