/**
 * The reader: one thread that reads packets from the TUN queue in passes, asks the policy for each packet's
 * lane and hands it over. Time per pass and per packet is paid before the choice. With a stage (the fork's
 * bulk mode) chosen packets wait here and are handed over together, at most `perLane` of them, once their
 * lane is idle; a full stage stops the reading. A packet on HOLD stays first in the TUN queue; a packet for a
 * full lane under `onFull: hold` stays in the reader's hand. Where cores are shared it needs one for all that
 * it does, and while a packet waits in it for its lane it sleeps, or spins and keeps its core. The reader
 * itself keeps order between packets of one lane.
 */
import { NO_ROW, PacketQueue, type PacketStore } from '../packets/packet-store.ts'
import { HOLD } from '../policy.ts'
import type { TunQueue } from './tun-queue.ts'

export interface ReaderSettings {
  readonly perPacketNs: number
  readonly perPassNs: number
  /** Packets read per pass at most. */
  readonly batch: number
  /** Age of what the policy sees of the lanes, ns; default 0. */
  readonly feedbackDelayNs?: number | undefined
  /** Packets handed over together per lane, and staged in all; undefined without a stage. */
  readonly stage?: { readonly perLane: number; readonly total: number } | undefined
  /** Does it keep its core while it waits for a lane? Default: no. */
  readonly spins?: boolean | undefined
}

/** What the reader needs of the pipeline around it. */
export interface ReaderHost {
  /** A pass over `packets` packets begins: tell the policy. */
  beginPass(packets: number): void
  /** The policy's lane for `row`, checked, or HOLD. */
  choose(row: number): number
  /** Gives the packet to its lane; false when the lane has no room and is to be waited for. */
  handOver(row: number, lane: number): boolean
  isIdle(lane: number): boolean
  /** Packets that the lane takes now, with the one that it would begin at once. */
  roomOf(lane: number): number
  /** May the reader do something now? If not it will be woken when it may. */
  readerRuns(): boolean
  /** The reader works for so long, ns; then `workDone` is called. */
  readerWorks(forNs: number): void
  /** The reader can do nothing more until something happens. @param waitsForLane a packet waits in it */
  readerRests(waitsForLane: boolean): void
  /** Nothing will ever end this HOLD. */
  heldForEver(row: number): never
  /** Will a departure or a timer come? */
  canEndHold(): boolean
}

export class Reader {
  private readonly settings: ReaderSettings
  private readonly tunQueue: TunQueue
  private readonly host: ReaderHost
  private readonly staged: readonly PacketQueue[]
  private stagedCount = 0
  private passLeft = 0
  private working = false
  private paid = false
  private onHold = false
  private resolved = NO_ROW
  private inHandLane = 0

  constructor(
    settings: ReaderSettings,
    tunQueue: TunQueue,
    lanes: number,
    store: PacketStore,
    host: ReaderHost,
  ) {
    this.settings = settings
    this.tunQueue = tunQueue
    this.host = host
    this.staged = settings.stage ? Array.from({ length: lanes }, () => new PacketQueue(store)) : []
  }

  /** Is there a packet that waits for room in its lane? */
  get hasInHand(): boolean {
    return this.resolved !== NO_ROW
  }

  /** Does the policy hold the first packet in the queue? */
  get isOnHold(): boolean {
    return this.onHold
  }

  /** Packets that wait in the stage. */
  get stagedPackets(): number {
    return this.stagedCount
  }

  /** Is nothing read, staged or waiting, so that the next packet is read when it comes? */
  get isFree(): boolean {
    return !this.hasInHand && !this.working && this.tunQueue.count + this.stagedCount === 0
  }

  /** The policy has put the only packet on HOLD. */
  holdOnly(row: number): void {
    this.tunQueue.offer(row)
    this.passLeft = 1
    this.hold()
  }

  /** The only packet waits for room in its lane. */
  keep(row: number, lane: number): void {
    this.resolved = row
    this.inHandLane = lane
  }

  /** The time paid for is over, or the reader has got a core. */
  workDone(): void {
    const hasWorked = this.working
    this.working = false
    if (hasWorked) this.wake()
    else this.somethingChanged()
  }

  /** A lane has finished a packet, or a timer was due: what waited for that is tried again. */
  somethingChanged(): void {
    this.onHold = false
    if (this.tunQueue.count + this.stagedCount === 0 && this.resolved === NO_ROW) return
    if (!this.host.readerRuns()) return
    if (this.stagedCount > 0) this.handOverStage()
    this.wake()
  }

  /** Reads on, as far as it goes now. Called when a packet has arrived and whenever the reader may go on. */
  wake(): void {
    if (this.working || this.onHold || !this.host.readerRuns()) return
    this.readOn()
    if (!this.working) this.host.readerRests(this.hasInHand || this.stagedCount > 0)
  }

  private readOn(): void {
    const { tunQueue, host } = this
    const { perPacketNs, perPassNs, batch, stage } = this.settings
    while (!this.working && !this.onHold) {
      if (this.resolved !== NO_ROW) {
        if (!host.handOver(this.resolved, this.inHandLane)) return
        this.resolved = NO_ROW
      }
      if (this.passLeft === 0) {
        if (tunQueue.count === 0) return
        this.passLeft = Math.min(batch, tunQueue.count)
        host.beginPass(this.passLeft)
        if (perPassNs > 0) {
          this.work(perPassNs)
          return
        }
      }
      if (stage !== undefined && this.stagedCount >= stage.total && !this.handOverStage()) return
      if (perPacketNs > 0 && !this.paid) {
        this.paid = true
        this.work(perPacketNs)
        return
      }
      const lane = host.choose(tunQueue.head)
      if (lane === HOLD) {
        this.hold()
        return
      }
      const row = tunQueue.shift()
      this.paid = false
      this.passLeft--
      if (stage !== undefined) {
        this.staged[lane]!.push(row)
        this.stagedCount++
        if (this.passLeft === 0) this.handOverStage()
      } else if (!host.handOver(row, lane)) {
        this.resolved = row
        this.inHandLane = lane
        return
      }
    }
  }

  private work(forNs: number): void {
    this.working = true
    this.host.readerWorks(forNs)
  }

  private hold(): void {
    this.onHold = true
    if (this.stagedCount > 0) this.handOverStage()
    if (!this.host.canEndHold()) this.host.heldForEver(this.tunQueue.head)
  }

  /** Gives every idle lane its next batch; true when something was handed over. */
  private handOverStage(): boolean {
    const perLane = this.settings.stage!.perLane
    let any = false
    for (let lane = 0; lane < this.staged.length; lane++) {
      const queue = this.staged[lane]!
      if (queue.count === 0 || !this.host.isIdle(lane)) continue
      const packets = Math.min(perLane, queue.count, this.host.roomOf(lane))
      if (packets === 0) continue
      for (let i = 0; i < packets; i++) this.host.handOver(queue.shift(), lane)
      this.stagedCount -= packets
      any = true
    }
    return any
  }
}
