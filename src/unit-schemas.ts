/**
 * Schemas of quantities with their units, for scenarios and the parameters of plug-ins. Apart from units.ts
 * because whoever only formats numbers needn't load zod.
 */
import { z } from 'zod'
import { BYTES_PER_UNIT, NS_PER_UNIT, parseDurationNs, parseFineDurationNs, parseSizeBytes } from './units.ts'

/**
 * A zod schema that keeps the text and lets `parse` judge it. A bare number gets the message of `parse`,
 * which shows the right form; anything else that isn't text gets the reader's own message.
 */
function checkedBy(parse: (text: string) => number, pattern: string) {
  const complaint = (text: string): string | undefined => {
    try {
      parse(text)
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }
  return z
    .string({
      error: ({ input }) => (typeof input === 'number' ? complaint(String(input)) : undefined),
    })
    .superRefine((text, context) => {
      const message = complaint(text)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    })
    .meta({ pattern })
}

const NUMBER_PATTERN = '^\\s*\\d+(\\.\\d+)?([eE][+-]?\\d+)?\\s*'
const DURATION_PATTERN = `${NUMBER_PATTERN}(${Object.keys(NS_PER_UNIT).join('|')})\\s*$`
const SIZE_PATTERN = `${NUMBER_PATTERN}(${Object.keys(BYTES_PER_UNIT).join('|')})\\s*$`

/** Schema of a duration, kept as text ("8us"). */
export const durationText = checkedBy(parseDurationNs, DURATION_PATTERN).meta({
  title: 'duration',
  examples: ['8us', '30s'],
})
/** Schema of a duration that may have fractions of a nanosecond, kept as text. */
export const fineDurationText = checkedBy(parseFineDurationNs, DURATION_PATTERN).meta({
  title: 'duration',
  examples: ['4ns', '0.8ns'],
})
/** Schema of a size, kept as text ("700B"). */
export const sizeText = checkedBy(parseSizeBytes, SIZE_PATTERN).meta({
  title: 'size',
  examples: ['700B', '1.5kB'],
})
/** Schema of a duration, as integer nanoseconds: what a plug-in's parameters use. */
export const durationNs = durationText.transform(parseDurationNs)
