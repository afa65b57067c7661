/**
 * What charts and the page call policies besides their labels: the yardstick is named as one, and a dagger
 * marks those that dropped packets, because what is dropped reorders nothing and so a queue that is too short
 * makes for good order.
 */
import { DROPS_WORTH_A_WORD, yardstickMark } from '../metrics/catalogue/recommendable.ts'
import { shownMetric, sumOfParts } from '../metrics/catalogue/shown.ts'
import type { MetricSummary } from '../metrics/statistics/comparison.ts'
import { type ChartInput, comparisonsOf } from './chart.ts'
import { ttlNames } from './chosen-ttls.ts'
import type { PolicyStyle } from './policy-styles.ts'
import { recordsOf, type SavedResult } from './saved.ts'
import type { Row } from './spec.ts'

type Metrics = Readonly<Record<string, MetricSummary>>

const DROPS = shownMetric('dropRatio')
const DAGGER = ' \u2020'
const OF_PACKETS = 'dropped more than 0.1 % of the packets, at the TUN queue or before a lane.'

/** The share of packets that the TUN queue and the lanes dropped; null where that isn't known. */
export function dropRatioOf(metrics: Metrics): number | null {
  return sumOfParts('dropRatio', (name) => metrics[name]?.mean)
}

export function dropsMany(metrics: Metrics): boolean {
  return (dropRatioOf(metrics) ?? 0) > DROPS_WORTH_A_WORD
}

/** In a tooltip, from the field `drops` of a row. */
export const DROPS_TOOLTIP = { field: 'drops', type: 'quantitative', title: DROPS.shortTitle, format: '.4~%' }

/** The line below a title that explains daggers; empty where nothing has one. */
export function daggerNote(names: Iterable<string>): string {
  return [...names].some((name) => name.endsWith(DAGGER)) ? `${DAGGER.trim()} ${OF_PACKETS}` : ''
}

/** Of the policies in these rows. */
export function namesOf(rows: readonly Row[], styles: ReadonlyMap<string, PolicyStyle>): string[] {
  const labels = new Set(rows.map(({ policy }) => String(policy)))
  return [...labels].map((label) => styles.get(label)?.name ?? label)
}

/** The same for marks that are hollow. */
export function hollowNote(rows: readonly Row[]): string {
  return rows.some(({ isHollow }) => isHollow === true) ? `Hollow: ${OF_PACKETS}` : ''
}

/** A policy without marks of its drops: of a comparison, not of a replay, where nothing is a yardstick. */
export function plainName(label: string, names?: ReadonlyMap<string, string>): string {
  const known = names?.get(label)
  if (known !== undefined) return known
  return label + yardstickMark(label)
}

/** The policy in one result. */
export function nameIn(input: ChartInput, label: string, metrics: Metrics): string {
  return withDagger(plainName(label, ttlNames(input.results)), metrics)
}

/** The name, with a dagger behind it where that is deserved. */
export function withDagger(name: string, metrics: Metrics): string {
  return dropsMany(metrics) ? name + DAGGER : name
}

/** The styles of policies with names for legends: a dagger where one of the comparisons deserves it. */
export function namedStyles(input: ChartInput): ReadonlyMap<string, PolicyStyle> {
  const dropping = new Set(
    comparisonsOf(input).flatMap(({ report, point }) =>
      recordsOf(report, point).flatMap(({ policy, metrics }) => (dropsMany(metrics) ? [policy] : [])),
    ),
  )
  return withNames(input, (label) => (dropping.has(label) ? DAGGER : ''))
}

/** The styles with the names alone. */
export function plainlyNamed(input: ChartInput): ReadonlyMap<string, PolicyStyle> {
  return withNames(input, () => '')
}

function withNames(
  { results, styles }: ChartInput,
  mark: (label: string) => string,
): ReadonlyMap<string, PolicyStyle> {
  const names = ttlNames(results)
  const isReplay = isReplayAlone(results)
  return new Map(
    [...styles].map(([label, style]) => [
      label,
      { ...style, name: (isReplay ? label : plainName(label, names)) + mark(label) },
    ]),
  )
}

function isReplayAlone(results: readonly SavedResult[]): boolean {
  return results.length > 0 && results.every(({ live }) => live !== null)
}
