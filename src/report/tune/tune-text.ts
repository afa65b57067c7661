/**
 * The answer of `tune` in sentences: the two TTLs and what they rest on, what the recommended one costs, and
 * what to mind. The formats lay them out.
 */
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import type { Estimate } from '../../metrics/statistics/statistics.ts'
import { counted, formatDurationNs, significant } from '../../units.ts'
import { HEADLINE } from '../comparison/columns.ts'
import { sampleText } from '../comparison/comparison-text.ts'
import { cellOf, countText } from '../parts/format-cell.ts'
import { legendOf } from '../parts/metric-columns.ts'
import type { View } from '../parts/view.ts'
import { curveTable, metricsOf, ttlName, tuneColumns } from './tune-columns.ts'
import type { TuneReport } from './tune-report.ts'

/** The TTL to set, and the two that it rests on, each a name and its sentences. */
export function answers(report: TuneReport): [name: string, text: string][] {
  return [
    ...settingTexts(report),
    ['Smallest TTL within the target', recommendedText(report)],
    ['Smallest safe TTL', [safeText(report), proofText(report)].join(' ').trim()],
  ]
}

/** One number to set; none in results of 0.1.0, which don't have it. */
function settingTexts({ tune }: TuneReport): [name: string, text: string][] {
  const setting = tune.setting as TuneReport['tune']['setting'] | undefined
  if (setting === undefined || setting.basis === 'unknown') return []
  const { parameter, recommended } = tune
  if (setting.ttlNs === null && recommended.kind === 'none' && !keepsTarget(tune)) {
    return [['Set', `none: even ${tune.never} misses the target, so no ${parameter} is the cure.`]]
  }
  if (setting.ttlNs === null) {
    const why = recommended.kind === 'none' ? 'keeps the target' : 'is safe'
    return [['Set', `${tune.never}: no shorter ${parameter} that was tried ${why}.`]]
  }
  const how =
    setting.basis === 'proven'
      ? 'no packet can stay longer, whatever the traffic'
      : 'twice what was enough for these packets, because other loads, seeds and longer traffic find longer stays'
  return [['Set', `${parameter}=${setting.value}: ${how}. What follows is a floor, not a setting.`]]
}

/** Does never expiring keep the target, by its mean? */
function keepsTarget({ curve, targetRatio }: TuneReport['tune']): boolean {
  return (curve.at(-1)!.metrics.reorderedRatio?.mean ?? 0) <= targetRatio
}

function recommendedText(report: TuneReport): string {
  const { recommended, curve, targetRatio, decidedBy } = report.tune
  const target = percent(targetRatio)
  if (recommended.kind === 'unknown') return 'unknown. No packet was judged.'
  const onGrid = curve.filter(({ ttlNs }) => ttlNs !== null)
  const how =
    decidedBy === 'value'
      ? 'nothing is random, so the one run decides'
      : 'by its upper 95% bound and that of all longer ones'
  if (recommended.kind === 'none') {
    const last = onGrid.at(-1)!
    const never = curve.at(-1)!
    return (
      `none. The target is ${target} reordered; at ${ttlName(report.tune, last)} it is ${share(last.metrics)}, ` +
      `never expiring ${share(never.metrics)}.`
    )
  }
  const point =
    recommended.kind === 'any' ? onGrid[0]! : curve.find(({ ttlNs }) => ttlNs === recommended.ttlNs)!
  const name = ttlName(report.tune, point)
  const found =
    recommended.kind === 'any'
      ? `${shortestText(report, name, 'at')} ${share(point.metrics)} reordered`
      : `${name}. ${share(point.metrics)} reordered`
  return `${found}, target ${target} (${how}).${checkText(report)}`
}

/** How an answer begins that the shortest TTL tried gives already. */
function shortestText({ tune: { beginsHigh } }: TuneReport, name: string, at: 'at' | 'from'): string {
  return beginsHigh
    ? `${name} or less: the shortest tried; look lower with --ttl.`
    : `any. Already ${at} ${name}, the shortest tried,`
}

