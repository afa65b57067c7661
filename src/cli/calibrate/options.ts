/** The options of `lanewise calibrate`, as they come and as values. */
import type { Clock } from '../../calibrate/clock.ts'
import { type Preset, presetNamed } from '../../calibrate/presets.ts'
import { didYouMean, reasonOf, UserError } from '../../errors.ts'
import { CIPHERS, type Cipher } from '../../live/machine/ciphers.ts'
import { isModulePath } from '../../scenario/known-policies.ts'
import { explaining, mistakesOf, pathText } from '../../scenario/mistakes.ts'
import { parsePolicyArgument, policyEntry, resolvePolicies } from '../../scenario/policy-specs.ts'
import { parseDurationNs } from '../../units.ts'
import { type Format, formatOf } from '../shared/format-names.ts'
import type { ResultOptions } from '../shared/options.ts'

/** As commander gives them; the output is a file. */
export interface CalibrateOptions extends ResultOptions {
  readonly machine?: true
  readonly sent?: readonly string[]
  readonly received?: readonly string[]
  readonly lanes?: string
  readonly policy?: string
  readonly cores?: string
  readonly as?: string
  readonly threads?: string
  readonly clock?: string
  readonly seed?: string
  readonly cipher?: string
  readonly duration?: string
}

/** Of `--machine`. */
export interface CheckedMachine {
  readonly cipher: Cipher
  readonly lengthNs: number
  readonly format: Format
}

/** Of runs of a system. */
export interface CheckedSystem {
  readonly sent: readonly string[]
  readonly received: readonly string[]
  readonly lanes: number | undefined
  readonly policy: { readonly name: string; readonly parameters: unknown } | undefined
  readonly cores: number | undefined
  readonly preset: Preset | undefined
  readonly threads: string | undefined
  readonly clock: Clock | undefined
  readonly seed: number | string
  readonly target: string
  readonly format: Format
}

const THREADS_MAX = 1024
const CLOCKS: readonly Clock[] = ['same', 'different']
export const CALIBRATION_FILE = 'calibration.json'

/** Throws a UserError (usage) for the first flag that makes no sense. */
export function checkSystem(files: readonly string[], options: CalibrateOptions): CheckedSystem {
  const { sent = [], received = [], policy, as, clock, seed = '1', output, format } = options
  for (const flag of ['cipher', 'duration'] as const) {
    if (options[flag] !== undefined)
      throw new UserError(`--${flag}: is of --machine - add that, or leave it out`, 2)
  }
  if (files.length === 0 && sent.length === 0 && received.length === 0) {
    throw new UserError(
      'calibrate: nothing to learn from - name arrivals CSVs, or --sent and --received captures, or --machine',
      2,
    )
  }
  if (sent.length > 0 !== received.length > 0) {
    const [given, missing] = sent.length > 0 ? ['--sent', '--received'] : ['--received', '--sent']
    throw new UserError(`${given}: is one side alone - give ${missing} too`, 2)
  }
  return {
    sent,
    received,
    lanes: countOf('--lanes', options.lanes),
    cores: countOf('--cores', options.cores),
    policy: policy === undefined ? undefined : policyOf(policy),
    preset: as === undefined ? undefined : presetNamed(as),
    threads: options.threads,
    clock: clock === undefined ? undefined : clockOf(clock),
    seed: /^-?\d{1,15}$/.test(seed) ? Number(seed) : seed,
    target: output ?? CALIBRATION_FILE,
    format: formatOf(format, ['table', 'json']),
  }
}

function countOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= THREADS_MAX) return count
  throw new UserError(`${flag} ${text}: expected a number from 1 to ${THREADS_MAX}`, 2)
}

function policyOf(text: string): CheckedSystem['policy'] {
  const entry = parsePolicyArgument(text)
  const name = typeof entry === 'string' ? entry : Object.keys(entry)[0]!
  if (isModulePath(name)) {
    throw new UserError(
      `-p ${text}: is a module, and calibrate knows built-in policies only - name the nearest (lanewise list policies)`,
      2,
    )
  }
  const checked = policyEntry.safeParse(entry, explaining)
  if (!checked.success) {
    const { path, reason } = mistakesOf(checked.error)[0]!
    throw new UserError(`-p ${text}: ${path.length > 1 ? `${pathText(path.slice(1))}: ` : ''}${reason}`, 2)
  }
  const [spec] = resolvePolicies([checked.data])
  return { name: spec!.name, parameters: spec!.parameters }
}

function clockOf(text: string): Clock {
  const found = CLOCKS.find((name) => name === text)
  if (found !== undefined) return found
  throw new UserError(`--clock ${text}: unknown - use same or different`, 2)
}

const LENGTH = '10s'
/** Shorter ones wake too few threads to say anything of them. */
const LENGTH_NS_MIN = 200e6
const LENGTH_NS_MAX = 600e9

/** Throws a UserError (usage) for the first flag that makes no sense. */
export function checkMachine(
  files: readonly string[],
  { cipher, duration = LENGTH, format, sent, received }: CalibrateOptions,
): CheckedMachine {
  if (files.length > 0 || sent !== undefined || received !== undefined) {
    throw new UserError('--machine: measures this machine, and takes no files - leave out one of both', 2)
  }
  return {
    cipher: cipherOf(cipher),
    lengthNs: lengthOf(duration),
    format: formatOf(format, ['table', 'json']),
  }
}

function cipherOf(given: string = CIPHERS[0]): Cipher {
  const found = CIPHERS.find((name) => name === given)
  if (found !== undefined) return found
  const cure = didYouMean(given, CIPHERS) || ` - use one of ${CIPHERS.join(', ')}`
  throw new UserError(`--cipher ${given}: unknown${cure}`, 2)
}

function lengthOf(text: string): number {
  let ns: number
  try {
    ns = parseDurationNs(text)
  } catch (error) {
    throw new UserError(`-d ${reasonOf(error)}`, 2)
  }
  if (ns >= LENGTH_NS_MIN && ns <= LENGTH_NS_MAX) return ns
  throw new UserError(`-d ${text}: expected a time from 200ms to 10min - leave it out for ${LENGTH}`, 2)
}
