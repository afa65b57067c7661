/** What stands above and below the tables of a scan: what was varied, and what the marks and loads mean. */

import { DROPS_WORTH_A_WORD } from '../../metrics/catalogue/recommendable.ts'
import { significant } from '../../units.ts'
import { nothingJudged, rateKeyOf, shortName } from '../comparison/comparison-text.ts'
import type { Report, ReportVerdict } from '../comparison/report.ts'
import { restText } from '../comparison/verdict-text.ts'
import { captureName } from '../parts/capture-name.ts'
import { legendOf, metricColumns } from '../parts/metric-columns.ts'
import { BEST, gridsOf, settingsText, valueText } from './scan-grid.ts'
import { type ReportedPoint, SCANNED, type ScanAxis, type ShownScan } from './scan-report.ts'
import { unchangedText } from './unchanged-axes.ts'

const VALUES_SHOWN_MAX = 12
const CHANGES_SHOWN_MAX = 6

/** Of a scan's report, in memory or as it was saved. */
type ScanFactsOf = Pick<Report, 'scenario' | 'runs' | 'seed' | 'measured'> & {
  readonly scan?: readonly ScanAxis[]
  readonly points?: readonly unknown[]
}

/** Named facts: the scan, the source, the runs. */
export function scanFacts(head: ScanFactsOf): [name: string, text: string][] {
  const { scan = [], points = [], scenario, runs, seed, measured } = head
  const { source } = scenario
  const isRecorded = !('synthetic' in source)
  const isScanned = (key: string) => scan.some(({ path }) => path === key)
  const name =
    'capture' in source
      ? captureName(source.capture)
      : 'arrivals' in source
        ? source.arrivals
        : `synthetic ${kindOf(source.synthetic.arrivals)}`
  const same =
    runs === 1
      ? ''
      : isRecorded
        ? ' (same arrivals, other service times)'
        : ' (each with its own random numbers)'
  return [
    [
      'scan',
      `${scan.map(axisText).join(' x ')}: ${points.length} ${points.length === 1 ? 'point' : 'points'}`,
    ],
    ['source', name],
    ...(measured ? [['file', measuredText(measured)] as [string, string]] : []),
    [
      'runs',
      `${isScanned('runs') ? 'as scanned' : `${runs} at each point`}${same}, seed ${isScanned('seed') ? 'as scanned' : seed}`,
    ],
  ]
}

/** What the file says itself, of the metrics that scans show. */
function measuredText(measured: NonNullable<Report['measured']>): string {
  const summaries = Object.fromEntries(
    Object.entries(measured).map(([name, mean]) => [name, { mean, low95: null, high95: null, runs: 1 }]),
  )
  const cells = metricColumns(SCANNED).flatMap(({ name, shortTitle, cell }) =>
    name in measured ? [`${shortTitle} ${cell(summaries, 0)}`] : [],
  )
  return `${cells.join(', ')} measured there`
}

function kindOf(arrivals: string | object): string {
  return typeof arrivals === 'string' ? arrivals : Object.keys(arrivals)[0]!
}

function axisText({ path, values }: ScanAxis): string {
  const texts = values.map(valueText)
  if (texts.length <= VALUES_SHOWN_MAX) return `${path} ${texts.join(', ')}`
  return `${path} ${texts[0]}, ${texts[1]}, ... ${texts.at(-1)} (${texts.length} values)`
}

/** What its verdict is told from, in memory or as it was saved. */
export interface JudgedScan {
  readonly verdict: Pick<ReportVerdict, 'restsOn'>
  readonly points: ReadonlyArray<
    Pick<ReportedPoint, 'settings'> & { readonly verdict?: ReportVerdict | null }
  >
  readonly labels: readonly string[]
}

/** What to choose at all points, or where that changes. */
export function scanVerdictTexts({ verdict, points, labels }: JudgedScan): string[] {
  const met = points.filter((point) => point.verdict != null)
  if (met.length === 0) return []
  const lines: string[] = []
  for (let from = 0; from < met.length; ) {
    let to = from
    while (to + 1 < met.length && isSame(met[to + 1]!.verdict!, met[from]!.verdict!)) to++
    const where =
      from === 0 && to === met.length - 1
        ? `At ${met.length === 1 ? 'the only point' : `all ${met.length} points`}`
        : from === to
          ? `At ${settingsText(met[from]!.settings)}`
          : `From ${settingsText(met[from]!.settings)} to ${settingsText(met[to]!.settings)}`
    const stretch = met.slice(from, to + 1).map((point) => point.verdict!)
    lines.push(`${where}: ${choiceText(stretch, labels)}`)
    from = to + 1
  }
  const shown = lines.slice(0, CHANGES_SHOWN_MAX)
  if (lines.length > shown.length)
    shown.push(`... ${lines.length - shown.length} more changes: points in report.json`)
  return [...shown, restText(verdict)]
}

