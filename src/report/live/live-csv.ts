/**
 * live.csv: a row per replay, what it measured, where its packets went and how much it was disturbed. Unknown
 * is empty.
 */
import { stringify } from 'csv-stringify/sync'
import type { LiveReport } from '../../live/verdict/live-report.ts'
import { valueCells } from '../parts/csv.ts'

const WAITING = ['injector', 'reader', 'lanes', 'collector'] as const

export function liveCsv({ subjects }: LiveReport): string {
  const all = subjects.flatMap(({ label, topology, replays }) =>
    replays.map((row) => ({ label, topology, row })),
  )
  const metricNames = [...new Set(all.flatMap(({ row }) => Object.keys(row.metrics)))]
  const countNames = Object.keys(all[0]?.row.counts ?? {})
  const header = [
    'policy',
    'topology',
    'replay',
    'isCalibration',
    'invalid',
    'endedEarly',
    'latenessNsP50',
    'latenessNsP99',
    'latenessNsMax',
    'packetsSent',
    'bytesSent',
    'seconds',
    'packetsPerSecond',
    'megabitsPerSecond',
    'stealNs',
    'coresBusyNs',
    'othersBusyNs',
    'cpuPressureRatio',
    ...WAITING.map((role) => `runQueueWaitNs.${role}`),
    'runQueueWaitRatio',
    'wallSeconds',
    'laneLoad',
    ...countNames.map((name) => `counts.${name}`),
    ...metricNames,
  ]
  const rows = all.map(({ label, topology, row }) => [
    label,
    topology,
    row.replay,
    row.isCalibration ? 1 : 0,
    row.invalid.join('; '),
    row.endedEarly ? 1 : 0,
    row.latenessNsP50,
    row.latenessNsP99,
    row.latenessNsMax,
    row.packetsSent,
    row.bytesSent,
    row.seconds,
    row.packetsPerSecond,
    row.megabitsPerSecond,
    row.stealNs,
    row.coresBusyNs,
    row.othersBusyNs,
    row.cpuPressureRatio,
    ...WAITING.map((role) => row.runQueueWaitNs[role]),
    row.runQueueWaitRatio,
    row.wallSeconds,
    row.laneLoad,
    ...countNames.map((name) => (row.counts as unknown as Record<string, number>)[name] ?? null),
    ...metricNames.map((name) => valueCells(row.metrics[name] ?? null, true)[0]),
  ])
  return stringify([header, ...rows])
}
