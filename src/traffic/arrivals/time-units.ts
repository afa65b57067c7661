/**
 * Times in another unit than their column's name says. A gate on late times would pass for no reason where
 * seconds are read as nanoseconds, so what can't be nanoseconds ends with the name that the column should
 * have, and what only looks like another unit is said.
 */
import { grouped } from '../../units.ts'
import { OWN_NAMES, shownName, type TimeColumn, type TimeUnit } from './arrival-columns.ts'

const UNITS: readonly TimeUnit[] = ['Ns', 'Us', 'Ms', 'S']
const WORDS = { Ns: 'nanoseconds', Us: 'microseconds', Ms: 'milliseconds', S: 'seconds' } as const
/** From 2001 to 2039, as seconds since 1970. */
const EPOCH_SECONDS_MIN = 1e9
const EPOCH_SECONDS_MAX = 2.2e9
/** Products of other numbers are off whole ones by a few units in the last place. */
const NOISE_SHARE = 2 ** -49
/** No link carries packets closer to each other than this, on the mean over a file. */
const GAP_NS_MIN = 2
/** Nor does one of those that are captured with milliseconds since 1970. */
const EPOCH_GAP_NS_MIN = 100
const ROWS_MIN = 20
const EPOCH_ROWS_MIN = 4

/** By how many decimals a unit is above a nanosecond. */
export function decimalsOf(unit: TimeUnit): number {
  return UNITS.indexOf(unit) * 3
}

/** No whole number of nanoseconds, and not by rounding alone. */
export function isFraction(ns: number): boolean {
  if (Number.isNaN(ns) || Number.isInteger(ns)) return false
  return Math.abs(ns - Math.round(ns)) > Math.abs(ns) * NOISE_SHARE
}

/** A column of times and what a row has there. */
export type WrittenTime = readonly [column: TimeColumn, text: string]

/** What to do about a fraction of a nanosecond. @param others the row's other times */
export function fractionCure([column, text]: WrittenTime, others: readonly WrittenTime[]): string {
  const unit = epochUnit(Number(text), 'Ns')
  if (unit === undefined) return `nanoseconds are whole; for another unit ${renamed(column, 'S', 'Ms', 'Us')}`
  const same = others.filter(
    ([other, value]) => other.unit === 'Ns' && epochUnit(Number(value), 'Ns') === unit,
  )
  const cures = [column, ...same.map(([other]) => other)].map((one) => renamed(one, unit))
  return `these are ${WORDS[unit]} since 1970: ${cures.join(', ')}`
}

/**
 * What speaks against the unit of a whole column.
 * @param ns its times, NaN where there is none @param baseSeconds what they count from
 */
export function unitDoubts(
  column: TimeColumn,
  ns: Float64Array,
  baseSeconds: number,
): { readonly mistake?: string; readonly note?: string } {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  let rows = 0
  for (const one of ns) {
    if (Number.isNaN(one)) continue
    rows++
    if (one < least) least = one
    if (one > most) most = one
  }
  if (rows === 0) return {}
  const { unit } = column
  const name = shownName(column.name)
  const inUnit = (value: number) => (value + baseSeconds * 1e9) / Number(`1e${decimalsOf(unit)}`)
  if (unit !== 'Ns' && inUnit(least) > 10 * EPOCH_SECONDS_MAX * perSecond(unit)) {
    const smaller = epochUnit(inUnit(least), unit)
    const cure = smaller === undefined ? renamed(column, 'Ns', 'Us', 'Ms') : renamed(column, smaller)
    return { mistake: `${name} is ${inUnit(least)}, ${WORDS[unit]} that are centuries from now - ${cure}` }
  }
  const looksLike = epochUnit(inUnit(least), unit)
  const isLikely = looksLike !== undefined && looksLike === epochUnit(inUnit(most), unit)
  const meanGapNs = (most - least) / Math.max(rows - 1, 1)
  if (unit === 'Ns') {
    const span = `${name} has ${grouped(rows)} packets within ${grouped(Math.round(most - least))} ns`
    if (isLikely && rows >= EPOCH_ROWS_MIN && meanGapNs < (looksLike === 'S' ? GAP_NS_MIN : EPOCH_GAP_NS_MIN))
      return { mistake: `${span} - these are ${WORDS[looksLike]} since 1970: ${renamed(column, looksLike)}` }
    if (rows >= ROWS_MIN && most > least && meanGapNs < GAP_NS_MIN) {
      const cure = renamed(column, 'S', 'Ms', 'Us')
      return { mistake: `${span}, more than any link carries - for another unit ${cure}` }
    }
  }
  if (!isLikely || (unit === 'Ns' && looksLike !== 'Us')) return {}
  return {
    note: `${name} looks like ${WORDS[looksLike]} since 1970 - if it is: ${renamed(column, looksLike)}`,
  }
}

/** The unit, other than the column's, in which a number is a time of our days since 1970. */
function epochUnit(value: number, columnUnit: TimeUnit): TimeUnit | undefined {
  return UNITS.find((unit) => {
    const scale = perSecond(unit)
    return unit !== columnUnit && value >= EPOCH_SECONDS_MIN * scale && value <= EPOCH_SECONDS_MAX * scale
  })
}

function perSecond(unit: TimeUnit): number {
  return Number(`1e${9 - decimalsOf(unit)}`)
}

/** What to call the column. */
function renamed({ side, name }: TimeColumn, ...units: readonly TimeUnit[]): string {
  const [last, ...others] = units.map((unit) => `${side}${unit}`).reverse()
  const text = others.length === 0 ? last! : `${others.reverse().join(', ')} or ${last}`
  if (OWN_NAMES.some((own) => own === name)) return `rename ${name} to ${text}`
  return units.length === 1 ? `--map ${text}=${shownName(name)}` : `map ${shownName(name)} to ${text}`
}
