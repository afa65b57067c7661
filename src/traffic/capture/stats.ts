/**
 * Counts of what a capture holds, kept while it is read. A *frame* is a record of the file; a *packet* is a
 * frame whose IP header could be read. Fragments are counted by the outer header; `tcp` and `udp` count
 * packets whose ports are there.
 */

import type { CaptureInterface } from './frame.ts'

/** A time in a capture, exact. */
export interface CaptureTime {
  /** Whole seconds since 1970. */
  readonly seconds: number
  /** 0..999,999,999 */
  readonly nanoseconds: number
}

/** Below 0: `a` is earlier; 0: the same. */
export function compareTimes(a: CaptureTime, b: CaptureTime): number {
  return a.seconds - b.seconds || a.nanoseconds - b.nanoseconds
}

/** A damaged capture must not fill the memory with interfaces that there never were. */
const INDEXES_MAX = 1024

/** What is simply summed over the files of a capture. */
const SUMMED = [
  ...(['frames', 'capturedBytes', 'wireBytes', 'cutFrames', 'ipv4', 'ipv6', 'tcp', 'udp'] as const),
  ...(['fragments', 'laterFragments', 'unreadFrames', 'framesWithoutIp', 'brokenIpFrames'] as const),
  ...(['timedFrames', 'backwardTimes', 'equalTimes', 'inFrames', 'outFrames'] as const),
] as const

export class CaptureStats {
  frames = 0
  capturedBytes = 0
  /** Bytes that the frames had on the wire. */
  wireBytes = 0
  /** Frames of which less was captured than was on the wire. */
  cutFrames = 0
  /** Frames by link type number. */
  readonly framesOfLink = new Float64Array(65_536)

  /** As the file describes them, none in a pcap file; also those of which no frame was asked for. */
  interfaces: readonly CaptureInterface[] = []
  /** Frames by the interface index that those of Linux's `any` interface may have. */
  readonly framesOfIndex = new Map<number, number>()
  /** Frames of the `any` interface by their direction. */
  inFrames = 0
  outFrames = 0

  ipv4 = 0
  ipv6 = 0
  tcp = 0
  udp = 0
  fragments = 0
  /** Fragments that aren't the first of their packet and so have no ports. */
  laterFragments = 0

  /** Frames of a link type that isn't read. */
  unreadFrames = 0
  /** Which link types those are: a frame's own, or the one within it. */
  readonly unreadLinks = new Set<number>()
  /** Frames that carry something else than IP (ARP, LLDP), or too little to tell. */
  framesWithoutIp = 0
  /** Frames whose IP header was cut off or can't be right. */
  brokenIpFrames = 0

  /** Frames whose record has a time; the times below are over these. */
  timedFrames = 0
  /** Frames earlier than the timed frame before them. */
  backwardTimes = 0
  /** Frames with the very time of the timed frame before them. */
  equalTimes = 0
  private firstSeconds = 0
  private firstNanoseconds = 0
  private lastSeconds = 0
  private lastNanoseconds = 0
  private minSeconds = 0
  private minNanoseconds = 0
  private maxSeconds = 0
  private maxNanoseconds = 0

  /** Counts the time of the next frame in file order. */
  addTime(seconds: number, nanoseconds: number): void {
    if (this.timedFrames === 0) {
      this.firstSeconds = this.minSeconds = this.maxSeconds = seconds
      this.firstNanoseconds = this.minNanoseconds = this.maxNanoseconds = nanoseconds
    } else if (
      seconds < this.lastSeconds ||
      (seconds === this.lastSeconds && nanoseconds < this.lastNanoseconds)
    ) {
      this.backwardTimes++
      if (seconds < this.minSeconds || (seconds === this.minSeconds && nanoseconds < this.minNanoseconds)) {
        this.minSeconds = seconds
        this.minNanoseconds = nanoseconds
      }
    } else if (seconds === this.lastSeconds && nanoseconds === this.lastNanoseconds) {
      this.equalTimes++
    } else if (
      seconds > this.maxSeconds ||
      (seconds === this.maxSeconds && nanoseconds > this.maxNanoseconds)
    ) {
      this.maxSeconds = seconds
      this.maxNanoseconds = nanoseconds
    }
    this.timedFrames++
    this.lastSeconds = seconds
    this.lastNanoseconds = nanoseconds
  }

