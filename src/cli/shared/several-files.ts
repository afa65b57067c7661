/**
 * Several captures on one command line: files of a ring are one capture, others are separate. What decides is
 * in traffic/capture/capture-range.ts, or --as-one and --separate.
 */
import { UserError } from '../../errors.ts'
import { inputPath } from '../../node/bundled.ts'
import { readInput } from '../../node/input-file.ts'
import { refuseScenarios } from '../../node/load-scenario.ts'
import { openBytes } from '../../node/open-bytes.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import { type CapturePaths, listed } from '../../traffic/capture/capture-files.ts'
import type { JoinOptions } from './options.ts'
import type { ProcessIo } from './process-io.ts'
import { STANDARD_INPUT_NAME } from './standard-input.ts'

/** One input for a run, the files of a capture in order of time; or why there are several. */
export type Together =
  | { readonly isOne: true; readonly input: CapturePaths; readonly said?: string }
  | { readonly isOne: false; readonly what: 'captures' | 'files'; readonly why: string }

/**
 * Throws UserError: (2) where files can't be read together at all, (1) where one is no capture. A single file
 * may be anything.
 * @param check throws for files that can't be among several
 */
export async function together(
  files: readonly string[],
  { asOne, separate }: JoinOptions,
  signal: ProcessIo['signal'],
  check = refuseScenarios,
): Promise<Together> {
  if (asOne && separate) throw new UserError('--as-one, --separate: exclude each other - keep one', 2)
  const [first] = files
  if (files.length === 1) return { isOne: true, input: first! }
  refuseStandardInput(files)
  if (files.some(isArrivals)) {
    const others = files.filter((file) => !isArrivals(file))
    if (others.length > 0)
      throw new UserError(
        `${others[0]}: is no arrivals CSV, as ${files.find(isArrivals)} is - name them apart`,
        2,
      )
    if (asOne) throw new UserError('--as-one: only captures are joined, not arrivals CSVs - leave it out', 2)
    return { isOne: false, what: 'files', why: 'each is a run of its own' }
  }
  check(files)
  if (separate) return { isOne: false, what: 'captures', why: '--separate' }
  const named = files.map((name) => ({ path: inputPath(name, 'capture'), name }))
  const [{ whyApart }, { inOrderOfTime }] = await Promise.all([
    import('../../traffic/capture/capture-range.ts'),
    import('../../traffic/capture/joined-reader.ts'),
  ])
  const why = asOne ? undefined : await whyApart(named, openBytes, () => signal.throwIfAborted())
  if (why !== undefined) return { isOne: false, what: 'captures', why }
  const ordered = await inOrderOfTime(named, openBytes)
  const said = `${files.length} files are read as one capture, since their times follow each other`
  return { isOne: true, input: ordered.map(({ name }) => name), ...(asOne ? {} : { said }) }
}

/** What can't be read isn't; that is told by who reads it. */
function isArrivals(file: string): boolean {
  try {
    return readInput(inputPath(file)).kind === 'arrivals'
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

/** {@link together} for work that takes one capture only. @param where opens the message */
export async function asOneCapture(
  files: readonly string[],
  options: JoinOptions,
  where: string,
  signal: ProcessIo['signal'],
): Promise<CapturePaths> {
  return inputOf(await together(files, options, signal), where)
}

/** The one capture. Throws UserError (2) where there are several. @param where opens the message */
export function inputOf(found: Together, where: string): CapturePaths {
  if (found.isOne) return found.input
  const { what, why } = found
  const cure = what === 'captures' ? 'name one at a time, or join them: --as-one' : 'name one at a time'
  const one = what === 'captures' ? 'capture' : 'file'
  throw new UserError(`${where}: one ${one} is needed, and here are several: ${why} - ${cure}`, 2)
}

/** How the one input is named again on a command line. */
export function inputWords(input: CapturePaths, { asOne }: JoinOptions): readonly string[] {
  const words = listed(input)
  return asOne && words.length > 1 ? [...words, '--as-one'] : words
}

/** Throws UserError (2): a pipe is read as it comes, nobody knows when it will end. */
export function refuseStandardInput(files: readonly string[]): void {
  if (files.length < 2 || !files.includes(STANDARD_INPUT)) return
  throw new UserError(
    `${STANDARD_INPUT_NAME}: it can't be combined with other files - name - alone, or save it and name the file`,
    2,
  )
}
