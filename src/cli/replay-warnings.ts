/** What a user should know before the packets go: what was left out, what isn't imitated, what the machine can't do. */
import { availableParallelism } from 'node:os'
import { cpuNeed } from '../live/cpu-need.ts'
import type { InjectionList } from '../live/packets.ts'
import type { Schedule } from '../live/schedule.ts'
import type { WorkKind } from '../live/work.ts'
import type { LoadedScenario } from '../scenario/load.ts'
import { parseDurationNs, significant } from '../units.ts'

/** One line each. */
export function replayWarnings(
  loaded: LoadedScenario,
  work: WorkKind,
  list: InjectionList,
  schedule: Schedule,
): string[] {
  return [
    ...list.problems,
    ...preparedWarnings(list),
    ...notImitated(loaded),
    ...needWarnings(work, list, schedule),
  ]
}

function preparedWarnings({ counts }: InjectionList): string[] {
  const { notIp, tooLarge, otherWay, cut } = counts
  return [
    ...(notIp > 0 ? [`${notIp} frames hold no IP packet and were left out`] : []),
    ...(tooLarge > 0 ? [`${tooLarge} packets are larger than a TUN device takes and were left out`] : []),
    ...(otherWay > 0 ? [`${otherWay} packets go the other way (source.direction) and were left out`] : []),
    ...(cut > 0
      ? [`${cut} packets were cut when they were captured; they are padded with zeros to their length`]
      : []),
  ]
}

/** What a scenario says of a machine that a replay doesn't imitate: it has a machine of its own. */
function notImitated({ scenario }: LoadedScenario): string[] {
  const { reader, lanes, link, release, tunQueue } = scenario
  const said: ReadonlyArray<readonly [key: string, isSaid: boolean]> = [
    ['reader.perPacket', parseDurationNs(reader.perPacket) > 0],
    ['reader.perPass', parseDurationNs(reader.perPass) > 0],
    ['reader.feedbackDelay', parseDurationNs(reader.feedbackDelay) > 0],
    ['lanes.stalls', lanes.stalls !== 'none'],
    ['lanes.wakeUp', lanes.wakeUp !== 'none'],
    ['lanes.cores', lanes.cores !== 'all'],
    ['link', link.jitter !== 'none' || [link.delay].flat().some((delay) => parseDurationNs(delay) > 0)],
    ['release', release !== 'none'],
    ['tunQueue.onFull', tunQueue.onFull === 'stop'],
  ]
  const keys = said.filter(([, isSaid]) => isSaid).map(([key]) => key)
  if (keys.length === 0) return []
  return [`a replay has the machine's own ${keys.join(', ')}: what the scenario says of them is only in (c)`]
}

function needWarnings(
  work: WorkKind,
  { columns }: InjectionList,
  { plannedNs, packets, isPaced }: Schedule,
): string[] {
  const spanNs = plannedNs[packets - 1]! - plannedNs[0]!
  const rate = isPaced && spanNs > 0 ? ((packets - 1) / spanNs) * 1e9 : Number.NaN
  const bytes = columns.sizeBytes.subarray(0, packets).reduce((sum, size) => sum + size, 0)
  const cores = availableParallelism()
  const need = cpuNeed(work, rate, bytes / packets, cores)
  if (!need.isTooMuch) return []
  return [
    `this replay will need about ${significant(need.cores, 2)} of ${cores} cores, more than 80 %: it will disturb itself - replay slower (--pps, -x), or with less work`,
  ]
}
