/**
 * The same command again in a network namespace of its own, for verbs that make devices: in a process that
 * this one started, waits for, and passes signals on to (live/device/namespace.ts).
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNamespace } from '../../live/device/namespace.ts'
import { sameMoment } from '../../node/same-moment.ts'
import { interrupted, isInterrupted, type ProcessIo } from '../shared/process-io.ts'

export interface Words {
  /** What is said where a signal came before the other process did anything. */
  readonly nothing: string
  /** Why else it may have been killed. */
  readonly cure?: string
}

/**
 * Resolves to its exit code; says what ended it where it couldn't say so itself. Throws UserError where there
 * can be no such namespace.
 */
export async function inNamespace(
  { argv, stderr, signal }: ProcessIo,
  { nothing, cure }: Words,
): Promise<number> {
  if (signal.aborted) return interrupted(nothing, stderr, signal)
  const again = [supervisedFile(), `isolated:${process.pid}`, ...argv]
  const { exitCode, endedBy } = await runInNamespace(again, signal).catch(async (error) => {
    await sameMoment()
    signal.throwIfAborted()
    throw error
  })
  // It was still starting.
  if (endedBy !== undefined && isInterrupted(signal)) return interrupted(nothing, stderr, signal)
  if (endedBy !== undefined) {
    const why = cure === undefined ? '' : `; ${cure}`
    stderr.write(
      `${argv[0]}: its process in the network namespace was ended by ${endedBy} - run it again${why}\n`,
    )
  }
  return exitCode
}

/** What does the work in a process of its own; compiled or not, as this file is. */
function supervisedFile(): string {
  return fileURLToPath(new URL(`./supervised${path.extname(import.meta.url)}`, import.meta.url))
}
