/**
 * One policy's pipeline on the virtual clock: TUN queue, reader, policy, lanes, and what is behind them
 * (egress.ts). Packets come in chunks that all policies share; each pipeline runs its own clock and events
 * over them. At one instant the order is: departures, due timers, the reader, arrivals. Lanes, links and
 * receivers of unequal speed reorder packets across lanes, and a link that doesn't keep order also those of
 * one lane; nothing else does.
 */
import { EventQueue } from '../sim/event-queue.ts'
import { Components } from './components.ts'
import { Egress } from './egress.ts'
import { FastPath } from './lookahead/fast-path.ts'
import { AllCores } from './machine/all-cores.ts'
import { type LaneCores, sharedCores } from './machine/cores.ts'
import { type Lane, Lanes } from './machine/lane.ts'
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

export class Pipeline implements ReaderHost {
  readonly store = new PacketStore()
  readonly lanes: Lanes
  /** The lanes as the policy sees them, where that is an old view. */
  private readonly stale: StaleLanes | undefined
  /** Where lanes have to share them. */
  private readonly cores: LaneCores | undefined
  /** Where reader and receivers share them, too. */
  private readonly allCores: AllCores | undefined
  private readonly readerSpins: boolean
  private readonly tunQueue: TunQueue
  private readonly reader: Reader
  private readonly egress: Egress
  private readonly observers: Observers
  private readonly events: EventQueue
  /** The policy, with what it counts and says. */
  readonly harness: PolicyHarness
  private readonly dropsAtLane: boolean
  private readonly dropsAtTun: boolean
  /** A lane has finished or a timer was due, and the reader hasn't heard of it yet. */
  private changed = false
  private turns = 0
  /** Packets that have got a number in the tunnel. */
  tunnelCount = 0
  private readonly components: Components
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
    const { count } = settings.lanes
    const delayNs = settings.reader.feedbackDelayNs ?? 0
    this.lanes = new Lanes(settings.lanes, this.store)
    this.egress = new Egress(settings, this.store)
    const { links, areLinksInstant, receiverThreads } = this.egress
    this.components = new Components(
      count,
      areLinksInstant ? 0 : links.length,
      receiverThreads.length,
      delayNs > 0,
    )
    this.events = new EventQueue(this.components.ranks)
    this.allCores = this.allCoresOf(settings)
    this.cores = this.allCores ?? sharedCores(settings.lanes, this.lanes.lanes, this.coresHost())
    this.dropsAtLane = settings.lanes.onFull === 'drop'
    this.dropsAtTun = settings.dropsAt === 'tun'
    this.readerSpins = settings.reader.spins === true
    if (delayNs > 0) {
      this.stale = new StaleLanes(this.lanes, delayNs, (timeNs) =>
        this.events.schedule(this.components.feedback, timeNs),
      )
    }
    this.tunQueue = new TunQueue(settings.tunQueue, this.store)
    this.reader = new Reader(settings.reader, this.tunQueue, count, this.store, this)
    this.observers = new Observers(observers.map((create) => create(this.store, this.lanes)))
    this.egress.connect(this.events, this.components, this.observers, this.allCores)
    if (settings.warmupNs > 0) this.events.schedule(this.components.sample, settings.warmupNs)
    else this.startSample(0)
    const seen = this.stale ?? this.lanes
    this.harness = new PolicyHarness(
      createPolicy(seen),
      this.store,
      flows,
      { real: this.lanes, seen },
      settings.returnLane && new ReturnPath(settings.returnLane, count, flows),
      { events: this.events, component: this.components.timer },
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

  private coresHost() {
    return {
      scheduleLane: (lane: number, timeNs: number) => this.events.schedule(lane, timeNs),
      coreChanged: (lane: number, nowNs: number) => this.stale?.note(lane, nowNs),
    }
  }

  private allCoresOf({ cores }: PipelineSettings): AllCores | undefined {
    if (cores === undefined) return undefined
    const { events, components } = this
    return new AllCores(cores, this.lanes.lanes, this.egress.receiverThreads, cores.drawsOf(), {
      ...this.coresHost(),
      scheduleReader: (timeNs) => events.schedule(components.reader, timeNs),
      scheduleReceiver: (receiver, timeNs) => events.schedule(components.receivers + receiver, timeNs),
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
        if (this.egress.flush()) continue
        throw new PolicyError(`${this.store.count} packets were never handed over`)
      }
      this.step()
    }
  }

  /** Are all packets in the release, and nothing is to come that it hears of? A policy's timer is not. */
  private get isOnlyReleaseLeft(): boolean {
    return this.egress.holdsEverything && this.events.onlyOf(this.components.timer)
  }

  private step(): void {
    const { components, events } = this
    const component = events.nextComponent
    const nowNs = events.nextTimeNs
    this.store.nowNs = nowNs
    if (component < components.links) {
      if (this.cores === undefined || this.cores.hasFinished(component, nowNs)) this.finishService(component)
    } else if (component < components.receivers) this.egress.leaveLink(component - components.links)
    else if (component < components.feedback) this.egress.leaveReceiver(component - components.receivers)
    else if (component < components.timer) this.changed = this.stale!.catchUp(nowNs) || this.changed
    else if (component === components.timer) {
      this.harness.fireTimer(nowNs, this.reader.isOnHold && !this.willLaneChange)
      this.changed = true
    } else if (component === components.reader) this.readerDue(nowNs)
    else {
      events.cancel(component)
      if (component === components.release) this.egress.onReleaseTimer()
      else this.startSample(nowNs)
    }
    if (this.changed && !this.hasMoreToFinishNow) {
      this.changed = false
      this.reader.somethingChanged()
    }
  }

  /** At one instant all departures and timers come before the reader. */
  private get hasMoreToFinishNow(): boolean {
    return this.events.nextTimeNs === this.store.nowNs && this.events.nextComponent <= this.components.timer
  }

  private readerDue(nowNs: number): void {
    if (this.allCores === undefined) this.events.cancel(this.components.reader)
    else if (!this.allCores.readerHasFinished(nowNs)) return
    this.reader.workDone()
  }

  private finishService(index: number): void {
    const lane = this.lanes.lanes[index]!
    if (lane.hasToWrite) {
      this.beginWrite(lane)
      return
    }
    const row = lane.finish()
    const isLast = lane.queue.count === 0
    if (!isLast) this.startService(lane, lane.queue.shift(), false)
    else this.events.cancel(index)
    this.stale?.note(index, this.store.nowNs)
    this.observers.laneExit(row)
    this.harness.departed(row, index)
    this.egress.enter(row)
    if (isLast) this.cores?.release(index, this.store.nowNs)
    this.changed = true
  }

  /** The lane has worked on its packet, says that it is idle, and writes the packet. */
  private beginWrite(lane: Lane): void {
    const { index } = lane
    lane.beginWrite()
    if (this.cores !== undefined) this.cores.goOn(index, this.store.nowNs)
    else {
      lane.write()
      this.events.schedule(index, lane.endNs)
    }
    this.stale?.note(index, this.store.nowNs)
    this.changed = true
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
    if (!this.dropsAtTun) this.egress.onDrop(row, lane)
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
    this.egress.onHandOver(lane)
    if (this.store.flowNumber[row]! >= 0) this.store.tunnelNumber[row] = this.tunnelCount++
  }

  isIdle(lane: number): boolean {
    return this.lanes.isIdle(lane)
  }

  roomOf(lane: number): number {
    // A lane that writes says that it is idle, and begins nothing yet.
    const begins = this.lanes.lanes[lane]!.serving === NO_ROW ? 1 : 0
    return this.lanes.freeSlots(lane) + begins
  }

  readerRuns(): boolean {
    return this.allCores === undefined || this.allCores.readerRuns(this.store.nowNs)
  }

  readerWorks(forNs: number): void {
    const { nowNs } = this.store
    if (this.allCores === undefined) this.events.schedule(this.components.reader, nowNs + forNs)
    else this.allCores.readerWorks(forNs, nowNs)
  }

  readerRests(waitsForLane: boolean): void {
    this.allCores?.readerRests(waitsForLane && this.readerSpins, this.store.nowNs)
  }

  canEndHold(): boolean {
    return this.events.timeOf(this.components.timer) !== Number.POSITIVE_INFINITY || this.willLaneChange
  }

  /** Will a packet leave its lane, or be seen to? */
  private get willLaneChange(): boolean {
    return this.stale?.isUpToDate === false || this.lanes.lanes.some((lane) => lane.serving !== NO_ROW)
  }

  heldForEver(row: number): never {
    return this.harness.heldForEver(row)
  }
}
