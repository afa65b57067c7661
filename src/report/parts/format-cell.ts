/**
 * Numbers as the table shows them. A share is a percentage of three significant digits; with its interval, as
 * many digits as the interval deserves. No event at all in n chances prints "0 (<3/n)", the bound as a
 * percentage: with 95 % confidence the true share is below it (the rule of three). Unknown is "-", never 0.
 */
import type { ShownMetric } from '../../metrics/catalogue/shown.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { formatDurationNs, grouped, significant } from '../../units.ts'

const UNKNOWN = '-'
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB']
/** Without detail a smaller share is only said to be small. */
const SHARE_SHOWN_MIN = 1e-4

/** Digits of half of the 95 % interval that a cell shows; with 0 neither that nor the bound of a zero. */
export type Detail = 0 | 1 | 2

/**
 * A metric as its kind asks for; any format shows it so.
 * @param digitsMin significant digits that the mean keeps beside a wider interval
 */
export function cellOf(
  { kind }: Pick<ShownMetric, 'kind'>,
  summary: MetricSummary | undefined,
  detail: Detail,
  digitsMin?: number,
): string {
  return FORMATS[kind](summary, detail, digitsMin)
}

const FORMATS = { share: ratioCell, duration: durationCell, bytes: bytesCell, number: numberCell } as const

/** A ratio as a percentage. */
function ratioCell(summary: MetricSummary | undefined, detail: Detail, digitsMin?: number): string {
  const mean = summary?.mean ?? null
  if (summary === undefined || mean === null) return UNKNOWN
  if (mean === 0) {
    return detail > 0 && summary.count === 0 && summary.of ? `0 (<${upperBound(3 / summary.of)})` : '0'
  }
  if (detail === 0 && mean < SHARE_SHOWN_MIN) return `<${SHARE_SHOWN_MIN * 100}%`
  return withHalf(mean * 100, half(summary, 100), '%', detail, digitsMin)
}

/** A plain number, such as an index. */
function numberCell(summary: MetricSummary | undefined, detail: Detail, digitsMin?: number): string {
  const mean = summary?.mean ?? null
  if (summary === undefined || mean === null) return UNKNOWN
  return withHalf(mean, half(summary, 1), '', detail, digitsMin)
}

/** ns as "42.3us", half of the interval in the same unit. */
function durationCell(summary: MetricSummary | undefined, detail: Detail, digitsMin?: number): string {
  const mean = summary?.mean ?? null
  if (summary === undefined || mean === null) return UNKNOWN
  const unit = formatDurationNs(mean).split(' ')[1] as 'ns' | 'us' | 'ms' | 's'
  const scale = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 }[unit]
  return withHalf(mean / scale, half(summary, 1 / scale), unit, detail, digitsMin)
}

/** Bytes as "12.3kB", half of the interval in the same unit. */
function bytesCell(summary: MetricSummary | undefined, detail: Detail, digitsMin?: number): string {
  const mean = summary?.mean ?? null
  if (summary === undefined || mean === null) return UNKNOWN
  const power = BYTE_UNITS.findLastIndex((_, i) => mean >= 999.5 * 1000 ** (i - 1))
  const scale = 1 / 1000 ** Math.max(0, power)
  return withHalf(mean * scale, half(summary, scale), BYTE_UNITS[Math.max(0, power)]!, detail, digitsMin)
}

/** A number with thousands divided, without decimals: 12,345. */
export function countText(value: number): string {
  return grouped(value)
}

/** Of the interval's two sides the longer one: the other may be cut off at 0 or 1. */
function half({ mean, low95, high95 }: MetricSummary, scale: number): number | null {
  if (mean === null || low95 === null || high95 === null) return null
  const width = Math.max(mean - low95, high95 - mean)
  // Equal values leave nothing but the rounding of their mean.
  return width < 1e-12 * Math.abs(mean) ? 0 : width * scale
}

/** @param digitsMin significant digits of the value, however wide the interval is */
function withHalf(
  value: number,
  halfWidth: number | null,
  unit: string,
  detail: Detail,
  digitsMin = 0,
): string {
  if (halfWidth === null || detail === 0) return `${significant(value)}${unit}`
  if (halfWidth === 0 || value === 0) return `${significant(value)}${unit} ±${significant(halfWidth, detail)}`
  const ofHalf = decimalsFor(Number(halfWidth.toPrecision(detail)), detail)
  const ofValue = decimalsFor(value, 4)
  const halfText = ofHalf <= ofValue ? halfWidth.toFixed(ofHalf) : significant(halfWidth, detail)
  const decimals = Math.max(Math.min(ofHalf, ofValue), digitsMin > 0 ? decimalsFor(value, digitsMin) : 0)
  return `${value.toFixed(decimals)}${unit} ±${halfText}`
}

/** Decimals that show so many significant digits. */
function decimalsFor(value: number, digits: number): number {
  return Math.min(20, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))))
}

/** A share as a percentage of one digit, rounded up: it stays a bound. */
function upperBound(share: number): string {
  if (share >= 1) return '100%'
  const unit = 10 ** Math.floor(Math.log10(share * 100))
  const digit = Math.ceil((share * 100) / unit - 1e-9)
  return `${significant(digit * unit, 1)}%`
}
