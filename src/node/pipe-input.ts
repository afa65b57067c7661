/**
 * Texts that may come through a pipe with a name: `<(jq ...)`, or one of mkfifo(1). Opening one waits for its
 * writer, in the kernel, where no signal is heard; so it is opened without waiting, and one that nobody
 * writes to is refused.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** Between two looks into a pipe that is empty for now. */
const PAUSE_MS = 5
const PIECE_BYTES = 65536
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/** What a pipe without a writer is said to be. */
export const NO_WRITER = 'is a pipe that nobody writes to - start its writer first'

/** The code of the error that is thrown for one. */
export const NO_WRITER_CODE = 'ENOWRITER'

/** Opens a file for reading; a pipe too, at once. */
export function openInput(path: string): number {
  return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
}

/**
 * Up to so many bytes, fewer only at the end; waits for what a pipe still gets.
 * @param isFirst nothing has been read before: no byte at all from a pipe means that it has no writer
 */
export function readInputBytes(descriptor: number, byteCount: number, isFirst: boolean): Buffer {
  const parts: Buffer[] = []
  let left = byteCount
  while (left > 0) {
    const part = Buffer.alloc(Math.min(left, PIECE_BYTES))
    const got = readPart(descriptor, part)
    if (got === 0) break
    parts.push(part.subarray(0, got))
    left -= got
  }
  if (isFirst && parts.length === 0 && byteCount > 0 && fstatSync(descriptor).isFIFO()) {
    throw Object.assign(new Error(NO_WRITER), { code: NO_WRITER_CODE })
  }
  return Buffer.concat(parts)
}

/** The whole text of a file or pipe. Throws what the system says, or an error of {@link NO_WRITER_CODE}. */
export function readInputText(path: string): string {
  const descriptor = openInput(path)
  try {
    return readInputBytes(descriptor, Number.POSITIVE_INFINITY, true).toString('utf8')
  } finally {
    closeSync(descriptor)
  }
}

function readPart(descriptor: number, part: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, part, 0, part.length, null)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      Atomics.wait(sleeper, 0, 0, PAUSE_MS)
    }
  }
}
