/**
 * What lies between the lanes of a pipeline and its sink: links, the threads of the far end, and a release
 * that may restore order before the links or behind everything.
 */
import type { EventQueue } from '../sim/event-queue.ts'
import type { Components } from './components.ts'
import type { AllCores } from './machine/all-cores.ts'
import { ByteStream, type StreamHost } from './machine/byte-stream.ts'
import { Link } from './machine/link.ts'
import { type Receiver, Receivers } from './machine/receivers.ts'
import type { Observers } from './observer.ts'
import type { PacketStore } from './packets/packet-store.ts'
import type { PipelineSettings } from './pipeline-settings.ts'
import type { Release, ReleaseHost } from './release/release.ts'

/** From another thread's point of view: nobody here woke it. */
const NOBODY = -1

export class Egress implements ReleaseHost, StreamHost {
  readonly links: readonly Link[]
  /** In place of links, where lanes' packets are bytes of a connection. */
  private readonly streams: readonly ByteStream[] | undefined
  /** The lane that writes to its stream now. */
  private writer = NOBODY
  /** Is nothing delayed on any link? Then they have no events. */
  readonly areLinksInstant: boolean
  readonly store: PacketStore
  /** Per lane: the index of its link. */
  private readonly linkOf: readonly number[]
  private readonly receivers: Receivers | undefined
  private readonly release: Release | undefined
  private readonly releasesBeforeLink: boolean
  /** Packets that the release holds. */
  private inRelease = 0
  // Known once everything around it stands; nothing is asked before.
  private events!: EventQueue
  private components!: Components
  private observers!: Observers
  private cores: AllCores | undefined

  constructor(settings: PipelineSettings, store: PacketStore) {
    const { count } = settings.lanes
    const { perLane, stream, delayNs } = settings.link
    this.store = store
    this.streams =
      stream && Array.from({ length: count }, (_, i) => new ByteStream(stream, i, delayNs[i]!, store, this))
    this.links = Array.from({ length: perLane ? count : 1 }, (_, i) => new Link(settings.link, i, store))
    this.areLinksInstant = stream === undefined && this.links.every(({ isInstant }) => isInstant)
    this.linkOf = Array.from({ length: count }, (_, lane) => (perLane ? lane : 0))
    const onStart = stream && ((row: number, startNs: number) => this.reads(row, startNs))
    this.receivers = settings.receiver && new Receivers(settings.receiver, store, onStart)
    this.release = settings.release?.create(this, count)
    this.releasesBeforeLink = settings.release?.at === 'sender'
  }

  get receiverThreads(): readonly Receiver[] {
    return this.receivers?.threads ?? []
  }

  connect(
    events: EventQueue,
    components: Components,
    observers: Observers,
    cores: AllCores | undefined,
  ): void {
    this.events = events
    this.components = components
    this.observers = observers
    this.cores = cores
  }

  /** Are all packets inside held by the release? */
  get holdsEverything(): boolean {
    return this.inRelease > 0 && this.inRelease === this.store.count
  }

  /** The packet has left its lane. */
  enter(row: number): void {
    if (this.releasesBeforeLink) this.enterRelease(row)
    else this.enterLink(row)
  }

  /** The event of a link, or of the stream in its place, is due. */
  leaveLink(index: number): void {
    if (this.streams !== undefined) {
      this.streams[index]!.catchUp(this.store.nowNs)
      this.scheduleStream(index)
      return
    }
    const link = this.links[index]!
    const row = link.leave()
    this.scheduleLink(index, link)
    this.arrive(row, NOBODY)
  }

  /** The event of a receiver is due. */
  leaveReceiver(index: number): void {
    const { nowNs } = this.store
    const { cores } = this
    if (cores !== undefined && !cores.receiverHasFinished(index, nowNs)) return
    const thread = this.receivers!.threads[index]!
    const row = thread.finish()
    if (thread.queue.count > 0) {
      thread.take(thread.queue.shift())
      if (cores === undefined) this.scheduleReceiver(thread, nowNs)
      else cores.receiverGoesOn(index, nowNs)
    } else {
      this.events.cancel(this.components.receivers + index)
      cores?.receiverSleeps(index, nowNs)
    }
    this.leave(row)
  }

