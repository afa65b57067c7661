/** Test support: replays of a scenario given as an object, and order as the collector saw it. */

import type { ResolvedScenario } from '../run/plan.ts'
import { policiesOf } from '../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { type PrepareOptions, preparePackets } from './packets.ts'
import { type Replay, replayOnce } from './replay.ts'
import type { ReplayRequest } from './replay-request.ts'
import { type Pace, scheduleOf } from './schedule.ts'
import type { ReplayRecord } from './threads/record.ts'
import type { ReplayCounts } from './verdict/accounting.ts'

export function inHandOf(input: ScenarioInput): ResolvedScenario {
  const scenario = scenarioSchema.parse(input)
  return { scenario, policies: policiesOf(scenario) }
}

export type ReplayOptions = Partial<Omit<ReplayRequest, 'resolved' | 'schedule'>> &
  PrepareOptions & { readonly pace?: Pace; readonly smallerMtuBytes?: number }

/** Replays through memory, with work none, at the source's own pace, unless told otherwise. */
export async function replayOf(
  resolved: ResolvedScenario,
  { limit, pace, smallerMtuBytes, ...request }: ReplayOptions = {},
): Promise<Replay> {
  const list = request.list ?? (await preparePackets(resolved, { limit }))
  return replayOnce({
    device: 'loopback',
    topology: 'dispatcher',
    policy: 0,
    work: 'none',
    ...request,
    resolved,
    list: smallerMtuBytes === undefined ? list : { ...list, mtuBytes: smallerMtuBytes },
    schedule: scheduleOf(list.columns, pace),
  })
}

/** Rows of the record in the order in which the collector got them. */
export function arrivals({ packets, arrivalOrder }: ReplayRecord): number[] {
  const rows = Array.from({ length: packets }, (_, row) => row).filter((row) => arrivalOrder[row]! >= 0)
  return rows.sort((a, b) => arrivalOrder[a]! - arrivalOrder[b]!)
}

/** Packets that came behind a later one of their flow (RFC 4737, type-P-reordered). */
export function reorderedPackets(record: ReplayRecord): number {
  const highest = new Map<number, number>()
  let reordered = 0
  for (const row of arrivals(record)) {
    const flow = record.flow[row]!
    const number = record.flowNumber[row]!
    if (number < (highest.get(flow) ?? -1)) reordered++
    else highest.set(flow, number)
  }
  return reordered
}

/** The places in which packets can be, added up: all of them, or there is a mistake. */
export function sumOfPlaces(counts: ReplayCounts): number {
  const { delivered, tunDropped, laneDropped, collectorDropped, sendFailed, writeFailed } = counts
  const { notSent, inFlight, unaccounted } = counts
  const lost = tunDropped + laneDropped + collectorDropped + sendFailed + writeFailed
  return delivered + lost + notSent + inFlight + unaccounted
}
