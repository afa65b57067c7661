/**
 * What a tuning measured as lines over the TTL: a panel per question, a line per metric, the recommended and
 * the smallest safe TTL marked, the yardstick that needs no TTL as a horizontal rule. TTLs stand on a
 * logarithmic axis with 0 at its beginning and never at its end.
 */
import { counted, formatDurationNs } from '../../units.ts'
import { type Axis, type AxisOptions, axisFor, largestOf, timeUnit } from '../axes.ts'
import { areTunings, yardstickOf } from '../chosen-ttls.ts'
import { type DrawnMetric, drawnMetric, INTERVAL_TOOLTIP } from '../metric-axes.ts'
import { DROPS_TOOLTIP, dropRatioOf, dropsMany, hollowNote } from '../policy-names.ts'
import { COLOURS } from '../policy-styles.ts'
import type { SavedReport, SavedResult, TtlAnswer, TuneAnswer } from '../saved.ts'
import { bottomLegend, CHART_WIDTH, chartSpec, concatenated, type Row, rowsIn, type Spec } from '../spec.ts'

const INK = '#222222'
const TARGET_COLOUR = '#D55E00'
/** Where "never" stands: this much to the right of the largest TTL. */
const NEVER_FACTOR = 3
/** Of the plotting area; the rest is labels, on the right the yardstick's. */
const WIDTH = CHART_WIDTH - 170
/** All panels begin at the same place. */
const LABELS_PIXELS = 52

export interface TtlPanel {
  /** Each with its name in the legend; one alone needs none. Of one kind: all shares, all times ... */
  readonly series: readonly (readonly [metric: string, name: string])[]
  /** Of the y axis, without the unit; undefined: the title of the only metric. */
  readonly title?: string
  /** See AxisOptions. */
  readonly logFrom?: number
  /** What no value is above, as ends of intervals may be. */
  readonly most?: number
  /** Is the target of the tuning one of this metric? */
  readonly hasTarget?: boolean
}

export interface TtlLines {
  readonly title: string
  /** What the lines are, below the title. */
  readonly note?: string
  readonly panels: readonly TtlPanel[]
}

interface Tuned {
  readonly title: string
  readonly report: SavedReport
  readonly tune: TuneAnswer
  readonly yardstick: string | undefined
}

/** The chart where all results are tunings; null where one isn't, or none of the metrics is known. */
export function tuningsAsLines(results: readonly SavedResult[], lines: TtlLines): Spec | null {
  return areTunings(results) ? ttlLines(results, lines) : null
}

/** The chart of the tunings among the results; null where they know none of the metrics. */
export function ttlLines(results: readonly SavedResult[], { title, note, panels }: TtlLines): Spec | null {
  const all = results.flatMap(tuningOf)
  const known = panels.filter((panel) => all.some((one) => knows(one, panel)))
  const tuned = all.filter((one) => known.some((panel) => knows(one, panel)))
  if (tuned.length === 0) return null
  const x = ttlAxis(tuned)
  const shown = known.map((panel, i) => drawnPanel(tuned, panel, x, i === 0, i === known.length - 1))
  const rows = shown.flatMap((panel) => panel.rows)
  const single = tuned.length === 1 ? tuned[0] : undefined
  const has = (kind: string) => rows.some((row) => row.kind === kind)
  const head = {
    title,
    subtitle: [
      single === undefined
        ? ''
        : `${single.report.title}, ${single.tune.policy}, ${counted(single.report.runs, 'run')}, seed ${single.report.seed}`,
      [
        note ?? '',
        shown.some(({ hasBands }) => hasBands) ? 'Band: 95 % confidence intervals over the runs.' : '',
        has('target') ? 'Dashed: the target.' : '',
        has('yardstick') ? 'Dotted: the yardstick, drained, which needs no TTL.' : '',
      ]
        .filter((sentence) => sentence !== '')
        .join(' '),
      ...tuned.map(({ title, tune }) => answersOf(tune, single ? '' : `${title}: `)),
      hollowNote(rows),
    ],
  }
  if (shown.length === 1) {
    const [{ rows, layers }] = shown as [DrawnPanel]
    const height = tuned.length > 1 ? 240 : 340
    return chartSpec({ ...head, rows, layers, width: WIDTH, height, panel: { field: 'panel', perRow: 1 } })
  }
  const views = tuned.flatMap(({ title }, i) =>
    shown.map(({ rows, layers }, j) => ({
      ...(tuned.length > 1 && j === 0 ? { title: { text: title, fontSize: 13, anchor: 'start' } } : {}),
      ...rowsIn(rows.filter(({ tuning }) => tuning === i)),
      width: WIDTH,
      height: 180,
      layer: layers,
    })),
  )
  return concatenated(head, views, 1)
}

function knows({ tune }: Tuned, { series }: TtlPanel): boolean {
  return tune.curve.some(({ metrics }) => series.some(([metric]) => metrics[metric]?.mean != null))
}

