/**
 * What a user should know before the packets go: what was left out, what isn't imitated, what the machine
 * can't do.
 */
import { availableParallelism } from 'node:os'
import { untoldUse } from '../../live/device/cpu-use.ts'
import type { InjectionList } from '../../live/packets.ts'
import type { Schedule } from '../../live/schedule.ts'
import { cpuNeed } from '../../live/verdict/cpu-need.ts'
import { spanText } from '../../report/parts/amounts.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { counted, significant } from '../../units.ts'
import type { CheckedReplay } from './options.ts'
import { withoutEffectHere } from './unused.ts'

/** What a replay takes besides its packets: threads start and end. */
const AROUND_NS = 0.3e9

/** One line each. @param policies as given with -p */
export function replayWarnings(
  loaded: LoadedScenario,
  checked: CheckedReplay,
  policies: readonly string[] | undefined,
  list: InjectionList,
  schedule: Schedule,
): string[] {
  const { repeat, predictRuns } = checked
  return [
    ...list.problems,
    ...preparedWarnings(list),
    ...withoutEffectHere(loaded, checked, policies),
    ...(repeat === 1 && predictRuns > 0
      ? [
          '--repeat 1: a prediction is judged by other replays than the one it is calibrated on - use --repeat 3 or more, or --no-predict',
        ]
      : []),
    ...needWarnings(checked, list, schedule),
    ...useWarnings(untoldUse()),
  ]
}

/** How long a replay will take; undefined for one that goes as fast as it can. */
export function replayNs({ plannedNs, packets, isPaced }: Schedule): number | undefined {
  return isPaced ? plannedNs[packets - 1]! - plannedNs[0]! + AROUND_NS : undefined
}

/** How long so many replays will take, before they start. @param oneNs of {@link replayNs} */
export function lengthText(replays: number, oneNs: number | undefined): string {
  const count = counted(replays, 'replay')
  if (oneNs === undefined) return `${count}, as fast as it goes`
  const each = replays === 1 ? '' : `: ${spanText(oneNs * replays)}`
  return `${count} of about ${spanText(oneNs)}${each}, more where one is disturbed and repeated`
}

function preparedWarnings({ counts }: InjectionList): string[] {
  const { notIp, tooLarge, otherWay, cut } = counts
  return [
    ...(notIp > 0 ? [`${notIp} frames hold no IP packet and were left out`] : []),
    ...(tooLarge > 0 ? [`${tooLarge} packets are larger than a TUN device takes and were left out`] : []),
    ...(otherWay > 0 ? [`${otherWay} packets go the other way (source.direction) and were left out`] : []),
    ...(cut > 0
      ? [`${cut} packets were cut when they were captured; what is missing is filled up with zeros`]
      : []),
  ]
}

function needWarnings(
  { work }: CheckedReplay,
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

/** @param untold what the system doesn't tell of the use of its cores */
export function useWarnings(untold: readonly string[]): string[] {
  if (untold.length === 0) return []
  return [`this system doesn't tell ${untold.join(', nor ')}: replays are judged without it`]
}
