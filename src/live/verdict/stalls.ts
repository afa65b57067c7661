/**
 * From stalled services to stalls as the simulator has them: a renewal process over time, per lane or per
 * group of lanes that stall together (they share a core). A stall is only seen by a lane at work, or by one
 * that is woken while it lasts, so the rate is stalls per time in which one would have been seen. Groups
 * whose rates can't be told apart share one rate and their lengths, because stalls are few.
 */
import type { Services } from './services.ts'

export interface StallGroup {
  readonly lanes: number[]
  /** Per second outside of stalls. */
  readonly perSecond: number
  readonly lengthNs: readonly number[]
}

/** One stalled service; the stall is somewhere between. */
interface Stalled {
  readonly lane: number
  readonly beginNs: number
  readonly endNs: number
  readonly lengthNs: number
  readonly wasIdle: boolean
}

/** Lanes belong together when, of stalls during which both were at work, this share was common to both. */
const COMMON_SHARE = 0.5
const COMMON_MIN = 4
const LENGTHS_MIN = 20
const ALIKE_DEVIATIONS = 3

/** @param stallNs per service, 0 for none @param thresholdNs shorter ones count as service */
export function stallGroups(
  services: Services,
  stallNs: Float64Array,
  thresholdNs: number,
  lanes: number,
): StallGroup[] {
  const stalled: Stalled[] = []
  for (let i = 0; i < services.count; i++) {
    if (stallNs[i] === 0) continue
    const beginNs = services.beginNs[i]!
    const endNs = beginNs + services.serviceNs[i]!
    const wasIdle = services.idleNs[i]! > 0
    stalled.push({ lane: services.lane[i]!, beginNs, endNs, lengthNs: stallNs[i]!, wasIdle })
  }
  if (stalled.length === 0) return []
  const groups = lanesTogether(services, stalled, lanes).map((members) => {
    const events = merged(stalled.filter(({ lane }) => members.includes(lane)))
    const lengthNs = lengthsOf(events)
    const tailNs = Math.max(0, meanOf(lengthNs) - thresholdNs)
    return { members, events, lengthNs, watchedNs: timeWatched(services, stallNs, members, tailNs) }
  })
  const events = groups.flatMap((group) => group.events)
  const watchedNs = groups.reduce((sum, group) => sum + group.watchedNs, 0)
  const perNs = events.length / watchedNs
  if (areAlike(groups.map((group) => ({ count: group.events.length, expected: perNs * group.watchedNs })))) {
    const lengthNs = lengthsOf(events)
    const seen = groups.filter((group) => group.watchedNs > 0)
    return seen.map(({ members }) => ({ lanes: members, perSecond: perNs * 1e9, lengthNs }))
  }
  return groups
    .filter((group) => group.events.length > 0)
    .map((group) => ({
      lanes: group.members,
      perSecond: (group.events.length * 1e9) / group.watchedNs,
      lengthNs: group.lengthNs,
    }))
}

/**
 * A stall that a lane wakes up into has partly passed, and says less about lengths: left out where others are
 * many.
 */
function lengthsOf(events: readonly Stalled[]): number[] {
  const seenWhole = events.filter(({ wasIdle }) => !wasIdle)
  return (seenWhole.length >= LENGTHS_MIN ? seenWhole : events).map(({ lengthNs }) => lengthNs)
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * Pearson's chi-squared of the counts is within 3 standard deviations of its mean, as when all have one rate.
 */
function areAlike(groups: ReadonlyArray<{ readonly count: number; readonly expected: number }>): boolean {
  const terms = groups.filter(({ expected }) => expected > 0)
  const chiSquared = terms.reduce((sum, { count, expected }) => sum + (count - expected) ** 2 / expected, 0)
  const freedom = terms.length - 1
  return chiSquared <= freedom + ALIKE_DEVIATIONS * Math.sqrt(2 * freedom)
}

/** Stalls of a group's lanes that overlap are one. */
function merged(stalled: readonly Stalled[]): Stalled[] {
  const events: Stalled[] = []
  for (const next of stalled.toSorted((a, b) => a.beginNs - b.beginNs)) {
    const last = events.at(-1)
    // By the stalls proper, at the ends of their services: services alone overlap more often.
    if (last === undefined || next.endNs - next.lengthNs >= last.endNs) events.push(next)
    else {
      const longer = next.lengthNs > last.lengthNs ? next : last
      events[events.length - 1] = { ...longer, endNs: Math.max(last.endNs, next.endNs) }
    }
  }
  return events
}

/**
 * Time in which a stall of the group would have been seen: a lane served, or was woken within `tailNs` after.
 */
function timeWatched(
  services: Services,
  stallNs: Float64Array,
  members: readonly number[],
  tailNs: number,
): number {
  const spans: Array<readonly [number, number]> = []
  for (let i = 0; i < services.count; i++) {
    if (!members.includes(services.lane[i]!)) continue
    const beginNs = services.beginNs[i]!
    const workNs = services.serviceNs[i]! - stallNs[i]!
    spans.push([beginNs - Math.min(tailNs, services.idleNs[i]!), beginNs + workNs])
  }
  spans.sort((a, b) => a[0] - b[0])
  let totalNs = 0
  let untilNs = Number.NEGATIVE_INFINITY
  for (const [fromNs, toNs] of spans) {
    if (toNs <= untilNs) continue
    totalNs += toNs - Math.max(fromNs, untilNs)
    untilNs = toNs
  }
  return totalNs
}

/** The lanes, divided into groups that stall together; most often each is its own. */
function lanesTogether(services: Services, stalled: readonly Stalled[], lanes: number): number[][] {
  const groupOf = Array.from({ length: lanes }, (_, lane) => lane)
  const ofLane = groupOf.map((lane) => stalled.filter((stall) => stall.lane === lane))
  const spans = groupOf.map((lane) => {
    const mine: Array<readonly [number, number]> = []
    for (let i = 0; i < services.count; i++) {
      if (services.lane[i] === lane)
        mine.push([services.beginNs[i]!, services.beginNs[i]! + services.serviceNs[i]!])
    }
    return mine
  })
  const stallSpans = ofLane.map((list) => list.map(({ beginNs, endNs }) => [beginNs, endNs] as const))
  for (let a = 0; a < lanes; a++) {
    for (let b = a + 1; b < lanes; b++) {
      let atWork = 0
      let common = 0
      for (const [mine, other] of [[a, b] as const, [b, a] as const]) {
        for (const { endNs, lengthNs } of ofLane[mine]!) {
          // Had both been stalled together, the middle of the one would lie in the other.
          const middleNs = endNs - lengthNs / 2
          if (!isWithin(spans[other]!, middleNs)) continue
          atWork++
          if (isWithin(stallSpans[other]!, middleNs)) common++
        }
      }
      if (common < COMMON_MIN || common < COMMON_SHARE * atWork) continue
      const [keep, join] = [groupOf[a]!, groupOf[b]!]
      for (let lane = 0; lane < lanes; lane++) if (groupOf[lane] === join) groupOf[lane] = keep
    }
  }
  return [...new Set(groupOf)].map((group) => groupOf.flatMap((of, lane) => (of === group ? [lane] : [])))
}

/** @param spans apart, in order */
function isWithin(spans: ReadonlyArray<readonly [number, number]>, timeNs: number): boolean {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (spans[middle]![1] < timeNs) low = middle + 1
    else high = middle
  }
  return low < spans.length && spans[low]![0] <= timeNs
}
