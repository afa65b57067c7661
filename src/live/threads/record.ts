/**
 * What is written down of a replay: one row per packet to inject, in source order. The columns lie over one
 * SharedArrayBuffer and every thread writes its own, so nothing is locked or copied while packets move. Times
 * are ns from the start of the run, on the clock of clock.ts; NaN: it didn't happen.
 */

/** What became of a packet. */
export const Fate = {
  /** Not sent: the replay was ended before. */
  notSent: 0,
  delivered: 1,
  /** Sent, and not read: the queue of the first device was full. */
  tunDropped: 2,
  /** Its lane's queue was full. */
  laneDropped: 3,
  /** The first device refused it. */
  sendFailed: 4,
  /** The second device refused it. */
  writeFailed: 5,
  /** Written, but the collector's socket was full. */
  collectorDropped: 6,
  /** On its way when the replay was ended early. */
  inFlight: 7,
  /** Gone, and no counter says where: a defect. */
  unaccounted: 8,
} as const

/** 7 columns of 8 bytes, 7 of 4, one of 2, two of 1. */
const ROW_BYTES = 7 * 8 + 7 * 4 + 2 + 2

export class ReplayRecord {
  readonly packets: number
  /** What all columns lie over. */
  readonly buffer: SharedArrayBuffer
  /** When it should be sent. */
  readonly plannedNs: Float64Array
  /** Right before the send call. */
  readonly sentNs: Float64Array
  /** The reader has it; without a reader: the lane that read it. */
  readonly readNs: Float64Array
  /** Its lane begins; with a reader this includes the wake-up. */
  readonly startNs: Float64Array
  /** After its lane's write call. */
  readonly finishNs: Float64Array
  /** The kernel's stamp at the second device. */
  readonly collectedNs: Float64Array
  /** What the work model asked for; 0 with other work. */
  readonly workNs: Float64Array
  readonly flow: Int32Array
  readonly flowNumber: Int32Array
  readonly dataNumber: Int32Array
  readonly sizeBytes: Int32Array
  readonly payloadBytes: Int32Array
  /** Rank among the packets that were read; -1: it wasn't. */
  readonly readOrder: Int32Array
  /** Rank at the collector, which decides about order, not the stamp; -1: it didn't come. */
  readonly arrivalOrder: Int32Array
  /** -1: none. */
  readonly lane: Int16Array
  readonly protocol: Uint8Array
  /** One of {@link Fate}. */
  readonly fate: Uint8Array

  /**
   * @param buffer that of another thread's record of so many packets; by default a new one in which nothing
   * has happened
   */
  constructor(packets: number, buffer?: SharedArrayBuffer) {
    this.packets = packets
    this.buffer = buffer ?? new SharedArrayBuffer(packets * ROW_BYTES)
    let at = 0
    const column = <T>(Column: {
      BYTES_PER_ELEMENT: number
      new (b: SharedArrayBuffer, at: number, n: number): T
    }) => {
      const made = new Column(this.buffer, at, packets)
      at += packets * Column.BYTES_PER_ELEMENT
      return made
    }
    // Widest first, so that every column is aligned.
    this.plannedNs = column(Float64Array)
    this.sentNs = column(Float64Array)
    this.readNs = column(Float64Array)
    this.startNs = column(Float64Array)
    this.finishNs = column(Float64Array)
    this.collectedNs = column(Float64Array)
    this.workNs = column(Float64Array)
    this.flow = column(Int32Array)
    this.flowNumber = column(Int32Array)
    this.dataNumber = column(Int32Array)
    this.sizeBytes = column(Int32Array)
    this.payloadBytes = column(Int32Array)
    this.readOrder = column(Int32Array)
    this.arrivalOrder = column(Int32Array)
    this.lane = column(Int16Array)
    this.protocol = column(Uint8Array)
    this.fate = column(Uint8Array)
    if (buffer === undefined) {
      for (const times of [this.sentNs, this.readNs, this.startNs, this.finishNs, this.collectedNs]) {
        times.fill(Number.NaN)
      }
      for (const numbers of [this.readOrder, this.arrivalOrder, this.lane]) numbers.fill(-1)
    }
  }
}
