/**
 * Results that stand where new ones go. Those of the same command are replaced; those of another one (another
 * verb, input or option, by their provenance.json) are moved, the whole folder, to `<folder>.previous`, of
 * which there is one. A folder that lanewise didn't write, or that holds what is read now, stays.
 */
import { existsSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { reasonOf, UserError } from '../../errors.ts'
import { type ResultsFolder, resultsFolder } from '../../node/files/results-folder.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { type ProcessIo, remark } from './process-io.ts'

export interface NewResults {
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
  return [path, ...[capturePath].flat(), calibration, ...policies.map(({ module }) => module)]
}

/** Opens the folder of a command's results. Throws UserError where it can't be written, or not moved. */
export function openResults(
  output: string,
  { inputs, quiet = false, resume = false }: NewResults,
  { argv, stderr }: Pick<ProcessIo, 'argv' | 'stderr'>,
): OpenedResults {
  const earlier = resume ? undefined : earlierCommand(output)
  const previous = `${path.join(output)}.previous`
  const isOther = earlier !== undefined && !isSameCommand(earlier, argv)
  const here = () => {
    const folder = resultsFolder(output)
    return { folder, putBack: folder.discard }
  }
  if (!isOther) return here()
  let isSaid = false
  const say = (what: string) => {
    if (isSaid) return
    isSaid = true
    const line = `${output}: the results of another command (lanewise ${earlier.join(' ')}) ${what}`
    if (!quiet) remark(line, stderr)
  }
  const needed = [process.cwd(), ...inputs].find((input) => input !== undefined && isIn(input, output))
  if (needed !== undefined) {
    say(`are replaced and not kept, since ${needed} is in that folder - name another one with -o`)
    return here()
  }
  moveAway(output, previous)
  const folder = resultsFolder(output)
  const told = () => say(`are kept in ${previous}`)
  return {
    folder: {
      ...folder,
      write(files) {
        folder.write(files)
        told()
      },
      async grow(names, work) {
        await folder.grow(names, work)
        told()
      },
    },
    putBack() {
      folder.discard()
      if (!existsSync(output)) renameSync(previous, output)
    },
  }
}

/** The arguments of the command that wrote the folder; undefined where that can't be told. */
function earlierCommand(folder: string): readonly string[] | undefined {
  try {
    const { argv } = JSON.parse(readFileSync(path.join(folder, 'provenance.json'), 'utf8'))
    return Array.isArray(argv) && argv.every((one) => typeof one === 'string') ? argv : undefined
  } catch {
    return undefined
  }
}

/** Options that make no other question of it, with their value in the next argument. */
const WITH_VALUE = /^(--seed|-r|--runs|-j|--jobs|-f|--format|-o|--output|--columns|--sort-rows)$/
/** The same with the value in the same argument, and those without one. */
const ALONE =
  /^(-[rjfo].+|--(seed|runs|jobs|format|output|columns|sort-rows)=.*|-[qv]+|--quiet|--verbose|--resume|--yes)$/

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
  if (existsSync(previous) && earlierCommand(previous) === undefined) {
    throw new UserError(
      `${previous}: is in the way of the earlier results in ${folder}, and lanewise didn't write it - move it, or name another folder with -o`,
    )
  }
  try {
    rmSync(previous, { recursive: true, force: true })
    renameSync(folder, previous)
  } catch (error) {
    throw new UserError(
      `${folder}: its earlier results can't be moved to ${previous} (${reasonOf(error)}) - name another folder with -o`,
    )
  }
}
