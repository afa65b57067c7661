/** A run whose captures, and whose trace, are files. */
import { UserError } from '../errors.ts'
import type { RunResult } from '../metrics/result.ts'
import type { Plan } from '../run/plan.ts'
import type { TextSink } from '../run/policy-runner.ts'
import { type RunOptions, simulateRun } from '../run/simulate-run.ts'
import { disk, writeWhole } from './files/disk.ts'
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
  const file = disk.create(path)
  return { write: (text) => writeTrace(file, text), close: () => disk.close(file) }
}

/** Throws a UserError when the disk refuses. */
function writeTrace(file: number, text: string): void {
  try {
    writeWhole(file, Buffer.from(text))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOSPC' ? 'the disk is full' : message
    throw new UserError(
      `--trace: can't be written, ${reason} - make room, or trace fewer runs (--trace-runs) or less time (-d)`,
    )
  }
}
