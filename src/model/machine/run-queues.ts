/**
 * Cores that all threads of a tunnel share: the reader, the lanes and those of the far end, where both run on
 * one machine. Each core has a run queue. A thread that wakes goes to its waker's core with a certain chance,
 * else to the core it last ran on if that is idle, else to any idle one, else it queues where it last ran: so
 * where threads run is a matter of chance, and lasts. Nobody is interrupted by a thread that wakes; a thread
 * runs until it sleeps or its slice is over while another one waits. A core that becomes idle takes over a
 * thread that waits at another one with a certain chance, at the end of a slice always. Switching is free.
 *
 * Source: the wake-up and balance rules of the Linux scheduler (kernel/sched/fair.c, 6.18: wake_affine_idle's
 * synchronous wake-ups, select_idle_sibling, RUN_TO_PARITY, sched_balance_newidle and its task_hot), made
 * small: what hangs on caches and past use there is chance here. The two chances were set where 30 runs of
 * the OpenVPN fork on two cores were met best. Validation: run-queues.test.ts.
 */
import type { Random } from '../../sim/random.ts'

export interface RunQueueSettings {
  readonly count: number
  /** The longest that a thread runs while another waits for its core, ns; slices end at clock ticks. */
  readonly timeSliceNs: number
  /** Chance that a thread starts on the core of the thread that wakes it, 0..1. */
  readonly staysRatio: number
  /** Chance that a core which becomes idle takes a thread that waits at another, 0..1. */
  readonly pullsRatio: number
}

/** What runs on a core. */
export interface CoreThread {
  /** Goes on; returns when it will be finished unless paused, ns; Infinity: it spins until told otherwise. */
  run(nowNs: number): number
  /** Stops for now; what is left stays to be done. */
  pause(nowNs: number): void
}

export interface RunQueuesHost {
  /** Sets the time of the thread's one event; Infinity for none. */
  scheduleThread(thread: number, timeNs: number): void
  /** The thread has got or lost its core. */
  coreChanged(thread: number, nowNs: number): void
}

const NOBODY = -1
/** Ticks come at any moment of a slice: a turn lasts from a third of it to the whole. */
const SHORTEST_TURN = 1 / 3

export class RunQueues {
  private readonly settings: RunQueueSettings
  private readonly threads: readonly CoreThread[]
  private readonly draw: Random
  private readonly host: RunQueuesHost
  /** Per core: who runs, and who waits, first in line first. */
  private readonly running: Int32Array
  private readonly lines: readonly number[][]
  /** Per thread: the core it runs, waits or last ran on. */
  private readonly coreOf: Int32Array
  private readonly waits: Uint8Array
  /** Per thread: when its turn ends, and when it will have finished if it may stay. */
  private readonly turnEndNs: Float64Array
  private readonly finishNs: Float64Array

  /** @param draw uniform on [0, 1) */
  constructor(settings: RunQueueSettings, threads: readonly CoreThread[], draw: Random, host: RunQueuesHost) {
    this.settings = settings
    this.threads = threads
    this.draw = draw
    this.host = host
    this.running = new Int32Array(settings.count).fill(NOBODY)
    this.lines = Array.from({ length: settings.count }, () => [])
    this.coreOf = Int32Array.from(threads, (_, thread) => thread % settings.count)
    this.waits = new Uint8Array(threads.length)
    this.turnEndNs = new Float64Array(threads.length)
    this.finishNs = new Float64Array(threads.length)
  }

  isRunning(thread: number): boolean {
    return this.running[this.coreOf[thread]!] === thread
  }

  /** Has it no core, and doesn't wait for one? */
  isAsleep(thread: number): boolean {
    return this.waits[thread] === 0 && !this.isRunning(thread)
  }

  /**
   * A sleeping thread has something to do.
   * @param waker the thread that woke it; -1 for none of these
   * @param wakeUpNs what an idle core takes to run it
   */
  wake(thread: number, waker: number, nowNs: number, wakeUpNs: number): void {
    const core = this.placeOf(thread, waker)
    this.coreOf[thread] = core
    if (this.running[core] === NOBODY) this.begin(thread, core, nowNs, nowNs + wakeUpNs)
    else this.queue(thread, core)
  }

  /** The running thread has more to do. */
  goOn(thread: number, nowNs: number): void {
    const core = this.coreOf[thread]!
    if (this.turnEndNs[thread]! > nowNs) this.work(thread, nowNs)
    else this.endTurn(thread, core, nowNs)
  }

  /** The running thread has nothing more to do. */
  sleep(thread: number, nowNs: number): void {
    this.host.scheduleThread(thread, Number.POSITIVE_INFINITY)
    this.leaveCore(this.coreOf[thread]!, nowNs)
  }

  /** The thread's event is due: has it finished? If not, its turn was over. */
  hasFinished(thread: number, nowNs: number): boolean {
    if (this.finishNs[thread] === nowNs) return true
    this.threads[thread]!.pause(nowNs)
    this.endTurn(thread, this.coreOf[thread]!, nowNs)
    return false
  }

  private placeOf(thread: number, waker: number): number {
    const last = this.coreOf[thread]!
    if (waker !== NOBODY && this.draw() < this.settings.staysRatio) return this.coreOf[waker]!
    if (this.running[last] === NOBODY) return last
    const idle = this.running.indexOf(NOBODY)
    return idle === -1 ? last : idle
  }

  private queue(thread: number, core: number): void {
    this.lines[core]!.push(thread)
    this.waits[thread] = 1
    this.host.scheduleThread(thread, Number.POSITIVE_INFINITY)
  }

  private begin(thread: number, core: number, nowNs: number, fromNs: number): void {
    this.running[core] = thread
    this.coreOf[thread] = core
    this.waits[thread] = 0
    this.startTurn(thread, nowNs)
    this.work(thread, fromNs)
    this.host.coreChanged(thread, nowNs)
  }

  private startTurn(thread: number, nowNs: number): void {
    const share = SHORTEST_TURN + (1 - SHORTEST_TURN) * this.draw()
    this.turnEndNs[thread] = nowNs + Math.max(1, Math.round(this.settings.timeSliceNs * share))
  }

  private work(thread: number, fromNs: number): void {
    const finishNs = this.threads[thread]!.run(fromNs)
    this.finishNs[thread] = finishNs
    this.host.scheduleThread(thread, Math.min(finishNs, Math.max(fromNs, this.turnEndNs[thread]!)))
  }

  /** Its turn is over, and it has more to do: others who wait for this core come first. */
  private endTurn(thread: number, core: number, nowNs: number): void {
    const line = this.lines[core]!
    const idle = line.length === 0 ? NOBODY : this.running.indexOf(NOBODY)
    if (idle !== NOBODY) this.begin(line.shift()!, idle, nowNs, nowNs)
    if (line.length === 0) {
      this.startTurn(thread, nowNs)
      this.work(thread, nowNs)
      return
    }
    this.queue(thread, core)
    this.begin(line.shift()!, core, nowNs, nowNs)
    this.host.coreChanged(thread, nowNs)
  }

  private leaveCore(core: number, nowNs: number): void {
    this.running[core] = NOBODY
    const own = this.lines[core]!
    const line = own.length > 0 ? own : this.otherLine()
    if (line !== undefined) this.begin(line.shift()!, core, nowNs, nowNs)
  }

  /** The longest line of another core, if the chance says that its first is taken over. */
  private otherLine(): number[] | undefined {
    let longest: number[] | undefined
    for (const line of this.lines) if (line.length > (longest?.length ?? 0)) longest = line
    return longest !== undefined && this.draw() < this.settings.pullsRatio ? longest : undefined
  }
}
