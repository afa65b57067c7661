/** Runs the command line inside a test: what it writes is collected, nothing touches the process. */
import type { Readable } from 'node:stream'
import { program } from './program.ts'

export interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface Means {
  readonly signal?: AbortSignal
  readonly env?: Readonly<Record<string, string>>
  /** What is piped in. */
  readonly stdin?: Readable
  /** Sees each piece of stderr as it is written. */
  readonly onStderr?: (text: string) => void
}

/**
 * Words of a command as arguments: with one job, unless they name a number, because threads take longer to
 * start than small work takes, and give the same bytes.
 */
export function withOneJob(words: string): string[] {
  const argv = words.split(' ')
  return argv.includes('-j') ? argv : [...argv, '-j', '1']
}

/** @param argv without node and script */
export async function runProgram(argv: readonly string[], means: Means = {}): Promise<Finished> {
  const { signal = new AbortController().signal, env = {}, stdin, onStderr } = means
  let stdout = ''
  let stderr = ''
  const exitCode = await program({
    argv,
    stdout: {
      write(text) {
        stdout += text
      },
    },
    stderr: {
      write(text) {
        stderr += text
        onStderr?.(text)
      },
    },
    stdin,
    env,
    signal,
  })
  return { exitCode, stdout, stderr }
}
