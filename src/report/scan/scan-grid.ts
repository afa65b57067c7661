/**
 * A scan as grids, one per number that tells the story: a row per point, a column per policy, whatever the
 * format. The columns of the scanned paths and the load come first; a mark stands where a policy reorders
 * least.
 */
import { yardstickMark } from '../../metrics/catalogue/recommendable.ts'
import { significant } from '../../units.ts'
import { HEADLINE } from '../comparison/columns.ts'
import type { Detail } from '../parts/format-cell.ts'
import { metricColumns } from '../parts/metric-columns.ts'
import { lineNames } from './scan-lines.ts'
import type { ReportedPoint, ShownPolicy, ShownScan } from './scan-report.ts'

export interface Grid {
  readonly title: string
  /** Should a terminal have them too? They take room; markdown has them anyway. */
  readonly hasIntervals: boolean
  /** Of the columns that say which point it is. */
  readonly pointHeads: readonly string[]
  /** A row per point. */
  readonly pointCells: readonly (readonly string[])[]
  readonly policyHeads: readonly string[]
  /** A row per point, a cell per policy. */
  policyCells(detail: Detail): string[][]
}

/** Marks the policy that reorders least at a point. */
export const BEST = '*'

export function gridsOf({ head, metrics, policies }: ShownScan): Grid[] {
  const names = policies.map((shown) =>
    lineNames(
      head.labels,
      head.scan,
      shown.map(({ label }) => label),
    ),
  )
  const keys = [...new Set(names.flat())]
  const isMarked = head.points.some(hasBest)
  const mark = (policy: ShownPolicy, point: ReportedPoint) =>
    isBest(policy, point) ? BEST : isMarked ? ' ' : ''
  return metricColumns(metrics).map(({ name, shortTitle, cell }, grid) => ({
    title: shortTitle,
    hasIntervals: grid === 0 || name === HEADLINE,
    pointHeads: [...head.scan.map(({ path }) => path), 'load'],
    pointCells: head.points.map((point) => [
      ...head.scan.map(({ path }) => valueText(point.settings[path])),
      loadText(point),
    ]),
    policyHeads: keys.map((key) => key + yardstickMark(key)),
    policyCells: (detail) =>
      policies.map((shown, at) => {
        const named = new Map(shown.map((policy, i) => [names[at]![i]!, policy]))
        return keys.map((key) => {
          const policy = named.get(key)
          if (policy === undefined) return ''
          if (policy.error !== null) return 'failed'
          return cell(policy.metrics, detail) + (name === HEADLINE ? mark(policy, head.points[at]!) : '')
        })
      }),
  }))
}

/**
 * A value as a scenario writes it in short: text and numbers as they are, lists `[1,2]`, maps `{ turns: {}
 * }`.
 */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const pairs = Object.entries(value).map(([key, inner]) => `${key}: ${valueText(inner)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

/** "lanes.count=4, reader.batch=8" */
export function settingsText(settings: ReportedPoint['settings']): string {
  return Object.entries(settings)
    .map(([path, value]) => `${path}=${valueText(value)}`)
    .join(', ')
}

function loadText({ load }: ReportedPoint): string {
  return load === null || load.load === null ? '-' : `${significant(load.load * 100)}%`
}

function hasBest({ winner }: ReportedPoint): boolean {
  return winner?.verdict === 'clear' || winner?.verdict === 'equal'
}

function isBest({ label }: ShownPolicy, point: ReportedPoint): boolean {
  return hasBest(point) && point.winner!.policies.includes(label)
}
