/** What a verb is to the program: a line in its help, and a file that is loaded when the verb is used. */
import type { Command } from 'commander'
import type { ProcessIo } from './process-io.ts'

/** What a verb's command.ts exports. */
export interface VerbModule {
  /**
   * Adds arguments, options, help and the action.
   * @param done takes the exit code; not called: 0
   * @param verbs all there are
   */
  define(command: Command, io: ProcessIo, done: (exitCode: number) => void, verbs: Verbs): void
}

/** By name, in the order of the help. */
export type Verbs = Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<VerbModule> }>
>