function checkText({ tune: { check, targetRatio }, runs }: TuneReport): string {
  if (check === null) return ''
  const found = `On ${runs} fresh ${runs === 1 ? 'run' : 'runs'} (seed ${check.seed}): ${cellOf(shownMetric(HEADLINE), check.reorderedRatio, 2)}, `
  if (!check.isKept) return ` ${found}above the target - take more runs (-r), or a longer TTL.`
  const bound = check.upperBound ?? 0
  if (bound <= targetRatio) return ` ${found}within the target.`
  return ` ${found}the mean is within the target, its upper bound ${percent(bound)} isn't: take more runs (-r).`
}

function safeText(report: TuneReport): string {
  const { tune } = report
  const { safe, curve } = tune
  const never = curve.at(-1)!
  const refuted = refutedText(report)
  if (safe.kind === 'unknown') {
    if (never.metrics.reorderedRatio?.mean == null) return 'unknown.'
    const from = `${ttlOf(tune, safe.ttlNs!)} on`
    return `unknown. From ${from} no flow moved at all, so nothing tells whether a move would be safe: take more packets.${refuted}`
  }
  if (safe.kind === 'none' && refuted !== '')
    return `none.${refuted} Only never expiring had none: widen --ttl.`
  if (safe.kind === 'none') {
    const last = curve.at(-2)!
    const end =
      never.metrics.unsafeMoves?.count === 0
        ? 'only never expiring had none: widen --ttl'
        : `never expiring has ${unsafeText(never.metrics)}`
    return `none. ${ttlName(tune, last)} has ${unsafeText(last.metrics)}; ${end}.`
  }
  const name = ttlOf(tune, safe.ttlNs!)
  const moves = `it rests on ${counted(safe.moves!, 'move')}, so that less than 3/n = ${percent(safe.bound!)} of such moves are unsafe (95%)`
  const shortest = safe.kind === 'any' ? shortestText(report, name, 'from') : `${name}.`
  const from = shortest.endsWith('.') ? ' From it on' : ' on'
  return `${shortest}${from} no run had an unsafe move; ${moves}.${refuted}`
}

/** What fresh runs say against a TTL that the search's own runs call safe. */
function refutedText({ tune }: TuneReport): string {
  const { check, curve } = tune
  const found = check?.unsafeMoves?.count ?? 0
  if (check === null || found === 0) return ''
  const longer = curve.filter(({ ttlNs }) => ttlNs === null || ttlNs >= check.ttlNs)
  if (longer.some(({ metrics }) => metrics.unsafeMoves?.count !== 0)) return ''
  return ` At ${ttlOf(tune, check.ttlNs)} the fresh runs had ${unsafeCount(found)}, so it is not safe: take more runs (-r).`
}

function unsafeText({ unsafeMoves }: Readonly<Record<string, MetricSummary>>): string {
  return unsafeCount(unsafeMoves?.count ?? 0)
}

function unsafeCount(count: number): string {
  return counted(count, 'unsafe move')
}

/** A TTL of the curve as its policy takes it. */
function ttlOf(tune: TuneReport['tune'], ttlNs: number): string {
  return ttlName(tune, tune.curve.find((point) => point.ttlNs === ttlNs)!)
}

