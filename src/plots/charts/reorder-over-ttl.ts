/**
 * Reordered packets over a flow table's TTL, with the recommended and the smallest safe TTL that `tune`
 * found.
 */
import { HEADLINE } from '../../report/comparison/columns.ts'
import { counted, formatDurationNs } from '../../units.ts'
import { axisFor, largestOf, timeUnit } from '../axes.ts'
import type { Chart } from '../chart.ts'
import { drawnMetric } from '../metric-axes.ts'
import type { TtlAnswer, TuneAnswer } from '../saved.ts'
import { CHART_WIDTH, chartSpec, type Row, type Spec } from '../spec.ts'

const LINE_COLOUR = '#0072B2'
const TARGET_COLOUR = '#D55E00'
const MARK_COLOUR = '#222222'
/** Where "never" stands: this much to the right of the largest TTL. */
const NEVER_FACTOR = 3

export const reorderOverTtl: Chart = {
  name: 'reorder-over-ttl',
  summary: "reordered packets over a flow table's TTL, recommended and safe TTL marked",
  needs: 'no TTL was tuned, or no packet arrived - lanewise tune SCENARIO',
  draw({ results }) {
    const tuned = results.flatMap(({ title, report }) =>
      report?.tune?.curve.some(({ metrics }) => metrics[HEADLINE]?.mean != null)
        ? [{ title, report, tune: report.tune }]
        : [],
    )
    if (tuned.length === 0) return null
    const finite = tuned.flatMap(({ tune }) =>
      tune.curve.flatMap(({ ttlNs }) => (ttlNs === null ? [] : [ttlNs])),
    )
    const positive = finite.filter((ttlNs) => ttlNs > 0)
    const unit = timeUnit([medianOf(positive)])
    const last = largestOf(finite) / unit.ns
    const never = last * NEVER_FACTOR
    const hasNever = tuned.some(({ tune }) => tune.curve.some(({ ttlNs }) => ttlNs === null))
    const x = axisFor([...finite.map((ttlNs) => ttlNs / unit.ns), ...(hasNever ? [never] : [])], {
      title: `TTL of a flow's entry (${unit.name})`,
      logFrom: 5,
      headroom: 0.02,
    })
    const xAxis = hasNever ? withNever(x.axis, never, last) : x.axis
    const place = (ttlNs: number | null) => (ttlNs === null ? never : x.place(ttlNs / unit.ns))
    const rows: Row[] = tuned.flatMap(({ title, tune }) => [
      ...tune.curve.flatMap(({ ttlNs, metrics }) => {
        const { mean = null, low95 = null, high95 = null } = metrics[HEADLINE] ?? {}
        if (mean === null) return []
        const ttl = ttlNs === null ? 'never' : formatDurationNs(ttlNs)
        return [{ panel: title, kind: 'curve', ttl, x: place(ttlNs), ratio: mean, low: low95, high: high95 }]
      }),
      { panel: title, kind: 'target', ratio: tune.targetRatio },
      ...marksOf(tune).map(({ ttlNs, text, level }) => ({
        panel: title,
        kind: 'mark',
        x: place(ttlNs),
        text,
        level,
      })),
    ])
    const reordered = drawnMetric(HEADLINE)
    const y = reordered.axis(
      rows.flatMap(({ ratio, high }) => [Number(ratio ?? 0), Number(high ?? 0)]),
      { logFrom: 100, headroom: 0.16 },
    )
    const xChannel = { field: 'x', type: 'quantitative', scale: x.scale, axis: xAxis }
    const yChannel = { field: 'ratio', type: 'quantitative', scale: y.scale, axis: y.axis }
    const only = (kind: string) => [{ filter: `datum.kind === '${kind}'` }]
    const single = tuned.length === 1 ? tuned[0] : undefined
    return chartSpec({
      title: 'Reordered packets over the TTL',
      subtitle: [
        single === undefined
          ? ''
          : `${single.report.title}, ${single.tune.policy}, ${counted(single.report.runs, 'run')}, seed ${single.report.seed}`,
        `${rows.some(({ low }) => low != null) ? 'Band: 95 % confidence intervals over the runs. ' : ''}Dashed: the target.`,
        ...tuned.map(({ title, tune }) => answersOf(tune, single ? '' : `${title}: `)),
      ],
      rows: rows.map((row) =>
        row.kind === 'mark'
          ? row
          : {
              ...row,
              exact: row.ratio!,
              ratio: y.place(Number(row.ratio)),
              low: row.low == null ? null : y.place(Number(row.low)),
              high: row.high == null ? null : y.place(Number(row.high)),
            },
      ),
      width: CHART_WIDTH - 100,
      height: tuned.length > 1 ? 240 : 340,
      panel: { field: 'panel', perRow: 1 },
      layers: [
        {
          transform: [...only('curve'), { filter: 'isValid(datum.low)' }],
          mark: { type: 'area', opacity: 0.2, color: LINE_COLOUR, clip: true },
          encoding: { x: xChannel, y: { ...yChannel, field: 'low' }, y2: { field: 'high' } },
        },
        {
          transform: only('target'),
          mark: { type: 'rule', color: TARGET_COLOUR, strokeDash: [6, 4], strokeWidth: 1.5 },
          encoding: { y: yChannel },
        },
        {
          transform: only('mark'),
          mark: { type: 'rule', color: MARK_COLOUR, strokeWidth: 1.5 },
          encoding: { x: xChannel },
        },
        ...markTexts(only('mark'), xChannel, last, x.isLog),
        {
          transform: only('curve'),
          mark: {
            type: 'line',
            color: LINE_COLOUR,
            strokeWidth: 2,
            clip: true,
            point: { filled: true, size: 40, color: LINE_COLOUR },
          },
          encoding: {
            x: xChannel,
            y: yChannel,
            tooltip: [{ field: 'ttl', type: 'nominal', title: 'TTL' }, reordered.tooltip('exact')],
          },
        },
      ],
    })
  },
}

