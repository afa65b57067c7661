/**
 * Writes classic pcap with nanosecond times (magic number 0xa1b23c4d), little-endian: what replay and tests
 * record, and what every other tool reads. Records go through one buffer of a megabyte, however many there
 * are, and reach the file when it is full or the writer is closed. Source: draft-ietf-opsawg-pcap.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { UserError } from '../errors.ts'
import { FRAME_BYTES_MAX } from '../traffic/capture/frame.ts'

/** Packets that begin with their IP header, version 4 or 6. */
const RAW_IP = 101
const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
const BUFFER_BYTES = 1 << 20
const SECONDS_MAX = 0xffffffff

export class CaptureWriter {
  readonly path: string
  private readonly buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  private used = 0
  private descriptor: number | undefined

  /**
   * Creates the file, or empties it. Throws a UserError where that can't be done.
   * @param linkType what frames begin with: by default their IP header
   */
  constructor(path: string, linkType: number = RAW_IP) {
    this.path = path
    this.descriptor = this.attempt(() => openSync(path, 'w'))
    const { buffer } = this
    buffer.writeUInt32LE(0xa1b23c4d, 0)
    buffer.writeUInt16LE(2, 4)
    buffer.writeUInt16LE(4, 6)
    buffer.writeUInt32LE(0, 8)
    buffer.writeUInt32LE(0, 12)
    buffer.writeUInt32LE(FRAME_BYTES_MAX, 16)
    buffer.writeUInt32LE(linkType, 20)
    this.used = FILE_HEADER_BYTES
  }

  /**
   * Adds one frame. Throws a UserError when the disk refuses.
   * @param seconds whole seconds since 1970, 0..2^32-1
   * @param nanoseconds 0..999,999,999
   * @param frame what is kept of it, at most FRAME_BYTES_MAX bytes; copied, so it may be used again
   * @param wireBytes its length on the wire, where less is kept
   */
  write(seconds: number, nanoseconds: number, frame: Uint8Array, wireBytes: number = frame.length): void {
    if (frame.length > FRAME_BYTES_MAX) throw new RangeError(`a frame of ${frame.length} bytes`)
    if (!(seconds >= 0 && seconds <= SECONDS_MAX)) throw new RangeError(`a time of ${seconds} s`)
    if (this.used + RECORD_HEADER_BYTES + frame.length > BUFFER_BYTES) this.flush()
    const { buffer, used } = this
    buffer.writeUInt32LE(seconds, used)
    buffer.writeUInt32LE(nanoseconds, used + 4)
    buffer.writeUInt32LE(frame.length, used + 8)
    buffer.writeUInt32LE(wireBytes, used + 12)
    buffer.set(frame, used + RECORD_HEADER_BYTES)
    this.used = used + RECORD_HEADER_BYTES + frame.length
  }

  /** Hands everything so far to the system. */
  flush(): void {
    const { descriptor } = this
    if (descriptor === undefined) throw new Error(`${this.path} is closed`)
    for (let written = 0; written < this.used; ) {
      written += this.attempt(() => writeSync(descriptor, this.buffer, written, this.used - written))
    }
    this.used = 0
  }

  /** Finishes the file. Safe to call twice. */
  close(): void {
    const { descriptor } = this
    if (descriptor === undefined) return
    try {
      this.flush()
    } finally {
      this.descriptor = undefined
      closeSync(descriptor)
    }
  }

  private attempt<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      throw new UserError(`${this.path}: the capture can't be written, ${refusal(code) ?? message}`)
    }
  }
}

function refusal(code: string | undefined): string | undefined {
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full - make room'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'no permission - name another place'
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'its folder does not exist - make it first'
  return code === 'EISDIR' ? 'a folder has that name - name a file' : undefined
}
