/** What -f takes. Apart from format.ts, which loads what it takes to write a report. */
import { didYouMean, UserError } from '../../errors.ts'

const FORMATS = ['table', 'json', 'csv', 'markdown'] as const

export type Format = (typeof FORMATS)[number]

/** Throws UserError for a word that is no format. */
export function formatOf(given: string, known: readonly string[] = FORMATS): Format {
  if (known.includes(given)) return given as Format
  const cure = didYouMean(given, known) || ` - use one of ${known.join(', ')}`
  throw new UserError(`-f ${given}: unknown format${cure}`, 2)
}
