/**
 * What the simulator predicted of replays against what they measured: a panel per metric, with the line where
 * both agree.
 */
import type { ContenderReport } from '../../live/verdict/live-report.ts'
import type { Estimate } from '../../metrics/statistics/statistics.ts'
import { axisFor } from '../axes.ts'
import type { Chart, ChartInput } from '../chart.ts'
import { drawnMetric, formatOf } from '../metric-axes.ts'
import {
  CHART_WIDTH,
  concatenated,
  panelTitle,
  policyChannels,
  type Row,
  rowsIn,
  type Spec,
} from '../spec.ts'

const METRICS = ['reorderedRatio', 'latencyNsP50', 'latencyNsP99', 'lateTimeNsP50']

interface Pair {
  readonly policy: string
  readonly predicted: Estimate
  readonly measured: Estimate
}

export const predictedMeasured: Chart = {
  name: 'predicted-measured',
  summary: 'what the simulator predicted of replays against what they measured',
  needs: 'there is no replay with a prediction - sudo lanewise replay SCENARIO (without --no-predict)',
  draw(input) {
    const live = input.results.flatMap((result) => (result.live === null ? [] : [result.live]))
    const subjects = live.flatMap((report) => report.subjects)
    const drawn = METRICS.map((metric) => ({
      metric,
      pairs: subjects.flatMap((contender) => pairOf(contender, metric)),
    })).filter(({ pairs }) => pairs.length > 0)
    // Panels share one legend, so their scales have the same policies.
    const shown = drawn.flatMap(({ pairs }) => pairs.map(({ policy }) => ({ policy })))
    const panels = drawn.map(({ metric, pairs }) => panelOf(input, metric, pairs, shown))
    if (panels.length === 0) return null
    const single = live.length === 1 ? live[0] : undefined
    return concatenated(
      {
        title: 'Predicted against measured',
        subtitle: [
          single === undefined
            ? ''
            : `${single.title}, ${single.lanes} lanes, ${single.device === 'tun' ? 'real TUN device' : 'loopback in memory'}, ${single.replaysPlanned} replays`,
          'Across: calibrated on one replay, where one more simulated run would lie with 95 % probability. Up: mean of the other replays with its 95 % interval. On the line both agree.',
        ],
      },
      panels,
      2,
    )
  },
}

function pairOf({ label, measured, calibrated, verdict }: ContenderReport, metric: string): Pair[] {
  const judged = verdict?.metrics.find((candidate) => candidate.metric === metric)
  const pair = {
    policy: label,
    predicted: judged?.predicted ?? calibrated?.[metric],
    measured: judged?.measured ?? measured[metric],
  }
  if (pair.predicted?.mean == null || pair.measured?.mean == null) return []
  return [pair as Pair]
}

function panelOf(
  { styles }: ChartInput,
  metric: string,
  pairs: readonly Pair[],
  shown: readonly Row[],
): Spec {
  const all = pairs.flatMap(({ predicted, measured }) => [predicted.mean!, measured.mean!])
  const { title, isShare, unit } = drawnMetric(metric, all)
  const scaled = (value: number | null) => (value === null ? null : value / unit.ns)
  const ends = pairs.flatMap(({ predicted, measured }) => [predicted.high95 ?? 0, measured.high95 ?? 0])
  const values = [...all, ...ends].map((value) => value / unit.ns)
  const options = { percent: isShare, logFrom: Number.POSITIVE_INFINITY, headroom: 0.04, ticks: 5 }
  const x = axisFor(values, { ...options, title: `predicted (${unit.name})` })
  const y = axisFor(values, { ...options, title: `measured (${unit.name})` })
  const rows: Row[] = pairs.map(({ policy, predicted, measured }) => ({
    policy,
    predicted: scaled(predicted.mean),
    predictedLow: scaled(predicted.low95),
    predictedHigh: scaled(predicted.high95),
    measured: scaled(measured.mean),
    measuredLow: scaled(measured.low95),
    measuredHigh: scaled(measured.high95),
  }))
  const xChannel = { field: 'predicted', type: 'quantitative', scale: x.scale, axis: x.axis }
  const yChannel = { field: 'measured', type: 'quantitative', scale: y.scale, axis: y.axis }
  const colour = policyChannels(shown, styles, ['stroke'])
  const rule = { type: 'rule', strokeWidth: 1.5, clip: true }
  const [low, high] = x.scale.domain as [number, number]
  const format = formatOf(isShare)
  return {
    title: panelTitle(title),
    width: CHART_WIDTH / 2 - 85,
    height: 230,
    ...rowsIn(rows),
    layer: [
      {
        data: { values: [{ from: low, to: high }] },
        mark: { type: 'rule', color: '#999999', strokeDash: [5, 4] },
        encoding: {
          x: { ...xChannel, field: 'from' },
          x2: { field: 'to' },
          y: { ...yChannel, field: 'from' },
          y2: { field: 'to' },
        },
      },
      {
        transform: [{ filter: 'isValid(datum.predictedLow)' }],
        mark: rule,
        encoding: {
          x: { ...xChannel, field: 'predictedLow' },
          x2: { field: 'predictedHigh' },
          y: yChannel,
          ...colour,
        },
      },
      {
        transform: [{ filter: 'isValid(datum.measuredLow)' }],
        mark: rule,
        encoding: {
          x: xChannel,
          y: { ...yChannel, field: 'measuredLow' },
          y2: { field: 'measuredHigh' },
          ...colour,
        },
      },
      {
        mark: { type: 'point', fillOpacity: 0.3, strokeWidth: 2, size: 90 },
        encoding: {
          x: xChannel,
          y: yChannel,
          ...policyChannels(shown, styles, ['stroke', 'fill', 'shape']),
          tooltip: [
            { field: 'policy', type: 'nominal' },
            { field: 'predicted', type: 'quantitative', title: `predicted (${unit.name})`, format },
            { field: 'measured', type: 'quantitative', title: `measured (${unit.name})`, format },
          ],
        },
      },
    ],
  }
}
