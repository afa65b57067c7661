/**
 * The values of a range behind -P: `min:max:step` or `min:max:log:points`, with or without units. Linear
 * values are min + i * step in whole numbers of the last decimal, so that ten steps of 0.1 end at 1 and
 * nothing is ever printed as 0.30000000000000004. Logarithmic ones are rounded to the fewest digits, at least
 * three, that keep them apart; between whole numbers they are whole, and both ends are exact.
 */
import { BYTES_PER_UNIT, NS_PER_UNIT } from '../units.ts'

/** Most points of a scan: of one range, and of all combinations. */
export const POINTS_MAX = 10_000

const FORM = 'write min:max:step, such as 1:8:1 or 5us:50us:5us, or min:max:log:points, such as 1ms:1s:log:7'
const DIGITS_MIN = 3
const DIGITS_MAX = 15

/** A number as it was written: digits / 10^decimals, of a unit. */
interface Quantity {
  readonly text: string
  readonly digits: number
  readonly decimals: number
  /** '' without one. */
  readonly unit: string
  /** Written without a decimal point, as 4 and not as 4.0. */
  readonly isWhole: boolean
}

/** Quantities as whole numbers: value = number / 10^decimals, of `unit`. */
interface Scale {
  readonly numbers: readonly number[]
  readonly decimals: number
  readonly unit: string
  /** Were there different units? Then each value gets the one that suits it. */
  readonly isMixed: boolean
}

/**
 * The values, as a scenario would say them: 4, "5us". Throws an Error that says what is wrong and how it is
 * right.
 */
export function rangeValues(text: string): (number | string)[] {
  const parts = text.split(':').map((part) => part.trim())
  const isLog = parts[2] === 'log'
  if (parts.length !== (isLog ? 4 : 3)) throw new Error(`${text || 'nothing'} is no range - ${FORM}`)
  const written = (isLog ? parts.slice(0, 2) : parts).map(quantityOf)
  const scale = scaleOf(written)
  const [low, high] = scale.numbers as [number, number]
  if (high < low) throw new Error(`the maximum ${parts[1]} is below the minimum ${parts[0]} - swap them`)
  if (isLog) return logarithmic(written, scale, parts[3]!)
  const step = scale.numbers[2]!
  if (step <= 0) throw new Error(`a step of ${parts[2]} never arrives - give one above 0`)
  const count = Math.floor((high - low) / step) + 1
  checkCount(count, 'take a larger step')
  return Array.from({ length: count }, (_, i) => exactly(low + i * step, scale))
}

function logarithmic(written: readonly Quantity[], scale: Scale, pointsText: string): (number | string)[] {
  const [low, high] = scale.numbers as [number, number]
  const points = Number(pointsText)
  if (!/^\d+$/.test(pointsText) || points < 2) {
    throw new Error(`${pointsText || 'nothing'} is no number of points - give 2 or more, as in 1ms:1s:log:7`)
  }
  checkCount(points, 'take fewer')
  const [min, max] = written as [Quantity, Quantity]
  if (low <= 0) throw new Error(`a logarithmic range can't begin at ${min.text} - begin above 0`)
  if (low === high) throw new Error(`the minimum is the maximum, ${min.text} - give two different ones`)
  const between = Array.from({ length: points }, (_, i) => {
    return low * Math.exp((i / (points - 1)) * Math.log(high / low))
  })
  const withEnds = (inner: (value: number) => number | string) =>
    between.map((value, i) => {
      return i === 0 || i === points - 1 ? exactly(i === 0 ? low : high, scale) : inner(value)
    })
  if (min.unit === '' && min.isWhole && max.isWhole) {
    const one = 10 ** scale.decimals
    return [...new Set(withEnds((value) => Math.round(value / one)))]
  }
  for (let digits = DIGITS_MIN; ; digits++) {
    const values = withEnds((value) => rounded(value, digits, scale))
    if (digits === DIGITS_MAX || new Set(values).size === points) return values
  }
}