  /** Adds what the next file of the same capture holds: as if its frames followed in one file. */
  add(next: CaptureStats): void {
    const wasTimed = this.timedFrames > 0
    for (const name of SUMMED) this[name] += next[name]
    for (const [linkType, frames] of next.linkTypes) this.framesOfLink[linkType]! += frames
    for (const [index, frames] of next.framesOfIndex) this.addIndex(index, frames)
    this.addInterfaces(next.interfaces)
    for (const linkType of next.unreadLinks) this.unreadLinks.add(linkType)
    if (next.timedFrames === 0) return
    if (!wasTimed) {
      this.firstSeconds = next.firstSeconds
      this.firstNanoseconds = next.firstNanoseconds
    } else {
      const seconds = next.firstSeconds - this.lastSeconds
      const gap = seconds || next.firstNanoseconds - this.lastNanoseconds
      if (gap < 0) this.backwardTimes++
      else if (gap === 0) this.equalTimes++
    }
    const isEarlier = !wasTimed || compareTimes(next.earliest!, this.earliest!) < 0
    const isLater = !wasTimed || compareTimes(next.latest!, this.latest!) > 0
    if (isEarlier) {
      this.minSeconds = next.minSeconds
      this.minNanoseconds = next.minNanoseconds
    }
    if (isLater) {
      this.maxSeconds = next.maxSeconds
      this.maxNanoseconds = next.maxNanoseconds
    }
    this.lastSeconds = next.lastSeconds
    this.lastNanoseconds = next.lastNanoseconds
  }

  addIndex(index: number, frames: number): void {
    const known = this.framesOfIndex.get(index)
    if (known !== undefined || this.framesOfIndex.size < INDEXES_MAX)
      this.framesOfIndex.set(index, (known ?? 0) + frames)
  }

  private addInterfaces(next: readonly CaptureInterface[]): void {
    const all = this.interfaces.map((one) => ({ ...one }))
    const keyOf = ({ number, name, linkType }: CaptureInterface) => `${number} ${linkType} ${name ?? ''}`
    const known = new Map(all.map((one) => [keyOf(one), one]))
    for (const one of next) {
      const same = known.get(keyOf(one))
      if (same === undefined) all.push({ ...one })
      else same.frames += one.frames
    }
    this.interfaces = all
  }

  /** IP packets. */
  get packets(): number {
    return this.ipv4 + this.ipv6
  }
  /** Link type numbers that occur, with their frames. */
  get linkTypes(): ReadonlyMap<number, number> {
    const found = new Map<number, number>()
    this.framesOfLink.forEach((frames, linkType) => {
      if (frames > 0) found.set(linkType, frames)
    })
    return found
  }
  /** Time of the first timed frame in file order; undefined without any. */
  get first(): CaptureTime | undefined {
    return this.timed(this.firstSeconds, this.firstNanoseconds)
  }
  /** Time of the last timed frame in file order. */
  get last(): CaptureTime | undefined {
    return this.timed(this.lastSeconds, this.lastNanoseconds)
  }
  /** The earliest time. */
  get earliest(): CaptureTime | undefined {
    return this.timed(this.minSeconds, this.minNanoseconds)
  }
  /** The latest time. */
  get latest(): CaptureTime | undefined {
    return this.timed(this.maxSeconds, this.maxNanoseconds)
  }

  private timed(seconds: number, nanoseconds: number): CaptureTime | undefined {
    return this.timedFrames === 0 ? undefined : { seconds, nanoseconds }
  }
}
