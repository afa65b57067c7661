/**
 * One policy's pipeline on the virtual clock: TUN queue, reader, policy, lanes, links, sink. Packets come in
 * chunks that all policies share; each pipeline runs its own clock and events over them. At one instant the order
 * is: departures, due timers, the reader, arrivals. A release may restore order before or after the links. Lanes and links of unequal speed reorder packets across lanes,
 * and a link that doesn't keep order also those of one lane; nothing else does.
 */
import { EventQueue } from '../sim/event-queue.ts'
import type { PacketChunk } from './chunk.ts'
import { Way } from './direction.ts'
import type { FlowTable } from './flow-table.ts'
import { type Lane, type LaneSettings, Lanes } from './lane.ts'
import { Link, type LinkSettings } from './link.ts'
import { type ObserverFactory, Observers } from './observer.ts'
import { NO_ROW, PacketStore, PacketView } from './packet-store.ts'
import { type DispatchPolicy, HOLD, type LaneView } from './policy.ts'
import { Reader, type ReaderHost, type ReaderSettings } from './reader.ts'
import type { Release, ReleaseFactory, ReleaseHost } from './release/release.ts'
import { type ReturnLane, ReturnPath } from './return-path.ts'
import { TunQueue, type TunQueueSettings } from './tun-queue.ts'

export interface PipelineSettings {
  readonly tunQueue: TunQueueSettings
  readonly reader: ReaderSettings
  readonly lanes: LaneSettings
  readonly link: LinkSettings
  /** Undefined: packets leave as they come. */
  readonly release?: { readonly at: 'sender' | 'receiver'; readonly create: ReleaseFactory } | undefined
  /** Where a packet counts as dropped that finds its lane's queue full; default: at the lane. */
  readonly dropsAt?: 'tun' | 'lane' | undefined
  /** The lane that writes return traffic; undefined when there is none. */
  readonly returnLane?: ReturnLane | undefined
  /** Packets that arrive before are not in the sample, ns. */
  readonly warmupNs: number
}

/** A policy broke its contract; the message names the packet and the answer. */
export class PolicyError extends Error {}

const TIMERS_WITHOUT_PROGRESS_MAX = 1_000_000

export class Pipeline implements ReaderHost, ReleaseHost {
  readonly store = new PacketStore()
  readonly lanes: Lanes
  readonly policy: DispatchPolicy
  private readonly tunQueue: TunQueue
  private readonly reader: Reader
  private readonly links: readonly Link[]
  /** Per lane: the index of its link. */
  private readonly linkOf: readonly number[]
  private readonly observers: Observers
  private readonly events: EventQueue
  private readonly view: PacketView
  private readonly returnPath: ReturnPath | undefined
  private readonly dropsAtLane: boolean
  private readonly dropsAtTun: boolean
  private nowNs = 0
  /** A lane has finished or a timer was due, and the reader hasn't heard of it yet. */
  private changed = false
  private readonly release: Release | undefined
  private readonly releasesBeforeLink: boolean
  private turns = 0
  private tunnelCount = 0
  private timersWithoutProgress = 0
  private readonly linkBase: number
  private readonly timerComponent: number
  private readonly readerComponent: number
  private readonly sampleComponent: number
  private readonly releaseComponent: number

