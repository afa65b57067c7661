/**
 * Reordered packets over one setting of a scan: a line per policy with the band of its 95 % interval, a panel per
 * combination of the other settings. The setting's values keep their place on the axis; those that aren't numbers
 * or quantities with a unit stand side by side.
 */
import { parseDurationNs, parseSizeBytes } from '../../units.ts'
import { axisFor, timeUnit } from '../axes.ts'
import type { Chart, ChartInput } from '../chart.ts'
import { isScan, type SavedReport, type ScanPath, type ScanPoint } from '../saved.ts'
import { CHART_WIDTH, chartSpec, policyChannels, type Row, type Spec } from '../spec.ts'
import { nothingReorderedBy } from './panels.ts'

const PANELS_MAX = 12

export interface ScanLinesSettings {
  readonly name: string
  readonly summary: string
  readonly title: string
  /** Is this the setting of a scan that the chart is about? */
  readonly matches: (path: string) => boolean
  /** Of the x axis; undefined: the path. Without the unit. */
  readonly axisTitle?: string
  readonly unit?: string
  readonly example: string
}

/** One chart about one kind of setting. */
export function scanLines(settings: ScanLinesSettings): Chart {
  const { name, summary, example, matches } = settings
  return {
    name,
    summary,
    needs: `no such setting was scanned - lanewise compare SCENARIO ${example}`,
    draw(input) {
      const found = input.results.flatMap(({ title, report }) => {
        if (report === null || !isScan(report)) return []
        const scanned = report.scan?.find(({ path, values }) => matches(path) && values.length > 1)
        return scanned === undefined ? [] : [{ title, report, scanned }]
      })
      if (found.length === 0) return null
      return drawLines(input, settings, found)
    },
  }
}

interface Scanned {
  readonly title: string
  readonly report: SavedReport
  readonly scanned: ScanPath
}

function drawLines(input: ChartInput, settings: ScanLinesSettings, found: readonly Scanned[]): Spec {
  const { path } = found[0]!.scanned
  const scans = found.filter(({ scanned }) => scanned.path === path)
  const positions = positionsOf(scans.flatMap(({ scanned }) => scanned.values))
  const rows: Row[] = scans.flatMap(({ title, report }) =>
    (report.points ?? []).flatMap((point) => rowsOf(title, report, point, path, positions, scans.length > 1)),
  )
  const panels = [...new Set(rows.map(({ panel }) => String(panel)))]
  const shownPanels = panels.slice(0, PANELS_MAX)
  const shown = rows.filter(({ panel }) => shownPanels.includes(String(panel)))
  const perRow = Math.min(2, shownPanels.length)
  const title = `${settings.axisTitle ?? path}${positions.unit || settings.unit ? ` (${positions.unit || settings.unit})` : ''}`
  const x =
    positions.kind === 'names'
      ? { field: 'x', type: 'ordinal', sort: null, axis: { title, labelAngle: 0 } }
      : numberChannel(
          shown.map(({ x }) => Number(x)),
          title,
        )
  const y = axisFor(
    shown.flatMap(({ ratio, high }) => [Number(ratio), Number(high ?? 0)]),
    { title: 'reordered packets (%)', percent: true, logFrom: Number.POSITIVE_INFINITY, headroom: 0.03 },
  )
  const yChannel = { field: 'ratio', type: 'quantitative', scale: y.scale, axis: y.axis }
  const single = scans.length === 1 ? scans[0]!.report : undefined
  const tooltip = [
    { field: 'policy', type: 'nominal' },
    { field: 'value', type: 'nominal', title: path },
    { field: 'ratio', type: 'quantitative', title: 'reordered', format: '.4~%' },
    { field: 'low', type: 'quantitative', title: '95 % from', format: '.4~%' },
    { field: 'high', type: 'quantitative', title: '95 % to', format: '.4~%' },
  ]
  return chartSpec({
    title: settings.title,
    subtitle: [
      single === undefined
        ? ''
        : `${single.title}, ${single.runs} ${single.runs === 1 ? 'run' : 'runs'} a point, seed ${single.seed}`,
      'Bands: 95 % confidence intervals over the runs.',
      nothingReorderedBy(alwaysZero(shown)),
      panels.length > PANELS_MAX
        ? `The first ${PANELS_MAX} of ${panels.length} combinations of the other settings.`
        : '',
    ],
    rows: shown,
    width: shownPanels.length === 1 ? CHART_WIDTH - 90 : Math.floor(CHART_WIDTH / perRow) - 92,
    height: shownPanels.length === 1 ? 340 : 210,
    panel: { field: 'panel', perRow, order: shownPanels },
    resolve: { axis: { x: 'independent', y: 'independent' } },
    layers: [
      {
        transform: [{ filter: 'isValid(datum.low)' }],
        mark: { type: 'area', opacity: 0.18, clip: true },
        encoding: {
          x,
          y: { ...yChannel, field: 'low' },
          y2: { field: 'high' },
          ...policyChannels(shown, input.styles, ['color']),
        },
      },
      {
        mark: { type: 'line', strokeWidth: 2, clip: true },
        encoding: { x, y: yChannel, ...policyChannels(shown, input.styles, ['color', 'strokeDash']) },
      },
      {
        mark: { type: 'point', filled: true, size: 55, opacity: 1 },
        encoding: { x, y: yChannel, ...policyChannels(shown, input.styles, ['color', 'shape']), tooltip },
      },
    ],
  })
}

