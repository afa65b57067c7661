/**
 * What decompresses: gzip, and zstd where this Node has it, in zlib's threads; the others by their own
 * command, which must be installed. A command gets the bytes through a pipe, so it ends when the process that
 * reads them does, however that ends; it is in a process group of its own, since ^C on a terminal ends a
 * recording and not the reading of it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import * as zlib from 'node:zlib'
import { Unreadable } from '../traffic/capture/byte-stream.ts'
import { visible } from '../visible.ts'
import { type Compression, GZIP, ZSTD } from './compression.ts'

/** Compressed bytes in, what they say out, in pieces of at most a few times CHUNK_BYTES. */
export interface Decoder {
  readonly output: Readable
  /** @param onUsed called when the bytes may change; true: no more are wanted */
  write(bytes: Uint8Array, onUsed: (isFull: boolean) => void): void
  end(): void
  /** How many of the bytes written weren't part of what has ended. */
  unusedBytes(): number
  destroy(): void
}

/** Called once, after all of the output. */
export type OnEnd = (failure?: Error) => void

const CHUNK_BYTES = 1 << 16
const SAID_CHARS_MAX = 200

/** In Node since 22.15 and 23.8. */
const { createZstdDecompress } = zlib as { createZstdDecompress?: typeof zlib.createGunzip }

export function decoderFor(compression: Compression, onEnd: OnEnd): Decoder {
  if (compression === GZIP) return zlibDecoder(zlib.createGunzip({ chunkSize: CHUNK_BYTES }), GZIP, onEnd)
  if (compression === ZSTD && createZstdDecompress !== undefined)
    return zlibDecoder(createZstdDecompress({ chunkSize: CHUNK_BYTES }), ZSTD, onEnd)
  return commandDecoder(compression, onEnd)
}

/** Several members of gzip are one to zlib; of zstd only the first frame is read, see `unusedBytes`. */
function zlibDecoder(stream: zlib.Gunzip, { name }: Compression, onEnd: OnEnd): Decoder {
  let writtenBytes = 0
  stream.on('error', (error) => {
    // What was decompressed while nobody wanted it is still there.
    for (let rest = stream.read(); rest !== null; rest = stream.read()) stream.emit('data', rest)
    onEnd(damaged(name, error.message))
  })
  stream.on('end', () => onEnd())
  return {
    output: stream,
    write(bytes, onUsed) {
      writtenBytes += bytes.length
      stream.write(bytes, () => onUsed(false))
    },
    end: () => stream.end(),
    unusedBytes: () => (name === 'gzip' ? 0 : writtenBytes - stream.bytesWritten),
    destroy: () => stream.destroy(),
  }
}

/** @internal for tests, which name commands that aren't there */
export function commandDecoder({ name, command }: Compression, onEnd: OnEnd): Decoder {
  const child = spawn(command, ['-dc'], { stdio: 'pipe', detached: true })
  const { stdin, stdout, stderr } = child
  let said = ''
  let absent: Error | undefined
  stderr.on('data', (text: Buffer) => {
    if (said.length < SAID_CHARS_MAX) said += text.toString()
  })
  child.on('error', () => {
    absent = new Unreadable(
      `this is compressed with ${name}, and there is no command ${command} here`,
      `install it, or decompress where it is: ${command} -dc FILE | lanewise inspect -`,
    )
  })
  // It may end before it has read everything, and says why.
  stdin.on('error', () => {})
  child.on('close', () => onEnd(absent ?? failureOf(child, name, said)))
  return {
    output: stdout,
    write: (bytes, onUsed) => stdin.write(bytes, (error) => onUsed(error != null)),
    end: () => stdin.end(),
    unusedBytes: () => 0,
    destroy() {
      stdout.destroy()
      stdin.destroy()
      stderr.destroy()
      child.kill()
    },
  }
}

function failureOf({ exitCode, signalCode }: ChildProcess, name: string, said: string): Error | undefined {
  if (exitCode === 0) return undefined
  const line = visible(said.trim().split('\n')[0]!.slice(0, SAID_CHARS_MAX))
  return damaged(name, line || `its command ended with ${signalCode ?? `exit code ${exitCode}`}`)
}

function damaged(name: string, why: string): Error {
  return new Unreadable(`the ${name} data is damaged (${why})`, 'copy the file again')
}
