/**
 * Waiting until a moment on the replay's clock: asleep by clock_nanosleep against an absolute time, then
 * spinning for a window in which the sleep may end late. Waits are cut into pieces, so that ending a replay
 * takes no longer. Where there is no clock_nanosleep (not Linux) Atomics.wait sleeps, to a millisecond or so.
 */

import { systemCalls, writeWord } from '../device/system.ts'
import { nowNs } from './clock.ts'
import { Cell } from './shared-counters.ts'

const CLOCK_MONOTONIC = 1
const TIMER_ABSTIME = 1
const PR_SET_TIMERSLACK = 29
/** Longest sleep in one piece, ns. */
const PIECE_NS = 50e6
/** A sleep shorter than this costs more than it saves, ns. */
const SLEEP_NS_MIN = 5_000
const CALIBRATION_SLEEPS = 64
const CALIBRATION_NS = 100_000
const WINDOW_NS_MIN = 20_000
const WINDOW_NS_MAX = 300_000

/** The start of a run on the clock that all threads share. */
export interface RunClock {
  readonly baseNs: bigint
  /** Ns after the base. */
  readonly startNs: number
}

/**
 * Reads a run's clock: ns from its start. Threads that spin ask it ten million times a second, so it
 * allocates nothing where it can (hrtime.bigint made for 400 collections a second).
 */
export function runClock({ baseNs, startNs }: RunClock): () => number {
  if (process.platform !== 'linux') return () => nowNs(baseNs) - startNs
  const calls = systemCalls()
  const timespec = Buffer.alloc(16)
  const words = new Uint32Array(timespec.buffer, timespec.byteOffset, 4)
  const baseSeconds = Number(baseNs / 1_000_000_000n)
  const offsetNs = Number(baseNs % 1_000_000_000n) + startNs
  return () => {
    calls.clock_gettime(CLOCK_MONOTONIC, timespec)
    return (words[0]! - baseSeconds) * 1e9 + words[2]! - offsetNs
  }
}

/** One thread's way to wait. Times are ns from the start of the run. */
export class Pause {
  /** The time, ns from the start of the run. */
  readonly now: () => number
  private readonly spinNs: number
  private readonly cells: Int32Array
  /** The cell that ends all waiting when it isn't 0. */
  private readonly endedBy: number
  private readonly sleepUntil: (monotonicNs: number) => void
  private readonly baseOnKernelClockNs: number

  /**
   * @param spinNs the last part of a wait that is spun
   */
  constructor(clock: RunClock, spinNs: number, cells: Int32Array, endedBy: number = Cell.stopped) {
    this.now = runClock(clock)
    this.spinNs = spinNs
    this.cells = cells
    this.endedBy = endedBy
    this.sleepUntil = preciseSleep() ?? sleepRoughly()
    this.baseOnKernelClockNs = Number(clock.baseNs) + clock.startNs
  }

  /** Returns at `timeNs`, at once when that is over; false when the replay was ended meanwhile. */
  until(timeNs: number): boolean {
    const { cells, endedBy, spinNs } = this
    for (let leftNs = timeNs - this.now(); leftNs > 0; leftNs = timeNs - this.now()) {
      const sleepNs = Math.min(leftNs - spinNs, PIECE_NS)
      if (sleepNs < SLEEP_NS_MIN) {
        while (this.now() < timeNs);
        return true
      }
      this.sleepUntil(this.baseOnKernelClockNs + timeNs - leftNs + sleepNs)
      if (Atomics.load(cells, endedBy) !== 0) return false
    }
    return true
  }
}

/** Sleeps until a time of CLOCK_MONOTONIC, ns; undefined where the system has no such call. */
function preciseSleep(): ((monotonicNs: number) => void) | undefined {
  if (process.platform !== 'linux') return undefined
  const calls = systemCalls()
  // The kernel may otherwise let a thread sleep 50 us longer, to save wake-ups.
  calls.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0)
  const timespec = Buffer.alloc(16)
  return (monotonicNs) => {
    const seconds = Math.floor(monotonicNs / 1e9)
    writeWord(timespec, 0, seconds)
    writeWord(timespec, 8, Math.floor(monotonicNs - seconds * 1e9))
    calls.clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, timespec, null)
  }
}

function sleepRoughly(): (monotonicNs: number) => void {
  const never = new Int32Array(new SharedArrayBuffer(4))
  return (monotonicNs) => {
    Atomics.wait(never, 0, 0, Math.max(0, (monotonicNs - Number(process.hrtime.bigint())) / 1e6))
  }
}

/**
 * How late sleeping ends on this machine: the window to spin, which 9 of 10 sleeps end in, ns. Takes 10 ms.
 */
export function calibrateSpinNs(): number {
  const sleep = preciseSleep() ?? sleepRoughly()
  const lateNs = Array.from({ length: CALIBRATION_SLEEPS }, () => {
    const targetNs = Number(process.hrtime.bigint()) + CALIBRATION_NS
    sleep(targetNs)
    return Number(process.hrtime.bigint()) - targetNs
  })
  lateNs.sort((a, b) => a - b)
  return Math.min(WINDOW_NS_MAX, Math.max(WINDOW_NS_MIN, lateNs[Math.floor(0.9 * CALIBRATION_SLEEPS)]!))
}
