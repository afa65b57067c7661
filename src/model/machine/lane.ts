/**
 * A lane: one worker thread with a bounded FIFO in front of it, serving one packet at a time. Service takes
 * (fixed + per byte x size + jitter) / speed, rounded to whole nanoseconds; the jitter was drawn for the
 * packet before any policy saw it, so every policy meets the same work. An idle lane may take a while to wake
 * up, and stalls suspend its service. A lane may say idle before it writes what it has worked on; the write
 * is the last part of the service. A lane never reorders its own packets.
 */
import { NO_ROW, PacketQueue, type PacketStore } from '../packets/packet-store.ts'
import type { PacketView } from '../packets/packet-view.ts'
import type { LaneOracle, LaneView, Packet } from '../policy.ts'
import { Server } from './server.ts'
import { serviceNs, type WorkSettings } from './service-time.ts'
import type { Stalls } from './stalls.ts'

/**
 * Service times that were measured, by the packet's own draw, uniform on [0, 1): the n-th longest of all is
 * the same n.
 */
export interface MeasuredService {
  /** On a lane that was at work when the packet came to it, ns. */
  busyNs(lane: number, draw: number, sizeBytes: number): number
  /** On an idle lane, its waking up included, ns. */
  idleNs(lane: number, draw: number, sizeBytes: number): number
}

export interface LaneSettings {
  readonly count: number
  /** Per lane: service time on it is work / speed. */
  readonly speed: readonly number[]
  readonly fixedNs: readonly number[]
  readonly perByteNs: readonly number[]
  /** Packets that may wait, the one in service not counted; Infinity for unlimited. */
  readonly capacityPackets: number
  readonly onFull: 'drop' | 'hold'
  /** Per lane: the part of a service, at its end, in which the lane already counts as idle, ns; default 0. */
  readonly idleWriteNs?: readonly number[] | undefined
  /** Cores that the lanes share by time slices; undefined: each has its own. Not together with stalls. */
  readonly cores?: { readonly count: number; readonly timeSliceNs: number } | undefined
  /** Makes the stalls of a lane; undefined: it never stalls. */
  readonly stalls?: ((lane: number) => Stalls | undefined) | undefined
  /** In place of work, speed and wake-up; a packet's draw is its serviceDraw. Not together with cores. */
  readonly measured?: MeasuredService | undefined
}

/** What a view of a lane needs to know of it at one moment. */
export interface LaneState {
  readonly queued: number
  readonly inService: number
  readonly finished: number
  /** Time in service before the service under way. */
  readonly servedNs: number
  /**
   * When the service under way began or went on, Infinity while nothing is done; and how long it takes from
   * there.
   */
  readonly startedNs: number
  readonly serviceNs: number
}

export class Lane extends Server implements WorkSettings {
  readonly index: number
  readonly queue: PacketQueue
  /** What the write of the packet in service will take, 0 once it has begun. */
  private writeNs = 0
  private isWriting = false
  private readonly speed: number
  readonly fixedNs: number
  readonly perByteNs: number
  private readonly idleWriteNs: number
  private readonly measured: MeasuredService | undefined
  private readonly store: PacketStore

  constructor(index: number, settings: LaneSettings, store: PacketStore) {
    super(settings.stalls?.(index))
    this.index = index
    this.queue = new PacketQueue(store)
    this.store = store
    this.speed = settings.speed[index]!
    this.fixedNs = settings.fixedNs[index]!
    this.perByteNs = settings.perByteNs[index]!
    this.idleWriteNs = settings.idleWriteNs?.[index] ?? 0
    this.measured = settings.measured
  }

  /**
   * The idle lane wakes up for `row`, then serves it until {@link endNs}. As services are measured, a packet
   * that has waited for this lane (and gets it the moment it is free) doesn't find it idle.
   */
  wake(row: number): void {
    const { store, measured } = this
    if (measured === undefined) {
      this.serviceNs = this.serviceOf(row)
      this.begin(row, store.wakeUpNs[row]!)
    } else if (store.nowNs === this.endNs) this.start(row)
    else {
      const busyNs = this.serviceOf(row)
      const wholeNs = Math.round(measured.idleNs(this.index, store.serviceDraw[row]!, store.sizeBytes[row]!))
      this.serviceNs = Math.min(wholeNs, busyNs)
      this.begin(row, Math.max(0, wholeNs - busyNs))
    }
  }

  /** Begins service of `row`, which lasts until {@link endNs}. */
  start(row: number): void {
    this.serviceNs = this.serviceOf(row)
    this.begin(row, 0)
  }

  /**
   * Service of `row` begins when the one begun last ends, at {@link endNs}: known ahead, where nothing
   * suspends a lane.
   */
  follow(row: number): void {
    const { store } = this
    store.startNs[row] = this.endNs
    this.endNs += this.serviceOf(row)
  }

  private begin(row: number, wakeUpNs: number): void {
    const { store } = this
    this.serving = row
    if (this.idleWriteNs > 0) this.keepWrite()
    store.startNs[row] = this.work(store.nowNs + wakeUpNs)
  }

  private keepWrite(): void {
    this.writeNs = Math.min(this.serviceNs, this.idleWriteNs)
    this.serviceNs -= this.writeNs
  }

  /** Has the packet in service still to be written, by a lane that is idle from then on? */
  get hasToWrite(): boolean {
    return this.writeNs > 0
  }

  /** All but the write is done: it begins, and the lane says that it is idle. */
  beginWrite(): void {
    this.servedNs += this.serviceNs
    this.serviceNs = this.writeNs
    this.writeNs = 0
    this.isWriting = true
  }

