/**
 * Results that stand where new ones go. Those of the same command are replaced; those of another one (another
 * verb, input or option, by their provenance.json) are moved, the whole folder, to `<folder>.previous`, of
 * which there is one. A folder that lanewise didn't write, or that holds what is read now, stays.
 */
import { existsSync, realpathSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { reasonOf, UserError } from '../../errors.ts'
import { captureFileOf } from '../../node/capture-part.ts'
import { othersIn, readMarker, refuseForeign, refuseInputs } from '../../node/files/marker.ts'
import { removeStaleParts } from '../../node/files/parts.ts'
import { type ResultsFolder, resultsFolder } from '../../node/files/results-folder.ts'
import { MACHINE, machineFile } from '../../node/machine-file.ts'
import { POINTS_FOLDER, removePoints } from '../../scan/saved-points.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { type ProcessIo, remark } from './process-io.ts'
import { filesOf, type ResultKind } from './result-files.ts'

export interface NewResults {
  readonly kind: ResultKind
  /** Files that the command reads; undefined ones aren't there. */
  readonly inputs: ReadonlyArray<string | undefined>
  readonly quiet?: boolean | undefined
  /** The earlier results are gone on with. */
  readonly resume?: boolean | undefined
}

export interface OpenedResults {
  /** Says, when the first results are written, where earlier ones are. */
  readonly folder: ResultsFolder
  /** For a command that has written nothing: the folder is as it was, the earlier results in their place. */
  putBack(): void
}

/** What a command reads: its scenario, capture, calibration, and users' own policies. */
export function inputsOf(
  { path, capturePath, policies }: Pick<LoadedScenario, 'path' | 'capturePath' | 'policies'>,
  calibration?: string | undefined,
): NewResults['inputs'] {
  const read = calibration === MACHINE ? machineFile() : calibration
  return [path, ...[capturePath].flat(), read, ...policies.map(({ module }) => module)]
}

/** What becomes of what stands in the folder. */
interface Fate {
  /** The command that wrote it, if that was another one. */
  readonly other: readonly string[] | undefined
  /** What is read now and would be moved or removed with it. */
  readonly needed: string | undefined
}

/**
 * Can the results go there? For commands that work long before they open the folder. Throws UserError (2)
 * where they would replace what is read, or what lanewise didn't write.
 */
export function checkResults(
  output: string,
  { kind, inputs: given, resume = false }: NewResults,
  { argv }: Pick<ProcessIo, 'argv'>,
): Fate {
  const inputs = given.map((input) => input && captureFileOf(input))
  const wanted = { folder: output, ...filesOf(kind), inputs }
  refuseInputs(wanted)
  const earlier = resume ? undefined : readMarker(output)?.argv
  const other = earlier !== undefined && !isSameCommand(earlier, argv) ? earlier : undefined
  const needed = [process.cwd(), ...inputs].find(
    (input) => input !== undefined && (isIn(input, output) || isIn(input, previousOf(output))),
  )
  if (other === undefined || needed !== undefined) refuseForeign(wanted)
  return { other, needed }
}

function previousOf(output: string): string {
  return `${path.join(output)}.previous`
}

/** Opens the folder of a command's results. Throws UserError where it can't be written, or not moved. */
export function openResults(
  output: string,
  results: NewResults,
  { argv, stderr }: Pick<ProcessIo, 'argv' | 'stderr'>,
): OpenedResults {
  const { other, needed } = checkResults(output, results, { argv })
  const previous = previousOf(output)
  const here = () => {
    const folder = resultsFolder(output)
    return { folder: whenWritten(folder, dropPoints), putBack: folder.discard }
  }
  // Points of an earlier scan go with its tables.
  const dropPoints = () => {
    if (results.kind !== 'scan') removePoints(path.join(output, POINTS_FOLDER))
  }
  if (other === undefined) return here()
  let isSaid = false
  const say = (what: string) => {
    if (isSaid) return
    isSaid = true
    const line = `${output}: the results of another command (lanewise ${other.join(' ')}) ${what}`
    if (!results.quiet) remark(line, stderr)
  }
  if (needed !== undefined) {
    const where = isIn(needed, output) ? 'that folder' : previous
    say(`are replaced and not kept, since ${needed} is in ${where} - name another one with -o`)
    return here()
  }
  moveAway(output, previous)
  const folder = resultsFolder(output)
  const told = () => say(`are kept in ${previous}`)
  return {
    folder: whenWritten(folder, told),
    putBack() {
      folder.discard()
      if (!existsSync(output)) renameSync(previous, output)
    },
  }
}

/** The folder, with what happens as soon as it has files. */
function whenWritten(folder: ResultsFolder, work: () => void): ResultsFolder {
  return {
    ...folder,
    write(files, provenance) {
      folder.write(files, provenance)
      work()
    },
    async grow(names, provenance, inner) {
      await folder.grow(names, provenance, inner)
      work()
    },
  }
}

/** Options that make no other question of it, with their value in the next argument. */
const WITH_VALUE =
  /^(--seed|-r|--runs|-j|--jobs|-f|--format|-o|--output|--columns|--sort-rows|--junit|--prometheus)$/
/** The same with the value in the same argument, and those without one. */
const ALONE =
  /^(-[rjfo].+|--(seed|runs|jobs|format|output|columns|sort-rows|junit|prometheus)=.*|-[qv]+|--quiet|--verbose|--resume|--yes|--allow-modules)$/

/** Do two command lines ask the same? Seed, runs, threads and what is shown make no difference. */
export function isSameCommand(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(asked(one)) === JSON.stringify(asked(other))
}

function asked(argv: readonly string[]): readonly string[] {
  return argv.filter(
    (word, i) => !WITH_VALUE.test(word) && !WITH_VALUE.test(argv[i - 1] ?? '') && !ALONE.test(word),
  )
}

function isIn(file: string, folder: string): boolean {
  try {
    const from = path.relative(realpathSync(folder), realpathSync(file))
    return from === '' || (!from.startsWith('..') && !path.isAbsolute(from))
  } catch {
    return false
  }
}

function moveAway(folder: string, previous: string): void {
  if (existsSync(previous) && readMarker(previous) === undefined) {
    throw new UserError(
      `${previous}: is in the way of the earlier results in ${folder}, and lanewise didn't write it - move it, or name another folder with -o`,
    )
  }
  const other = existsSync(previous) ? othersIn(previous) : undefined
  if (other !== undefined) {
    throw new UserError(
      `${previous}: is in the way of the earlier results in ${folder}, and lanewise didn't write ${other} - move it, or name another folder with -o`,
    )
  }
  // What a killed command has left goes now: nobody looks for it where the folder is moved.
  for (const one of [folder, path.join(folder, POINTS_FOLDER)]) removeStaleParts(one)
  try {
    rmSync(previous, { recursive: true, force: true })
    renameSync(folder, previous)
  } catch (error) {
    throw new UserError(
      `${folder}: its earlier results can't be moved to ${previous} (${reasonOf(error)}) - name another folder with -o`,
    )
  }
}
