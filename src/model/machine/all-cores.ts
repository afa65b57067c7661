/**
 * All threads of a tunnel on the cores that they share: lanes, the reader, receivers. Says which of them run,
 * to a pipeline that otherwise doesn't know that threads have to wait for cores.
 */
import type { Random } from '../../sim/random.ts'
import type { CoresHost, LaneCores } from './cores.ts'
import type { Lane } from './lane.ts'
import type { Receiver } from './receivers.ts'
import { type CoreThread, type RunQueueSettings, RunQueues } from './run-queues.ts'

/** The reader, as a core sees it. */
class ReaderThread implements CoreThread {
  /** Spins until something happens. */
  isSpinning = false
  /** Something has happened while it had no core. */
  hasNews = false
  private leftNs = 0
  private startedNs = 0

  run(nowNs: number): number {
    this.startedNs = nowNs
    if (this.isSpinning && !this.hasNews) return Number.POSITIVE_INFINITY
    return nowNs + this.leftNs
  }

  pause(nowNs: number): void {
    if (!this.isSpinning) this.leftNs -= Math.max(0, nowNs - this.startedNs)
  }

  begin(workNs: number): void {
    this.isSpinning = false
    this.hasNews = false
    this.leftNs = workNs
  }

  spin(): void {
    this.begin(0)
    this.isSpinning = true
  }
}

const NOBODY = -1

export interface AllCoresSettings extends RunQueueSettings {
  /** Is the reader a thread that needs a core? */
  readonly hasReader: boolean
}

export interface AllCoresHost extends CoresHost {
  scheduleReader(timeNs: number): void
  scheduleReceiver(receiver: number, timeNs: number): void
}

export class AllCores implements LaneCores {
  private readonly queues: RunQueues
  private readonly reader = new ReaderThread()
  private readonly readerThread: number
  /** Lanes that read for themselves have none. */
  private readonly hasReader: boolean

  /** @param draw uniform on [0, 1) */
  constructor(
    settings: AllCoresSettings,
    lanes: readonly Lane[],
    receivers: readonly Receiver[],
    draw: Random,
    host: AllCoresHost,
  ) {
    const count = lanes.length
    this.readerThread = count
    this.hasReader = settings.hasReader
    this.queues = new RunQueues(settings, [...lanes, this.reader, ...receivers], draw, {
      scheduleThread(thread, timeNs) {
        if (thread < count) host.scheduleLane(thread, timeNs)
        else if (thread === count) host.scheduleReader(timeNs)
        else host.scheduleReceiver(thread - count - 1, timeNs)
      },
      coreChanged(thread, nowNs) {
        if (thread < count) host.coreChanged(thread, nowNs)
      },
    })
  }

  start(lane: Lane, row: number, nowNs: number, wakeUpNs: number): void {
    lane.take(row)
    if (this.queues.isRunning(lane.index)) this.queues.goOn(lane.index, nowNs)
    else this.queues.wake(lane.index, this.hasReader ? this.readerThread : NOBODY, nowNs, wakeUpNs)
  }

  goOn(lane: number, nowNs: number): void {
    this.queues.goOn(lane, nowNs)
  }

  hasFinished(lane: number, nowNs: number): boolean {
    return this.queues.hasFinished(lane, nowNs)
  }

  release(lane: number, nowNs: number): void {
    this.queues.sleep(lane, nowNs)
  }

  /** Has the reader a core? If not it is woken, and will hear of it when it has one. */
  readerRuns(nowNs: number): boolean {
    const { queues, reader, readerThread } = this
    if (!this.hasReader) return true
    if (queues.isRunning(readerThread)) return true
    if (queues.isAsleep(readerThread)) {
      reader.begin(0)
      queues.wake(readerThread, NOBODY, nowNs, 0)
    } else reader.hasNews = true
    return false
  }

  readerWorks(forNs: number, nowNs: number): void {
    this.reader.begin(forNs)
    this.queues.goOn(this.readerThread, nowNs)
  }

  readerRests(spins: boolean, nowNs: number): void {
    if (!this.hasReader) return
    if (spins) {
      this.reader.spin()
      this.queues.goOn(this.readerThread, nowNs)
    } else this.queues.sleep(this.readerThread, nowNs)
  }

  readerHasFinished(nowNs: number): boolean {
    return this.queues.hasFinished(this.readerThread, nowNs)
  }

  /** @param lane whose thread wakes it; -1: what comes over a link, from outside of these threads */
  wakeReceiver(receiver: number, lane: number, nowNs: number, wakeUpNs: number): void {
    this.queues.wake(this.threadOf(receiver), lane, nowNs, wakeUpNs)
  }

  receiverGoesOn(receiver: number, nowNs: number): void {
    this.queues.goOn(this.threadOf(receiver), nowNs)
  }

  receiverHasFinished(receiver: number, nowNs: number): boolean {
    return this.queues.hasFinished(this.threadOf(receiver), nowNs)
  }

  receiverSleeps(receiver: number, nowNs: number): void {
    this.queues.sleep(this.threadOf(receiver), nowNs)
  }

  private threadOf(receiver: number): number {
    return this.readerThread + 1 + receiver
  }
}
