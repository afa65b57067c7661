/**
 * The verdict in sentences, each recomputable from report.json: what to choose and what it costs, who was
 * left out and why, what that rests on, and the next command.
 */
import { DROPS_WORTH_A_WORD, isYardstick } from '../../metrics/catalogue/recommendable.ts'
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import type { Estimate } from '../../metrics/statistics/statistics.ts'
import { counted, formatDurationNs, grouped } from '../../units.ts'
import { cellOf } from '../parts/format-cell.ts'
import { type Summaries, summaryOf } from '../parts/metric-columns.ts'
import { calibratedText, shortName } from './comparison-text.ts'
import type { PolicyRecord, ReportVerdict } from './report.ts'

/** What the sentences are made of. */
export interface Judged {
  readonly verdict: ReportVerdict
  readonly records: ReadonlyArray<Pick<PolicyRecord, 'policy' | 'metrics' | 'error'>>
  readonly labels: readonly string[]
}

const DROPS = shownMetric('dropRatio')
const REORDERED = shownMetric('reorderedRatio')
const LATENCY = shownMetric('latencyNsP99')

/** The verdict itself, best first; then what it rests on, and what to do next. */
export function verdictTexts(judged: Judged): string[] {
  return [
    ...choiceTexts(judged),
    ...fitsTexts(judged),
    restText(judged.verdict),
    ...nextTexts(judged.verdict),
  ]
}

function choiceTexts(judged: Judged): string[] {
  const { verdict } = judged
  const { policies, kind } = verdict
  const names = namesOf(judged)
  const [best, ...others] = policies
  switch (kind) {
    case 'failed':
      return ['No policy finished: see the errors.']
    case 'cannot-tell':
      return [cannotTellText(judged)]
    case 'drops-first':
      return dropsFirstTexts(judged)
    case 'nothing-reordered': {
      const drops = dropsText(judged, policies)
      return [
        `Nothing is reordered by any of these policies, so order doesn't decide. Quickest: ${names(best!)}, p99 ${latency(judged, best!)}${priceText(judged)}; ${drops}.`,
        ...leftOutTexts(judged),
      ]
    }
    case 'order-kept': {
      const who =
        others.length === 0
          ? `${names(best!)} keeps order`
          : `Of the policies that keep order ${names(best!)} is quickest`
      return [
        `${who}: p99 ${latency(judged, best!)}${priceText(judged)}; ${dropsText(judged, policies)}.`,
        ...alsoTexts(judged, 'In order too', others),
        ...leftOutTexts(judged),
      ]
    }
    case 'least-reordered': {
      const who =
        others.length === 0
          ? `${names(best!)} reorders least`
          : `Of those that reorder least ${names(best!)} is quickest`
      return [
        `${who}: ${reordered(judged, best!)} reordered, p99 ${latency(judged, best!)}${priceText(judged)}; ${dropsText(judged, policies)}. No policy keeps order here.`,
        ...alsoTexts(judged, 'As good, as far as these runs tell', others),
      ]
    }
  }
}

function cannotTellText(judged: Judged): string {
  const [one, ...others] = contendersOf(judged)
  if (one !== undefined && others.length > 0) {
    return `Can't tell who reorders least: the differences may be chance (${runsText(judged.verdict)}).`
  }
  const isAnyJudged = judged.records.some(({ metrics }) => metrics.reorderedRatio?.mean != null)
  if (!isAnyJudged) return "Can't tell: no packet was judged."
  const beside = one === undefined ? 'only a yardstick has been judged' : 'there is nothing to compare with'
  return `Can't tell: ${beside}. Name another policy (-p).`
}

/** Who would be chosen if it delivered, who delivers instead, and what to do about the load. */
function dropsFirstTexts(judged: Judged): string[] {
  const names = namesOf(judged)
  const rated = contendersOf(judged).map(({ policy, metrics }) => ({
    label: policy,
    reordered: metrics.reorderedRatio!.mean!,
  }))
  const least = Math.min(...rated.map((one) => one.reordered))
  const wanted = rated.filter((one) => one.reordered === least)
  const delivering = rated.filter(({ label }) => delivers(judged, label) === true)
  const list = (labels: readonly string[], what: (label: string) => string) =>
    labels.map((label) => `${names(label)} ${what(label)}`).join(', ')
  const first = `Drops come first: what reorders least drops packets (${list(
    wanted.map(({ label }) => label),
    (label) => drops(judged, label),
  )}).`
  if (delivering.length === 0)
    return [
      `${first} No policy delivers 99.9 % of this load: less of it, more lanes or longer queues come before order.`,
    ]
  const who = list(
    delivering.map(({ label }) => label),
    (label) => `reorders ${reordered(judged, label)}`,
  )
  return [`${first} Of those that deliver ${who}.`]
}