function tuningOf(result: SavedResult): Tuned[] {
  const { title, report } = result
  if (report?.tune === undefined) return []
  // The curve has the metrics of the search alone, the records have all of them.
  const all = new Map(report.records.map(({ policy, metrics }) => [policy, metrics]))
  const curve = report.tune.curve.map((step) => ({
    ...step,
    metrics: { ...all.get(step.policy), ...step.metrics },
  }))
  return [{ title, report, tune: { ...report.tune, curve }, yardstick: yardstickOf(result) }]
}

interface TtlAxis {
  readonly channel: Spec
  place(ttlNs: number | null): number
  /** Where texts change sides. */
  readonly middle: number
  readonly end: number
}

function ttlAxis(tuned: readonly Tuned[]): TtlAxis {
  const all = tuned.flatMap(({ tune }) => tune.curve.map(({ ttlNs }) => ttlNs))
  const finite = all.filter((ttlNs) => ttlNs !== null)
  const unit = timeUnit([medianOf(finite.filter((ttlNs) => ttlNs > 0))])
  const last = largestOf(finite) / unit.ns
  const never = last * NEVER_FACTOR
  const hasNever = all.includes(null)
  const { scale, axis, isLog, place } = axisFor(
    [...finite.map((ttlNs) => ttlNs / unit.ns), ...(hasNever ? [never] : [])],
    { title: `TTL of a flow's entry (${unit.name})`, logFrom: 5 },
  )
  // The axis ends at never, whose place is nothing that one could read.
  const [low, high] = scale.domain as [number, number]
  const end = !hasNever ? high : isLog ? never * 1.1 : never + last * 0.05
  return {
    channel: {
      field: 'x',
      type: 'quantitative',
      scale: { ...scale, domain: [low, end] },
      axis: hasNever ? withNever(axis, never, last) : axis,
    },
    place: (ttlNs) => (ttlNs === null ? never : place(ttlNs / unit.ns)),
    middle: isLog ? last / 100 : last / 2,
    end,
  }
}

/** The axis with a tick for entries that never expire, and none between it and the largest TTL. */
function withNever(axis: Spec, never: number, last: number): Spec {
  const values = axis.values as readonly number[]
  const inner = values.filter((value) => value <= last * 0.6)
  const otherwise = (axis.labelExpr as string | undefined) ?? 'datum.label'
  return {
    ...axis,
    values: [...inner, last, never],
    labelExpr: `datum.value > ${last * 1.5} ? 'never' : ${otherwise}`,
  }
}

interface DrawnPanel {
  readonly rows: readonly Row[]
  readonly layers: readonly Spec[]
  readonly hasBands: boolean
}

function drawnPanel(
  tuned: readonly Tuned[],
  panel: TtlPanel,
  ttl: TtlAxis,
  isFirst: boolean,
  isLast: boolean,
): DrawnPanel {
  const { series, title, logFrom = 100, hasTarget = false } = panel
  const means = tuned.flatMap(({ tune }) =>
    tune.curve.flatMap(({ metrics }) => series.map(([metric]) => metrics[metric]?.mean ?? 0)),
  )
  const drawn = drawnMetric(series[0]![0], means)
  const most = panel.most ?? (drawn.isShare ? 1 : Number.POSITIVE_INFINITY)
  const raw = tuned
    .flatMap((one, tuning) => rowsOf(one, tuning, series, drawn, hasTarget, isFirst, ttl))
    .map((row) => (row.high == null ? row : { ...row, high: Math.min(most, Number(row.high)) }))
  const ticks = isFirst && isLast ? {} : { ticks: 4 }
  const y = yAxis(raw, drawn, title, { logFrom, headroom: isFirst ? 0.16 : 0.03, ...ticks })
  const rows = raw.map((row) => ({
    ...row,
    ...(row.exact == null ? {} : { value: y.place(Number(row.exact)) }),
    ...(row.low == null ? {} : { low: y.place(Number(row.low)), high: y.place(Number(row.high)) }),
    exactLow: row.low ?? null,
    exactHigh: row.high ?? null,
  }))
  const axis = ttl.channel.axis as Spec
  const x = { ...ttl.channel, axis: isLast ? axis : { ...axis, title: null } }
  const hasBands = series.length === 1 && rows.some(({ low }) => low != null)
  return { rows, layers: layersOf(series, drawn, x, y, ttl), hasBands }
}

