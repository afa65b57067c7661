/**
 * Metrics on axes and in tooltips: titles and units by the catalogue, shares as percentages, times in one
 * unit for the whole axis.
 */
import { quantity } from '../metrics/catalogue/distributions.ts'
import { shownMetric } from '../metrics/catalogue/shown.ts'
import { type Axis, type AxisOptions, axisFor, type TimeUnit, timeUnit } from './axes.ts'
import type { Spec } from './spec.ts'

interface Scale {
  /** Of the unit, in a title. */
  readonly name: string
  /** What a value is divided by. */
  readonly ns: number
}

/** How one metric is drawn. */
export interface DrawnMetric {
  /** Above a panel. */
  readonly title: string
  readonly isShare: boolean
  /** Values are divided by its `ns` before they are drawn. */
  readonly unit: Scale
  /** The axis for values as they are drawn. @param of what shares are of, behind the unit */
  axis(values: readonly number[], options?: Partial<AxisOptions>, of?: string): Axis
  /** In a tooltip: the field of a row that holds a drawn value. */
  tooltip(field: string): Spec
}

/** @param valuesNs of a time, to choose its unit by */
export function drawnMetric(name: string, valuesNs: readonly number[] = []): DrawnMetric {
  const { title, shortTitle, kind, unit: own } = shownMetric(name)
  const isShare = kind === 'share'
  const unit = kind === 'duration' ? timeUnit(valuesNs) : { name: isShare ? '%' : own, ns: 1 }
  return {
    title,
    isShare,
    unit,
    axis: (values, options = {}, of = '') =>
      axisFor(values, { title: titleWith(title, `${unit.name}${of}`), percent: isShare, ...options }),
    tooltip: (field) => ({
      field,
      type: 'quantitative',
      title: isShare ? shortTitle : titleWith(title, unit.name),
      format: formatOf(isShare),
    }),
  }
}

/** How numbers in tooltips are written: enough digits to tell neighbours apart. */
export function formatOf(isShare: boolean): string {
  return isShare ? '.4~%' : ',.4~r'
}

/** The ends of a 95 % interval in a tooltip, from the fields `low` and `high` of a row. */
export const INTERVAL_TOOLTIP: readonly Spec[] = [
  { field: 'low', type: 'quantitative', title: '95 % from', format: formatOf(true) },
  { field: 'high', type: 'quantitative', title: '95 % to', format: formatOf(true) },
]

/** What one value of a histogram is, with its unit. @param name as in distributions.csv */
export function quantityTitle(name: string, unit?: TimeUnit): string {
  const found = quantity(name)
  return titleWith(found.title, unit?.name ?? found.unit)
}

function titleWith(title: string, unit: string): string {
  return unit === '' ? title : `${title} (${unit})`
}
