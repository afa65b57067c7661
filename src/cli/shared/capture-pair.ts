/**
 * What enters a system and what leaves it, as captures on the command line: each side is the files of one
 * capture. How their packets are matched is in measure/matching/match.ts.
 */
import { UserError } from '../../errors.ts'
import type { MatchOptions } from '../../measure/matching/match.ts'
import { inputPath } from '../../node/bundled.ts'
import { sameFile } from '../../node/files/marker.ts'
import { type CaptureFile, type CapturePaths, listed } from '../../traffic/capture/capture-files.ts'
import { oneOf } from './limits.ts'
import type { PairOptions } from './options.ts'
import type { ProcessIo } from './process-io.ts'
import { asOneCapture } from './several-files.ts'

/** How packets are matched. Throws UserError (2) with every mistake. */
export function matchOptionsOf({ nat, order, direction }: PairOptions): MatchOptions {
  const mistakes: string[] = []
  const word = <T extends string>(option: string, given: string, known: readonly [T, T]): T => {
    try {
      return oneOf(option, given, known)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      mistakes.push(...error.lines)
      return known[0]
    }
  }
  const match: MatchOptions = {
    nat: nat ?? false,
    order: word('--order', order ?? 'file', ['file', 'time']),
    direction: word('--direction', direction ?? 'auto', ['auto', 'all']),
  }
  if (mistakes.length > 0) throw new UserError(mistakes, 2)
  return match
}

/** What was given that only two captures have a use for, as written. */
export function matchWordsOf({ nat, order, direction }: PairOptions): string[] {
  return [
    ...(nat ? ['--nat'] : []),
    ...(order === 'time' ? ['--order time'] : []),
    ...(direction === 'all' ? ['--direction all'] : []),
  ]
}

/**
 * Both sides, each as one capture, by the names of its files. Throws UserError where one is several, and (2)
 * where a file is on both sides, by whichever name.
 */
export async function sidesOf(
  { sent, received }: { readonly sent: readonly string[]; readonly received: readonly string[] },
  options: PairOptions,
  io: ProcessIo,
): Promise<{ readonly sent: CapturePaths; readonly received: CapturePaths }> {
  refuseSameFile(filesOf('--sent', sent), filesOf('--received', received))
  return {
    sent: await sideOf('--sent', sent, options, io),
    received: await sideOf('--received', received, options, io),
  }
}

/** Those that come with lanewise are for trying the command. Throws UserError (2). */
export function refuseSameFile(sent: readonly CaptureFile[], received: readonly CaptureFile[]): void {
  for (const from of sent) {
    if (from.name.startsWith('@')) continue
    const same = received.find((to) => sameFile(to.path, [from.path]))
    if (same === undefined) continue
    throw new UserError(
      `--received ${same.name}: is the file of --sent ${from.name} too, and nothing lies between a capture and itself - name the capture of what leaves the system`,
      2,
    )
  }
}

/** The files behind an option as one capture, by their names. Throws UserError where they are several. */
export async function sideOf(
  option: '--sent' | '--received',
  files: readonly string[],
  { asOne }: PairOptions,
  { signal }: ProcessIo,
): Promise<CapturePaths> {
  // So that a name that there isn't is said of its option.
  filesOf(option, files)
  return asOneCapture(files, asOne ? { asOne } : {}, option, signal)
}

/** Where a side's files are. Throws UserError for a name of which there is no capture. */
export function filesOf(option: '--sent' | '--received', capture: CapturePaths): readonly CaptureFile[] {
  return listed(capture).map((name) => ({ path: inputPath(name, 'capture', `${option} ${name}`), name }))
}
