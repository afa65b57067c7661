/**
 * Which kind of numbering each flow of a capture has. By themselves numbers are taken only where they
 * demonstrably count; a kind that was asked for is taken there too, and where it counts nowhere, wherever
 * packets have it. IPv4's identification is a
 * last resort: nothing else must count in the whole capture, and most packets must be covered.
 */
import type { NumberKind } from './kind.ts'
import type { NumberedStreams } from './numbered-streams.ts'

/** The name of the kind that needs to be alone. */
export const LAST_RESORT = 'ip-id'
/** Of the capture's packets. */
const COVERED_MIN = 0.5
/** Times of sending and of arrival run alike: within this, and this share of the time. */
const CLOCK_NS = 1e9
const CLOCK_SHARE = 0.1

/** What a capture gave to judge by. */
export interface Gathered {
  /** In order of preference. */
  readonly all: readonly NumberedStreams[]
  readonly flowCount: number
  /** Packets of the capture, and of each of its flows. */
  readonly packets: number
  readonly packetsOfFlow: Float64Array
  /** By row of the capture; NaN where they aren't known. */
  readonly timeNs: Float64Array
}

/** The streams that each flow's packets are numbered by; undefined for flows without. */
export function chooseKinds(gathered: Gathered, isAuto: boolean): Array<NumberedStreams | undefined> {
  if (!isAuto) return asked(gathered)
  const { all, packets, packetsOfFlow } = gathered
  const isLast = ({ kind }: NumberedStreams) => kind.name === LAST_RESORT
  const first = chosen(
    gathered,
    all.filter((streams) => !isLast(streams)),
    (streams, flow) => streams.isFounded(flow) && runsWithClock(streams, flow, gathered),
  )
  if (addFew(first)) return first
  const last = chosen(gathered, all.filter(isLast), (streams, flow) => streams.isFounded(flow))
  const covered = last.reduce((sum, streams, flow) => (streams ? sum + packetsOfFlow[flow]! : sum), 0)
  return covered >= COVERED_MIN * packets ? last : []
}

/** Kinds that a place was named for are taken at their word. */
function asked(gathered: Gathered): Array<NumberedStreams | undefined> {
  const { all, flowCount } = gathered
  const flows = Array.from({ length: flowCount }, (_, flow) => flow)
  const counts = new Set(
    all
      .filter((one) => !one.kind.isPlace && flows.some((flow) => one.isFounded(flow)))
      .map(({ kind }) => kind.name),
  )
  const found = chosen(gathered, all, (one, flow) =>
    counts.has(one.kind.name) ? one.isFounded(flow) : one.numberedOf(flow) > 0,
  )
  addFew(found)
  return found
}

/** Adds flows of a few packets of kinds that were found elsewhere. Was anything found? */
function addFew(found: Array<NumberedStreams | undefined>): boolean {
  const used = [...new Set(found)].filter((one) => one !== undefined)
  const marked = used.filter(({ kind }) => kind.isMarked)
  for (const flow of found.keys()) found[flow] ??= marked.find((one) => one.isFew(flow))
  return used.length > 0
}

/** Of the streams that are right for a flow those that count, of these the ones with most numbers. */
function chosen(
  { flowCount }: Gathered,
  streams: readonly NumberedStreams[],
  isRight: (streams: NumberedStreams, flow: number) => boolean,
): Array<NumberedStreams | undefined> {
  return Array.from({ length: flowCount }, (_, flow) => {
    let best: NumberedStreams | undefined
    let most = -1
    for (const one of streams) {
      if (!isRight(one, flow)) continue
      const numbers = one.isFounded(flow) ? one.numberedOf(flow) : 0
      if (numbers > most) [best, most] = [one, numbers]
    }
    return best
  })
}

/** Does a sender's clock in the packets run as that of the capture does? Then it is a clock. */
function runsWithClock(streams: NumberedStreams, flow: number, { timeNs }: Gathered): boolean {
  const { sentUs, firstRow, lastRow } = streams.spanOf(flow)
  const arrivedNs = timeNs[lastRow]! - timeNs[firstRow]!
  // Unknown times contradict nothing.
  return !(Math.abs(sentUs * 1000 - arrivedNs) > CLOCK_NS + CLOCK_SHARE * Math.abs(arrivedNs))
}

/** Names of the kinds in use, in the order of `kinds`, each once. */
export function namesOf(used: Iterable<NumberedStreams | undefined>, kinds: readonly NumberKind[]): string[] {
  const inUse = new Set([...used].flatMap((streams) => streams?.kind.name ?? []))
  return [...new Set(kinds.map(({ name }) => name))].filter((name) => inUse.has(name))
}