function rowsOf(
  { title: panel, report, tune, yardstick }: Tuned,
  tuning: number,
  series: TtlPanel['series'],
  { unit }: DrawnMetric,
  hasTarget: boolean,
  hasTexts: boolean,
  { place }: TtlAxis,
): Row[] {
  const of = { panel, tuning }
  const scaled = (value: number | null | undefined) => (value == null ? null : value / unit.ns)
  const known = report.records.find(({ policy, error }) => policy === yardstick && error === null)?.metrics
  return [
    ...series.flatMap(([metric, name]) =>
      tune.curve.flatMap(({ ttlNs, metrics }): Row[] => {
        const { mean = null, low95 = null, high95 = null } = metrics[metric] ?? {}
        if (mean === null) return []
        const ends = { exact: scaled(mean), low: scaled(low95), high: scaled(high95) }
        const marks = { drops: dropRatioOf(metrics), isHollow: dropsMany(metrics) }
        return [
          { ...of, kind: 'curve', series: name, ttl: spoken(ttlNs), x: place(ttlNs), ...ends, ...marks },
        ]
      }),
    ),
    ...(hasTarget ? [{ ...of, kind: 'target', exact: tune.targetRatio }] : []),
    ...series.flatMap(([metric, name], i): Row[] => {
      const exact = scaled(known?.[metric]?.mean)
      const text = i === 0 ? 'yardstick' : ''
      return exact === null ? [] : [{ ...of, kind: 'yardstick', series: name, exact, text }]
    }),
    ...marksOf(tune).map(({ ttlNs, text, level }) => ({
      ...of,
      kind: 'mark',
      x: place(ttlNs),
      text: hasTexts ? text : '',
      level,
    })),
  ]
}

function yAxis(
  rows: readonly Row[],
  drawn: DrawnMetric,
  title: string | undefined,
  options: Partial<AxisOptions>,
): Axis {
  const values = rows.flatMap(({ exact, high }) => [
    ...(exact == null ? [] : [Number(exact)]),
    ...(high == null ? [] : [Number(high)]),
  ])
  const { name } = drawn.unit
  const named = title === undefined ? {} : { title: name === '' ? title : `${title} (${name})` }
  const extra = { minExtent: LABELS_PIXELS }
  return drawn.axis(values, { ...named, ...options, extra })
}

function layersOf(
  series: TtlPanel['series'],
  drawn: DrawnMetric,
  x: Spec,
  y: Axis,
  { middle, end }: TtlAxis,
): readonly Spec[] {
  const names = series.map(([, name]) => name)
  const yChannel = { field: 'value', type: 'quantitative', scale: y.scale, axis: y.axis }
  const isSingle = names.length === 1
  // One line needs neither a scale nor a legend.
  const colour = isSingle
    ? { value: COLOURS[0] }
    : {
        field: 'series',
        type: 'nominal',
        scale: { domain: names, range: names.map((_, i) => COLOURS[i % COLOURS.length]!) },
        legend: bottomLegend(names),
      }
  const { field: _, ...ofX } = x
  const atEnd = { ...ofX, datum: end }
  const only = (kind: string) => [{ filter: `datum.kind === '${kind}'` }]
  const tooltip = [
    ...(isSingle ? [] : [{ field: 'series', type: 'nominal', title: 'line' }]),
    { field: 'ttl', type: 'nominal', title: 'TTL' },
    drawn.tooltip('exact'),
    ...(drawn.isShare
      ? INTERVAL_TOOLTIP.map((end, i) => ({ ...end, field: i === 0 ? 'exactLow' : 'exactHigh' }))
      : []),
    DROPS_TOOLTIP,
  ]
  return [
    {
      // Bands of several lines hide each other; tooltips have their intervals.
      transform: [...only('curve'), { filter: `isValid(datum.low) && ${isSingle}` }],
      mark: { type: 'area', opacity: 0.2, clip: true },
      encoding: { x, y: { ...yChannel, field: 'low' }, y2: { field: 'high' }, color: colour },
    },
    {
      transform: only('target'),
      mark: { type: 'rule', color: TARGET_COLOUR, strokeDash: [6, 4], strokeWidth: 1.5 },
      encoding: { y: yChannel },
    },
    {
      transform: only('mark'),
      mark: { type: 'rule', color: INK, strokeWidth: 1.5 },
      encoding: { x },
    },
    ...markTexts(only('mark'), x, middle),
    {
      transform: only('yardstick'),
      mark: {
        type: 'rule',
        strokeDash: [2, 3],
        strokeWidth: 1.5,
        ...(names.length > 1 ? {} : { color: INK }),
      },
      encoding: { y: yChannel, ...(names.length > 1 ? { color: colour } : {}) },
    },
    {
      transform: only('yardstick'),
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 8 },
      encoding: { x: atEnd, y: yChannel, text: { field: 'text', type: 'nominal' } },
    },
    {
      transform: only('curve'),
      mark: { type: 'line', strokeWidth: 2, clip: true },
      encoding: { x, y: yChannel, color: colour },
    },
    {
      transform: only('curve'),
      mark: { type: 'point', filled: true, size: 40, opacity: 1 },
      encoding: { x, y: yChannel, color: colour, tooltip },
    },
    {
      transform: [...only('curve'), { filter: 'datum.isHollow' }],
      mark: { type: 'point', filled: true, size: 12, opacity: 1, color: 'white', tooltip: null },
      encoding: { x, y: yChannel },
    },
  ]
}

/** Beside their rule, on the side where there is room. */
function markTexts(transform: readonly Spec[], x: Spec, middle: number): Spec[] {
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

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 1e6
}
