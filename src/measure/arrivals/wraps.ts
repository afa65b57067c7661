/**
 * Do the numbers of a flow wrap, and at which width? They do for certain where they run up to the end of a
 * usual range, go on at its beginning and stay there: a late packet of numbers that don't wrap is followed by
 * high ones again.
 */

/** Widths that numbers in headers have: 12 in 802.11, 24 in DCCP, 48 in DTLS. */
const USUAL_BITS = [8, 12, 16, 24, 32, 48]
/** Packets on either side of the wrap that are looked at. */
const SIDE_PACKETS = 16
/** Fewest behind it. */
const BEHIND_MIN = 3
/** How many of them have to be on the side where wrapping numbers are. */
const SHARE_MIN = 0.75
/** Numbers missing at the wrap itself: a burst of losses. */
const MISSING_SHARE = 1 / 64
const MISSING_MIN = 8
const MISSING_MAX = 1024

/** Smallest fall that may be a new beginning. */
const RESTART_MIN = 200

export interface Wrap {
  readonly bits: number
  /** Numbers of the packets before and after the wrap. */
  readonly from: number
  readonly to: number
}

/** The first wrap that is certain. @param rows those of a flow, in order of arrival */
export function certainWrap(sequence: Float64Array, rows: Int32Array): Wrap | undefined {
  const highest = highestOf(sequence, rows)
  const bits = USUAL_BITS.find((width) => highest < 2 ** width && highest >= 2 ** width - missingMax(width))
  if (bits === undefined) return undefined
  const half = 2 ** (bits - 1)
  for (let at = 1; at < rows.length; at++) {
    const from = sequence[rows[at - 1]!]!
    const to = sequence[rows[at]!]!
    if (from - to > half && isWrap(sequence, rows, at, 2 ** bits, missingMax(bits))) return { bits, from, to }
  }
  return undefined
}

/** Where numbers fall by more than half of a range that they almost fill: maybe they wrap. */
export function likelyWidth(sequence: Float64Array, rows: Int32Array): number | undefined {
  const highest = highestOf(sequence, rows)
  const bits = USUAL_BITS.find((width) => highest < 2 ** width && highest >= 0.75 * 2 ** width)
  if (bits === undefined) return undefined
  for (let at = 1; at < rows.length; at++)
    if (sequence[rows[at - 1]!]! - sequence[rows[at]!]! > 2 ** (bits - 1)) return bits
  return undefined
}

export function highestOf(sequence: Float64Array, rows: Int32Array): number {
  let highest = 0
  for (const row of rows) highest = Math.max(highest, sequence[row]!)
  return highest
}

function missingMax(bits: number): number {
  return Math.min(Math.max(2 ** bits * MISSING_SHARE, MISSING_MIN), MISSING_MAX)
}

/**
 * Where numbers begin again without a wrap: a new key or a new stream, whose packets were taken for one flow.
 */
export function restart(sequence: Float64Array, rows: Int32Array): Omit<Wrap, 'bits'> | undefined {
  for (let at = 1; at < rows.length; at++) {
    const from = sequence[rows[at - 1]!]!
    const to = sequence[rows[at]!]!
    if (from - to >= RESTART_MIN && isWrap(sequence, rows, at, from + 1, MISSING_MIN)) return { from, to }
  }
  return undefined
}

/** @param at place of the first number behind the fall @param range at which numbers would wrap */
function isWrap(
  sequence: Float64Array,
  rows: Int32Array,
  at: number,
  range: number,
  missing: number,
): boolean {
  const reach = missing + 2 * SIDE_PACKETS
  const before = rows.subarray(Math.max(0, at - SIDE_PACKETS), at)
  const behind = rows.subarray(at, at + SIDE_PACKETS)
  const high = before.filter((row) => Math.abs(range - sequence[row]!) <= reach).length
  const low = behind.filter((row) => sequence[row]! < reach).length
  return high >= SHARE_MIN * before.length && behind.length >= BEHIND_MIN && low >= SHARE_MIN * behind.length
}
