/**
 * Numbers of packets within their flows from 0. Matched captures have them; numbers of an arrival file begin
 * anywhere and may wrap, so they are unwound if their width is given (RFC 4737 section 6) and counted from
 * the lowest of their flow: what was lost before it or after the highest can't be seen.
 */
import { UserError } from '../../errors.ts'
import { SequenceUnwrapper } from '../../metrics/order/unwrap.ts'
import type { Measured } from './arrivals.ts'
import type { FlowGroups } from './flow-groups.ts'

/** Widths that numbers in headers usually have. */
const COMMON_BITS = [16, 32]

export interface Numbering {
  /** Of each row. */
  readonly number: Float64Array
  /** Of each flow: packets sent, as far as the numbers tell where nothing else does. */
  readonly sent: Float64Array
  /** Where numbers look as if they wrapped: their likely width. */
  readonly likelyBits: number | undefined
}

/**
 * @param sequenceBits width of the numbers in an arrival file, if they wrap
 * @throws UserError for a number that needs more bits
 */
export function numberPackets(
  { arrivals, flows }: Measured,
  { rows, starts }: FlowGroups,
  sequenceBits: number | undefined,
): Numbering {
  const { count, sequence } = arrivals
  const number = new Float64Array(count)
  const sent = new Float64Array(flows.count)
  let likelyBits: number | undefined
  for (let flow = 0; flow < flows.count; flow++) {
    const start = starts[flow]!
    const end = starts[flow + 1]!
    const known = flows.sent(flow)
    if (known !== undefined) {
      sent[flow] = known
      for (let i = start; i < end; i++) number[rows[i]!] = sequence[rows[i]!]!
      continue
    }
    if (start === end) continue
    if (sequenceBits === undefined) {
      likelyBits ??= likelyWidth(sequence, rows, start, end)
      for (let i = start; i < end; i++) number[rows[i]!] = sequence[rows[i]!]!
    } else {
      const unwrapper = new SequenceUnwrapper(sequenceBits)
      for (let i = start; i < end; i++) {
        const row = rows[i]!
        if (sequence[row]! >= 2 ** sequenceBits) throw tooWide(sequence[row]!, sequenceBits)
        number[row] = unwrapper.unwrap(sequence[row]!)
      }
    }
    let lowest = Number.POSITIVE_INFINITY
    let highest = Number.NEGATIVE_INFINITY
    for (let i = start; i < end; i++) {
      lowest = Math.min(lowest, number[rows[i]!]!)
      highest = Math.max(highest, number[rows[i]!]!)
    }
    for (let i = start; i < end; i++) number[rows[i]!]! -= lowest
    sent[flow] = highest - lowest + 1
  }
  return { number, sent, likelyBits }
}

/** Does the flow fall from the end of a common range to its beginning, and never leave the range? */
function likelyWidth(
  sequence: Float64Array,
  rows: Int32Array,
  start: number,
  end: number,
): number | undefined {
  let highest = 0
  for (let i = start; i < end; i++) highest = Math.max(highest, sequence[rows[i]!]!)
  const bits = COMMON_BITS.find((width) => highest < 2 ** width && highest >= 0.75 * 2 ** width)
  if (bits === undefined) return undefined
  for (let i = start + 1; i < end; i++)
    if (sequence[rows[i - 1]!]! - sequence[rows[i]!]! > 2 ** (bits - 1)) return bits
  return undefined
}

function tooWide(sequence: number, bits: number): UserError {
  return new UserError(
    `--sequence-bits ${bits}: there is the sequence ${sequence}, which needs more bits - give the width that the sender's numbers have`,
    2,
  )
}
