/**
 * Numbers of packets within their flows from 0. Matched captures have them; numbers of an arrival file begin
 * anywhere and may wrap, so they are unwound (RFC 4737 section 6) if their width is given, known by what they
 * are, or certain by themselves (wraps.ts), and counted from the lowest of their flow: what was lost before
 * it or after the highest can't be seen.
 */
import { UserError } from '../../errors.ts'
import { SequenceUnwrapper } from '../../metrics/order/unwrap.ts'
import type { Measured } from './arrivals.ts'
import type { FlowGroups } from './flow-groups.ts'
import { certainWrap, highestOf, likelyWidth, restart, type Wrap } from './wraps.ts'

/** `find` takes it from the numbers where it is certain; `none`: they don't wrap. */
export type SequenceBits = number | 'find' | 'none'

export interface Numbering {
  /** Of each row. */
  readonly number: Float64Array
  /** Of each flow: packets sent, as far as the numbers tell where nothing else does. */
  readonly sent: Float64Array
  /** Width by which numbers were unwound: given, known or found. */
  readonly bits: number | undefined
  /** Found: the first wrap. */
  readonly wrap: (Wrap & { readonly flow: number }) | undefined
  /** Where numbers look as if they wrapped, and weren't unwound: their likely width. */
  readonly likelyBits: number | undefined
  /** Where numbers of a flow begin again. */
  readonly restart: (Omit<Wrap, 'bits'> & { readonly flow: number }) | undefined
}

/**
 * @param asked width of the numbers in an arrival file, if they wrap
 * @throws UserError for a number that needs more bits than were given
 */
export function numberPackets(
  { arrivals, flows, sequenceBits: ofProtocol }: Measured,
  { rows, starts }: FlowGroups,
  asked: SequenceBits,
): Numbering {
  const sequenceBits = asked === 'find' && ofProtocol === 'none' ? 'none' : asked
  const knownBits = ofProtocol === 'none' ? undefined : ofProtocol
  const { count, sequence } = arrivals
  const number = sequence.slice(0, count)
  const sent = new Float64Array(flows.count)
  const own = Array.from({ length: flows.count }, (_, flow) =>
    rows.subarray(starts[flow]!, starts[flow + 1]!),
  )
  const isNumbered = (flow: number) => flows.sent(flow) === undefined && own[flow]!.length > 0
  const wraps =
    sequenceBits === 'find' && knownBits === undefined
      ? own.map((rowsOfFlow, flow) => (isNumbered(flow) ? certainWrap(sequence, rowsOfFlow) : undefined))
      : []
  const flow = wraps.findIndex((found) => found !== undefined)
  const wrap = flow < 0 ? undefined : { ...wraps[flow]!, flow }
  const found = [...new Set(wraps.flatMap((one) => one?.bits ?? []))].sort((a, b) => a - b)
  let likelyBits: number | undefined
  let begin: Numbering['restart']
  for (const [flow, rowsOfFlow] of own.entries()) {
    sent[flow] = flows.sent(flow) ?? 0
    if (!isNumbered(flow)) continue
    const highest = highestOf(sequence, rowsOfFlow)
    if (typeof sequenceBits === 'number') {
      const wide = rowsOfFlow.find((row) => sequence[row]! >= 2 ** sequenceBits)
      if (wide !== undefined) throw tooWide(sequence[wide]!, sequenceBits)
    }
    const fits = (bits: number | undefined) => bits !== undefined && highest < 2 ** bits
    // Flows of one file have numbers of one kind, if these fit.
    const bits =
      sequenceBits === 'none'
        ? undefined
        : sequenceBits !== 'find'
          ? sequenceBits
          : (wraps[flow]?.bits ?? [knownBits, ...found].find(fits))
    if (bits !== undefined) unwind(number, rowsOfFlow, bits)
    else if (sequenceBits === 'find') likelyBits ??= likelyWidth(sequence, rowsOfFlow)
    if (bits === undefined && asked === 'find' && likelyBits === undefined && begin === undefined) {
      const found = restart(sequence, rowsOfFlow)
      if (found !== undefined) begin = { ...found, flow }
    }
    sent[flow] = countFromLowest(number, rowsOfFlow)
  }
  const bits =
    typeof sequenceBits === 'number'
      ? sequenceBits
      : sequenceBits === 'find'
        ? (knownBits ?? wrap?.bits)
        : undefined
  return { number, sent, bits, wrap, likelyBits, restart: begin }
}

function unwind(number: Float64Array, rows: Int32Array, bits: number): void {
  const unwrapper = new SequenceUnwrapper(bits)
  for (const row of rows) {
    try {
      number[row] = unwrapper.unwrap(number[row]!)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new UserError(
        `sequence numbers taken as ${bits} bits pass 2^53 with ${number[row]} - give their width (--sequence-bits) or none`,
        2,
      )
    }
  }
}

/** From 0 on; how many numbers there are. */
function countFromLowest(number: Float64Array, rows: Int32Array): number {
  let lowest = Number.POSITIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY
  for (const row of rows) {
    lowest = Math.min(lowest, number[row]!)
    highest = Math.max(highest, number[row]!)
  }
  for (const row of rows) number[row]! -= lowest
  return highest - lowest + 1
}

function tooWide(sequence: number, bits: number): UserError {
  return new UserError(
    `--sequence-bits ${bits}: there is the sequence ${sequence}, which needs more bits - give the width that the sender's numbers have`,
    2,
  )
}
