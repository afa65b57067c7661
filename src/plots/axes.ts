/**
 * Axes of charts: which unit, linear or logarithmic, which ticks. The outermost ticks are where the data ends
 * or beyond, so that every point can be read between two of them. A logarithmic axis with zeros has its zeros
 * half a decade below everything else, at a tick that says 0, so that nothing is lost and nothing is at minus
 * infinity.
 */
import type { Spec } from './spec.ts'

/** Nanoseconds in one unit, for a whole axis. */
export interface TimeUnit {
  readonly name: 'ns' | 'us' | 'ms' | 's'
  readonly ns: number
}

const TIME_UNITS: readonly TimeUnit[] = [
  { name: 'ns', ns: 1 },
  { name: 'us', ns: 1e3 },
  { name: 'ms', ns: 1e6 },
  { name: 's', ns: 1e9 },
]

/** The largest unit in which the largest value is at least 1; of values that differ widely, their middle. */
export function timeUnit(valuesNs: readonly number[]): TimeUnit {
  const largest = largestOf(valuesNs)
  const smallest = valuesNs.reduce((least, ns) => (ns > 0 ? Math.min(least, ns) : least), largest)
  const typical = largest > smallest * WIDE ? Math.sqrt(largest * smallest) : largest
  return TIME_UNITS.findLast(({ ns }) => typical >= ns) ?? TIME_UNITS[0]!
}

/** How an axis shows numbers, and where it puts a value. */
export interface Axis {
  /** To be spread into a channel definition. */
  readonly scale: Spec
  readonly axis: Spec
  readonly isLog: boolean
  /** Where a value is drawn: itself, but not below what the axis shows. */
  place(value: number): number
}

export interface AxisOptions {
  /** With the unit. */
  readonly title: string
  /** Are the values shares, to be shown as percentages? */
  readonly percent?: boolean
  /** Free space beyond the largest value, as a share of the axis. */
  readonly headroom?: number
  /** The same below the smallest value. */
  readonly legroom?: number
  /** Logarithmic where values other than zero differ by more than this factor. Infinity: never. */
  readonly logFrom?: number
  /** Does a linear axis begin at zero (the default), or at the smallest value? */
  readonly zero?: boolean
  readonly ticks?: number
  readonly extra?: Spec
}

const LOG_FROM = 50
/** Points at the low end aren't cut by the axis. */
const LOG_LEGROOM = 0.02
/** Of the distance of two ticks: nearer to an end their labels would run into each other. */
const END_ROOM = 0.3
const TICKS = 6
/** Beyond this factor the largest value doesn't choose the unit alone. */
const WIDE = 1000

/** The axis for these values; those that aren't finite don't count. */
export function axisFor(values: readonly number[], options: AxisOptions): Axis {
  const finite = values.filter(Number.isFinite)
  const positive = finite.filter((value) => value > 0)
  const largest = largestOf(positive)
  const smallest = positive.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const isLog = positive.length > 0 && largest / smallest > (options.logFrom ?? LOG_FROM)
  return isLog && finite.every((value) => value >= 0)
    ? logAxis(smallest, largest, finite.includes(0), options)
    : linearAxis(finite, options)
}

function linearAxis(values: readonly number[], options: AxisOptions): Axis {
  const { title, percent = false, headroom = 0, legroom = 0, zero = true, ticks = TICKS, extra } = options
  const high = values.length === 0 ? 1 : largestOf(values, Number.NEGATIVE_INFINITY)
  const least = values.reduce((least, value) => Math.min(least, value), zero ? 0 : Number.POSITIVE_INFINITY)
  const low = Number.isFinite(least) ? least : 0
  const span = high > low ? high - low : Math.abs(high) || (percent ? 0.01 : 1)
  const wanted = niceTicks(low, low + span, ticks)
  const step = wanted.length > 1 ? wanted[1]! - wanted[0]! : span
  // Up to the next tick, so that the largest value isn't beyond the last one.
  const next = wanted.at(-1)! + step
  const isFull = low + span <= wanted.at(-1)! * (1 + 1e-9) || (percent && next > 1.0001 && high <= 1)
  const top = isFull || !zero ? low + span : Number(next.toPrecision(12))
  // From zero on it ends at a round number, otherwise with the data.
  const shown = zero ? niceTicks(low, top, ticks) : ticksToEnds(low, top, ticks)
  return {
    scale: {
      type: 'linear',
      domain: [low - legroom * span, top + headroom * span],
      nice: false,
      zero: false,
    },
    axis: { title, values: shown, labelExpr: labelOf(percent), ...extra },
    isLog: false,
    place: (value) => Math.max(value, low),
  }
}