  /**
   * @param createPolicy makes the policy's instance for this run
   * @param observers make what watches; they are called in this order
   */
  constructor(
    settings: PipelineSettings,
    flows: FlowTable,
    createPolicy: (lanes: LaneView) => DispatchPolicy,
    observers: readonly ObserverFactory[],
  ) {
    const count = settings.lanes.count
    this.lanes = new Lanes(settings.lanes, this.store)
    this.dropsAtLane = settings.lanes.onFull === 'drop'
    this.dropsAtTun = settings.dropsAt === 'tun'
    this.policy = createPolicy(this.lanes)
    this.tunQueue = new TunQueue(settings.tunQueue, this.store)
    this.reader = new Reader(settings.reader, this.tunQueue, count, this.store, this)
    const { perLane } = settings.link
    const links = Array.from(
      { length: perLane ? count : 1 },
      (_, i) => new Link(settings.link, i, this.store),
    )
    this.links = links
    this.linkOf = Array.from({ length: count }, (_, lane) => (perLane ? lane : 0))
    this.observers = new Observers(observers.map((create) => create(this.store, this.lanes)))
    this.view = new PacketView(this.store, flows)
    const { returnLane } = settings
    this.returnPath = returnLane && new ReturnPath(returnLane, count, flows)
    this.linkBase = count
    this.timerComponent = links.every((link) => link.isInstant) ? count : count + links.length
    this.readerComponent = this.timerComponent + 1
    this.sampleComponent = this.timerComponent + 2
    this.releaseComponent = this.timerComponent + 3
    this.release = settings.release?.create(this, count)
    this.releasesBeforeLink = settings.release?.at === 'sender'
    const departures = new Array<number>(this.timerComponent).fill(0)
    this.events = new EventQueue([...departures, 1, 2, 0, 0])
    if (settings.warmupNs > 0) this.events.schedule(this.sampleComponent, settings.warmupNs)
    else this.startSample(0)
    this.syncTimer()
  }

  /** Runs on through the arrivals of `chunk`. */
  consume(chunk: PacketChunk): void {
    const { events, store, tunQueue, observers, reader } = this
    const { arrivalNs, count } = chunk
    for (let i = 0; i < count; i++) {
      const nowNs = arrivalNs[i]!
      while (events.nextTimeNs <= nowNs) this.step()
      this.nowNs = nowNs
      if (chunk.hasWays && chunk.way[i] !== Way.out) {
        if (chunk.way[i] === Way.back) this.tellReturn(chunk, i, nowNs)
        continue
      }
      const row = store.add(chunk, i)
      observers.arrival(row, nowNs)
      if (tunQueue.offer(row)) reader.wake(nowNs)
      else {
        observers.tunDrop(row, nowNs)
        store.remove(row)
      }
    }
  }

  /** The source has ended: runs until every packet has left. */
  finish(): void {
    this.lanes.nowNs = this.nowNs
    this.observers.sourceEnd(this.nowNs)
    while (this.store.count > 0) {
      if (this.events.nextTimeNs === Number.POSITIVE_INFINITY) {
        if (this.release !== undefined && this.releaseFlushed()) continue
        throw new PolicyError(`${this.store.count} packets were never handed over`)
      }
      this.step()
    }
  }

  /** Nothing else will happen: lets go what the release still holds; false when it holds nothing. */
  private releaseFlushed(): boolean {
    const before = this.store.count
    this.release!.flush(this.nowNs)
    return this.store.count < before || this.events.nextTimeNs !== Number.POSITIVE_INFINITY
  }

  private step(): void {
    const component = this.events.nextComponent
    const nowNs = this.events.nextTimeNs
    this.nowNs = nowNs
    if (component < this.linkBase) this.finishService(component, nowNs)
    else if (component < this.timerComponent) this.leaveLink(component - this.linkBase, nowNs)
    else if (component === this.timerComponent) this.fireTimer(nowNs)
    else {
      this.events.cancel(component)
      if (component === this.readerComponent) this.reader.workDone(nowNs)
      else if (component === this.releaseComponent) {
        this.release!.onTimer?.(nowNs)
        this.syncReleaseTimer()
      } else this.startSample(nowNs)
    }
    if (this.changed && !this.moreToFinishNow(nowNs)) {
      this.changed = false
      this.reader.somethingChanged(nowNs)
    }
  }

  /** At one instant all departures and timers come before the reader. */
  private moreToFinishNow(nowNs: number): boolean {
    return this.events.nextTimeNs === nowNs && this.events.nextComponent <= this.timerComponent
  }

