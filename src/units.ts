/**
 * Quantities as users write them and as the code holds them: durations in integer nanoseconds, sizes in bytes.
 * A quantity always carries its unit ("8us", "700B"); a bare number is an error that shows the right form.
 */
import { z } from 'zod'

const NS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
}
const BYTES_PER_UNIT: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KiB: 1024, MB: 1e6, MiB: 1048576 }

/** The largest duration that is exact in a double: about 104 days. */
export const DURATION_NS_MAX = Number.MAX_SAFE_INTEGER

function parseQuantity(text: string, units: Readonly<Record<string, number>>, example: string): number {
  const match = /^\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*([A-Za-zµ]*)\s*$/.exec(text)
  const unit = match?.[2] ?? ''
  if (match === null) throw new Error(`"${text}" is not a quantity - write it like ${example}`)
  if (unit === '') throw new Error(`${text} has no unit - write it like ${example}`)
  const scale = units[unit]
  if (scale === undefined) {
    throw new Error(`"${text}" has an unknown unit "${unit}" - use one of ${Object.keys(units).join(', ')}`)
  }
  return Number(match[1]) * scale
}

/** "8us" to 8000. Fractions of a nanosecond are rounded. Throws an Error with the cure in its message. */
export function parseDurationNs(text: string): number {
  const ns = Math.round(parseQuantity(text, NS_PER_UNIT, '"8us", "30ms" or "5s"'))
  if (ns > DURATION_NS_MAX) throw new Error(`"${text}" is too long - the longest duration is 104 days`)
  return ns
}

/** Like {@link parseDurationNs}, but keeps fractions: a cost per byte may be 0.8ns. */
export function parseFineDurationNs(text: string): number {
  return parseQuantity(text, NS_PER_UNIT, '"8us", "30ms" or "0.8ns"')
}

/** "700B", "1.5kB" to bytes. Throws an Error with the cure in its message. */
export function parseSizeBytes(text: string): number {
  return Math.round(parseQuantity(text, BYTES_PER_UNIT, '"700B" or "1.5kB"'))
}

/** A duration for people: three significant digits and the unit that keeps the number between 1 and 1000. */
export function formatDurationNs(ns: number): string {
  const magnitude = Math.abs(ns)
  if (magnitude >= 999.5e6) return `${significant(ns / 1e9)} s`
  if (magnitude >= 999.5e3) return `${significant(ns / 1e6)} ms`
  if (magnitude >= 999.5) return `${significant(ns / 1e3)} us`
  return `${significant(ns)} ns`
}

/** Three significant digits without an exponent or trailing zeros ("12300", "1.23", "0.00123"). */
export function significant(value: number, digits = 3): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const rounded = Number(value.toPrecision(digits))
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))))
  return rounded
    .toFixed(Math.min(decimals, 20))
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}

/** A zod check that runs `parse` over the text and reports its message; the text itself is kept. */
function checkedBy(parse: (text: string) => number, example: string) {
  return z
    .union([z.string(), z.number()], {
      error: (issue) =>
        `expected a quantity with its unit, like ${example}, got ${JSON.stringify(issue.input)}`,
    })
    .superRefine((text, context) => {
      try {
        parse(String(text))
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
      }
    })
    .transform(String)
}

/** Schema of a duration, kept as text ("8us"). */
export const durationText = checkedBy(parseDurationNs, '"8us"').meta({
  title: 'duration',
  examples: ['8us', '30s'],
})
/** Schema of a duration that may have fractions of a nanosecond, kept as text. */
export const fineDurationText = checkedBy(parseFineDurationNs, '"0.8ns"').meta({
  title: 'duration',
  examples: ['4ns'],
})
/** Schema of a size, kept as text ("700B"). */
export const sizeText = checkedBy(parseSizeBytes, '"700B"').meta({
  title: 'size',
  examples: ['700B', '1.5kB'],
})
/** Schema of a duration, as integer nanoseconds: what a plug-in's parameters use. */
export const durationNs = durationText.transform(parseDurationNs)
