/** A run whose captures, and whose trace, are files. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { UserError } from '../errors.ts'
import type { RunResult } from '../metrics/result.ts'
import type { Plan } from '../run/plan.ts'
import type { TextSink } from '../run/policy-runner.ts'
import { type RunOptions, simulateRun } from '../run/simulate-run.ts'
import { openBytes } from './open-bytes.ts'

export interface FileRunOptions extends Omit<RunOptions, 'openBytes' | 'traceOf'> {
  /** Path of the file that takes the trace of this run and policy. */
  readonly tracePath?: ((policy: number) => string) | undefined
}

/**
 * {@link simulateRun} of run number `run` (from 0). Throws a UserError when a file can't be read or written.
 */
export function simulateWithFiles(plan: Plan, run: number, options: FileRunOptions = {}): Promise<RunResult> {
  const { tracePath, ...others } = options
  const traceOf = tracePath && ((policy: number) => fileSink(tracePath(policy)))
  return simulateRun(plan, run, { ...others, openBytes, traceOf })
}

function fileSink(path: string): TextSink {
  const file = openSync(path, 'wx')
  return { write: (text) => writeTrace(file, text), close: () => closeSync(file) }
}

/** Throws a UserError when the disk refuses. */
function writeTrace(file: number, text: string): void {
  const bytes = Buffer.from(text)
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOSPC' ? 'the disk is full' : message
    throw new UserError(
      `--trace: can't be written, ${reason} - make room, or trace fewer runs (--trace-runs) or less time (-d)`,
    )
  }
}
