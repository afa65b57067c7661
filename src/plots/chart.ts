/**
 * What a chart is: a pure function from saved results to a Vega-Lite specification, or to nothing where they
 * lack its data.
 */

import { valueText } from '../report/scan/scan-grid.ts'
import { counted } from '../units.ts'
import { withChosenTtls } from './chosen-ttls.ts'
import type { PolicyStyle } from './policy-styles.ts'
import { isScan, loadOf, type SavedReport, type SavedResult } from './saved.ts'
import type { Spec } from './spec.ts'
import type { TraceWindow } from './trace-window.ts'

export interface ChartInput {
  readonly results: readonly SavedResult[]
  readonly styles: ReadonlyMap<string, PolicyStyle>
  /** The point of a scan that charts of one point show; undefined: none was chosen. */
  readonly point: number | undefined
  /** Packets of a trace; null without one. */
  readonly trace: TraceWindow | null
}

export interface Chart {
  /** As in --chart and in file names. */
  readonly name: string
  readonly summary: string
  /** null where the results don't have its data. */
  readonly draw: (input: ChartInput) => Spec | null
  /** Where `draw` gives null: why, and which command would help. See {@link reasonAgainst}. */
  readonly needs: string
  /**
   * Does it show comparisons, one point of a scan at a time? The files beside report.json that it is drawn
   * from.
   */
  readonly ofOnePoint?: { readonly files: readonly ('distributions.csv' | 'flows.csv')[] }
}

/** A comparison with the point that is drawn of it. */
export interface Drawn {
  readonly result: SavedResult
  readonly report: SavedReport
  readonly point: number
}

/** Comparisons, scans of which a point was chosen, and the chosen TTLs of tunings. */
export function comparisonsOf({ results, point }: ChartInput): Drawn[] {
  return results.flatMap((result) => {
    const chosen = withChosenTtls(result)
    const { report } = chosen
    if (report === null) return []
    const drawn = isScan(report) ? point : 0
    if (drawn === undefined || !report.records.some((record) => record.point === drawn)) return []
    return [{ result: chosen, report, point: drawn }]
  })
}

/** Why these results don't give this chart, and the cure; general reasons before the chart's own. */
export function reasonAgainst({ needs, ofOnePoint }: Chart, { results, point }: ChartInput): string {
  const reports = results.flatMap(({ report }) => report ?? [])
  if (ofOnePoint === undefined || results.length === 0) return needs
  if (reports.length === 0) return 'replays save nothing for it - lanewise compare SCENARIO'
  const [first] = reports
  if (point === undefined && reports.every(isScan)) {
    return `it shows one point of a scan, and none was chosen - add --point N to lanewise plot, N from 0 to ${first!.points!.length - 1}`
  }
  const [file] = ofOnePoint.files
  if (file !== undefined && reports.every(({ tune }) => tune !== undefined)) {
    return `tune saves no ${file} - lanewise compare SCENARIO -p ${first!.tune!.curve[0]?.policy ?? 'POLICY'}`
  }
  return needs
}

/** What a comparison rests on, in one line. */
export function settingOf({ report, point }: Drawn): string {
  const { scenario, runs, seed, title } = report
  const chosen = report.points?.find((candidate) => candidate.point === point)
  const settings = chosen?.settings ?? {}
  const unless = (path: string, text: string) => (Object.hasOwn(settings, path) ? [] : [text])
  const load = loadOf(report, point)?.load ?? null
  const parts = [
    title,
    ...Object.entries(settings).map(([path, value]) => `${path} ${valueText(value)}`),
    ...unless('lanes.count', counted(scenario.lanes.count, 'lane')),
    ...(load === null ? [] : [`load ${Number(load.toPrecision(3))}`]),
    ...unless('runs', counted(runs, 'run')),
    ...unless('seed', `seed ${seed}`),
  ]
  return parts.join(', ')
}

/**
 * The same for a chart: of one comparison what it rests on, of several nothing (their panels have titles).
 */
export function settingsOf(drawn: readonly Drawn[]): string {
  return drawn.length === 1 ? settingOf(drawn[0]!) : ''
}