  private finishService(index: number, nowNs: number): void {
    const { policy } = this
    const lane = this.lanes.lanes[index]!
    const row = lane.finish()
    if (lane.queue.count > 0) this.startService(lane, lane.queue.shift(), nowNs, 0)
    else this.events.cancel(index)
    this.observers.laneExit(row, nowNs)
    if (policy.onDeparture !== undefined) this.tellDeparture(row, index, nowNs)
    if (this.releasesBeforeLink) this.enterRelease(row, nowNs)
    else this.enterLink(row, nowNs)
    this.timersWithoutProgress = 0
    this.changed = true
  }

  private enterLink(row: number, nowNs: number): void {
    const index = this.linkOf[this.store.lane[row]!]!
    const link = this.links[index]!
    if (link.loses(row)) {
      this.observers.linkLoss(row, nowNs)
      this.store.remove(row)
    } else if (link.isInstant) {
      this.store.dueNs[row] = nowNs
      this.leave(row, nowNs)
    } else {
      link.enter(row, nowNs)
      this.scheduleLink(index, link)
    }
  }

  /** The packet has left its link. */
  private leave(row: number, nowNs: number): void {
    if (this.release === undefined || this.releasesBeforeLink) this.deliver(row, nowNs)
    else this.enterRelease(row, nowNs)
  }

  private enterRelease(row: number, nowNs: number): void {
    this.store.releaseNs[row] = nowNs
    this.release!.enter(row, nowNs)
    this.syncReleaseTimer()
  }

  released(row: number, nowNs: number): void {
    this.observers.release(row, nowNs)
    if (this.releasesBeforeLink) this.enterLink(row, nowNs)
    else this.deliver(row, nowNs)
  }

  private deliver(row: number, nowNs: number): void {
    this.observers.delivery(row, nowNs)
    this.store.remove(row)
  }

  private syncReleaseTimer(): void {
    if (this.release!.nextTimerNs === undefined) return
    const timeNs = this.release!.nextTimerNs()
    if (timeNs === this.events.timeOf(this.releaseComponent)) return
    if (timeNs === Number.POSITIVE_INFINITY) this.events.cancel(this.releaseComponent)
    else this.events.schedule(this.releaseComponent, timeNs)
  }

  /** Keeps the link's one event at the packet that is due next. */
  private scheduleLink(index: number, link: Link): void {
    const component = this.linkBase + index
    const dueNs = link.nextDueNs
    if (dueNs === this.events.timeOf(component)) return
    if (dueNs === Number.POSITIVE_INFINITY) this.events.cancel(component)
    else this.events.schedule(component, dueNs)
  }

  private startSample(nowNs: number): void {
    this.lanes.nowNs = nowNs
    this.observers.sampleStart(nowNs)
  }

  private startService(lane: Lane, row: number, nowNs: number, wakeUpNs: number): void {
    this.events.schedule(lane.index, lane.start(row, nowNs, wakeUpNs))
  }

  private leaveLink(index: number, nowNs: number): void {
    const link = this.links[index]!
    const row = link.leave()
    this.scheduleLink(index, link)
    this.leave(row, nowNs)
  }

  private tellDeparture(row: number, lane: number, nowNs: number): void {
    this.lanes.nowNs = nowNs
    this.view.row = row
    this.policy.onDeparture!(this.view, lane, nowNs)
    this.syncTimer()
  }

  private fireTimer(nowNs: number): void {
    this.events.cancel(this.timerComponent)
    if (++this.timersWithoutProgress > TIMERS_WITHOUT_PROGRESS_MAX && this.store.count > 0) {
      throw new PolicyError(`its timer fired ${TIMERS_WITHOUT_PROGRESS_MAX} times while it held every packet`)
    }
    this.lanes.nowNs = nowNs
    this.policy.onTimer?.(nowNs, this.lanes)
    this.syncTimer()
    this.changed = true
  }

  /** A packet of the return traffic comes: a lane writes it, and the policy may learn from that. */
  private tellReturn(chunk: PacketChunk, i: number, nowNs: number): void {
    if (this.policy.onReturn === undefined) return
    const row = this.store.add(chunk, i)
    this.view.row = row
    this.policy.onReturn(this.view, this.returnPath!.laneOf(this.view), nowNs)
    this.store.remove(row)
    this.syncTimer()
  }

