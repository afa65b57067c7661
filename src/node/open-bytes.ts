/**
 * From a path, or any source of bytes, to a {@link ByteStream}: compression is told by its first bytes,
 * whatever the name says. A path may be the @name of a bundled capture.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { UserError } from '../errors.ts'
import { NotAFile, noFile } from '../regular-file.ts'
import { type ByteSource, ByteStream } from '../traffic/capture/byte-stream.ts'
import { inputPath } from './bundled.ts'
import { captureAndPart, captureFileOf } from './capture-part.ts'
import { compressionOf, mayBeCompressed } from './compression.ts'

const HEAD_BYTES = 4096

/**
 * Opens a file for {@link byteStream}. Throws a UserError, with `name` for the path, where that can't be
 * done.
 */
export async function openFile(path: string, name = path): Promise<ByteSource> {
  let handle: FileHandle | undefined
  try {
    const at = captureFileOf(inputPath(path, 'capture', name))
    const kind = noFile(at)
    if (kind !== undefined) throw new NotAFile(kind)
    handle = await open(at, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    await handle?.close()
    if (error instanceof UserError) throw error
    throw new UserError(`${name}: ${openFailure(error as NodeJS.ErrnoException)}`)
  }
  const file = handle
  return {
    read: async (target, at, length) => (await file.read(target, at, length)).bytesRead,
    close: () => file.close(),
  }
}

/** A stream, or what stands for one. */
export interface Pieces {
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>
  destroy(): unknown
}

/** What a pipe or another stream gives, for {@link byteStream}. */
export function bytesOfStream(stream: Pieces): ByteSource {
  const pieces = stream[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array(0)
  return {
    async read(target, at, length) {
      while (rest.length === 0) {
        const next = await pieces.next()
        if (next.done) return 0
        rest = next.value
      }
      const count = Math.min(rest.length, length)
      target.set(rest.subarray(0, count), at)
      rest = rest.subarray(count)
      return count
    },
    interrupt() {
      stream.destroy()
    },
    async close() {
      stream.destroy()
    },
  }
}

/** A capture's bytes, for runs: see {@link openFile} and {@link byteStream}. */
export async function openBytes(path: string, name: string): Promise<ByteStream> {
  const [, part] = captureAndPart(inputPath(path, 'capture', name))
  return byteStream(await openFile(path, name), part)
}

/**
 * The bytes of a source, decompressed where they are compressed.
 * @param part what is asked for of the capture that they are
 */
export async function byteStream(source: ByteSource, part?: string): Promise<ByteStream> {
  const head = new Uint8Array(HEAD_BYTES)
  let length = 0
  let failure: Error | undefined
  while (mayBeCompressed(head.subarray(0, length))) {
    let added = 0
    try {
      added = await source.read(head, length, HEAD_BYTES - length)
    } catch (error) {
      failure = error as Error
    }
    if (added === 0) break
    length += added
  }
  const whole = withHead(head.subarray(0, length), source, failure)
  const compression = compressionOf(head.subarray(0, length))
  if (compression === undefined) return new ByteStream(whole, false, part)
  const { Decompressed } = await import('./decompressed.ts')
  return new ByteStream(new Decompressed(whole, compression), true, part)
}

/** A source of which the first bytes were read already, and which may have failed then. */
function withHead(head: Uint8Array, source: ByteSource, failure: Error | undefined): ByteSource {
  let rest = head
  return {
    async read(target, at, length) {
      if (rest.length > 0) {
        const count = Math.min(rest.length, length)
        target.set(rest.subarray(0, count), at)
        rest = rest.subarray(count)
        return count
      }
      if (failure !== undefined) throw failure
      return source.read(target, at, length)
    },
    interrupt: () => source.interrupt?.(),
    close: () => source.close(),
  }
}

function openFailure(error: NodeJS.ErrnoException): string {
  const { code } = error
  if (error instanceof NotAFile) {
    return error.kind === 'folder'
      ? 'this is a directory - name one capture file in it'
      : `${error.message} - save it and name the file`
  }
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file - check the path'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied - make the file readable'
  return `cannot be opened (${code ?? 'unknown error'}) - check that it is a file on a working disk`
}
