/**
 * Amounts for people, with three significant digits and the unit that keeps the number small; "-" where
 * unknown.
 */
import type { ShownMetric } from '../../metrics/catalogue/shown.ts'
import { formatDurationNs, significant } from '../../units.ts'
import { countText } from './format-cell.ts'

const UNKNOWN = '-'
const SHARE_SHOWN_MAX = 0.999
const SHARE_SHOWN_MIN = 1e-4
const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P']

/** "9.87 MB" */
export function bytesText(bytes: number | null): string {
  return bytes === null ? UNKNOWN : scaled(bytes, 'B')
}

/** "12.3 Mbit/s" */
export function bitRateText(bitsPerSecond: number | null): string {
  return bitsPerSecond === null ? UNKNOWN : scaled(bitsPerSecond, 'bit/s')
}

/** "12,345/s", with decimals below 100 */
export function packetRateText(packetsPerSecond: number | null): string {
  if (packetsPerSecond === null) return UNKNOWN
  return `${packetsPerSecond < 100 ? significant(packetsPerSecond) : countText(packetsPerSecond)}/s`
}

/** "12.3%", "<0.01%", and ">99.9%" for what isn't all but nearly */
export function shareText(share: number | null): string {
  if (share !== null && share > 0 && share < SHARE_SHOWN_MIN) return `<${SHARE_SHOWN_MIN * 100}%`
  if (share !== null && share < 1 && share > SHARE_SHOWN_MAX) return `>${SHARE_SHOWN_MAX * 100}%`
  return share === null ? UNKNOWN : `${significant(share * 100)}%`
}

/** "42.3 us", and from two minutes on "3.5 min", "2.1 h", "104 days" */
export function spanText(ns: number | null): string {
  if (ns === null) return UNKNOWN
  const units = [
    [86_400e9, 'days', 2],
    [3600e9, 'h', 2],
    [60e9, 'min', 2],
  ] as const
  const found = units.find(([unitNs, , least]) => ns >= least * unitNs)
  return found === undefined ? formatDurationNs(ns) : `${inFull(ns / found[0])} ${found[1]}`
}

/** A count or a mean: whole numbers in full. */
export function numberText(value: number | null): string {
  if (value === null) return UNKNOWN
  return Number.isInteger(value) ? countText(value) : inFull(value)
}

/** A metric as its kind asks for. */
export function amountOf({ kind }: Pick<ShownMetric, 'kind'>, value: number | null): string {
  return AMOUNTS[kind](value)
}

const AMOUNTS = { share: shareText, duration: durationText, bytes: bytesText, number: numberText } as const

function durationText(ns: number | null): string {
  return ns === null ? UNKNOWN : formatDurationNs(ns)
}

function inFull(value: number): string {
  return value < 1000 ? significant(value) : countText(value)
}

function scaled(value: number, unit: string): string {
  let power = 0
  let number = value
  while (number >= 999.5 && power < PREFIXES.length - 1) {
    number /= 1000
    power++
  }
  return `${significant(number)} ${PREFIXES[power]}${unit}`
}
