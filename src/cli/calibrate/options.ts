/** The options of `lanewise calibrate`, as they come and as values. */
import { didYouMean, reasonOf, UserError } from '../../errors.ts'
import { CIPHERS, type Cipher } from '../../live/machine/ciphers.ts'
import { parseDurationNs } from '../../units.ts'
import { type Format, formatOf } from '../shared/format-names.ts'
import type { ResultOptions } from '../shared/options.ts'

/** As commander gives them; the output is a file. */
export interface CalibrateOptions extends ResultOptions {
  readonly machine?: true
  readonly cipher?: string
  readonly duration?: string
}

/** Of `--machine`. */
export interface CheckedMachine {
  readonly cipher: Cipher
  readonly lengthNs: number
  readonly format: Format
}

const LENGTH = '10s'
/** Shorter ones wake too few threads to say anything of them. */
const LENGTH_NS_MIN = 200e6
const LENGTH_NS_MAX = 600e9

/** Throws a UserError (usage) for the first flag that makes no sense. */
export function checkMachine({ cipher, duration = LENGTH, format }: CalibrateOptions): CheckedMachine {
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
