/** What is said of replays in words: one replay in tcpreplay's form, losses, verdicts. */
import type { Decision } from '../../live/verdict/difference.ts'
import type { ContenderReport, LiveReport, ReplayRow } from '../../live/verdict/live-report.ts'
import type { MetricVerdict } from '../../live/verdict/verdict.ts'
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import { counted, grouped, significant } from '../../units.ts'
import { shareText } from '../parts/amounts.ts'
import { cellOf } from '../parts/format-cell.ts'
import { isCounted, shownRows } from './live-facts.ts'

/** One replay as tcpreplay says it, and where its packets went. */
export function replayLine(row: ReplayRow): string {
  const { replay, packetsSent, bytesSent, seconds, packetsPerSecond, megabitsPerSecond } = row
  const bytesPerSecond = seconds > 0 ? Math.floor(bytesSent / seconds) : null
  const rate = (value: number | null, unit: string, digits?: number) =>
    `${value === null ? '-' : significant(value, digits)} ${unit}`
  const rated = [
    `${bytesPerSecond ?? '-'} Bps`,
    rate(megabitsPerSecond, 'Mbps'),
    rate(packetsPerSecond, 'pps', 5),
  ].join(', ')
  const doubts = row.invalid.length === 0 ? '' : `; INVALID: ${row.invalid.join('; ')}`
  const early = row.endedEarly ? '; ended early, not counted' : ''
  return (
    `replay ${replay}: Actual: ${packetsSent} packets (${bytesSent} bytes) sent in ${seconds.toFixed(2)} seconds. ` +
    `Rated: ${rated}. ${fatesText(row)}${doubts}${early}`
  )
}

const LOST: ReadonlyArray<readonly [place: keyof ReplayRow['counts'], words: string]> = [
  ['tunDropped', 'dropped at the TUN queue'],
  ['laneDropped', 'dropped at a lane'],
  ['collectorDropped', 'dropped at the collector'],
  ['sendFailed', 'refused when sent'],
  ['writeFailed', 'refused when written'],
  ['notSent', 'not sent'],
  ['inFlight', 'on their way'],
  ['unaccounted', 'unaccounted for'],
]

/** Every packet's fate: what isn't 0. */
function fatesText({ counts }: ReplayRow): string {
  const lost = LOST.filter(([place]) => counts[place] > 0).map(
    ([place, words]) => `${grouped(counts[place])} ${words}`,
  )
  const padded = counts.padded > 0 ? `; ${counted(counts.padded, 'packet')} made longer for their mark` : ''
  const foreign =
    counts.foreign > 0 ? `; ${counted(counts.foreign, 'packet')} of the kernel's own ignored` : ''
  const delivered = `${grouped(counts.delivered)} of ${grouped(counts.packets)} delivered`
  return `${[delivered, ...lost].join(', ')}${padded}${foreign}`
}

/** Where packets were lost in the replays that the table is of: a line per contender that lost some. */
export function lossTexts({ subjects }: LiveReport): string[] {
  return subjects.flatMap(({ label, replays }) => {
    const rows = shownRows(replays)
    const sum = (place: keyof ReplayRow['counts']) => rows.reduce((all, { counts }) => all + counts[place], 0)
    if (rows.length === 0 || sum('delivered') === sum('packets')) return []
    const places = LOST.filter(([place]) => sum(place) > 0)
    const [delivered, ...shares] = sharesText([sum('delivered'), ...places.map(([place]) => sum(place))])
    const lost = places.map(([, words], i) => `${shares[i]} ${words}`)
    return [`${label}: ${delivered} of its packets delivered; ${lost.join(', ')}.`]
  })
}

/**
 * Shares of a whole that add up as shown: tenths of a percent by largest remainder, smaller ones by
 * themselves.
 */
function sharesText(parts: readonly number[]): string[] {
  const whole = parts.reduce((sum, part) => sum + part, 0)
  const exact = parts.map((part) => (part / whole) * 1000)
  const tenths = exact.map(Math.floor)
  const byRemainder = [...parts.keys()].sort((a, b) => exact[b]! - tenths[b]! - (exact[a]! - tenths[a]!))
  const missing = 1000 - tenths.reduce((sum, tenth) => sum + tenth, 0)
  for (const i of byRemainder.slice(0, missing)) tenths[i]!++
  return parts.map((part, i) => {
    const isPlain = exact[i]! >= 10 && exact[i]! <= 999
    return isPlain ? `${tenths[i]! / 10}%` : shareText(part / whole)
  })
}

