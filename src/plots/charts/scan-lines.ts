/**
 * Reordered packets over one setting of a scan: a line per policy with the band of its 95 % interval (a
 * policy whose parameter is scanned is one line, whatever its label at each point), a panel per combination
 * of the other settings. The setting's values keep their place on the axis; those that aren't numbers or
 * quantities with a unit stand side by side.
 */
import { HEADLINE } from '../../report/comparison/columns.ts'
import { valueText } from '../../report/scan/scan-grid.ts'
import { counted, parseDurationNs, parseSizeBytes } from '../../units.ts'
import { axisFor, timeUnit } from '../axes.ts'
import type { Chart, ChartInput } from '../chart.ts'
import { drawnMetric, INTERVAL_TOOLTIP } from '../metric-axes.ts'
import { DROPS_TOOLTIP, dropRatioOf, dropsMany, hollowNote, plainlyNamed } from '../policy-names.ts'
import { isScan, type SavedReport, type SavedResult, type ScanPath, type ScanPoint } from '../saved.ts'
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
    needs: `no such setting was scanned, or nothing arrived - lanewise compare SCENARIO ${example}`,
    draw(input) {
      const found = input.results.flatMap((result) => {
        const { title, report, lineOf } = result
        if (report === null || !isScan(report)) return []
        const scanned = report.scan?.find(({ path, values }) => matches(path) && values.length > 1)
        return scanned === undefined ? [] : [{ title, report, lineOf, scanned }]
      })
      if (found.length === 0) return null
      return drawLines(input, settings, found)
    },
  }
}

interface Scanned extends Pick<SavedResult, 'title' | 'lineOf'> {
  readonly report: SavedReport
  readonly scanned: ScanPath
}

function drawLines(input: ChartInput, settings: ScanLinesSettings, found: readonly Scanned[]): Spec | null {
  const { path } = found[0]!.scanned
  const scans = found.filter(({ scanned }) => scanned.path === path)
  const positions = positionsOf(scans.flatMap(({ scanned }) => scanned.values))
  const rows: Row[] = scans.flatMap((scan) =>
    (scan.report.points ?? []).flatMap((point) => rowsOf(scan, point, positions, scans.length > 1)),
  )
  if (rows.length === 0) return null
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
  const styles = plainlyNamed(input)
  const reordered = drawnMetric(HEADLINE)
  const y = reordered.axis(
    shown.flatMap(({ ratio, high }) => [Number(ratio), Number(high ?? 0)]),
    { logFrom: Number.POSITIVE_INFINITY, headroom: 0.03 },
  )
  const yChannel = { field: 'ratio', type: 'quantitative', scale: y.scale, axis: y.axis }
  const single = scans.length === 1 ? scans[0]!.report : undefined
  const tooltip = [
    { field: 'policy', type: 'nominal' },
    { field: 'value', type: 'nominal', title: path },
    reordered.tooltip('ratio'),
    ...INTERVAL_TOOLTIP,
    DROPS_TOOLTIP,
  ]
  return chartSpec({
    title: settings.title,
    subtitle: [
      single === undefined ? '' : [single.title, ...runsOf(single)].join(', '),
      shown.some(({ low }) => low !== null) ? 'Bands: 95 % confidence intervals over the runs.' : '',
      nothingReorderedBy(alwaysZero(shown).map((label) => styles.get(label)?.name ?? label)),
      hollowNote(shown),
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
          ...policyChannels(shown, styles, ['color']),
        },
      },
      {
        mark: { type: 'line', strokeWidth: 2, clip: true },
        encoding: { x, y: yChannel, ...policyChannels(shown, styles, ['color', 'strokeDash']) },
      },
      {
        mark: { type: 'point', filled: true, size: 55, opacity: 1 },
        encoding: { x, y: yChannel, ...policyChannels(shown, styles, ['color', 'shape']), tooltip },
      },
      {
        transform: [{ filter: 'datum.isHollow' }],
        mark: { type: 'point', filled: true, size: 16, opacity: 1, color: 'white', tooltip: null },
        encoding: { x, y: yChannel },
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
  const isWhole = distinct.every(Number.isInteger)
  const few = !axis.isLog && distinct.length <= 8 && spread(distinct)
  return {
    field: 'x',
    type: 'quantitative',
    scale: axis.scale,
    axis: few ? { ...axis.axis, values: distinct } : isWhole ? wholeTicks(axis.axis) : axis.axis,
  }
}

/** There are no lanes and a half. */
function wholeTicks(axis: Spec): Spec {
  return { ...axis, values: (axis.values as readonly number[]).filter(Number.isInteger) }
}

/** "5 runs a point, seed 1", without what is scanned itself. */
function runsOf({ scan = [], runs, seed }: SavedReport): string[] {
  const isScanned = (name: string) => scan.some(({ path }) => path === name)
  return [
    ...(isScanned('runs') ? [] : [`${counted(runs, 'run')} a point`]),
    ...(isScanned('seed') ? [] : [`seed ${seed}`]),
  ]
}

/** Are the values far enough apart for a tick each? */
function spread(distinct: readonly number[]): boolean {
  const span = distinct.at(-1)! - distinct[0]!
  return distinct.every((value, i) => i === 0 || value - distinct[i - 1]! >= span / 14)
}

function rowsOf(
  { title, report, lineOf, scanned: { path } }: Scanned,
  { point, settings }: ScanPoint,
  positions: Positions,
  several: boolean,
): Row[] {
  const others = Object.entries(settings).filter(([other]) => other !== path)
  const panel = [
    ...(several ? [title] : []),
    ...others.map(([other, value]) => `${other} ${valueText(value)}`),
  ].join(', ')
  const value = settings[path]!
  return report.records.flatMap(({ point: of, policy: label, metrics, error }) => {
    const summary = metrics[HEADLINE]
    if (of !== point || error !== null || summary === undefined || summary.mean === null) return []
    const { mean: ratio, low95: low, high95: high } = summary
    const policy = lineOf(point, label)
    const drops = dropRatioOf(metrics)
    const isHollow = dropsMany(metrics)
    const at = { value: valueText(value), x: positions.of(value) }
    return [{ panel, policy, ...at, ratio, low, high, drops, isHollow }]
  })
}

interface Positions {
  readonly kind: 'numbers' | 'names'
  readonly unit: string
  of(value: unknown): number | string
}

/** Values as numbers in one unit: bare numbers, durations or sizes; everything else by its name. */
function positionsOf(values: readonly unknown[]): Positions {
  const texts = values.map(valueText)
  const isNumber = (value: unknown) => typeof value === 'number' || typeof value === 'string'
  if (values.every(isNumber) && texts.every((text) => text !== '' && Number.isFinite(Number(text)))) {
    return { kind: 'numbers', unit: '', of: Number }
  }
  if (texts.every((text) => isQuantity(text, parseDurationNs))) {
    const unit = timeUnit(texts.map(parseDurationNs))
    return { kind: 'numbers', unit: unit.name, of: (value) => parseDurationNs(String(value)) / unit.ns }
  }
  if (texts.every((text) => isQuantity(text, parseSizeBytes))) {
    return { kind: 'numbers', unit: 'bytes', of: (value) => parseSizeBytes(String(value)) }
  }
  return { kind: 'names', unit: '', of: valueText }
}

function isQuantity(text: string, parse: (text: string) => number): boolean {
  try {
    return Number.isFinite(parse(text))
  } catch {
    return false
  }
}
