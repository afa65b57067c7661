/**
 * How any name is shown: by its entry of the catalogue, by that of a derived column, or, where a policy of
 * the user's counted it, by the name itself as a plain number.
 */
import { type DerivedMetric, type MetricDisplay, type Metrics, numberOf } from '../metric.ts'
import { metricInfo, TUNNEL } from './catalogue.ts'
import { derived } from './derived.ts'

/** What a cell shows: a percentage, a duration, an amount of bytes, or a plain number. */
export type CellKind = 'share' | 'duration' | 'bytes' | 'number'

export interface ShownMetric extends Required<Pick<MetricDisplay, 'name' | 'unit' | 'title' | 'shortTitle'>> {
  readonly kind: CellKind
  readonly better: MetricDisplay['better']
  readonly legend: string | undefined
  /** The metrics of a report that it is the sum of: mostly itself alone. */
  readonly sumOf: readonly string[]
}

const KINDS: Readonly<Record<string, CellKind>> = { ratio: 'share', ns: 'duration', bytes: 'bytes' }

/** @param name as in a report, `tunnel.nReordering[3]`, or of a derived column */
export function shownMetric(name: string): ShownMetric {
  const sum: DerivedMetric | undefined = derived.find((one) => one.name === name)
  const found: MetricDisplay = sum ?? metricInfo(name) ?? { name, unit: '', title: name }
  const { unit, better, legend } = found
  const titled = (title: string) => withTunnel(withIndex(title, name), found.name, name)
  return {
    name,
    unit,
    title: titled(found.title),
    shortTitle: titled(found.shortTitle ?? found.title),
    kind: KINDS[unit] ?? 'number',
    better,
    legend,
    sumOf: sum?.sumOf ?? [name],
  }
}

/** The metrics that a derived column sums up; of other names themselves. Each once. */
export function partsOf(names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => shownMetric(name).sumOf))]
}

/**
 * The value of a metric, or of a derived column from those of its parts; null where one of them is unknown.
 */
export function sumOfParts(
  name: string,
  valueOfPart: (metric: string) => number | null | undefined,
): number | null {
  let sum = 0
  for (const part of shownMetric(name).sumOf) {
    const value = valueOfPart(part)
    if (value == null) return null
    sum += value
  }
  return sum
}

/** The same of one run. */
export function runValueOf(name: string, metrics: Readonly<Metrics>): number | null {
  return sumOfParts(name, (part) => numberOf(metrics[part] ?? null))
}

/** `[lane]` in a title is what stands in brackets in the name. */
function withIndex(title: string, name: string): string {
  const index = /\[([^[\]]+)\]$/.exec(name)?.[1]
  return index === undefined ? title : title.replace(/\[[^[\]]+\]/, () => index)
}

function withTunnel(title: string, entry: string, name: string): string {
  return name.startsWith(TUNNEL) && !entry.startsWith(TUNNEL) ? `tunnel: ${title}` : title
}
