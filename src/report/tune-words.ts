/**
 * The answer of `tune` in sentences: the two TTLs and what they rest on, what the recommended one costs, and what to
 * mind. The formats lay them out.
 */
import type { MetricSummary } from '../metrics/comparison.ts'
import type { Estimate } from '../metrics/statistics.ts'
import { formatDurationNs, significant } from '../units.ts'
import { countText, ratioCell } from './cells.ts'
import { ttlName, tuneColumns } from './tune-columns.ts'
import type { TuneReport } from './tune-report.ts'
import { sampleText } from './words.ts'

/** The two TTLs, each a name and its sentences. */
export function answers(report: TuneReport): [name: string, text: string][] {
  return [
    ['Recommended TTL', recommendedText(report)],
    ['Smallest safe TTL', `${safeText(report)} ${proofText(report)}`],
  ]
}

function recommendedText(report: TuneReport): string {
  const { recommended, curve, targetRatio, decidedBy } = report.tune
  const target = percent(targetRatio)
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
      ? `any. Already at ${name}, the shortest tried, ${share(point.metrics)} reordered`
      : `${name}. ${share(point.metrics)} reordered`
  return `${found}, target ${target} (${how}).${checkText(report)}`
}

function checkText({ tune: { check }, runs }: TuneReport): string {
  if (check === null) return ''
  const found = `On ${runs} fresh ${runs === 1 ? 'run' : 'runs'} (seed ${check.seed}): ${ratioCell(check.reorderedRatio, 2)}, `
  return check.isKept
    ? ` ${found}within the target.`
    : ` ${found}above the target - take more runs (-r), or a longer TTL.`
}

function safeText({ tune }: TuneReport): string {
  const { safe, curve } = tune
  const never = curve.at(-1)!
  if (safe.kind === 'none') {
    const last = curve.at(-2)!
    const end =
      never.metrics.unsafeMoves?.count === 0
        ? 'only never expiring had none'
        : `never expiring has ${unsafeText(never.metrics)}`
    return `none. ${ttlName(tune, last)} has ${unsafeText(last.metrics)}; ${end}.`
  }
  const name = ttlName(tune, curve.find(({ ttlNs }) => ttlNs === safe.ttlNs)!)
  const from = safe.kind === 'any' ? `any. Already from ${name}, the shortest tried,` : `${name}. From it`
  const moves =
    safe.bound === null
      ? 'it rests on no move at all'
      : `it rests on ${countText(safe.moves!)} ${safe.moves === 1 ? 'move' : 'moves'}, so that less than 3/n = ${percent(safe.bound)} of such moves are unsafe (95%)`
  return `${from} on no run had an unsafe move; ${moves}.`
}

function unsafeText({ unsafeMoves }: Readonly<Record<string, MetricSummary>>): string {
  const count = unsafeMoves?.count ?? 0
  return count === 1 ? '1 unsafe move' : `${countText(count)} unsafe moves`
}

function proofText({ tune: { proof, unproven } }: TuneReport): string {
  if (proof !== null) {
    const other = proof.otherNs > 0 ? ` and ${formatDurationNs(proof.otherNs)} of waking up and links` : ''
    const gaps =
      proof.gaps === 0
        ? ''
        : ` Of ${countText(proof.gaps)} silences here ${countText(proof.gapsShorter)} are shorter.`
    return (
      `Proven: no packet stays longer than ${formatDurationNs(proof.stayNs)} (${countText(proof.packets)} services of at most ` +
      `${formatDurationNs(proof.workNsMax)}${other}), so a TTL of that length or more is safe for any traffic.${gaps}`
    )
  }
  const { unbounded, notCovered } = unproven
  if (unbounded.length === 0) return `No proof covers it: ${notCovered.join('; ')}.`
  const more = notCovered.length === 0 ? '' : ` No proof covers this either: ${notCovered.join('; ')}.`
  return (
    `No TTL is safe for ever here: ${unbounded.join('; ')}. More packets find a longer stay; in the reference scenario this TTL ` +
    `grows from about 0.5 ms over 1e5 packets to 0.7-1.1 ms over 1e7.${more}`
  )
}

/** What the recommended TTL (else the safe one) costs against the others, and what to mind. */
export function remarks(report: TuneReport): string[] {
  const { tune, records } = report
  const metricsOf = (label: string) => records.find(({ policy }) => policy === label)?.metrics ?? {}
  const against = tune.costs.map(({ policy, against: other, difference }) => {
    const here = metricsOf(policy)
    const there = metricsOf(other)
    const changed: string[] = []
    const same: string[] = []
    for (const { metric, title, cell } of tuneColumns) {
      const estimate = difference[metric]
      if (estimate === undefined || estimate.mean === null || metric === 'unsafeMoves') continue
      const [mine, others] = [cell(here[metric], 0), cell(there[metric], 0)]
      const doubt = isBeyondChance(estimate) ? '' : ' (may be chance)'
      if (mine !== others) changed.push(`${title} ${mine} instead of ${others}${doubt}`)
      else if (here[metric]?.mean !== 0) same.push(title)
    }
    const name = other === tune.never ? 'never expiring' : other
    const rest = same.length === 0 ? [] : [`the same ${same.join(', ')}`]
    return `${policy} against ${name}: ${[...changed, ...rest].join(', ')}.`
  })
  return [...against, ...tune.notes]
}

/** Is zero outside of the interval, or, with a single number, is it not zero? */
function isBeyondChance({ mean, low95, high95 }: Estimate): boolean {
  if (low95 === null || high95 === null) return mean !== 0
  return low95 > 0 || high95 < 0
}

/** What columns and marks mean. */
export function tuneLegend(report: TuneReport, table: string): string[] {
  const { tune } = report
  return [
    'reordered: overtaken by a later packet of the same flow. SACK: of TCP, taken for lost. unsafe: moves of flows with ' +
      'packets on the old lane that can still be overtaken. even: 1 when all lanes are equally busy (Jain). ' +
      `p99: of the latency. entries: most held at once${table.includes('evicted') ? '; evicted: for want of room' : ''}. ` +
      'drained: moves a flow only when nothing of it is in flight.',
    ...(table.includes('±') ? [`±: half of the 95% interval over ${sampleText(report)}.`] : []),
    `< target: recommended. < safe: smallest safe. Nothing expires with ${tune.never}.`,
  ]
}

function share(metrics: Readonly<Record<string, MetricSummary>>): string {
  return ratioCell(metrics.reorderedRatio, 2)
}

function percent(ratio: number): string {
  return `${significant(ratio * 100)}%`
}