function fitsTexts(judged: Judged): string[] {
  const { fits } = judged.verdict
  if (fits === null || fits.length === 0) return []
  const names = namesOf(judged)
  const parts = fits.map(({ policy, packetsPerSecond }) =>
    packetsPerSecond === null
      ? `${names(policy)} at no rate tried`
      : `${names(policy)} up to ${grouped(Math.round(packetsPerSecond))} packets/s`,
  )
  return [`Of this traffic, faster or slower, at most 0.1 % is dropped by ${parts.join(', ')}.`]
}

/** What a policy costs beside the quickest of the others. */
function priceText(judged: Judged): string {
  const { price } = judged.verdict
  if (price === null) return ''
  const than = namesOf(judged)(price.than)
  const other = `${than}, which reorders ${reordered(judged, price.than)}`
  if (price.differenceNs === 0) return `, as quick as ${other}`
  const half = halfOf(price)
  const amount = `${formatDurationNs(Math.abs(price.differenceNs))}${half === null ? '' : ` ±${formatDurationNs(half)}`}`
  const isClear = price.low95 !== null && price.high95 !== null && (price.low95 > 0 || price.high95 < 0)
  const doubt = isClear
    ? ''
    : ` (${half === null ? `${runsText(judged.verdict)} alone` : 'which'} may be chance)`
  return `, ${amount} ${price.differenceNs < 0 ? 'less' : 'more'}${doubt} than ${other}`
}

function alsoTexts(judged: Judged, what: string, others: readonly string[]): string[] {
  if (others.length === 0) return []
  const names = namesOf(judged)
  return [`${what}: ${others.map((label) => `${names(label)} (p99 ${latency(judged, label)})`).join(', ')}.`]
}

/** Policies that reorder nothing and drop too much to be named. */
function leftOutTexts(judged: Judged): string[] {
  const { policies } = judged.verdict
  const out = contendersOf(judged).filter(({ policy, metrics }) => {
    const keepsOrder = metrics.reorderedRatio!.mean === 0
    return keepsOrder && delivers(judged, policy) === false && !policies.includes(policy)
  })
  if (out.length === 0) return []
  const names = namesOf(judged)
  return [
    `Not recommended, for what they drop: ${out.map(({ policy }) => `${names(policy)} (${drops(judged, policy)})`).join(', ')}.`,
  ]
}

export function restText({ restsOn }: Pick<ReportVerdict, 'restsOn'>): string {
  const { lanes, workNs } = restsOn
  if (lanes === 'measured') return `This rests on ${runsText({ restsOn })}, measured on this machine.`
  const work = workNs === null ? '' : ` of ${formatDurationNs(workNs)} of work per packet`
  const what =
    lanes === 'calibrated'
      ? `lanes ${calibratedText(restsOn)}`
      : `lanes${work} that are assumed, not measured`
  return `This rests on ${what}, and on ${runsText({ restsOn })}.`
}

function runsText({ restsOn: { lanes, runs } }: Pick<ReportVerdict, 'restsOn'>): string {
  return lanes === 'measured' ? `${counted(runs, 'valid replay')} of each` : counted(runs, 'run')
}

export function nextTexts({ next }: Pick<ReportVerdict, 'next'>): string[] {
  return next.slice(0, 1).map((argv) => `Next: ${argv.map(quoted).join(' ')}`)
}

/** A word as a shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function dropsText(judged: Judged, policies: readonly string[]): string {
  const dropping = policies.filter((label) => (judged.verdict.drops[label] ?? 0) > 0)
  if (dropping.length === 0) return policies.length === 1 ? 'it drops nothing' : 'they drop nothing'
  const names = namesOf(judged)
  return `dropped: ${dropping.map((label) => `${drops(judged, label)} by ${names(label)}`).join(', ')}`
}

/** Finished policies that may be recommended. */
function contendersOf({ records }: Judged) {
  return records.filter(
    ({ policy, metrics, error }) =>
      error === null && !isYardstick(policy) && metrics.reorderedRatio?.mean != null,
  )
}

/** Does it deliver? `undefined` where that isn't known. */
function delivers({ verdict }: Judged, label: string): boolean | undefined {
  const dropped = verdict.drops[label]
  return dropped === undefined ? undefined : dropped <= DROPS_WORTH_A_WORD
}

function metricsOf({ records }: Judged, label: string): Summaries {
  return records.find(({ policy }) => policy === label)?.metrics ?? {}
}

const latency = (judged: Judged, label: string) => cellOf(LATENCY, metricsOf(judged, label).latencyNsP99, 0)
const reordered = (judged: Judged, label: string) =>
  cellOf(REORDERED, metricsOf(judged, label).reorderedRatio, 0)
const drops = (judged: Judged, label: string) => cellOf(DROPS, summaryOf(DROPS, metricsOf(judged, label)), 0)

function halfOf({ low95, high95 }: Pick<Estimate, 'low95' | 'high95'>): number | null {
  return low95 === null || high95 === null ? null : (high95 - low95) / 2
}

/** Labels in short. */
function namesOf({ labels }: Judged): (label: string) => string {
  return (label) => shortName(label, labels)
}