  /** Keeps the timer's event where the policy wants it. */
  private syncTimer(): void {
    const policy = this.policy
    if (policy.nextTimerNs === undefined) return
    const timeNs = policy.nextTimerNs()
    if (Number.isNaN(timeNs))
      throw new PolicyError('nextTimerNs gave NaN - give a time in ns, or Infinity for none')
    if (timeNs === this.events.timeOf(this.timerComponent)) return
    if (timeNs === Number.POSITIVE_INFINITY) this.events.cancel(this.timerComponent)
    else this.events.schedule(this.timerComponent, Math.max(timeNs, this.nowNs))
  }

  // What the reader asks for.

  beginPass(packets: number, nowNs: number): void {
    if (this.policy.onPass === undefined) return
    this.lanes.nowNs = nowNs
    this.policy.onPass(packets, this.lanes, nowNs)
    this.syncTimer()
  }

  choose(row: number, nowNs: number): number {
    this.view.row = row
    this.lanes.nowNs = nowNs
    const lane = this.policy.choose(this.view, this.lanes, nowNs)
    if (lane >= 0 && lane < this.lanes.count && lane === (lane | 0)) {
      this.store.lane[row] = lane
      this.returnPath?.onChoice(this.store.flow[row]!, lane)
      this.observers.choice(row, nowNs)
    } else if (lane !== HOLD) {
      throw new PolicyError(
        `chose lane ${String(lane)} for packet ${this.store.index[row]} - ` +
          `choose must return a whole number from 0 to ${this.lanes.count - 1}, or HOLD (-1)`,
      )
    }
    if (this.policy.nextTimerNs !== undefined) this.syncTimer()
    return lane
  }

  handOver(row: number, laneIndex: number, nowNs: number): boolean {
    const store = this.store
    const lane = this.lanes.lanes[laneIndex]!
    if (lane.serving !== NO_ROW && this.lanes.freeSlots(laneIndex) <= 0) {
      if (!this.dropsAtLane) return false
      this.drop(row, laneIndex, nowNs)
      return true
    }
    this.number(row, laneIndex)
    if (lane.serving === NO_ROW) this.startService(lane, row, nowNs, store.wakeUpNs[row]!)
    else lane.queue.push(row)
    return true
  }

  /** The lane's queue is full. */
  private drop(row: number, lane: number, nowNs: number): void {
    if (this.dropsAtTun) this.observers.tunDrop(row, nowNs)
    else {
      this.number(row, lane)
      this.observers.laneExit(row, nowNs)
    }
    if (this.policy.onDeparture !== undefined) this.tellDeparture(row, lane, nowNs)
    if (this.release !== undefined && !this.dropsAtTun) {
      this.release.onDrop?.(this.store.turn[row]!, lane, nowNs)
      this.syncReleaseTimer()
    }
    this.store.remove(row)
  }

  private number(row: number, lane: number): void {
    this.store.turn[row] = this.turns++
    this.release?.onHandOver?.(lane)
    if (this.store.flowNumber[row]! >= 0) this.store.tunnelNumber[row] = this.tunnelCount++
  }

  isIdle(lane: number): boolean {
    return this.lanes.isIdle(lane)
  }

  freeSlots(lane: number): number {
    return this.lanes.freeSlots(lane)
  }

  wakeReaderAt(timeNs: number): void {
    this.events.schedule(this.readerComponent, timeNs)
  }

  canEndHold(): boolean {
    if (this.events.timeOf(this.timerComponent) !== Number.POSITIVE_INFINITY) return true
    return this.lanes.lanes.some((lane) => lane.serving !== NO_ROW)
  }

  heldForEver(row: number): never {
    throw new PolicyError(
      `held packet ${this.store.index[row]} while every lane is idle and no timer is set - choose a lane, or set a timer`,
    )
  }
}