  /** The write goes on until {@link endNs}. */
  write(): void {
    this.work(this.store.nowNs)
  }

  /** Nothing in service, nothing queued, as far as the lane says. */
  get isIdle(): boolean {
    return this.serving === NO_ROW || (this.isWriting && this.queue.count === 0)
  }

  // With shared cores, instead of `start`: a packet is taken, then worked on in pieces.

  /** Takes `row`; nothing is done until `run`. */
  take(row: number): void {
    this.serving = row
    this.serviceNs = this.serviceOf(row)
    if (this.idleWriteNs > 0) this.keepWrite()
    this.startedNs = Number.POSITIVE_INFINITY
  }

  /** Works on the packet; returns the time at which it will be finished unless paused, ns. */
  run(nowNs: number): number {
    const startNs = this.work(nowNs)
    if (Number.isNaN(this.store.startNs[this.serving]!)) this.store.startNs[this.serving] = startNs
    return this.endNs
  }

  /** How long this lane serves the packet, ns. */
  serviceOf(row: number): number {
    const { sizeBytes, serviceDraw } = this.store
    if (this.measured !== undefined)
      return Math.round(this.measured.busyNs(this.index, serviceDraw[row]!, sizeBytes[row]!))
    return serviceNs(this, this.speed, sizeBytes[row]!, serviceDraw[row]!)
  }

  /**
   * When everything that the lane has been given will be done, without further stalls, ns; walks its queue.
   */
  doneNs(nowNs: number): number {
    if (this.serving === NO_ROW) return nowNs
    // Between two turns on a core nothing has a start.
    const startedNs = this.startedNs === Number.POSITIVE_INFINITY ? nowNs : this.startedNs
    let timeNs = Math.max(nowNs, startedNs + this.serviceNs) + this.writeNs
    for (let row = this.queue.head, left = this.queue.count; left > 0; left--) {
      timeNs += this.serviceOf(row)
      row = this.store.next[row]!
    }
    return timeNs
  }

  override finish(): number {
    this.isWriting = false
    return super.finish()
  }

  /** Time in service up to now, the service under way included, wake-ups and stalls not, ns. */
  busyNs(nowNs: number): number {
    if (this.serving === NO_ROW || nowNs <= this.startedNs) return this.servedNs
    return this.servedNs + Math.min(this.serviceNs, nowNs - this.startedNs)
  }

  /**
   * What a loop did with this lane in the meantime: it serves `row`, since `startedNs` and for `serviceNs`,
   * or nothing.
   */
  resume(row: number, finished: number, servedNs: number): void {
    const { startNs } = this.store
    this.serving = row
    this.finished = finished
    this.servedNs = servedNs
    if (row === NO_ROW) return
    this.startedNs = startNs[row]!
    this.endNs = this.store.dueNs[row]!
    this.serviceNs = this.endNs - this.startedNs
  }

  state(): LaneState {
    const { servedNs, serviceNs, finished } = this
    const startedNs = this.serving === NO_ROW ? Number.POSITIVE_INFINITY : this.startedNs
    const inService = this.isIdle ? 0 : 1
    return { queued: this.queue.count, inService, finished, servedNs, startedNs, serviceNs }
  }
}

/**
 * What knows the lanes while a loop runs ahead of them (fast-path.ts): the same questions as {@link
 * LaneView}'s.
 */
export interface LanesAhead {
  /** Packets that the lane has, waiting and in service. */
  packets(lane: number): number
  finished(lane: number): number
  busyNs(lane: number): number
  doneNs(lane: number, nowNs: number): number
}

/** All lanes of a pipeline, and the view of them that policies get, unless theirs is stale. */
export class Lanes implements LaneView, LaneOracle {
  readonly oracle: LaneOracle = this
  readonly count: number
  readonly lanes: readonly Lane[]
  /** The pipeline's clock, kept up to date by it: what busyNs is measured to. */
  nowNs = 0
  readonly capacityPackets: number
  /** Who knows them instead, while the lanes' own queues stand still. */
  ahead: LanesAhead | undefined = undefined

  constructor(settings: LaneSettings, store: PacketStore) {
    this.count = settings.count
    this.capacityPackets = settings.capacityPackets
    this.lanes = Array.from({ length: settings.count }, (_, i) => new Lane(i, settings, store))
  }

  doneNs(lane: number, nowNs: number): number {
    return this.ahead === undefined ? this.lanes[lane]!.doneNs(nowNs) : this.ahead.doneNs(lane, nowNs)
  }
  serviceNs(packet: Packet, lane: number): number {
    return this.lanes[lane]!.serviceOf((packet as PacketView).row)
  }
  queued(lane: number): number {
    if (this.ahead === undefined) return this.lanes[lane]!.queue.count
    return Math.max(0, this.ahead.packets(lane) - 1)
  }
  inService(lane: number): number {
    return this.isIdle(lane) ? 0 : 1
  }
  isIdle(lane: number): boolean {
    if (this.ahead === undefined) return this.lanes[lane]!.isIdle
    return this.ahead.packets(lane) === 0
  }
  freeSlots(lane: number): number {
    return this.capacityPackets - this.queued(lane)
  }
  finished(lane: number): number {
    return this.ahead === undefined ? this.lanes[lane]!.finished : this.ahead.finished(lane)
  }
  busyNs(lane: number): number {
    return this.ahead === undefined ? this.lanes[lane]!.busyNs(this.nowNs) : this.ahead.busyNs(lane)
  }
}
