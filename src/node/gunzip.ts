/**
 * Gzip as a source of bytes: compressed pieces go in one at a time, what comes out is handed on. Members that
 * follow each other are one stream (gzip -c a b). A piece of 64 KiB can't become more than 64 MiB (deflate's
 * limit is 1032 to 1), so a bomb does no harm. Bytes before a damaged or missing part are delivered first,
 * save for what zlib had in hand when it found the damage (at most CHUNK_BYTES).
 */
import { createGunzip, type Gunzip } from 'node:zlib'
import type { ByteSource } from '../traffic/capture/byte-stream.ts'

const PIECE_BYTES = 1 << 16
const CHUNK_BYTES = 1 << 16

/** True where the bytes open with gzip's magic number (RFC 1952 section 2.3.1). */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b
}

export class Unzipped implements ByteSource {
  private readonly compressed: ByteSource
  private readonly gunzip: Gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  private readonly piece = new Uint8Array(PIECE_BYTES)
  private readonly ready: Uint8Array[] = []
  private isOver = false
  private failure: Error | undefined
  /** Ends the wait for zlib: the piece is used up, or the stream has ended or failed. */
  private wake: () => void = () => {}

  constructor(compressed: ByteSource) {
    this.compressed = compressed
    const finish = (error?: Error) => {
      this.failure ??= error
      this.isOver = true
      this.wake()
    }
    this.gunzip.on('data', (chunk: Uint8Array) => this.ready.push(chunk))
    this.gunzip.on('error', finish)
    this.gunzip.on('end', () => finish())
  }

  async read(target: Uint8Array, at: number, length: number): Promise<number> {
    while (this.ready.length === 0 && !this.isOver) await this.inflatePiece()
    let filled = 0
    while (this.ready.length > 0 && filled < length) {
      const chunk = this.ready[0]!
      const count = Math.min(chunk.length, length - filled)
      target.set(chunk.subarray(0, count), at + filled)
      filled += count
      if (count === chunk.length) this.ready.shift()
      else this.ready[0] = chunk.subarray(count)
    }
    if (filled === 0 && this.failure !== undefined) {
      throw new Error(`the gzip data is damaged (${this.failure.message})`)
    }
    return filled
  }

  interrupt(): void {
    this.compressed.interrupt?.()
  }

  async close(): Promise<void> {
    this.gunzip.destroy()
    await this.compressed.close()
  }

  private async inflatePiece(): Promise<void> {
    const count = await this.compressed.read(this.piece, 0, PIECE_BYTES)
    await new Promise<void>((resolve) => {
      this.wake = resolve
      if (count === 0) this.gunzip.end()
      else this.gunzip.write(this.piece.subarray(0, count), () => resolve())
    })
  }
}
