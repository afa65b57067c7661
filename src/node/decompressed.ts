/**
 * Compressed bytes as a source of bytes: pieces go in one at a time, what comes out is handed on. Whatever
 * the ratio, no more than READY_BYTES_MAX and what a decoder has in hand are held. Bytes before a damaged or
 * missing part are delivered first, save for what the decoder had in hand when it found the damage.
 */
import type { ByteSource } from '../traffic/capture/byte-stream.ts'
import type { Compression } from './compression.ts'
import { type Decoder, decoderFor, type OnEnd } from './decoders.ts'

const PIECE_BYTES = 1 << 16
const READY_BYTES_MAX = 1 << 20

export class Decompressed implements ByteSource {
  private readonly compressed: ByteSource
  private readonly start: (onEnd: OnEnd) => Decoder
  private decoder: Decoder
  private readonly piece = new Uint8Array(PIECE_BYTES)
  /** What of the piece is to be written next; empty: the next piece is. */
  private rest: Uint8Array = new Uint8Array(0)
  private written: Uint8Array = this.rest
  /** The decoder wants no bytes: it is at work on some, or there are no more for it. */
  private isBusy = false
  private readonly ready: Uint8Array[] = []
  private readyBytes = 0
  private isOver = false
  private failure: Error | undefined
  /** Ends the wait for the decoder. */
  private wake: () => void = () => {}

  constructor(
    compressed: ByteSource,
    compression: Compression,
    start = (onEnd: OnEnd) => decoderFor(compression, onEnd),
  ) {
    this.compressed = compressed
    this.start = start
    this.decoder = this.begin()
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    while (this.ready.length === 0 && !this.isOver) await this.proceed()
    let filled = 0
    while (this.ready.length > 0 && filled < length) {
      const chunk = this.ready[0]!
      const count = Math.min(chunk.length, length - filled)
      target.set(chunk.subarray(0, count), at + filled)
      filled += count
      if (count === chunk.length) this.ready.shift()
      else this.ready[0] = chunk.subarray(count)
    }
    this.readyBytes -= filled
    if (filled === 0 && this.failure !== undefined) throw this.failure
    return filled
  }

  interrupt(): void {
    this.compressed.interrupt?.()
    this.decoder.destroy()
    this.finish()
  }

  async close(): Promise<void> {
    this.decoder.destroy()
    await this.compressed.close()
  }

  private begin(): Decoder {
    const decoder = this.start((failure) => {
      const unused = failure === undefined ? decoder.unusedBytes() : 0
      if (unused === 0) {
        this.finish(failure)
        return
      }
      // A frame has ended, and another one follows.
      this.rest = this.written.subarray(this.written.length - unused)
      this.isBusy = false
      this.decoder = this.begin()
      this.wake()
    })
    decoder.output.on('data', (chunk: Uint8Array) => {
      this.ready.push(chunk)
      this.readyBytes += chunk.length
      if (this.readyBytes >= READY_BYTES_MAX) decoder.output.pause()
      this.wake()
    })
    return decoder
  }

  private finish(failure?: Error): void {
    this.failure ??= failure
    this.isOver = true
    this.wake()
  }

  /** Until something is ready, or the decoder wants more bytes. */
  private async proceed(): Promise<void> {
    if (!this.isBusy) await this.feed()
    if (this.ready.length > 0 || this.isOver) return
    await new Promise<void>((resolve) => {
      this.wake = resolve
      this.decoder.output.resume()
    })
  }

  private async feed(): Promise<void> {
    if (this.rest.length === 0) {
      const count = await this.compressed.read(this.piece, 0, PIECE_BYTES)
      this.rest = this.piece.subarray(0, count)
    }
    const { decoder, rest } = this
    this.isBusy = true
    this.written = rest
    this.rest = rest.subarray(rest.length)
    if (rest.length === 0) decoder.end()
    else {
      decoder.write(rest, (isFull) => {
        if (decoder !== this.decoder) return
        this.isBusy = isFull
        this.wake()
      })
    }
  }
}
