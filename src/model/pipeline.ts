/**
 * One policy's pipeline on the virtual clock: TUN queue, reader, policy, lanes, links, sink. Packets come in
 * chunks that all policies share; each pipeline runs its own clock and events over them. At one instant the
 * order is: departures, due timers, the reader, arrivals. A release may restore order before or after the
 * links. Lanes and links of unequal speed reorder packets across lanes, and a link that doesn't keep order
 * also those of one lane; nothing else does.
 */
import { EventQueue } from '../sim/event-queue.ts'
import { FastPath } from './lookahead/fast-path.ts'
import { type Cores, sharedCores } from './machine/cores.ts'
import { type Lane, Lanes } from './machine/lane.ts'
import { Link } from './machine/link.ts'
import { Reader, type ReaderHost } from './machine/reader.ts'
import { ReturnPath } from './machine/return-path.ts'
import { StaleLanes } from './machine/stale-lanes.ts'
import { TunQueue } from './machine/tun-queue.ts'
import { type ObserverFactory, Observers } from './observer.ts'
import { BLOCK_PACKETS, type PacketChunk } from './packets/chunk.ts'
import { Way } from './packets/direction.ts'
import type { FlowTable } from './packets/flow-table.ts'
import { NO_ROW, PacketStore } from './packets/packet-store.ts'
import type { PipelineSettings } from './pipeline-settings.ts'
import { type DispatchPolicy, HOLD, type LaneView } from './policy.ts'
import { PolicyError, PolicyHarness } from './policy-harness.ts'
import type { Release, ReleaseHost } from './release/release.ts'

