/**
 * Quantities as users write them and as the code holds them: durations in integer nanoseconds, sizes in
 * bytes. A quantity always carries its unit ("8us", "700B"); a bare number is an error that shows the right
 * form.
 */
export const NS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
}
export const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KiB: 1024,
  MB: 1e6,
  MiB: 1048576,
}

/** The largest duration that is exact in a double: about 104 days. */
export const DURATION_NS_MAX = Number.MAX_SAFE_INTEGER

const DURATION_FORM = '"8us", "30ms" or "5s"'
const FINE_DURATION_FORM = '"8us", "30ms" or "0.8ns"'
const SIZE_FORM = '"700B" or "1.5kB"'

/** Of a quantity, spaces and all. */
const QUANTITY_CHARS_MAX = 64

function parseQuantity(text: string, units: Readonly<Record<string, number>>, form: string): number {
  if (text.length > QUANTITY_CHARS_MAX) {
    throw new Error(`"${text.slice(0, 20)}..." is too long for a quantity - write it like ${form}`)
  }
  const match = /^\s*(-?)(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(\p{L}*)\s*$/u.exec(text)
  if (match === null) throw new Error(`"${text}" is not a quantity - write it like ${form}`)
  const [, sign, digits, letters] = match
  // Both code points that look like µ: the micro sign and the Greek letter.
  const unit = letters!.replace('\u03bc', '\u00b5')
  if (sign === '-') throw new Error(`${text.trim()} is negative - write it like ${form}`)
  if (unit === '') throw new Error(`${text.trim()} has no unit - write it like ${form}`)
  if (!Object.hasOwn(units, unit)) {
    throw new Error(`"${text}" has an unknown unit "${unit}" - use one of ${Object.keys(units).join(', ')}`)
  }
  return Number(digits) * units[unit]!
}

/** "8us" to 8000. Fractions of a nanosecond are rounded. Throws an Error with the cure in its message. */
export function parseDurationNs(text: string): number {
  return Math.round(notTooLong(text, parseQuantity(text, NS_PER_UNIT, DURATION_FORM)))
}

/** Like {@link parseDurationNs}, but keeps fractions: a cost per byte may be 0.8ns. */
export function parseFineDurationNs(text: string): number {
  return notTooLong(text, parseQuantity(text, NS_PER_UNIT, FINE_DURATION_FORM))
}

function notTooLong(text: string, ns: number): number {
  if (ns > DURATION_NS_MAX) throw new Error(`"${text}" is too long - the longest duration is 104 days`)
  return ns
}

/** "700B", "1.5kB" to bytes. Throws an Error with the cure in its message. */
export function parseSizeBytes(text: string): number {
  const bytes = Math.round(parseQuantity(text, BYTES_PER_UNIT, SIZE_FORM))
  if (bytes > Number.MAX_SAFE_INTEGER) throw new Error(`"${text}" is too large - no size is above 9 PB`)
  return bytes
}

/**
 * Integer ns as a scenario writes them: exact, in the largest unit that needs no fraction (500000000 to
 * "500ms").
 */
export function writeDuration(ns: number): string {
  for (const unit of ['s', 'ms', 'us']) {
    const scale = NS_PER_UNIT[unit]!
    if (ns % scale === 0) return `${ns / scale}${unit}`
  }
  return `${ns}ns`
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

/** A bound as people read it: 1e9 and 1e-6, where the digits would be many. */
export function boundText(value: number): string {
  const [plain, exponential] = [String(value), value.toExponential().replace('+', '')]
  return plain.length > 7 && exponential.length < plain.length ? exponential : plain
}

/** A count with thousands divided: 12,345. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A count and what is counted: "1 flow", "1,200 flows". @param noun one whose plural only adds an s */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${Math.round(count) === 1 ? '' : 's'}`
}
