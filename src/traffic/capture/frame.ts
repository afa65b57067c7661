/**
 * What container readers (pcap, pcapng) hand on and how: one call per frame, no object per frame. A frame is
 * what one record holds, from its link-layer header on; most frames carry one IP packet.
 */
import type { ByteStream } from './byte-stream.ts'

/** Seconds of a frame whose record has no time (pcapng simple packet blocks). */
export const NO_TIME = Number.NEGATIVE_INFINITY

/** No frame is longer: libpcap's and Wireshark's limit. A record that claims more is damage. */
export const FRAME_BYTES_MAX = 262_144

/** Takes frames. */
export interface FrameSink {
  /** True when the reader must stop before the next frame. */
  readonly isFull: boolean
  /**
   * @param start where in `view` the frame begins
   * @param captured bytes of it that the record holds
   * @param original bytes that it had on the wire
   * @param seconds whole seconds since 1970, or NO_TIME
   * @param nanoseconds 0..999,999,999
   */
  frame(
    view: DataView,
    start: number,
    captured: number,
    original: number,
    linkType: number,
    seconds: number,
    nanoseconds: number,
  ): void
}

export type FrameDirection = 'in' | 'out'

/** An interface as the file describes it. */
export interface CaptureInterface {
  readonly number: number
  /** Undefined where the file gives none. */
  readonly name: string | undefined
  readonly linkType: number
  /** Of it so far. */
  frames: number
}

/** Link types above their snap lengths, which have 32 bits: exact in a number. */
export const LINK_TYPE_UNIT = 2 ** 32

/** Reads the records of one container format. */
export interface RecordReader {
  /** Link type * {@link LINK_TYPE_UNIT} + snap length, of all links that were described so far. */
  readonly links: ReadonlySet<number>
  /** Those that were described so far, with their frames; none in a container that has no such thing. */
  readonly interfaces: readonly CaptureInterface[]
  /** The one that the frame is of which is just handed on. */
  readonly from: CaptureInterface | undefined
  /** Which way that frame went, as far as its record says it. @param view the window that it stands in */
  wayOf(view: DataView): FrameDirection | undefined
  /** Why no frame was handed on, where that isn't because the file has none. */
  whyNothing?(): string
  /**
   * Hands the whole records in the window to `sink` and advances the window past them.
   * @returns how many bytes the window must hold for the next record, or 0 when the sink is full
   * @throws Damage where a record can't be right; the window then begins at that record
   */
  parse(stream: ByteStream, sink: FrameSink): number
}

/** Bytes that can't be what the format says. The reader stops there and keeps what came before. */
export class Damage extends Error {
  constructor(what: string) {
    super(what)
    this.name = 'Damage'
  }
}

/** The file header of another capture where a record should begin: files were put together by `cat`. */
export class AnotherCapture extends Damage {
  constructor() {
    super('another capture begins there')
  }
}