function proofText({ tune: { proof, unproven, safe, curve } }: TuneReport): string {
  if (curve.at(-1)!.metrics.reorderedRatio?.mean == null) return ''
  if (proof !== null) {
    const other = proof.otherNs > 0 ? ` and ${formatDurationNs(proof.otherNs)} of waking up and links` : ''
    const gaps =
      proof.gaps === 0
        ? ''
        : ` Of ${countText(proof.gaps)} gaps within flows here ${countText(proof.gapsShorter)} are shorter than that.`
    return (
      `Proven: no packet stays longer than ${formatDurationNs(proof.stayNs)} (${countText(proof.packets)} services of at most ` +
      `${formatDurationNs(proof.workNsMax)}${other}), so a TTL of that length or more is safe for any traffic.${gaps}`
    )
  }
  const { unbounded, notCovered } = unproven
  if (unbounded.length === 0) return `No proof covers it: ${notCovered.join('; ')}.`
  const more = notCovered.length === 0 ? '' : ` No proof covers this either: ${notCovered.join('; ')}.`
  const grows =
    safe.kind === 'value'
      ? ' More packets find a longer stay; in the reference scenario this TTL grows from about 0.5 ms over 1e5 packets to 0.7-1.1 ms over 1e7.'
      : ''
  return `No TTL is safe for ever here: ${unbounded.join('; ')}.${grows}${more}`
}

/** What the recommended TTL (else the safe one) costs against the others, and what to mind. */
export function remarks(report: TuneReport): string[] {
  const { tune } = report
  const against = tune.costs.map(({ policy, against: other, difference }) => {
    const here = metricsOf(report, policy)
    const there = metricsOf(report, other)
    const changed: string[] = []
    const same: string[] = []
    for (const { name: metric, shortTitle: title, cell } of tuneColumns) {
      const estimate = difference[metric]
      if (estimate === undefined || estimate.mean === null || metric === 'unsafeMoves') continue
      const [mine, others] = [cell(here, 0), cell(there, 0)]
      const doubt = isBeyondChance(estimate) ? '' : ' (may be chance)'
      if (mine !== others) changed.push(`${title} ${mine} instead of ${others}${doubt}`)
      else if (here[metric]?.mean !== 0) same.push(title)
    }
    const name = other === tune.never ? 'never expiring' : other
    const rest = same.length === 0 ? [] : [`the same ${same.join(', ')}`]
    const asGood = other === tune.never && isNowhereWorse(difference) && changed.length + same.length > 0
    const verdict = asGood ? ' Never expiring is as good or better in every column.' : ''
    return `${policy} against ${name}: ${[...changed, ...rest].join(', ')}.${verdict}`
  })
  return [...against, ...tune.notes]
}

/** Is the policy that is compared with as good or better in every column, by the means? */
function isNowhereWorse(difference: TuneReport['tune']['costs'][number]['difference']): boolean {
  return tuneColumns.every(({ name, better }) => {
    const mean = difference[name]?.mean ?? 0
    return better === 'more' ? mean <= 0 : mean >= 0
  })
}

/** Is zero outside of the interval, or, with a single number, is it not zero? */
function isBeyondChance({ mean, low95, high95 }: Estimate): boolean {
  if (low95 === null || high95 === null) return mean !== 0
  return low95 > 0 || high95 < 0
}

/** What the columns and marks of the table mean, of those that it has. */
export function tuneLegend(report: TuneReport, table: string, view: View): string[] {
  const { tune } = report
  const { metrics } = curveTable(report, view, () => 0)
  const marked = (mark: string, text: string) => (table.includes(mark) ? [text] : [])
  return [
    [...legendOf(metrics), 'drained: moves a flow only when nothing of it is in flight.'].join(' '),
    ...(table.includes('±') ? [`±: half of the 95% interval over ${sampleText(report)}.`] : []),
    [
      ...(table.includes('< both')
        ? ['< both: smallest within the target, and smallest safe.']
        : [
            ...marked('< target', '< target: smallest within the target.'),
            ...marked('< safe', '< safe: smallest safe.'),
          ]),
      `Nothing expires with ${tune.never}.`,
    ].join(' '),
  ]
}

function share(metrics: Readonly<Record<string, MetricSummary>>): string {
  return cellOf(shownMetric(HEADLINE), metrics[HEADLINE], 2)
}

function percent(ratio: number): string {
  return `${significant(ratio * 100)}%`
}
