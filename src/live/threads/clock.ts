/**
 * The one clock of a replay: CLOCK_MONOTONIC, the same in every thread, in ns since a base that the threads
 * share. Kernel stamps are on CLOCK_REALTIME and are brought over by {@link RealtimeOffset}.
 */
import { systemCalls } from '../device/system.ts'

const CLOCK_REALTIME = 0
/** A pair of readings further apart than this was interrupted and says little about the offset, ns. */
const BRACKET_NS_MAX = 5_000
const ATTEMPTS = 20

/** The base that all threads of a replay are given. */
export function clockBase(): bigint {
  return process.hrtime.bigint()
}

/** Time since the base, ns. */
export function nowNs(baseNs: bigint): number {
  return Number(process.hrtime.bigint() - baseNs)
}

/**
 * Converts CLOCK_REALTIME to {@link nowNs}. Linux only. The offset is constant unless somebody sets the
 * clock.
 */
export class RealtimeOffset {
  readonly #baseNs: bigint
  readonly #timespec = Buffer.alloc(16)
  /** Whole seconds of CLOCK_REALTIME that are taken off first, so that ns stay exact in doubles. */
  readonly #epochSeconds: number
  #offsetNs: number

  constructor(baseNs: bigint) {
    this.#baseNs = baseNs
    this.#read()
    this.#epochSeconds = this.#timespec.readUInt32LE(0) + this.#timespec.readUInt32LE(4) * 2 ** 32
    this.#offsetNs = this.#sample(ATTEMPTS, Number.POSITIVE_INFINITY)
  }

  /**
   * Looks again, cheaply. The offset changes only if the clock was set meanwhile, so that stamps don't
   * jitter.
   */
  refresh(): void {
    const offsetNs = this.#sample(1, BRACKET_NS_MAX)
    if (Math.abs(offsetNs - this.#offsetNs) > BRACKET_NS_MAX) this.#offsetNs = offsetNs
  }

  /** The kernel's timespec (64-bit, little-endian) at `at`, on the clock of {@link nowNs}. */
  toNowNs(bytes: Buffer, at: number): number {
    return this.#sinceEpochNs(bytes, at) + this.#offsetNs
  }

  /** The offset by the closest pair of readings, or NaN when none was closer than `bracketNsMax`. */
  #sample(attempts: number, bracketNsMax: number): number {
    let closestNs = bracketNsMax
    let offsetNs = Number.NaN
    for (let attempt = 0; attempt < attempts; attempt++) {
      const beforeNs = nowNs(this.#baseNs)
      this.#read()
      const afterNs = nowNs(this.#baseNs)
      if (afterNs - beforeNs >= closestNs) continue
      closestNs = afterNs - beforeNs
      offsetNs = (beforeNs + afterNs) / 2 - this.#sinceEpochNs(this.#timespec, 0)
    }
    return offsetNs
  }

  #read(): void {
    systemCalls().clock_gettime(CLOCK_REALTIME, this.#timespec)
  }

  #sinceEpochNs(bytes: Buffer, at: number): number {
    const seconds = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32
    return (seconds - this.#epochSeconds) * 1e9 + bytes.readUInt32LE(at + 8)
  }
}
