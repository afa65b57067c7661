/** What a calibration has learned of a system, and how well it predicts, as text for a terminal. */
import type { Calibrated } from '../../calibrate/calibrate.ts'
import type { ScenarioCalibration } from '../../scenario/schema/calibration.ts'
import { counted, formatDurationNs, grouped, significant } from '../../units.ts'
import { columns } from '../parts/small-table.ts'
import { wrap } from '../parts/wrap.ts'

const NAMES: Readonly<Record<string, string>> = {
  reorderedRatio: 'reordered',
  extentMean: 'extent, mean',
  lateTimeNsP50: 'late by, p50',
  latencyNsP50: 'delay, p50',
  latencyNsP99: 'delay, p99',
}
const PLACES = {
  lane: 'on the lane',
  wakeUp: 'waking up',
  receiver: 'at the far end',
  link: 'on the way',
}

/** Lines of at most `width` characters. */
export function learnedTable(
  { calibratedOn, heldOut, notKnown }: ScenarioCalibration,
  { fitted: { machine }, policy, clock }: Calibrated,
  width: number,
): string {
  const { files, packets, lanes, lanesAssumed } = calibratedOn
  const { stalls, jitterNs, jitterAt, perByteNs } = machine
  const parts: ReadonlyArray<readonly [string, number]> = [
    ['reader', machine.readerNs],
    ['lane', machine.laneNs],
    ['waking up', machine.wakeUpNs],
    ['far end', machine.receiverNs],
    ['way', machine.linkNs],
  ]
  const times = parts.filter(([, ns]) => ns >= 0.5).map(([name, ns]) => `${name} ${formatDurationNs(ns)}`)
  const middle = jitterNs[Math.floor(jitterNs.length * 0.4)] ?? 0
  const facts: ReadonlyArray<readonly [string, string]> = [
    [
      'from',
      `${files.join(', ')}: ${grouped(packets)} packets, ${clock === 'same' ? 'one clock' : 'two clocks'}`,
    ],
    ['lanes', `${lanes}${lanesAssumed ? ' (assumed)' : ''}, policy ${policy}`],
    ['least', `${times.join(', ')}${perByteNs > 0 ? `; ${significant(perByteNs)} ns per byte` : ''}`],
    ['added', `${formatDurationNs(middle)} (about the median) ${PLACES[jitterAt]}`],
    ...(stalls === undefined
      ? []
      : [
          [
            'stalls',
            `${significant(stalls.perSecond)} a second and lane, ${formatDurationNs(mean(stalls.lengthNs))} each`,
          ] as const,
        ]),
  ]
  const rows = heldOut
    .filter(({ measured, predicted }) => measured !== null || predicted !== null)
    .map(({ metric, predicted, measured, factor, isRight }) => [
      NAMES[metric] ?? metric,
      shown(metric, measured),
      shown(metric, predicted),
      factor === null ? '-' : significant(factor),
      isRight === null ? '-' : isRight ? 'yes' : 'no',
    ])
  const table = columns({ heads: ['held out', 'measured', 'predicted', 'factor', 'right'], rows })
  const right = heldOut.filter(({ isRight }) => isRight === true).length
  const judged = heldOut.filter(({ isRight }) => isRight !== null).length
  return [
    ...facts.flatMap(([name, text]) =>
      wrap(text, width - 9).map((line, i) => `  ${(i === 0 ? name : '').padEnd(6)} ${line}`),
    ),
    '',
    ...table,
    '',
    ...wrap(
      `${right} of ${counted(judged, 'prediction')} of the last third, which it hasn't seen, are right.`,
      width,
    ),
    ...notKnown.flatMap((line) => wrap(`Not known: ${line}.`, width)),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function shown(metric: string, value: number | null): string {
  if (value === null) return '-'
  if (metric === 'reorderedRatio') return `${significant(100 * value)}%`
  return metric === 'extentMean' ? significant(value) : formatDurationNs(value)
}