export class Pipeline implements ReaderHost, ReleaseHost {
  readonly store = new PacketStore()
  readonly lanes: Lanes
  /** The lanes as the policy sees them, where that is an old view. */
  private readonly stale: StaleLanes | undefined
  /** Where lanes have to share them. */
  private readonly cores: Cores | undefined
  private readonly tunQueue: TunQueue
  private readonly reader: Reader
  private readonly links: readonly Link[]
  /** Per lane: the index of its link. */
  private readonly linkOf: readonly number[]
  private readonly observers: Observers
  private readonly events: EventQueue
  /** The policy, with what it counts and says. */
  readonly harness: PolicyHarness
  private readonly dropsAtLane: boolean
  private readonly dropsAtTun: boolean
  /** A lane has finished or a timer was due, and the reader hasn't heard of it yet. */
  private changed = false
  private readonly release: Release | undefined
  private readonly releasesBeforeLink: boolean
  /** Packets that the release holds. */
  private inRelease = 0
  private turns = 0
  /** Packets that have got a number in the tunnel. */
  tunnelCount = 0
  private readonly linkBase: number
  private readonly feedbackComponent: number
  private readonly timerComponent: number
  private readonly readerComponent: number
  private readonly sampleComponent: number
  private readonly releaseComponent: number
  private readonly fastPath: FastPath | undefined

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
    this.cores = sharedCores(settings.lanes, this.lanes.lanes, {
      scheduleLane: (lane, timeNs) => this.events.schedule(lane, timeNs),
      coreChanged: (lane, nowNs) => this.stale?.note(lane, nowNs),
    })
    this.dropsAtLane = settings.lanes.onFull === 'drop'
    this.dropsAtTun = settings.dropsAt === 'tun'
    const delayNs = settings.reader.feedbackDelayNs ?? 0
    if (delayNs > 0) {
      this.stale = new StaleLanes(this.lanes, delayNs, (timeNs) =>
        this.events.schedule(this.feedbackComponent, timeNs),
      )
    }
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
    this.linkBase = count
    this.feedbackComponent = links.every((link) => link.isInstant) ? count : count + links.length
    this.timerComponent = this.feedbackComponent + (this.stale === undefined ? 0 : 1)
    this.readerComponent = this.timerComponent + 1
    this.sampleComponent = this.timerComponent + 2
    this.releaseComponent = this.timerComponent + 3
    this.release = settings.release?.create(this, count)
    this.releasesBeforeLink = settings.release?.at === 'sender'
    const departures = new Array<number>(this.timerComponent).fill(0)
    this.events = new EventQueue([...departures, 1, 2, 0, 0])
    if (settings.warmupNs > 0) this.events.schedule(this.sampleComponent, settings.warmupNs)
    else this.startSample(0)
    const seen = this.stale ?? this.lanes
    this.harness = new PolicyHarness(
      createPolicy(seen),
      this.store,
      flows,
      { real: this.lanes, seen },
      settings.returnLane && new ReturnPath(settings.returnLane, count, flows),
      { events: this.events, component: this.timerComponent },
    )
    const { store, lanes, events, observers: all, harness, reader } = this
    this.fastPath = FastPath.of(settings, {
      store,
      lanes,
      events,
      observers: all,
      harness,
      reader,
      entry: this,
    })
  }

  /** Runs on through the arrivals of `chunk`. */
  consume(chunk: PacketChunk): void {
    const { count } = chunk
    for (let from = 0; from < count; from += BLOCK_PACKETS) {
      this.consumeBlock(chunk, from, Math.min(count, from + BLOCK_PACKETS))
    }
  }

  private consumeBlock(chunk: PacketChunk, from: number, to: number): void {
    const { events, store, tunQueue, observers, reader } = this
    const { arrivalNs } = chunk
    const start = this.fastPath?.consume(chunk, from, to) ?? from
    for (let i = start; i < to; i++) {
      const nowNs = arrivalNs[i]!
      while (events.nextTimeNs <= nowNs) this.step()
      store.nowNs = nowNs
      if (chunk.hasWays && chunk.way[i] !== Way.out) {
        if (chunk.way[i] === Way.back) this.harness.returned(chunk, i, nowNs)
        continue
      }
      const row = store.add(chunk, i)
      observers.arrival(row)
      if (tunQueue.offer(row)) reader.wake()
      else {
        observers.tunDrop(row)
        store.remove(row)
      }
    }
  }

  /** Runs on through what happens before the horizon. False: nothing inside leaves by itself any more. */
  advanceTo(horizonNs: number): boolean {
    const { events, store } = this
    if (this.fastPath?.advanceTo(horizonNs)) return store.count > 0
    while (events.nextTimeNs < horizonNs) this.step()
    return store.count > 0 && events.nextTimeNs < Number.POSITIVE_INFINITY && !this.isOnlyReleaseLeft
  }

  /** The source has ended: runs until every packet has left. */
  finish(): void {
    this.fastPath?.giveBack()
    this.lanes.nowNs = this.store.nowNs
    this.observers.sourceEnd(this.store.nowNs)
    while (this.store.count > 0) {
      if (this.tunQueue.count === 0) this.harness.endIdleTimer()
      if (this.isOnlyReleaseLeft || this.events.nextTimeNs === Number.POSITIVE_INFINITY) {
        if (this.release !== undefined && this.releaseFlushed()) continue
        throw new PolicyError(`${this.store.count} packets were never handed over`)
      }
      this.step()
    }
  }

  /** Are all packets in the release, and nothing is to come that it hears of? A policy's timer is not. */
  private get isOnlyReleaseLeft(): boolean {
    return (
      this.inRelease > 0 && this.inRelease === this.store.count && this.events.onlyOf(this.timerComponent)
    )
  }

  /** Nothing else will happen: lets go what the release still holds; false when it holds nothing. */
  private releaseFlushed(): boolean {
    const before = this.store.count
    this.release!.flush(this.store.nowNs)
    return this.store.count < before || this.events.nextTimeNs !== Number.POSITIVE_INFINITY
  }

  private step(): void {
    const component = this.events.nextComponent
    const nowNs = this.events.nextTimeNs
    this.store.nowNs = nowNs
    if (component < this.linkBase) {
      if (this.cores === undefined || this.cores.hasFinished(component, nowNs)) this.finishService(component)
    } else if (component < this.feedbackComponent) this.leaveLink(component - this.linkBase)
    else if (component < this.timerComponent) this.changed = this.stale!.catchUp(nowNs) || this.changed
    else if (component === this.timerComponent) {
      this.harness.fireTimer(nowNs, this.reader.isOnHold && !this.willLaneChange)
      this.changed = true
    } else {
      this.events.cancel(component)
      if (component === this.readerComponent) this.reader.workDone()
      else if (component === this.releaseComponent) {
        this.release!.onTimer?.(nowNs)
        this.syncReleaseTimer()
      } else this.startSample(nowNs)
    }
    if (this.changed && !this.hasMoreToFinishNow) {
      this.changed = false
      this.reader.somethingChanged()
    }
  }

  /** At one instant all departures and timers come before the reader. */
  private get hasMoreToFinishNow(): boolean {
    return this.events.nextTimeNs === this.store.nowNs && this.events.nextComponent <= this.timerComponent
  }

  private finishService(index: number): void {
    const lane = this.lanes.lanes[index]!
    const row = lane.finish()
    if (lane.queue.count > 0) this.startService(lane, lane.queue.shift(), false)
    else {
      this.events.cancel(index)
      this.cores?.release(index, this.store.nowNs)
    }
    this.stale?.note(index, this.store.nowNs)
    this.observers.laneExit(row)
    this.harness.departed(row, index)
    if (this.releasesBeforeLink) this.enterRelease(row)
    else this.enterLink(row)
    this.changed = true
  }

  private enterLink(row: number): void {
    const index = this.linkOf[this.store.lane[row]!]!
    const link = this.links[index]!
    if (link.loses(row)) {
      this.observers.linkLoss(row)
      this.store.remove(row)
    } else if (link.isInstant) {
      this.store.dueNs[row] = this.store.nowNs
      this.leave(row)
    } else {
      link.enter(row, this.store.nowNs)
      this.scheduleLink(index, link)
    }
  }

  /** The packet has left its link. */
  private leave(row: number): void {
    if (this.release === undefined || this.releasesBeforeLink) this.deliver(row)
    else this.enterRelease(row)
  }

  private enterRelease(row: number): void {
    const { nowNs } = this.store
    this.store.releaseNs[row] = nowNs
    this.inRelease++
    this.release!.enter(row, nowNs)
    this.syncReleaseTimer()
  }

  released(row: number): void {
    this.inRelease--
    this.observers.release(row)
    if (this.releasesBeforeLink) this.enterLink(row)
    else this.deliver(row)
  }

  private deliver(row: number): void {
    this.observers.delivery(row)
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

  private startService(lane: Lane, row: number, wakes: boolean): void {
    const { cores, events, store } = this
    if (cores !== undefined) {
      cores.start(lane, row, store.nowNs, wakes ? store.wakeUpNs[row]! : 0)
      return
    }
    if (wakes) lane.wake(row)
    else lane.start(row)
    events.timeNs[lane.index] = lane.endNs
    events.moved(lane.index)
  }

  private leaveLink(index: number): void {
    const link = this.links[index]!
    const row = link.leave()
    this.scheduleLink(index, link)
    this.leave(row)
  }

  // What the reader asks for.

  beginPass(packets: number): void {
    this.harness.beginPass(packets)
  }

  choose(row: number): number {
    const lane = this.harness.choose(row)
    if (lane !== HOLD) this.observers.choice(row)
    return lane
  }

  handOver(row: number, laneIndex: number): boolean {
    const lane = this.lanes.lanes[laneIndex]!
    if (lane.serving !== NO_ROW && this.lanes.freeSlots(laneIndex) <= 0) {
      return this.dropAtLane(row, laneIndex)
    }
    this.number(row, laneIndex)
    if (lane.serving === NO_ROW) this.startService(lane, row, true)
    else lane.queue.push(row)
    this.stale?.note(laneIndex, this.store.nowNs)
    return true
  }

  /** The lane's queue is full: the packet is dropped; false where it has to wait. */
  private dropAtLane(row: number, lane: number): boolean {
    if (!this.refuse(row, lane)) return false
    if (this.release !== undefined && !this.dropsAtTun) {
      this.release.onDrop?.(this.store.turn[row]!, lane, this.store.nowNs)
      this.syncReleaseTimer()
    }
    this.store.remove(row)
    return true
  }

  refuse(row: number, lane: number): boolean {
    if (!this.dropsAtLane) return false
    if (this.dropsAtTun) this.observers.tunDrop(row)
    else {
      this.number(row, lane)
      this.observers.laneExit(row)
    }
    this.harness.departed(row, lane)
    return true
  }

  number(row: number, lane: number): void {
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
    return this.events.timeOf(this.timerComponent) !== Number.POSITIVE_INFINITY || this.willLaneChange
  }

  /** Will a packet leave its lane, or be seen to? */
  private get willLaneChange(): boolean {
    return this.stale?.isUpToDate === false || this.lanes.lanes.some((lane) => lane.serving !== NO_ROW)
  }

  heldForEver(row: number): never {
    return this.harness.heldForEver(row)
  }
}
