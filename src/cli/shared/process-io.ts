/** What a verb gets from outside, so that tests can run the whole command line without a process. */
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { wrap } from '../../report/parts/wrap.ts'
import { visible, visibleLines } from '../../visible.ts'

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  /** The same for the program's own control codes, which nothing escapes; there where text is. */
  readonly raw?: Output
}

/** Of a process that another one has started in a network namespace of its own. */
export interface Isolation {
  /** The other one's id. */
  readonly by: number
  /** A descriptor of the socket on which the other one opens devices; undefined: this process may do so. */
  readonly devices: number | undefined
}

export interface ProcessIo {
  /** Without node and script. */
  readonly argv: readonly string[]
  /** Data only. */
  readonly stdout: Output
  /** Progress and hints. */
  readonly stderr: Output
  /** What is piped in; nothing is without it. */
  readonly stdin?: (Readable & { readonly isTTY?: boolean }) | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /**
   * Hands ^C over: the next one calls `take` and ends nothing; the one after it is a signal again. Returns
   * what gives it back.
   */
  readonly takeInterrupt?: (take: () => void) => () => void
  /** How it came into a network namespace of its own; left out: it didn't. */
  readonly isolated?: Isolation | undefined
  /** Aborted with the signal's name (SIGINT), or with the error that ends the work. */
  readonly signal: AbortSignal
}

/**
 * The same process, with both streams for text: nothing that could be obeyed or can't be seen passes, line
 * feeds aside.
 */
export function textIo(io: ProcessIo): ProcessIo {
  // What else it has is found behind it; standard input only when asked for, as a process opens it then.
  return Object.create(io, {
    stdout: { value: textOutput(io.stdout), enumerable: true },
    stderr: { value: textOutput(io.stderr), enumerable: true },
  })
}

function textOutput(raw: Output): Output {
  return {
    raw,
    write: (text) => raw.write(visibleLines(text)),
    get isTTY() {
      return raw.isTTY
    },
    get columns() {
      return raw.columns
    },
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: SGR codes begin with one
const STYLE = /(\u001b\[[\d;]*m)/

/**
 * Prints what was made for -f. A table has the codes of our styles, and no others: what isn't ours was
 * escaped before it was laid out.
 */
export function show(text: string, format: string, { stdout, env }: Pick<ProcessIo, 'stdout' | 'env'>): void {
  if (format !== 'table' || stdout.raw === undefined || !usesColour(stdout, env)) stdout.write(text)
  else {
    const parts = text.split(STYLE).map((part, i) => (i % 2 === 1 ? part : visibleLines(part)))
    stdout.raw.write(parts.join(''))
  }
}

/** Did a signal end the work? Not an error. */
export function isInterrupted(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof Error)
}

/**
 * Says that the work was ended by a signal and what there is of it; the exit code is the shell's for that
 * signal.
 */
export function interrupted(what: string, stderr: Output, signal: AbortSignal): number {
  stderr.write(`interrupted: ${what}\n`)
  return 128 + (constants.signals[signal.reason as NodeJS.Signals] ?? constants.signals.SIGINT)
}

/**
 * Saves what has finished at once when the signal comes, before anything is waited for that may never end: a
 * thread of a user's policy for instance. Returns what ends that. An error comes again where the work ends.
 */
export function atAbort(signal: AbortSignal, save: () => void): () => void {
  const attempt = () => {
    try {
      save()
    } catch {
      // Said by the work, which saves again.
    }
  }
  signal.addEventListener('abort', attempt, { once: true })
  return () => signal.removeEventListener('abort', attempt)
}

/** Characters per line: of the terminal, 80 where there is none. */
export function widthOf(output: Output): number {
  return output.isTTY && output.columns ? Math.max(40, output.columns) : 80
}

/** Lines as they are, each on one line whatever it holds. */
export function sayLines(lines: readonly string[], output: Output): void {
  for (const line of lines) output.write(`${visible(line)}\n`)
}

/** A remark on stderr: one line, which a terminal shows broken at words. */
export function remark(text: string, stderr: Output): void {
  const shown = visible(text)
  const lines = stderr.isTTY ? wrap(shown, widthOf(stderr)) : [shown]
  stderr.write(lines.map((line) => `${line}\n`).join(''))
}

/** Colour only for terminals, and not against NO_COLOR (https://no-color.org). */
export function usesColour(output: Output, env: ProcessIo['env']): boolean {
  return output.isTTY === true && !env.NO_COLOR
}
