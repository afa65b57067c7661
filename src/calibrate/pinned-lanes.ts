/**
 * Which flows share a lane, where flows are pinned: packets of one lane leave as they came, so two flows of
 * which one never overtakes the other, however closely their packets follow, are on one lane; two on
 * different lanes overtake each other now and then. Lanes that were found this way are the least that there
 * are: a lane without a flow isn't seen.
 */
import type { DispatchPolicy } from '../model/policy.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { delaysOf } from './moments.ts'
import { quantile } from './quantile.ts'
import type { CreatePolicy } from './simulated.ts'

/** Packets of two flows that follow closely, for a pair to say something. */
const PAIRS_MIN = 40
/** Later packets that are looked at. */
const AHEAD_MAX = 32
/** Pairs that overtake as rarely as this, of what others do, share a lane. */
const RARELY = 0.1
/** Counts per pair of flows take 8 bytes: half a gigabyte at most. Of more flows nothing is told. */
const FLOWS_MAX = 8192

export interface PinnedLanes {
  /** Lanes that were seen. */
  readonly lanes: number
  /** Per flow its lane, from 0. */
  readonly laneOf: Int32Array
}

/** undefined where flows are reordered in themselves, there are too many, or nothing can be told. */
export function pinnedLanes(run: SentRun): PinnedLanes | undefined {
  const { flowCount } = run
  if (flowCount < 2 || flowCount > FLOWS_MAX) return undefined
  const { close, overtaken } = closePairs(run)
  for (let flow = 0; flow < flowCount; flow++) if (overtaken[flow * flowCount + flow]! > 0) return undefined
  const shares: number[] = []
  const pairs: { one: number; other: number; share: number }[] = []
  for (let one = 0; one < flowCount; one++) {
    for (let other = one + 1; other < flowCount; other++) {
      const seen = close[one * flowCount + other]!
      if (seen < PAIRS_MIN) continue
      const share = overtaken[one * flowCount + other]! / seen
      shares.push(share)
      pairs.push({ one, other, share })
    }
  }
  const often = quantile(Float64Array.from(shares).sort(), 0.75)
  if (!(often > 0)) return undefined
  return grouped(
    flowCount,
    pairs.filter(({ share }) => share <= RARELY * often),
  )
}

/** Per pair of flows, the lower first: packets that follow closely, and those that changed places. */
function closePairs(run: SentRun) {
  const { sentNs, receivedNs, flow, count, flowCount } = run
  const all = delaysOf(
    run,
    receivedNs,
    Int32Array.from({ length: count }, (_, i) => i),
  )
  const nearNs = Math.max(1000, quantile(all, 0.9) - quantile(all, 0.01))
  const close = new Int32Array(flowCount * flowCount)
  const overtaken = new Int32Array(flowCount * flowCount)
  for (let i = 0; i < count; i++) {
    const end = Math.min(count, i + AHEAD_MAX)
    for (let j = i + 1; j < end && sentNs[j]! - sentNs[i]! < nearNs; j++) {
      const low = Math.min(flow[i]!, flow[j]!)
      const high = Math.max(flow[i]!, flow[j]!)
      close[low * flowCount + high]!++
      if (receivedNs[j]! < receivedNs[i]!) overtaken[low * flowCount + high]!++
    }
  }
  return { close, overtaken }
}

function grouped(flowCount: number, together: readonly { one: number; other: number }[]): PinnedLanes {
  const root = Int32Array.from({ length: flowCount }, (_, flow) => flow)
  const find = (flow: number): number => {
    let at = flow
    while (root[at] !== at) at = root[at]!
    return at
  }
  for (const { one, other } of together) root[find(one)] = find(other)
  const lanes = new Map<number, number>()
  const laneOf = Int32Array.from({ length: flowCount }, (_, flow) => {
    const at = find(flow)
    if (!lanes.has(at)) lanes.set(at, lanes.size)
    return lanes.get(at)!
  })
  return { lanes: lanes.size, laneOf }
}

/** A policy that sends each flow of the run to the lane that it was seen on. */
export function asPinned({ laneOf }: PinnedLanes): CreatePolicy {
  return (lanes): DispatchPolicy => ({
    name: 'as seen',
    keepsFlowOrder: true,
    choose: (packet) => laneOf[packet.flow.index]! % lanes.count,
  })
}
