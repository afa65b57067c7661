/** What is said of replays in words: one replay in tcpreplay's form, losses, verdicts. */
import type { LiveReport, ReplayRow, SubjectReport } from '../live/live-report.ts'
import { grouped, significant } from '../units.ts'
import { shareText } from './amounts.ts'
import { shownRows } from './live-facts.ts'

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
  const padded = counts.padded > 0 ? `; ${grouped(counts.padded)} packets made longer for their mark` : ''
  const foreign = counts.foreign > 0 ? `; ${counts.foreign} packets of the kernel's own ignored` : ''
  const delivered = `${grouped(counts.delivered)} of ${grouped(counts.packets)} delivered`
  return `${[delivered, ...lost].join(', ')}${padded}${foreign}`
}

/** Where packets were lost in the replays that the table is of: a line per subject that lost some. */
export function lossTexts({ subjects }: LiveReport): string[] {
  return subjects.flatMap(({ label, replays }) => {
    const rows = shownRows(replays)
    const sum = (place: keyof ReplayRow['counts']) => rows.reduce((all, { counts }) => all + counts[place], 0)
    const share = (place: keyof ReplayRow['counts']) => shareText(sum(place) / sum('packets'))
    if (rows.length === 0 || sum('delivered') === sum('packets')) return []
    const lost = LOST.filter(([place]) => sum(place) > 0).map(([place, words]) => `${share(place)} ${words}`)
    return [`${label}: ${share('delivered')} of its packets delivered; ${lost.join(', ')}.`]
  })
}

/** What the prediction of a subject came to: one line. */
export function verdictText({ label, calibrated, verdict, control, error }: SubjectReport): string {
  if (error !== null) return error
  if (verdict === null) {
    return calibrated === null
      ? `${label}: nothing predicted`
      : `${label}: predicted, with no other valid replay to judge it by`
  }
  const wrong = verdict.metrics.filter(({ isRight }) => !isRight)
  const right = verdict.metrics.length - wrong.length
  const missed = wrong.map(
    ({ metric, deviation }) => `${metric}${deviation === null ? '' : ` ${signed(deviation)}`}`,
  )
  const negative =
    control === null
      ? ''
      : control.isRight
        ? '; half the jitter passes too, so this says little'
        : `; half the jitter fails ${control.metrics.filter(({ isRight }) => !isRight).length}`
  return `${label}: ${right} of ${verdict.metrics.length} metrics as predicted${missed.length > 0 ? `, not ${missed.join(', ')}` : ''}${negative}`
}

/** Measured order against predicted order. */
export function ranksText({ ranks }: LiveReport): string | undefined {
  if (ranks === null || ranks.pairs === 0) return undefined
  const { pairs, wrong } = ranks
  if (wrong.length === 0)
    return `The order of all ${pairs} pairs of policies that measurement tells apart is as predicted.`
  return `Of ${pairs} pairs of policies that measurement tells apart, predicted the other way round: ${wrong.map(([a, b]) => `${a} before ${b}`).join('; ')}.`
}

/** Which queues the kernel chose, beside linux-tun: a line per subject with topology multi-queue. */
export function mappingTexts({ subjects }: LiveReport): string[] {
  return subjects.flatMap(({ label, topology, queueMapping }) => {
    if (queueMapping === null) return []
    const { flows, flowsPerQueue, predictedFlowsLow95, predictedFlowsHigh95, asUnevenRatio } = queueMapping
    const { flowsOnSeveralQueues, reversePairs, reversePairsSplit, flowsMovedBetweenReplays, replays } =
      queueMapping
    const against: string[] = [
      ...(flowsOnSeveralQueues > 0
        ? [`${grouped(flowsOnSeveralQueues)} flows came through several queues`]
        : []),
      ...(reversePairsSplit > 0
        ? [
            `${grouped(reversePairsSplit)} of ${grouped(reversePairs)} flows have another queue than their reverse`,
          ]
        : []),
      ...(flowsMovedBetweenReplays > 0
        ? [`${grouped(flowsMovedBetweenReplays)} flows had another queue in a later replay`]
        : []),
      ...(asUnevenRatio < 0.01
        ? [`so uneven a spread has linux-tun with ${significant(asUnevenRatio * 100, 2)} % of all keys`]
        : []),
    ]
    const spread = `${flowsPerQueue.map(grouped).join(', ')} of ${grouped(flows)} flows per queue (linux-tun: ${grouped(predictedFlowsLow95)} to ${grouped(predictedFlowsHigh95)} with 95 % of its keys)`
    const kept = [
      'one queue per flow',
      ...(reversePairs > 0 ? [`the same for its reverse (${grouped(reversePairs)} pairs)`] : []),
      ...(replays > 1 ? [`and in all ${replays} replays`] : []),
    ].join(', ')
    const verdict =
      against.length === 0 ? `as linux-tun says: ${kept}` : `unlike linux-tun: ${against.join('; ')}`
    return [
      `${label === topology ? label : `${label} (${topology})`}: the kernel's queues are ${verdict}. ${spread}.`,
    ]
  })
}

function signed(share: number): string {
  return `${share > 0 ? '+' : ''}${significant(share * 100, 2)} %`
}
