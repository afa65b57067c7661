/**
 * Which policy of a comparison --reference means: its label, or its name alone where only one policy has it.
 */
import { didYouMean, UserError } from '../../errors.ts'

/** The first label where nothing is given. Throws UserError. */
export function referenceOf(given: string | undefined, labels: readonly string[]): string {
  if (given === undefined) return labels[0]!
  if (labels.includes(given)) return given
  const named = labels.filter((label) => label.split(':')[0] === given)
  if (named.length === 1) return named[0]!
  const cure =
    named.length > 1
      ? ` - which one: ${named.join(' or ')}?`
      : didYouMean(given, labels) || ` - there are ${labels.join(' and ')}`
  throw new UserError(`--reference ${given}: no such policy in this comparison${cure}`, 2)
}

/**
 * The reference of a point of a scan: the policy that stands where the reference of the scenario without the
 * scan does, or, where the scan changes the list, the one of that name. Throws UserError.
 */
export function referenceAt(
  given: string | undefined,
  baseLabels: readonly string[],
  labels: readonly string[],
): string {
  if (given === undefined) return labels[0]!
  const base = referenceOf(given, baseLabels)
  const name = (label: string | undefined) => label?.split(':')[0]
  const samePlace = labels[baseLabels.indexOf(base)]
  return labels.length === baseLabels.length && name(samePlace) === name(base)
    ? samePlace!
    : referenceOf(given, labels)
}