/** Policies whose lines lie on the axis, where the last one drawn hides the others. */
function alwaysZero(rows: readonly Row[]): string[] {
  const policies = [...new Set(rows.map(({ policy }) => String(policy)))]
  return policies.filter((policy) => rows.every((row) => row.policy !== policy || row.ratio === 0))
}

function numberChannel(values: readonly number[], title: string): Spec {
  const distinct = [...new Set(values)].sort((a, b) => a - b)
  const axis = axisFor(distinct, { title, logFrom: 30, zero: false, legroom: 0.02, headroom: 0.02 })
  const few = !axis.isLog && distinct.length <= 8 && spread(distinct)
  return {
    field: 'x',
    type: 'quantitative',
    scale: axis.scale,
    axis: few ? { ...axis.axis, values: distinct } : axis.axis,
  }
}

/** Are the values far enough apart for a tick each? */
function spread(distinct: readonly number[]): boolean {
  const span = distinct.at(-1)! - distinct[0]!
  return distinct.every((value, i) => i === 0 || value - distinct[i - 1]! >= span / 14)
}

function rowsOf(
  title: string,
  report: SavedReport,
  { point, settings }: ScanPoint,
  path: string,
  positions: Positions,
  several: boolean,
): Row[] {
  const others = Object.entries(settings).filter(([other]) => other !== path)
  const panel = [...(several ? [title] : []), ...others.map(([other, value]) => `${other} ${value}`)].join(
    ', ',
  )
  const value = settings[path]!
  return report.records.flatMap(({ point: of, policy, metrics, error }) => {
    const summary = metrics.reorderedRatio
    if (of !== point || error !== null || summary === undefined || summary.mean === null) return []
    const { mean: ratio, low95: low, high95: high } = summary
    return [{ panel, policy, value: String(value), x: positions.of(value), ratio, low, high }]
  })
}

interface Positions {
  readonly kind: 'numbers' | 'names'
  readonly unit: string
  of(value: string | number | boolean): number | string
}

/** Values as numbers in one unit: bare numbers, durations or sizes. */
function positionsOf(values: readonly (string | number | boolean)[]): Positions {
  const numbers = values.map(Number)
  if (
    values.every((value) => value !== true && value !== false && value !== '') &&
    numbers.every(Number.isFinite)
  ) {
    return { kind: 'numbers', unit: '', of: Number }
  }
  const texts = values.map(String)
  if (texts.every((text) => isQuantity(text, parseDurationNs))) {
    const unit = timeUnit(texts.map(parseDurationNs))
    return { kind: 'numbers', unit: unit.name, of: (value) => parseDurationNs(String(value)) / unit.ns }
  }
  if (texts.every((text) => isQuantity(text, parseSizeBytes))) {
    return { kind: 'numbers', unit: 'bytes', of: (value) => parseSizeBytes(String(value)) }
  }
  return { kind: 'names', unit: '', of: String }
}

function isQuantity(text: string, parse: (text: string) => number): boolean {
  try {
    return Number.isFinite(parse(text))
  } catch {
    return false
  }
}
