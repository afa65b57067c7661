/** What is said of replays in words: the head of a report, one replay in tcpreplay's form, verdicts. */
import type { LiveReport, ReplayRow, SubjectReport } from '../live/live-report.ts'
import { formatDurationNs, grouped, significant } from '../units.ts'

/** Named facts above the table. */
export function liveFacts(report: LiveReport): [name: string, text: string][] {
  const { packets, flows, lanes, cores, work, device, subjects, replaysPlanned, seed } = report
  const rows = subjects.flatMap(({ replays }) => replays)
  const invalid = rows.filter((row) => row.invalid.length > 0).length
  const rates = rows.map(({ packetsPerSecond }) => packetsPerSecond)
  const rate = rates.length === 0 ? '' : `, ${grouped(Math.round(mean(rates)))} packets/s`
  const source = 'capture' in report.scenario.source ? report.scenario.source.capture : 'synthetic'
  return [
    ['source', `${source}: ${grouped(packets)} packets of ${grouped(flows)} flows${rate}`],
    ['lanes', `${lanes}, work ${workText(work)}, ${cores} cores`],
    [
      'device',
      device === 'tun'
        ? 'two TUN devices in a network namespace of their own'
        : 'in memory (--loopback): no kernel',
    ],
    [
      'runs',
      `${rows.length - invalid} of ${replaysPlanned} replays valid${invalid > 0 ? `, ${invalid} disturbed and not counted` : ''}, seed ${seed}`,
    ],
    ['machine', machineText(rows)],
  ]
}

function workText(work: LiveReport['work']): string {
  if (work === 'model') return "model (the scenario's service times, slept)"
  return work === 'none' ? 'none' : `${work} of every packet`
}

function machineText(rows: readonly ReplayRow[]): string {
  if (rows.length === 0) return 'no replay'
  const steal = mean(rows.map(({ stealNs, wallSeconds }) => stealNs / (wallSeconds * 1e9)))
  const busy = mean(rows.map(({ coresBusyNs, wallSeconds }) => coresBusyNs / (wallSeconds * 1e9)))
  const worst = rows.reduce((most, row) => Math.max(most, row.latenessNsMax ?? 0), 0)
  const p50 = known(rows.map(({ latenessNsP50 }) => latenessNsP50))
  const p99 = known(rows.map(({ latenessNsP99 }) => latenessNsP99))
  const late =
    p50.length === 0
      ? 'sent as fast as it went'
      : `sent late by ${formatDurationNs(Math.round(mean(p50)))} (median), ${formatDurationNs(Math.round(mean(p99)))} (99 %), ${formatDurationNs(Math.round(worst))} (most)`
  return `${significant(busy, 2)} cores busy, ${significant(steal * 100, 2)} % of one taken by the host; ${late}`
}

/** One replay as tcpreplay says it, and where its packets went. */
export function replayLine(row: ReplayRow): string {
  const { replay, packetsSent, bytesSent, seconds, packetsPerSecond, megabitsPerSecond } = row
  const rated = `${((bytesSent / seconds) | 0).toString()} Bps, ${significant(megabitsPerSecond)} Mbps, ${significant(packetsPerSecond, 5)} pps`
  const doubts = row.invalid.length === 0 ? '' : `; INVALID: ${row.invalid.join('; ')}`
  return (
    `replay ${replay}: Actual: ${packetsSent} packets (${bytesSent} bytes) sent in ${seconds.toFixed(2)} seconds. ` +
    `Rated: ${rated}. ${lossText(row)}${doubts}`
  )
}

/** Every packet's fate: what isn't 0. */
export function lossText({ counts }: ReplayRow): string {
  const { packets, delivered } = counts
  const places: [string, number][] = [
    ['dropped at the TUN queue', counts.tunDropped],
    ['dropped at a lane', counts.laneDropped],
    ['dropped at the collector', counts.collectorDropped],
    ['refused when sent', counts.sendFailed],
    ['refused when written', counts.writeFailed],
    ['not sent', counts.notSent],
    ['on their way', counts.inFlight],
    ['unaccounted for', counts.unaccounted],
  ]
  const lost = places.filter(([, count]) => count > 0).map(([name, count]) => `${grouped(count)} ${name}`)
  const more = counts.foreign > 0 ? `; ${counts.foreign} packets of the kernel's own ignored` : ''
  return `${grouped(delivered)} of ${grouped(packets)} delivered${lost.length > 0 ? `, ${lost.join(', ')}` : ''}${more}`
}

/** What the prediction of a subject came to: one line. */
export function verdictText({ label, verdict, control, error }: SubjectReport): string {
  if (error !== null) return error
  if (verdict === null) return `${label}: nothing predicted`
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

function known(values: ReadonlyArray<number | null>): number[] {
  return values.filter((value) => value !== null)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