/** Labels say exactly what the tick is; Vega's own rounding makes 13% of 12.5%. */
function labelOf(percent: boolean): string {
  return percent ? "format(datum.value, '~%')" : "format(datum.value, abs(datum.value) < 1e6 ? ',~r' : '~s')"
}

function logAxis(smallest: number, largest: number, hasZero: boolean, options: AxisOptions): Axis {
  const { title, percent = false, headroom = 0, legroom = LOG_LEGROOM, extra } = options
  const ticks = logTicks(smallest, largest, options.ticks ?? TICKS)
  const [first, last] = [ticks[0]!, ticks.at(-1)!]
  const floor = hasZero ? floorBelow(smallest) : first
  const span = Math.log(last / floor)
  const domain = [floor * Math.exp(-span * legroom), last * Math.exp(span * headroom)]
  const values = [...(hasZero ? [floor] : []), ...ticks]
  const number = labelOf(percent)
  return {
    scale: { type: 'log', domain, nice: false },
    axis: {
      title: `${title}, log scale`,
      values,
      labelExpr: hasZero ? `datum.value < ${floor * 1.01} ? '0' : ${number}` : number,
      ...extra,
    },
    isLog: true,
    // What is below zero (ends of intervals) is at the axis' end.
    place: (value) => (value === 0 && hasZero ? floor : Math.max(value, domain[0]!)),
  }
}

/** Where zeros are drawn: half a decade below the decade of the smallest value above 0. */
function floorBelow(smallest: number): number {
  return decade(Math.floor(Math.log10(smallest) + 1e-9)) / 3
}

/**
 * Powers of ten in the range, where there are few also their double and fivefold; at the ends the nearest of
 * these that are not within the data.
 */
function logTicks(low: number, high: number, count: number): number[] {
  const bottom = oneTwoFive(low, 'below')
  const top = oneTwoFive(high, 'above')
  const first = Math.floor(Math.log10(bottom) + 1e-9)
  const last = Math.floor(Math.log10(top) + 1e-9)
  const step = Math.ceil((last - first + 1) / 8)
  const factors = last - first <= 1 ? [1, 2, 5] : last - first <= 2 ? [1, 3] : [1]
  const room = (Math.log(top / bottom) * END_ROOM) / count
  const ticks = [bottom]
  for (let exponent = first; exponent <= last; exponent += step) {
    for (const factor of factors) {
      const tick = decimal(factor, exponent)
      // Powers of ten are what one looks for first.
      const free = factor === 1 ? room : 2 * room
      if (Math.log(tick / bottom) > free && Math.log(top / tick) > free) ticks.push(tick)
    }
  }
  return top > bottom ? [...ticks, top] : ticks
}

/** The nearest 1, 2 or 5 times a power of ten that isn't on the other side of the value. */
function oneTwoFive(value: number, side: 'below' | 'above'): number {
  const exponent = Math.floor(Math.log10(value) + 1e-9)
  const candidates = [1, 2, 5, 10].map((factor) => decimal(factor, exponent))
  return side === 'below'
    ? candidates.findLast((tick) => tick <= value * (1 + 1e-9))!
    : (candidates.find((tick) => tick >= value * (1 - 1e-9)) ?? candidates.at(-1)!)
}

function decimal(factor: number, exponent: number): number {
  return Number((decade(exponent) * factor).toPrecision(3))
}

function decade(exponent: number): number {
  return Number(`1e${exponent}`)
}

/** Round numbers from low to high, about `count` of them. */
export function niceTicks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count
  if (!(rough > 0)) return [low]
  const power = decade(Math.floor(Math.log10(rough)))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999)!
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(Number((i * step).toPrecision(12)))
  }
  return ticks
}

/** Both ends, and the round numbers between them that leave their labels room. */
export function ticksToEnds(low: number, high: number, count: number): number[] {
  const room = ((high - low) * END_ROOM) / count
  const inner = niceTicks(low, high, count).filter((tick) => tick - low > room && high - tick > room)
  return high > low ? [low, ...inner, high] : [low]
}

/** Without spreading, which long lists don't allow. */
export function largestOf(values: readonly number[], least = 0): number {
  return values.reduce((largest, value) => Math.max(largest, value), least)
}