/** Beside their rule, on the side where there is room. */
function markTexts(transform: readonly Spec[], x: Spec, last: number, isLog: boolean): Spec[] {
  const middle = isLog ? last / 100 : last / 2
  return (['left', 'right'] as const).map((align) => ({
    transform: [...transform, { filter: align === 'left' ? `datum.x < ${middle}` : `datum.x >= ${middle}` }],
    mark: { type: 'text', align, baseline: 'top', dx: align === 'left' ? 6 : -6 },
    encoding: { x, y: { value: { expr: 'datum.level * 18 + 4' } }, text: { field: 'text', type: 'nominal' } },
  }))
}

interface Mark {
  readonly ttlNs: number | null
  readonly text: string
  /** Line of text, from the top, so that neighbours don't overlap. */
  readonly level: number
}

function marksOf({ recommended, safe }: TuneAnswer): Mark[] {
  const at = (answer: TtlAnswer) => (answer.kind === 'value' ? [answer.ttlNs] : [])
  const [first] = at(recommended)
  const [second] = at(safe)
  if (first !== undefined && first === second) {
    return [{ ttlNs: first, text: `recommended and safe: ${spoken(first)}`, level: 0 }]
  }
  return [
    ...(first === undefined ? [] : [{ ttlNs: first, text: `recommended: ${spoken(first)}`, level: 0 }]),
    ...(second === undefined ? [] : [{ ttlNs: second, text: `safe: ${spoken(second)}`, level: 1 }]),
  ]
}

function answersOf({ recommended, safe }: TuneAnswer, prefix: string): string {
  const says = (name: string, { kind }: TtlAnswer) => {
    if (kind === 'value') return []
    if (kind === 'unknown') return [`Which TTL is ${name} isn't known: nothing happened that would tell.`]
    return [kind === 'any' ? `Every TTL tried is ${name}.` : `No TTL tried is ${name}.`]
  }
  const said = [...says('recommendable', recommended), ...says('safe', safe)].join(' ')
  return said === '' ? '' : prefix + said
}

function spoken(ttlNs: number | null): string {
  return ttlNs === null ? 'never' : formatDurationNs(ttlNs)
}

/** The axis with a tick for entries that never expire, and none between it and the largest TTL. */
function withNever(axis: Spec, never: number, last: number): Spec {
  const values = (axis.values as readonly number[]).filter((value) => value <= last * 1.001)
  const otherwise = (axis.labelExpr as string | undefined) ?? 'datum.label'
  return {
    ...axis,
    values: [...values, never],
    labelExpr: `datum.value > ${last * 1.5} ? 'never' : ${otherwise}`,
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 1e6
}
