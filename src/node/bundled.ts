/**
 * Inputs that come with lanewise, by name: `@office` is a capture in scenarios/captures/, `@fork-spray` a run
 * that was recorded on both sides (an arrivals CSV) there, and `@02`,
 * `@spray-breaks-udp` and `@02-spray-breaks-udp` are one scenario. They are found from any folder, in a
 * checkout and in an installed package alike. A file that is really called `@office` is `./@office`.
 */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { didYouMean, UserError } from '../errors.ts'
import { spooledPath } from './spooled.ts'

export interface BundledInput {
  /** The whole name: `@office`, `@02-spray-breaks-udp`. */
  readonly name: string
  readonly kind: 'capture' | 'run' | 'scenario'
  /** Absolute path of the file. */
  readonly path: string
}

/** The folder beside src and dist. */
export const BUNDLED_FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const CAPTURES = path.join(BUNDLED_FOLDER, 'captures')
const CAPTURE_NAME = /\.(pcap|pcapng)(\.gz)?$/
const RUN_NAME = /\.csv\.gz$/
const SCENARIO_NAME = /\.yaml$/

let found: readonly BundledInput[] | undefined

/** All of them, captures first, then runs, in order of their names. */
export function bundledInputs(): readonly BundledInput[] {
  found ??= [
    ...inputsIn(CAPTURES, CAPTURE_NAME, 'capture'),
    ...inputsIn(CAPTURES, RUN_NAME, 'run'),
    ...inputsIn(BUNDLED_FOLDER, SCENARIO_NAME, 'scenario'),
  ]
  return found
}

function inputsIn(folder: string, ending: RegExp, kind: BundledInput['kind']): BundledInput[] {
  const files = readdirSync(folder).filter((file) => ending.test(file))
  return files
    .sort()
    .map((file) => ({ name: `@${file.replace(ending, '')}`, kind, path: path.join(folder, file) }))
}

/** Every way to write one: `@02-spray-breaks-udp`, `@spray-breaks-udp`, `@02`, `@2`. */
export function namesOf({ name, kind }: BundledInput): string[] {
  const [, number, rest] = (kind === 'scenario' && /^@(\d+)-(.+)$/.exec(name)) || []
  if (number === undefined) return [name]
  return [...new Set([name, `@${rest}`, `@${number}`, `@${Number(number)}`])]
}

/** Is this a name and not a path? */
export function isBundledName(given: string): boolean {
  return given.startsWith('@')
}

/**
 * The path to open for an input as the user wrote it: of a bundled one its file's, else what was written.
 * Throws UserError (2) for a name that there isn't, and for a scenario where only a capture will do.
 * @param where opens the message
 */
export function inputPath(
  given: string,
  wanted: 'capture' | 'capture or scenario' = 'capture or scenario',
  where = given,
): string {
  if (!isBundledName(given)) return spooledPath(given)
  const [name, part] = /^(.*?)(#.+)$/.exec(given)?.slice(1) ?? [given, '']
  if (part !== '') return inputPath(name!, 'capture', where) + part
  const input = bundledInputs().find((one) => namesOf(one).includes(given))
  if (input === undefined) throw new UserError(`${where}: ${unknown(given, where.endsWith(given))}`, 2)
  if (input.kind === 'scenario' && wanted === 'capture') {
    throw new UserError(
      `${where}: ${input.name} is a scenario, and only a capture will do here - name one (lanewise list captures)`,
      2,
    )
  }
  return input.path
}

function unknown(given: string, isSaid: boolean): string {
  const what = `nothing ${isSaid ? 'of that name' : `called ${given}`} comes with lanewise`
  if (existsSync(given)) return `${what} - for the file of that name write ./${given}`
  const cure = didYouMean(given, bundledInputs().flatMap(namesOf)) || ' - see what there is'
  return `${what}${cure} (lanewise list scenarios, lanewise list captures)`
}