/** What the prediction of a contender came to: one line. */
export function verdictText({
  label,
  replays,
  calibrated,
  verdict,
  control,
  error,
}: ContenderReport): string {
  if (error !== null) return error
  if (verdict === null) {
    return calibrated === null
      ? `${label}: nothing predicted`
      : `${label}: predicted, with no other valid replay to judge it by`
  }
  const { metrics } = verdict
  const of = (wanted: Decision) => metrics.filter((metric) => metric.verdict === wanted)
  const judges = replays.filter((row) => isCounted(row) && !row.isCalibration).length
  if (judges < JUDGES_MIN && of('cannot-tell').length > 0) {
    const cure = cureText(of('cannot-tell'), false)
    return `${label}: can't tell, the prediction is judged by ${counted(judges, 'replay')} only; ${cure}`
  }
  const missed = of('no').map(({ metric, measured, predicted }) => {
    const shown = shownMetric(metric)
    return `not ${shown.title} (others ${cellOf(shown, measured, 0)}, predicted ${cellOf(shown, predicted, 0)})`
  })
  return [
    `${label}: ${of('yes').length} of ${counted(metrics.length, 'metric')} as predicted, judged by ${counted(judges, 'replay')}`,
    ...missed,
    ...untoldTexts(of('cannot-tell'), judges),
    ...controlTexts(control),
  ].join('; ')
}

/** A mean of one replay has no spread. */
const JUDGES_MIN = 2

/** What can't be told, with both spreads, and what would help. */
function untoldTexts(untold: readonly MetricVerdict[], judges: number): string[] {
  if (untold.length === 0) return []
  const lines = untold.map(({ metric, measured, predicted }, i) => {
    const shown = shownMetric(metric)
    const over = i === 0 ? ` measured over ${counted(judges, 'replay')}` : ''
    return `${shown.title} (${cellOf(shown, measured, 2, 2)}${over}, predicted ${cellOf(shown, predicted, 2, 2)})`
  })
  return [`can't tell: ${lines.join(', ')}; ${cureText(untold, true)}`]
}

/** The fewest replays that would tell all that any number of them would. */
function cureText(untold: readonly MetricVerdict[], isSpread: boolean): string {
  const replays = Math.max(0, ...untold.map(({ replaysToTell }) => replaysToTell ?? 0))
  const more = replays === 0 ? 'longer replays' : `more replays (--repeat ${replays})`
  return `${more}${isSpread ? ' or an idle machine' : ''} would`
}

/** The negative control must fail. */
function controlTexts(control: ContenderReport['control']): string[] {
  if (control === null) return []
  const { metrics } = control
  const failing = metrics.filter(({ verdict }) => verdict === 'no').length
  const untold = metrics.filter(({ verdict }) => verdict === 'cannot-tell').length
  const open = untold === 0 ? '' : ` and ${untold} couldn't be told`
  return [
    failing === 0
      ? `control: with half the jitter none would fail${open}: the test can't tell`
      : `control: with half the jitter ${failing} of ${metrics.length} would fail${open}, so the test can tell`,
  ]
}

/** Measured order against predicted order. */
export function ranksText({ ranks }: LiveReport): string | undefined {
  if (ranks === null || ranks.pairs === 0) return undefined
  const { pairs, wrong } = ranks
  if (wrong.length === 0)
    return `The order of ${pairs === 1 ? 'the one pair' : `all ${pairs} pairs`} of policies that measurement tells apart is as predicted.`
  return `Of ${counted(pairs, 'pair')} of policies that measurement tells apart, predicted the other way round: ${wrong.map(([a, b]) => `${a} before ${b}`).join('; ')}.`
}

/** Which queues the kernel chose, beside linux-tun: a line per contender with topology multi-queue. */
export function mappingTexts({ subjects }: LiveReport): string[] {
  return subjects.flatMap(({ label, topology, queueMapping }) => {
    if (queueMapping === null) return []
    const { flows, flowsPerQueue, predictedFlowsLow95, predictedFlowsHigh95, asUnevenRatio } = queueMapping
    const { flowsOnSeveralQueues, reversePairs, reversePairsSplit, flowsMovedBetweenReplays, replays } =
      queueMapping
    const against: string[] = [
      ...(flowsOnSeveralQueues > 0
        ? [`${counted(flowsOnSeveralQueues, 'flow')} came through several queues`]
        : []),
      ...(reversePairsSplit > 0
        ? [
            `${grouped(reversePairsSplit)} of ${counted(reversePairs, 'flow')} ${reversePairsSplit === 1 ? 'has' : 'have'} another queue than ${reversePairsSplit === 1 ? 'its' : 'their'} reverse`,
          ]
        : []),
      ...(flowsMovedBetweenReplays > 0
        ? [`${counted(flowsMovedBetweenReplays, 'flow')} had another queue in a later replay`]
        : []),
      ...(asUnevenRatio < 0.01
        ? [`so uneven a spread has linux-tun with ${significant(asUnevenRatio * 100, 2)} % of all keys`]
        : []),
    ]
    const spread = `${flowsPerQueue.map(grouped).join(', ')} of ${counted(flows, 'flow')} per queue (linux-tun: ${grouped(predictedFlowsLow95)} to ${grouped(predictedFlowsHigh95)} with 95 % of its keys)`
    const kept = [
      'one queue per flow',
      ...(reversePairs > 0 ? [`the same for its reverse (${counted(reversePairs, 'pair')})`] : []),
      ...(replays > 1 ? [`and in all ${replays} replays`] : []),
    ].join(', ')
    const verdict =
      against.length === 0 ? `as linux-tun says: ${kept}` : `unlike linux-tun: ${against.join('; ')}`
    return [
      `${label === topology ? label : `${label} (${topology})`}: the kernel's queues are ${verdict}. ${spread}.`,
    ]
  })
}
