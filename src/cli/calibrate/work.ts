/** The work of `lanewise calibrate`: this machine, or the system whose runs are named. */
import type { ProcessIo } from '../shared/process-io.ts'
import type { CalibrateOptions } from './options.ts'

/** Does the work; resolves to the exit code. Throws UserError. */
export async function calibrate(
  files: readonly string[],
  options: CalibrateOptions,
  io: ProcessIo,
): Promise<number> {
  if (options.machine) {
    const { calibrateMachine } = await import('./machine.ts')
    return calibrateMachine(files, options, io)
  }
  const { calibrateSystem } = await import('./system.ts')
  return calibrateSystem(files, options, io)
}