  onReleaseTimer(): void {
    this.release!.onTimer?.(this.store.nowNs)
    this.syncReleaseTimer()
  }

  /** A lane is given a packet. */
  onHandOver(lane: number): void {
    this.release?.onHandOver?.(lane)
  }

  /** A packet that had its turn was dropped at its lane. */
  onDrop(row: number, lane: number): void {
    if (this.release === undefined) return
    this.release.onDrop?.(this.store.turn[row]!, lane, this.store.nowNs)
    this.syncReleaseTimer()
  }

  /** Nothing else will happen: lets go what the release still holds; false when it held nothing. */
  flush(): boolean {
    if (this.release === undefined) return false
    const before = this.store.count
    this.release.flush(this.store.nowNs)
    return this.store.count < before || this.events.nextTimeNs !== Number.POSITIVE_INFINITY
  }

  released(row: number): void {
    this.inRelease--
    this.observers.release(row)
    if (this.releasesBeforeLink) this.enterLink(row)
    else this.deliver(row)
  }

  get isReadLater(): boolean {
    return this.receivers !== undefined
  }

  /** The last byte of the packet has left its stream. */
  arrived(row: number): void {
    this.store.dueNs[row] = this.store.nowNs
    this.arrive(row, this.writer)
  }

  private reads(row: number, startNs: number): void {
    const lane = this.store.lane[row]!
    this.streams![lane]!.readAt(startNs)
    this.scheduleStream(lane)
  }

  private enterStream(row: number, lane: number): void {
    // What comes the moment that it is written is brought by the thread that writes.
    this.writer = this.releasesBeforeLink ? NOBODY : lane
    this.streams![lane]!.write(row, this.store.nowNs)
    this.writer = NOBODY
    this.scheduleStream(lane)
  }

  private enterLink(row: number): void {
    const lane = this.store.lane[row]!
    if (this.streams !== undefined) {
      this.enterStream(row, lane)
      return
    }
    const index = this.linkOf[lane]!
    const link = this.links[index]!
    if (link.loses(row)) {
      this.observers.linkLoss(row)
      this.store.remove(row)
    } else if (link.isInstant) {
      this.store.dueNs[row] = this.store.nowNs
      this.arrive(row, this.releasesBeforeLink ? NOBODY : lane)
    } else {
      link.enter(row, this.store.nowNs)
      this.scheduleLink(index, link)
    }
  }

  /** The packet has left its link. @param waker the lane whose thread brought it here, or -1 */
  private arrive(row: number, waker: number): void {
    if (this.receivers === undefined) {
      this.leave(row)
      return
    }
    const { nowNs, lane, receiverWakeUpNs } = this.store
    const thread = this.receivers.enter(row, lane[row]!)
    if (thread === undefined) return
    const wakeUpNs = receiverWakeUpNs[row]!
    if (this.cores === undefined) this.scheduleReceiver(thread, nowNs + wakeUpNs)
    else this.cores.wakeReceiver(thread.index, waker, nowNs, wakeUpNs)
  }

  private scheduleReceiver(thread: Receiver, fromNs: number): void {
    this.events.schedule(this.components.receivers + thread.index, thread.run(fromNs))
  }

  /** The packet is done with but for the release. */
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

  private deliver(row: number): void {
    this.observers.delivery(row)
    this.store.remove(row)
  }

  private syncReleaseTimer(): void {
    if (this.release!.nextTimerNs === undefined) return
    const timeNs = this.release!.nextTimerNs()
    const component = this.components.release
    if (timeNs === this.events.timeOf(component)) return
    if (timeNs === Number.POSITIVE_INFINITY) this.events.cancel(component)
    else this.events.schedule(component, timeNs)
  }

  /** Keeps the link's one event at the packet that is due next. */
  private scheduleLink(index: number, link: Link): void {
    this.scheduleAt(this.components.links + index, link.nextDueNs)
  }

  private scheduleStream(lane: number): void {
    this.scheduleAt(this.components.links + lane, this.streams![lane]!.nextDueNs)
  }

  private scheduleAt(component: number, dueNs: number): void {
    if (dueNs === this.events.timeOf(component)) return
    if (dueNs === Number.POSITIVE_INFINITY) this.events.cancel(component)
    else this.events.schedule(component, dueNs)
  }
}
