/** What a chart is: a pure function from saved results to a Vega-Lite specification, or to nothing where they lack its data. */

import type { PolicyStyle } from './policy-styles.ts'
import { loadOf, type SavedReport, type SavedResult } from './saved.ts'
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
  /** Where `draw` gives null: why, and which command would help. */
  readonly needs: string
}

/** A comparison with the point that is drawn of it. */
export interface Drawn {
  readonly result: SavedResult
  readonly report: SavedReport
  readonly point: number
}

/** Comparisons, and scans of which a point was chosen. */
export function comparisonsOf({ results, point }: ChartInput): Drawn[] {
  return results.flatMap((result) => {
    const { report } = result
    if (report === null) return []
    const isScan = (report.points?.length ?? 0) > 1
    const drawn = isScan ? point : 0
    if (drawn === undefined || !report.records.some((record) => record.point === drawn)) return []
    return [{ result, report, point: drawn }]
  })
}

/** What a comparison rests on, in one line. */
export function settingOf({ report, point }: Drawn): string {
  const { scenario, runs, seed, title } = report
  const chosen = report.points?.find((candidate) => candidate.point === point)
  const load = loadOf(report, point)?.load ?? null
  const parts = [
    title,
    ...Object.entries(chosen?.settings ?? {}).map(([path, value]) => `${path} ${value}`),
    `${scenario.lanes.count} lanes`,
    ...(load === null ? [] : [`load ${Number(load.toPrecision(3))}`]),
    `${runs} ${runs === 1 ? 'run' : 'runs'}`,
    `seed ${seed}`,
  ]
  return parts.join(', ')
}

/** The same for a chart: of one comparison what it rests on, of several nothing (their panels have titles). */
export function settingsOf(drawn: readonly Drawn[]): string {
  return drawn.length === 1 ? settingOf(drawn[0]!) : ''
}
