/**
 * A file as a window of bytes that moves forward: parsers read whole records at `start`, advance it, and ask
 * for more with {@link ByteStream.ensure}. Two buffers take turns, so that the next piece is read while this
 * one is parsed; an unfinished record is carried over in front of the next piece. Memory is constant whatever
 * the file's size, and bytes to be skipped are never held.
 */
/** Why bytes can't be read, where something can be done about it. */
export class Unreadable extends Error {
  readonly cure: string

  constructor(what: string, cure: string) {
    super(what)
    this.cure = cure
  }
}

/** Where bytes come from. Calls never overlap. */
export interface ByteSource {
  /** Reads 1..length bytes to `target` at `at`; resolves to their number, 0 at the end. May reject. */
  read(target: Uint8Array, at: number, length: number): Promise<number>
  /** Ends a read that may wait for ever, as a pipe's; nothing is read after it. */
  interrupt?(): void
  close(): Promise<void>
}

/** The largest record that a window can hold whole. */
export const RECORD_BYTES_MAX = 1 << 20
const PIECE_BYTES = 1 << 19

export class ByteStream {
  /** The bytes start..end of this view are the window. Changes with {@link ensure}. */
  view: DataView
  /** Next byte to be parsed; the parser advances it, beyond `end` in order to skip. */
  start = RECORD_BYTES_MAX
  end = RECORD_BYTES_MAX
  /** Why reading ended before the end of the file; undefined while all is well. */
  failure: string | undefined
  /** What to do about the failure, where that is known. */
  cure: string | undefined
  /** True where offsets count decompressed bytes. */
  readonly isUnzipped: boolean
  /** What of a capture is asked for (interfaces.ts); undefined: all of it. */
  readonly part: string | undefined

  private readonly source: ByteSource
  private buffer = new Uint8Array(RECORD_BYTES_MAX + PIECE_BYTES)
  private spare = new Uint8Array(RECORD_BYTES_MAX + PIECE_BYTES)
  private spareView: DataView
  private pending: Promise<number>
  private bytesBeforePiece = 0

  constructor(source: ByteSource, isUnzipped: boolean, part?: string) {
    this.source = source
    this.isUnzipped = isUnzipped
    this.part = part
    this.view = new DataView(this.buffer.buffer)
    this.spareView = new DataView(this.spare.buffer)
    this.pending = this.readAhead()
  }

  /** Offset in the (decompressed) file of the window's position `at`. */
  offsetOf(at: number): number {
    return this.bytesBeforePiece + at - RECORD_BYTES_MAX
  }

  /** Offset of the last byte there is, plus 1; the length of the file once {@link ensure} has said false. */
  get endOffset(): number {
    return this.offsetOf(this.end)
  }

  /**
   * Makes the window hold at least `count` (at most RECORD_BYTES_MAX) bytes; false where the file ends
   * before.
   */
  async ensure(count: number): Promise<boolean> {
    while (this.end - this.start < count) {
      const added = await this.pending
      if (added === 0) return false
      const carried = this.end - this.start
      if (carried > 0) this.spare.set(this.buffer.subarray(this.start, this.end), RECORD_BYTES_MAX - carried)
      this.bytesBeforePiece += this.end - RECORD_BYTES_MAX
      this.start = RECORD_BYTES_MAX - carried
      this.end = RECORD_BYTES_MAX + added
      const { buffer, view } = this
      this.buffer = this.spare
      this.view = this.spareView
      this.spare = buffer
      this.spareView = view
      this.pending = this.readAhead()
    }
    return true
  }

  async close(): Promise<void> {
    this.source.interrupt?.()
    await this.pending
    await this.source.close()
  }

  private async readAhead(): Promise<number> {
    try {
      return await this.source.read(this.spare, RECORD_BYTES_MAX, PIECE_BYTES)
    } catch (error) {
      this.failure = (error as Error).message
      if (error instanceof Unreadable) this.cure = error.cure
      return 0
    }
  }
}