function checkCount(count: number, cure: string): void {
  if (count > POINTS_MAX) throw new Error(`has ${count} values, more than ${POINTS_MAX} - ${cure}`)
}

/**
 * A whole number of the scale's last decimal as it is written; a power of ten divides with one rounding, to
 * the decimal.
 */
function exactly(number: number, scale: Scale): number | string {
  return inUnit(number, scale, (value) => value)
}

function rounded(number: number, digits: number, scale: Scale): number | string {
  return inUnit(number, scale, (value) => Number(value.toPrecision(digits)))
}

function inUnit(number: number, scale: Scale, finish: (value: number) => number): number | string {
  const { decimals, unit, isMixed } = scale
  const one = 10 ** decimals
  if (unit === '') return finish(number / one)
  if (!isMixed) return `${finish(number / one)}${unit}`
  const larger = unit === 'ns' ? ['s', 'ms', 'us', 'ns'] : ['MB', 'kB', 'B']
  const suiting = larger.find((name) => number / one >= factorOf(name)) ?? unit
  return `${finish(number / (one * factorOf(suiting)))}${suiting}`
}

/** Different units become the base unit, ns or bytes, which all others are multiples of. */
function scaleOf(written: readonly Quantity[]): Scale {
  const units = [...new Set(written.map(({ unit }) => unit))]
  const isMixed = units.length > 1
  const bare = written.find(({ unit }) => unit === '')
  const other = written.find(({ unit }) => unit !== '')
  if (bare !== undefined && other !== undefined) {
    throw new Error(
      `${bare.text} has no unit and ${other.text} has one - write ${bare.text}${other.unit}, or none anywhere`,
    )
  }
  const durations = units.filter((unit) => Object.hasOwn(NS_PER_UNIT, unit))
  if (isMixed && durations.length > 0 && durations.length < units.length) {
    throw new Error(
      `${written.map(({ text }) => text).join(' and ')} are times and sizes - use units of one kind`,
    )
  }
  const unit = isMixed ? (durations.length > 0 ? 'ns' : 'B') : units[0]!
  const decimals = Math.max(...written.map((quantity) => quantity.decimals))
  const numbers = written.map((quantity) => {
    const factor = isMixed ? factorOf(quantity.unit) : 1
    const number = quantity.digits * factor * 10 ** (decimals - quantity.decimals)
    if (!Number.isSafeInteger(number)) {
      throw new Error(`${quantity.text} has too many digits beside the others - write fewer`)
    }
    return number
  })
  return { numbers, decimals, unit, isMixed }
}

function factorOf(unit: string): number {
  return NS_PER_UNIT[unit] ?? BYTES_PER_UNIT[unit]!
}

function quantityOf(text: string): Quantity {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?\s*(\p{L}*)$/u.exec(text)
  if (match === null)
    throw new Error(`${text === '' ? 'nothing' : JSON.stringify(text)} is no number - ${FORM}`)
  const [, sign, whole = '', fraction = '', exponent = '0', letters = ''] = match
  // Both code points that look like µ: the micro sign and the Greek letter.
  const unit = letters.replace('\u03bc', '\u00b5')
  if (unit !== '' && !Object.hasOwn(NS_PER_UNIT, unit) && !Object.hasOwn(BYTES_PER_UNIT, unit)) {
    const known = [...Object.keys(NS_PER_UNIT), ...Object.keys(BYTES_PER_UNIT)].join(', ')
    throw new Error(`${text} has an unknown unit "${unit}" - use one of ${known}`)
  }
  const decimals = fraction.length - Number(exponent)
  const digits = Number(`${sign}${whole}${fraction}`) * 10 ** Math.max(0, -decimals)
  return { text, digits, decimals: Math.max(0, decimals), unit, isWhole: fraction === '' && decimals <= 0 }
}
