/** Values as users write them: shares, durations, counts, words. Mistakes are *option - what - cure*. */
import { didYouMean, reasonOf, UserError } from '../../errors.ts'
import { parseDurationNs } from '../../units.ts'

/** A share 0..1, packets, or ns. Throws UserError. */
export function limitOf(option: string, text: string, kind: 'share' | 'packets' | 'duration'): number {
  if (kind === 'duration') return parseDurationNs(durationText(option, text))
  if (kind === 'packets') return wholeNumber(option, text, 0)
  const [, digits, percent] = /^(\d+(?:\.\d+)?(?:[eE]-?\d+)?)\s*(%?)$/.exec(text) ?? []
  const value = Number(digits) / (percent === '%' ? 100 : 1)
  if (digits !== undefined && value <= 1) return value
  throw new UserError(`${option} ${text}: expected a share from 0 to 1 - such as 0.001 or 0.1%`, 2)
}

/** The text of a duration, checked. */
export function durationText(option: string, text: string): string {
  try {
    parseDurationNs(text)
  } catch (error) {
    throw new UserError(`${option} ${text}: ${reasonOf(error)}`, 2)
  }
  return text
}

/** A whole number least..most; without `most` there is no limit that anybody would meet. */
export function wholeNumber(
  option: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw new UserError(`${option} ${text}: not a whole number - give one ${range}`, 2)
}

/** A word of a list. */
export function oneOf<T extends string>(option: string, given: string, known: readonly T[]): T {
  const found = known.find((one) => one === given)
  if (found !== undefined) return found
  const cure = didYouMean(given, known) || ` - use ${known.join(' or ')}`
  throw new UserError(`${option} ${given}: unknown${cure}`, 2)
}