function isSame(one: ReportVerdict, other: ReportVerdict): boolean {
  return one.kind === other.kind && one.policies.join('\n') === other.policies.join('\n')
}

/** Of points that say the same; drops from the least to the most. */
function choiceText(stretch: readonly ReportVerdict[], labels: readonly string[]): string {
  const { kind, policies, drops } = stretch[0]!
  const names = policies.map((label) => shortName(label, labels)).join(', ')
  const dropping = Object.keys(drops).flatMap((label) => {
    const ratios = stretch.map((verdict) => verdict.drops[label] ?? 0)
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => significant(ratio * 100))
    if (Math.max(...ratios) <= DROPS_WORTH_A_WORD) return []
    return `${shortName(label, labels)} ${least === most ? '' : `${least} to `}${most}%`
  })
  const also = dropping.length === 0 ? '' : ` (dropped: ${dropping.join(', ')})`
  switch (kind) {
    case 'order-kept':
      return `${names} ${policies.length === 1 ? 'keeps' : 'keep'} order${also}.`
    case 'least-reordered':
      return `${names} ${policies.length === 1 ? 'reorders' : 'reorder'} least${also}.`
    case 'nothing-reordered':
      return `nothing is reordered; quickest is ${names}${also}.`
    case 'drops-first':
      return `drops come first${also}: the policies that reorder least don't deliver.`
    case 'failed':
      return 'no policy finished.'
    case 'cannot-tell':
      return `differences may be chance${also}.`
  }
}

/** What columns and marks mean, and where the rest is. */
export function scanLegend(shown: ShownScan): string[] {
  const { head } = shown
  const cells = gridsOf(shown).flatMap((grid) => grid.policyCells(grid.hasIntervals ? 1 : 0).flat())
  const counts = new Set(head.points.map(({ runs }) => runs))
  const overRuns =
    counts.size > 1
      ? 'the runs, of one run over its parts'
      : head.runs > 1
        ? `${head.runs} runs`
        : 'parts of the run'
  const lines = [[...legendOf(shown.metrics), 'load: of what the lanes can do.'].join(' ')]
  if (cells.some((cell) => cell.includes('±'))) lines.push(`±: half of the 95 % interval over ${overRuns}.`)
  if (cells.some((cell) => cell.endsWith(BEST))) {
    lines.push(`${BEST} fewest reordered at that point, beyond chance (95 %) or equal in every run.`)
  }
  lines.push('All other numbers: summary.csv. Not modelled: senders that slow down (open loop).')
  return lines
}

/** Points that say little or nothing, each with the reason. */
export function scanHints({ head }: ShownScan): string[] {
  const { points } = head
  const hints = points.flatMap(({ error, settings }) =>
    error === null ? [] : [`The point ${settingsText(settings)} failed: ${error}`],
  )
  const overloaded = points.filter(({ load }) => (load?.load ?? 0) > 1)
  if (overloaded.length > 0) {
    const first = settingsText(overloaded[0]!.settings)
    const which =
      overloaded.length === 1
        ? `One point (${first}) asks`
        : `${overloaded.length} of ${points.length} points (the first: ${first}) ask`
    hints.push(
      `${which} for more than the lanes can do, a load above 1: queues fill, then packets are dropped, ` +
        'and latency only shows how long the queues are.',
    )
  }
  const met = points.filter(({ load }) => load !== null)
  if (met.length > 0 && met.every(({ load }) => load!.packets === 0)) hints.push(nothingJudged(head.scenario))
  else if (met.length > 0 && met.every(({ load }) => load!.overlappingRatio === 0)) {
    hints.push(
      `At no point do two packets overlap: raise the rate, or give more work (-P ${rateKeyOf(head.scenario)}=...).`,
    )
  }
  hints.push(...unchangedText(head.unchangedAxes, head.scan, head.scenario))
  return hints
}
