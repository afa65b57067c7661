/**
 * What two captures of a running system tell, in sentences: what was measured between them, which policies'
 * predictions that agrees with, and where it contradicts them. Every sentence is made of the data.
 */
import type { ArrivalCounts } from '../../measure/arrivals/arrivals.ts'
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { counted, grouped } from '../../units.ts'
import { shortName } from '../comparison/comparison-text.ts'
import type { ReportVerdict } from '../comparison/report.ts'
import { shareText } from '../parts/amounts.ts'
import { captureName } from '../parts/capture-name.ts'
import { cellOf } from '../parts/format-cell.ts'

/** What a policy is predicted to reorder, and whether the measured share fits it. */
export interface Predicted {
  readonly policy: string
  /** Bounds are of one further run with 95 % probability, of a single run its own; null where unknown. */
  readonly reorderedRatio: {
    readonly mean: number | null
    readonly low95: number | null
    readonly high95: number | null
  }
  readonly agrees: 'yes' | 'no' | 'cannot-tell'
}

/**
 * `no-policy`: the measured order fits no policy; `reorders`: the recommended policy keeps order and the
 * system doesn't; `loses`: more is lost than is predicted to be dropped.
 */
export type Contradiction = 'no-policy' | 'reorders' | 'loses'

export interface MeasuredPair {
  /** The captures, as named. */
  readonly sent: string | readonly string[]
  readonly received: string | readonly string[]
  /** Was the traffic that was simulated that of `sent`? */
  readonly isSameTraffic: boolean
  /** Why nothing was measured; null where something was. */
  readonly problem: string | null
  /** null where nothing was measured. */
  readonly counts: ArrivalCounts | null
  /** By name, as `measure` has them. */
  readonly metrics: Readonly<Record<string, MetricSummary>>
  /** The flow with most reordered packets; null where none is. */
  readonly worstFlow: {
    readonly flow: string
    readonly reordered: number
    readonly arrived: number
  } | null
  /** Lost packets that can't be laid to captures that don't cover the same time and flows. */
  readonly lostInside: number | null
  readonly predictions: readonly Predicted[]
  /** The policy that drops most of those that the measured order doesn't rule out; shares. */
  readonly dropsMost: { readonly policy: string; readonly dropRatio: number; readonly high95: number } | null
  readonly contradictions: readonly Contradiction[]
  /** What makes it doubtful, as `measure` says it. */
  readonly notes: readonly string[]
}

const REORDERED = shownMetric('reorderedRatio')
/** Longer lists of policies that reorder, or that don't, end with how many more there are. */
const NAMED_MAX = 4

/** What was measured, and what that says; both are a few sentences. */
export function measuredTexts(
  measured: MeasuredPair,
  capture: string | readonly string[],
  verdict: ReportVerdict,
  labels: readonly string[],
): string[] {
  if (measured.counts === null) {
    return [`Measured between the two captures: nothing that could tell. ${measured.problem}.`]
  }
  const says = saysText(measured, measured.counts, capture, verdict, labels)
  return [factsText(measured, measured.counts), ...(says === '' ? [] : [says])]
}

function factsText({ metrics, worstFlow, lostInside }: MeasuredPair, counts: ArrivalCounts): string {
  const { sent, matched, lost, corrupted } = counts
  const arrived = `${grouped(matched!)} of ${counted(sent!, 'packet')}`
  const damaged = corrupted ? `, ${grouped(corrupted)} corrupted` : ''
  const lostText = lost
    ? `, ${grouped(lost)} lost (${shareText(lost / sent!)}${edgesText(lost, lostInside)})`
    : ''
  const { reorderedRatio, flowsReorderedRatio: hit } = metrics
  const share = reorderedRatio?.count === 0 ? 'none' : cellOf(REORDERED, reorderedRatio, 2)
  const flows = hit?.count ? `, in ${grouped(hit.count)} of ${counted(hit.of!, 'flow')}` : ''
  const worst =
    worstFlow === null
      ? ''
      : `, worst ${worstFlow.flow} (${shareText(worstFlow.reordered / worstFlow.arrived)} of its packets)`
  return [
    `Measured between the two captures: ${arrived} arrived${damaged}${lostText}; ${share} reordered${flows}${worst}.`,
    ...(reorderedRatio?.count ? spuriousTexts(metrics) : []),
  ].join(' ')
}

function edgesText(lost: number, inside: number | null): string {
  const outside = lost - (inside ?? lost)
  return outside === 0 ? '' : `, ${grouped(outside)} of them perhaps outside of the other capture`
}

/** What senders would take for lost though it arrives, where there are such senders. */
function spuriousTexts({ sackLostRatio: sack, quicLostRatio: quic }: MeasuredPair['metrics']): string[] {
  const parts = [
    ...(sack?.of ? [`TCP (SACK) ${shareText(sack.mean)} of its segments`] : []),
    ...(quic?.of ? [`QUIC ${shareText(quic.mean)} of its datagrams`] : []),
  ]
  return parts.length === 0 ? [] : [`Senders would wrongly take for lost: ${parts.join(', ')}.`]
}

