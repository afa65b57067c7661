/**
 * `-`: a capture that comes through a pipe. Read once it goes straight through; where it is read several
 * times it is spooled to a temporary file that has no name any more when the first byte is written to it (on
 * Linux; elsewhere it is removed at the end, or at the next start), so that nothing stays behind however the
 * process ends.
 *
 * ^C is the only way to end `tcpdump -w - | lanewise inspect -`, and a terminal sends it to both. So the
 * first one ends the capture, not the work: what tcpdump still flushes is read, to the end of the pipe or
 * until nothing comes for half a second. The second one ends the work.
 */
import { closeSync, existsSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { addAbortSignal } from 'node:stream'
import { UserError } from '../../errors.ts'
import { partPath, removeStaleParts } from '../../node/files/parts.ts'
import { isCaptureHead } from '../../node/input-file.ts'
import type { Pieces } from '../../node/open-bytes.ts'
import { interrupted, isInterrupted, type ProcessIo } from './process-io.ts'

/** What `-` is called in messages and results. */
export const STANDARD_INPUT_NAME = 'standard input'

/** After ^C: a writer that is silent for so long has nothing more to flush. */
const SILENCE_MS = 500
/** A ^C ends the writer too, and the end of what it wrote may come before the signal does. */
const LATE_SIGNAL_MS = 250

/**
 * The pieces of standard input, which fail when the work is interrupted. Throws a UserError where nothing is
 * piped in.
 */
export function standardInput({ stdin, signal, takeInterrupt }: ProcessIo): Pieces {
  if (stdin === undefined || stdin.isTTY) {
    throw new UserError(
      `${STANDARD_INPUT_NAME}: nothing is piped in - give a capture: lanewise ... - < file`,
      2,
    )
  }
  if (stdin.destroyed || stdin.readableEnded) {
    throw new UserError(`${STANDARD_INPUT_NAME}: it can be read only once - name - once`, 2)
  }
  return untilSilent(addAbortSignal(signal, stdin), takeInterrupt)
}

/** All pieces of a stream; after ^C those that come before a silence. */
function untilSilent(stream: Pieces, takeInterrupt: ProcessIo['takeInterrupt']): Pieces {
  let isEnding = false
  let endSoon = () => {}
  const giveBack = takeInterrupt?.(() => {
    isEnding = true
    endSoon()
  })
  let isAtEnd = false
  const destroy = () => {
    if (isAtEnd && giveBack !== undefined) setTimeout(giveBack, LATE_SIGNAL_MS).unref()
    else giveBack?.()
    stream.destroy()
  }
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    const source = stream[Symbol.asyncIterator]()
    try {
      for (;;) {
        let timer: NodeJS.Timeout | undefined
        const piece = await new Promise<IteratorResult<Uint8Array> | undefined>((resolve, reject) => {
          endSoon = () => {
            timer = setTimeout(() => resolve(undefined), SILENCE_MS)
          }
          if (isEnding) endSoon()
          source.next().then(resolve, reject)
        }).finally(() => clearTimeout(timer))
        endSoon = () => {}
        isAtEnd = piece?.done === true
        if (piece === undefined || isAtEnd) return
        yield piece.value
      }
    } finally {
      destroy()
    }
  }
  return { [Symbol.asyncIterator]: pieces, destroy }
}

export interface Spooled {
  readonly path: string
  /** Gives the disk's space back. */
  remove(): void
}

/**
 * Copies standard input to a file. Throws a UserError where that can't be done, the signal's reason when
 * aborted.
 */
export function spoolStandardInput(io: ProcessIo): Promise<Spooled> {
  return spool(standardInput(io), STANDARD_INPUT_NAME, io)
}

/** The same with any pipe. @param name what it is called */
export async function spool(pieces: Pieces, name: string, { signal }: ProcessIo): Promise<Spooled> {
  removeStaleParts(tmpdir())
  const named = partPath(tmpdir(), 'lanewise-input')
  const descriptor = openSync(named, 'wx+', 0o600)
  const unnamed = `/proc/self/fd/${descriptor}`
  const canBeUnnamed = existsSync(unnamed)
  const remove = () => {
    closeSync(descriptor)
    rmSync(named, { force: true })
  }
  let sizeBytes = 0
  try {
    if (canBeUnnamed) rmSync(named)
    for await (const piece of pieces) {
      writeFileSync(descriptor, piece)
      sizeBytes += piece.length
      if (sizeBytes > UNKNOWN_BYTES_MAX && !isKnown(descriptor)) break
    }
  } catch (error) {
    remove()
    signal.throwIfAborted()
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOSPC' ? `${tmpdir()} is full - set TMPDIR to a folder with more room` : message
    throw new UserError(`${name}: it is read more than once and can't be kept, ${why}`)
  }
  return { path: canBeUnnamed ? unnamed : named, remove }
}

/**
 * More than any scenario has. What is neither a capture nor arrivals isn't read any further, since it may
 * never end; what came tells the reader enough to say so.
 */
const UNKNOWN_BYTES_MAX = 17 * 1024 * 1024
const HEAD_BYTES = 4096

/** Does it begin like a capture, like gzip, or with a CSV's header? */
function isKnown(descriptor: number): boolean {
  const head = Buffer.alloc(HEAD_BYTES)
  readSync(descriptor, head, 0, HEAD_BYTES, 0)
  return isCaptureHead(head) || head.includes('sequence')
}

export const NOTHING_WRITTEN = 'no run had finished, nothing was written'

/**
 * Work that reads standard input more than once: it gets the path of a copy. Throws as {@link
 * spoolStandardInput}.
 */
export async function withStandardInput(
  io: ProcessIo,
  work: (path: string) => Promise<number>,
): Promise<number> {
  const { signal, stderr } = io
  let spooled: Spooled | undefined
  try {
    spooled = await spoolStandardInput(io)
    return await work(spooled.path)
  } catch (error) {
    if (spooled !== undefined || !isInterrupted(signal)) throw error
    return interrupted(NOTHING_WRITTEN, stderr, signal)
  } finally {
    spooled?.remove()
  }
}
