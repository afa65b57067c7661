/**
 * What is said when nothing else can be: imports nothing but Node's own, opens nothing, keeps nothing, and
 * can't come back to itself. A process that may open hardly any file is told here too, before it has loaded
 * the hundred modules that need them: Node reads many at once and fails in the middle of its own code.
 */
import { readFileSync, writeSync } from 'node:fs'
import process from 'node:process'

/** Fewer don't do: loading a verb's modules takes up to 150 at once, and each thread some more. */
const OPEN_FILES_MIN = 256
const STDERR = 2

const TOO_MANY_FILES = 'lanewise: too many open files - raise the limit: ulimit -n 1024'

/** The one line about it; undefined where the error is another one. */
export function tooManyFiles(error: unknown): string | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const isIt = code === 'EMFILE' || code === 'ENFILE' || /\bE[MN]FILE\b/.test(String(message))
  return isIt ? TOO_MANY_FILES : undefined
}

/** May this process open so few files that nothing would work? Not known everywhere. */
export function mayOpenTooFew(): boolean {
  try {
    const [, files] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return Number(files) < OPEN_FILES_MIN
  } catch (error) {
    return tooManyFiles(error) !== undefined
  }
}

/** Says that there may be too few. */
export function sayTooFew(): void {
  sayLine(TOO_MANY_FILES)
}

/** Says what ended the process, as well as it can. Never throws. */
export function sayLast(error: unknown): void {
  try {
    sayLine(
      tooManyFiles(error) ??
        `lanewise: a defect of lanewise, please report it: ${String(error).split('\n')[0]}`,
    )
  } catch {
    // Nobody can be told.
  }
}

/** Says one line, and that the command has failed. Never throws. */
export function sayLine(line: string): void {
  try {
    writeSync(STDERR, `${line}\n`)
  } catch {
    // Nobody listens.
  }
  process.exitCode = 1
}
