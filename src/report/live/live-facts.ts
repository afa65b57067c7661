/**
 * The head of a report of replays: what was sent, through what, how many replays count and what the machine
 * did meanwhile.
 */
import type { ContenderReport, LiveReport, ReplayRow } from '../../live/verdict/live-report.ts'
import { counted, formatDurationNs, grouped, significant } from '../../units.ts'
import { captureName } from '../parts/capture-name.ts'

/** Named facts above the table; of the replays that count, of all where none does. */
export function liveFacts(report: LiveReport): [name: string, text: string][] {
  const { packets, packetsJudged, flows, lanes, cores, work, device } = report
  const rows = shownRows(report.subjects.flatMap(({ replays }) => replays))
  const rates = known(rows.map(({ packetsPerSecond }) => packetsPerSecond))
  const rate = rates.length === 0 ? '' : `, ${grouped(Math.round(mean(rates)))} packets/s`
  const judged =
    packetsJudged < packets ? `; ${grouped(packetsJudged)} of them are behind the warm-up and judged` : ''
  const { source: from } = report.scenario
  const source =
    'capture' in from ? captureName(from.capture) : 'arrivals' in from ? from.arrivals : 'synthetic'
  return [
    ['source', `${source}: ${counted(packets, 'packet')} of ${counted(flows, 'flow')}${rate}${judged}`],
    ['lanes', `${lanes}, work ${workText(work)}, ${cores} cores`],
    [
      'device',
      device === 'tun'
        ? 'two TUN devices in a network namespace of their own'
        : 'in memory (--loopback): no kernel',
    ],
    ['runs', runsText(report)],
    ['machine', machineText(rows)],
  ]
}

/** The replays that count, or all where none does. */
export function shownRows(rows: readonly ReplayRow[]): readonly ReplayRow[] {
  const ones = rows.filter(isCounted)
  return ones.length > 0 ? ones : rows
}

/** Subjects without a replay that counts, and why: a line each. */
export function noneValidTexts({ subjects }: LiveReport): string[] {
  return subjects.flatMap(({ label, replays, error }: ContenderReport) => {
    if (error !== null || replays.some(isCounted)) return []
    const [reason] = replays.flatMap(({ invalid }) => invalid)
    return [
      `${label}: none of its ${counted(replays.length, 'replay')} is valid${reason === undefined ? '' : `, ${reason}`}`,
    ]
  })
}

function runsText({ subjects, replaysPlanned, seed }: LiveReport): string {
  const rows = subjects.flatMap(({ replays }) => replays)
  const valid = rows.filter(isCounted).length
  const disturbed = rows.filter(({ invalid }) => invalid.length > 0)
  const reasons = disturbed
    .slice(0, 1)
    .flatMap(({ invalid }) => invalid.map((reason) => reason.split(' - ')[0]))
  const which = disturbed.length > 1 ? 'the first: ' : ''
  return [
    `${valid} of ${counted(replaysPlanned, 'replay')} valid`,
    ...(disturbed.length > 0
      ? [`${disturbed.length} disturbed and not counted (${which}${reasons.join('; ')})`]
      : []),
    ...(rows.length > 0 && valid === 0 ? ['packets/s and machine are of those'] : []),
    `seed ${seed}`,
  ].join(', ')
}

/** Neither disturbed nor ended early. */
export function isCounted({ invalid, endedEarly }: ReplayRow): boolean {
  return invalid.length === 0 && !endedEarly
}

function workText(work: LiveReport['work']): string {
  if (work === 'model') return "model (the scenario's service times, slept)"
  return work === 'none' ? 'none' : `${work} of every packet`
}

function machineText(rows: readonly ReplayRow[]): string {
  if (rows.length === 0) return 'no replay'
  const steal = mean(rows.map(({ stealNs, wallSeconds }) => stealNs / (wallSeconds * 1e9)))
  const worst = rows.reduce((most, row) => Math.max(most, row.latenessNsMax ?? 0), 0)
  const p50 = known(rows.map(({ latenessNsP50 }) => latenessNsP50))
  const p99 = known(rows.map(({ latenessNsP99 }) => latenessNsP99))
  const late =
    p50.length === 0
      ? 'sent as fast as it went'
      : `sent late by ${formatDurationNs(Math.round(mean(p50)))} (median), ${formatDurationNs(Math.round(mean(p99)))} (99 %), ${formatDurationNs(Math.round(worst))} (most)`
  return `${coresText(rows)}; ${significant(steal * 100, 2)} % of one taken by the host; ${late}`
}

/** Who used the cores, and how much of that the replay's threads wanted themselves. */
function coresText(rows: readonly ReplayRow[]): string {
  const cores = (busyNs: (row: ReplayRow) => number | null) =>
    known(rows.map((row) => (busyNs(row) ?? Number.NaN) / (row.wallSeconds * 1e9)))
  const own = mean(cores(({ coresBusyNs }) => coresBusyNs))
  const others = cores(({ othersBusyNs }) => othersBusyNs)
  const waits = known(rows.map(({ runQueueWaitRatio }) => runQueueWaitRatio))
  return [
    `cores busy: ${significant(own, 2)} by the replay`,
    ...(others.length === 0 ? [] : [`${significant(mean(others), 2)} by others`]),
    ...(waits.length === 0
      ? []
      : [`its threads had none ${significant(mean(waits) * 100, 2)} % of the time that they wanted one`]),
  ].join(', ')
}

function known(values: ReadonlyArray<number | null>): number[] {
  return values.filter((value): value is number => value !== null && !Number.isNaN(value))
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
