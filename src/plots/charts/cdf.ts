/**
 * Cumulative distributions from saved histograms, one line per policy. A line goes through the upper end of
 * every bucket, so at these points it is exact; where it has more than can be seen, points in between are
 * left out.
 */
import { axisFor, timeUnit } from '../axes.ts'
import { type Chart, type ChartInput, comparisonsOf, settingsOf } from '../chart.ts'
import { formatOf, quantityTitle } from '../metric-axes.ts'
import { daggerNote, namedStyles, namesOf } from '../policy-names.ts'
import type { Bucket } from '../saved.ts'
import { CHART_WIDTH, chartSpec, policyChannels, type Row } from '../spec.ts'
import { type TtlLines, tuningsAsLines } from './ttl-lines.ts'

const STEP_MIN = 0.002
const GROUND = 0.005

export interface CdfSettings {
  readonly name: string
  readonly summary: string
  readonly title: string
  /** In distributions.csv, in ns. */
  readonly metric: string
  /** Of what the y axis counts the share. */
  readonly of: string
  readonly note: string
  readonly needs: string
  /** Of a tuning: quantiles as lines. */
  readonly overTtl: TtlLines
}

export function cdfChart(settings: CdfSettings): Chart {
  const { name, summary, needs, overTtl } = settings
  const ofOnePoint = { files: ['distributions.csv'] } as const
  return {
    name,
    summary,
    needs,
    ofOnePoint,
    draw: (input) => tuningsAsLines(input.results, overTtl) ?? drawCdf(input, settings),
  }
}

function drawCdf(input: ChartInput, { title, metric, of, note }: CdfSettings) {
  const drawn = comparisonsOf(input)
  const lines = drawn.flatMap(({ result, point }) =>
    [...result.buckets(metric, point)].map(([policy, buckets]) => ({ panel: result.title, policy, buckets })),
  )
  if (lines.length === 0) return null
  const styles = namedStyles(input)
  const unit = timeUnit(lines.map(({ buckets }) => medianOf(buckets)))
  const rows: Row[] = lines.flatMap(({ panel, policy, buckets }) =>
    cumulated(buckets).map(([value, share]) => ({ panel, policy, value: value / unit.ns, share })),
  )
  // Where the first line leaves the ground; what is less takes room and shows nothing.
  const low = rows.reduce(
    (least, { value, share }) => (Number(share) >= GROUND ? Math.min(least, Number(value)) : least),
    Number.POSITIVE_INFINITY,
  )
  const axisTitle = quantityTitle(metric, unit)
  const axis = axisFor(
    rows.map(({ value }) => Number(value)).filter((value) => value >= low / 2),
    { title: axisTitle, logFrom: 20 },
  )
  return chartSpec({
    title,
    subtitle: [settingsOf(drawn), note, daggerNote(namesOf(rows, styles))],
    // The axis is clipped at its low end; a zero has no place on a logarithmic one.
    rows: rows.map((row) => (Number(row.value) > 0 ? row : { ...row, value: axis.place(0) })),
    width: CHART_WIDTH - 90,
    height: drawn.length > 1 ? 240 : 340,
    panel: { field: 'panel', perRow: 1 },
    layers: [
      {
        mark: { type: 'line', strokeWidth: 2, clip: true },
        encoding: {
          x: { field: 'value', type: 'quantitative', scale: axis.scale, axis: axis.axis },
          y: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1] },
            axis: { title: `${of} (%)`, format: '~%', values: [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1] },
          },
          order: { field: 'share', type: 'quantitative' },
          ...policyChannels(rows, styles, ['color', 'strokeDash']),
          tooltip: [
            { field: 'policy', type: 'nominal' },
            { field: 'value', type: 'quantitative', title: axisTitle, format: formatOf(false) },
            { field: 'share', type: 'quantitative', title: of, format: formatOf(true) },
          ],
        },
      },
    ],
  })
}

/** [upper end, share of all values below it], from [first lower end, 0] on; flat where there is no bucket. */
export function cumulated(buckets: readonly Bucket[]): Array<readonly [number, number]> {
  const sorted = [...buckets].sort((a, b) => a.low - b.low)
  const total = sorted.reduce((sum, { count }) => sum + count, 0)
  const points: Array<readonly [number, number]> = [[sorted[0]!.low, 0]]
  let before = 0
  for (const [i, { low, high, count }] of sorted.entries()) {
    const share = (before + count) / total
    if (share - points.at(-1)![1] >= STEP_MIN || i === sorted.length - 1) {
      const isBehindGap = i > 0 && low > sorted[i - 1]!.high
      if (isBehindGap) points.push([low, before / total])
      points.push([high, share])
    }
    before += count
  }
  return points
}

function medianOf(buckets: readonly Bucket[]): number {
  const points = cumulated(buckets)
  return (points.find(([, share]) => share >= 0.5) ?? points.at(-1)!)[0]
}