function saysText(
  measured: MeasuredPair,
  counts: ArrivalCounts,
  capture: string | readonly string[],
  verdict: ReportVerdict,
  labels: readonly string[],
): string {
  const { isSameTraffic, sent } = measured
  const back = counts.returnSent ?? 0
  return [
    ...(isSameTraffic
      ? []
      : [
          `The prediction is of ${captureName(capture)}, the measurement of ${captureName(sent)}: they may differ by their traffic.`,
        ]),
    ...(back > 0 ? [`The prediction has the ${counted(back, 'packet')} on the way back too.`] : []),
    ...behaviourTexts(measured, verdict, labels),
    ...recommendedTexts(measured, verdict, labels),
    ...lossTexts(measured, counts, labels),
  ].join(' ')
}

/** Which policies the measured order fits. */
function behaviourTexts(
  { predictions, metrics }: MeasuredPair,
  verdict: ReportVerdict,
  labels: readonly string[],
): string[] {
  const of = (agrees: Predicted['agrees']) => predictions.filter((one) => one.agrees === agrees)
  const [fitting, open, unlike] = [of('yes'), of('cannot-tell'), of('no')]
  const names = (some: readonly Predicted[]) => namesOf(some, labels)
  const packets = counted(metrics.reorderedRatio?.of ?? 0, 'packet')
  const butUnlike = unlike.length === 0 ? '' : `; it is unlike ${names(unlike)}`
  if (predictions.length === 0) return []
  if (open.length > 0) {
    return fitting.length === 0
      ? [`Whether the system is like ${names(open)} can't be told from ${packets}${butUnlike}.`]
      : [`That fits ${names(fitting)}, but ${packets} can't rule out ${names(open)}${butUnlike}.`]
  }
  if (fitting.length > 0 && unlike.length > 0) {
    return [`Going by the predictions the system behaves like ${names(fitting)}, unlike ${names(unlike)}.`]
  }
  if (fitting.length === 1) return [`That is as predicted for ${names(fitting)}.`]
  if (fitting.length > 1) return [`That fits all policies: ${names(fitting)}. It can't tell them apart.`]
  const share = metrics.reorderedRatio?.mean ?? 0
  const less = unlike.filter(({ reorderedRatio }) => reorderedRatio.high95! < share)
  const more = unlike.filter((one) => !less.includes(one))
  const between = [
    ...(less.length > 0 ? [`more than ${names(less)}`] : []),
    ...(more.length > 0 ? [`less than ${names(more)}`] : []),
  ]
  return [
    `That contradicts every policy: it is ${between.join(' and ')}. The system dispatches in another way, its lanes aren't ${lanesText(verdict)}, or something else reorders.`,
  ]
}

function recommendedTexts(
  { contradictions }: MeasuredPair,
  { policies: [best] }: ReportVerdict,
  labels: readonly string[],
): string[] {
  if (!contradictions.includes('reorders') || best === undefined) return []
  const name = shortName(best, labels)
  return [
    `The recommended ${name} keeps order and the system doesn't: with ${name} its lanes would reorder nothing.`,
  ]
}

function lossTexts(
  { contradictions, lostInside, dropsMost }: MeasuredPair,
  { sent }: ArrivalCounts,
  labels: readonly string[],
): string[] {
  if (!contradictions.includes('loses') || dropsMost === null) return []
  const { policy, dropRatio } = dropsMost
  const most = dropRatio === 0 ? '0' : `${shareText(dropRatio)}, ${shortName(policy, labels)}`
  return [
    `More is lost (${shareText(lostInside! / sent!)}) than policies drop here (at most ${most}): on the way, or since its lanes are slower or its queues shorter.`,
  ]
}

function lanesText({ restsOn }: ReportVerdict): string {
  return restsOn.lanes === 'assumed' ? 'those assumed here' : 'those calibrated'
}

/** Policies with what they are predicted to reorder, most first; those that reorder nothing together. */
function namesOf(predictions: readonly Predicted[], labels: readonly string[]): string {
  const ranked = predictions.toSorted((a, b) => (b.reorderedRatio.mean ?? 0) - (a.reorderedRatio.mean ?? 0))
  const still = ranked.filter(({ reorderedRatio }) => reorderedRatio.mean === 0)
  const moving = ranked.filter((one) => !still.includes(one))
  const parts = [
    ...shortened(moving).map((one) => (typeof one === 'string' ? one : withRange(one, labels))),
    ...shortened(still).map((one) => (typeof one === 'string' ? one : shortName(one.policy, labels))),
  ]
  const list = parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
  return still.length === 0 ? list : `${list} (0${still.length > 1 ? ' each' : ''})`
}

/** The first few, and how many more there are. */
function shortened(predictions: readonly Predicted[]): readonly (Predicted | string)[] {
  const left = predictions.length - NAMED_MAX
  return left <= 0 ? predictions : [...predictions.slice(0, NAMED_MAX), `${left} more`]
}

function withRange({ policy, reorderedRatio }: Predicted, labels: readonly string[]): string {
  const { low95, high95 } = reorderedRatio
  const name = shortName(policy, labels)
  return low95 === null ? name : `${name} (${shareText(low95)} to ${shareText(high95)})`
}
