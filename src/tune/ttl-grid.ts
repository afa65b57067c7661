/**
 * Which TTLs are tried: a logarithmic grid first, then further values where the curve bends and where the
 * answers lie. Values are short in decimal (4.6 ms, not 4.641589 ms) and multiples of what the policy can
 * count; the ends of the grid are exactly as given.
 */

/** Between the two values that bracket an answer. */
const POINTS_IN_BRACKET = 3
/** A bend is worth a look from this share of the curve's whole height on. */
const BEND_MIN = 0.02
/** A curve whose height is a smaller share of its values is flat but for chance. */
const FLAT = 0.05

/**
 * `points` values from `minNs` to `maxNs` with equal ratios, ascending; fewer where steps make some equal.
 */
export function logGrid(minNs: number, maxNs: number, points: number, stepNs = 1): number[] {
  const values = new Set([minNs])
  for (let i = 1; i < points - 1; i++) {
    const value = between(minNs, maxNs, i / (points - 1), stepNs)
    if (value !== undefined) values.add(value)
  }
  return [...values.add(maxNs)].sort((a, b) => a - b)
}

/** One point of the curve as far as refinement looks at it. */
export interface CurvePoint {
  readonly ttlNs: number
  /** The target metric; null where it isn't known. */
  readonly value: number | null
}

/**
 * Values to add: three within each bracket, then one on either side of the sharpest bends.
 * @param curve ascending by ttlNs
 * @param brackets positions in the curve: an answer lies between the point and the one before
 * @param pointsMax at most so many for bends
 */
export function refinement(
  curve: readonly CurvePoint[],
  brackets: readonly number[],
  pointsMax: number,
  stepNs = 1,
): number[] {
  const found = new Set<number>()
  const add = (position: number, share: number) => {
    const low = curve[position - 1]
    const high = curve[position]
    if (low === undefined || high === undefined) return
    const value = between(low.ttlNs, high.ttlNs, share, stepNs)
    if (value !== undefined) found.add(value)
  }
  for (const position of new Set(brackets)) {
    for (let i = 1; i <= POINTS_IN_BRACKET; i++) add(position, i / (POINTS_IN_BRACKET + 1))
  }
  const inBrackets = found.size
  for (const position of bends(curve)) {
    for (const side of [position, position + 1]) {
      if (brackets.includes(side) || found.size - inBrackets >= pointsMax) continue
      add(side, 1 / 2)
    }
  }
  return [...found].sort((a, b) => a - b)
}

/** Positions of inner points where the curve bends, the sharpest first. */
function bends(curve: readonly CurvePoint[]): number[] {
  const known = curve.map(({ value }) => value).filter((value) => value !== null)
  const height = Math.max(...known) - Math.min(...known)
  if (height < FLAT * Math.max(...known)) return []
  return curve
    .map((_, i) => {
      const [before, here, after] = [curve[i - 1]?.value, curve[i]!.value, curve[i + 1]?.value]
      if (before == null || here === null || after == null) return { i, bend: 0 }
      return { i, bend: Math.abs(before - 2 * here + after) }
    })
    .filter(({ bend }) => bend > BEND_MIN * height)
    .sort((a, b) => b.bend - a.bend)
    .map(({ i }) => i)
}

/**
 * About low * (high / low) ^ share, as short as stays strictly between the two; undefined where nothing does.
 */
function between(low: number, high: number, share: number, stepNs: number): number | undefined {
  const exact = low * Math.exp(Math.log(high / low) * share)
  for (const digits of [2, 3, 15]) {
    const value = Math.round(Number(exact.toPrecision(digits)) / stepNs) * stepNs
    // Two digits only where they don't push the value to one side.
    const isNear = digits > 2 || Math.abs(Math.log(value / exact)) < Math.log(high / low) / 10
    if (value > low && value < high && isNear) return value
  }
  return undefined
}

const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
] as const

/** Integer ns as a policy's parameter, exact and short: 4600000 to "4.6ms". parseDurationNs reads it back. */
export function ttlText(ns: number): string {
  const found = UNITS.find(([, scale]) => ns >= scale)
  return found === undefined ? `${ns}ns` : `${ns / found[1]}${found[0]}`
}
