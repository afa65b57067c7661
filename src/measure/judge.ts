/**
 * Judges the order of arrivals with the observers that judge simulated packets (order/reordering.ts), so
 * that both have the same metrics under the same names: all flows pooled, in order of arrival; the tunnel as
 * one stream where the sending order over all packets is known; and the worst flows each for itself. Further
 * copies are counted, not judged (RFC 4737 section 3.6). Intervals are by batch means over parts of the
 * arrivals.
 */

import { type Metrics, type MetricValue, numberOf } from '../metrics/metric.ts'
import { type FlowProtocols, FlowReordering, TunnelReordering } from '../metrics/order/reordering.ts'
import type { MetricSettings } from '../metrics/settings.ts'
import { batchMeans } from '../metrics/statistics/batch-means.ts'
import type { BatchTable } from '../metrics/statistics/batches.ts'
import type { MetricSummary } from '../metrics/statistics/comparison.ts'
import { grouped } from '../units.ts'
import { ArrivalBatches } from './arrivals/arrival-batches.ts'
import type { Measured } from './arrivals/arrivals.ts'
import { type FlowGroups, groupByFlow } from './arrivals/flow-groups.ts'
import { type Numbering, numberPackets, type SequenceBits } from './arrivals/numbering.ts'
import { ExactDelays } from './exact-delays.ts'
import { allCounters, countFlow, type FlowCounts } from './inspect/flow-counts.ts'
import { isFounded, type JudgedColumns, judgedColumns, type Known } from './judged-columns.ts'
import { completed, damageMetrics, lossMetrics, lostOf } from './losses.ts'
import type { FlowMeasurement, Judged } from './measurement.ts'
import { replayMetrics } from './replay-metrics.ts'

/** A flow whose protocol isn't known; rules that tell protocols apart aren't asked about it. */
const NO_PROTOCOL = -1
/** Metrics over flows, which a single flow doesn't have. */
const OVER_FLOWS = ['flowsReorderedRatio', 'worstFlowReorderedRatio']

/** What only a sender knows, and no capture tells. */
const SENDERS_OWN: Metrics = { linuxSackReorders: null, linuxReorderingMax: null }

export interface JudgeOptions {
  /** Width of the numbers in an arrival file, if they wrap; left out: found where it is certain. */
  readonly sequenceBits?: SequenceBits | undefined
  /** Flows to judge each for itself, the worst first. */
  readonly worstFlows: number
  /** The assumptions as numbers, once it is known what protocols and delays there are. */
  settings(judgesAll: boolean, smallestDelayNs: number): MetricSettings
  /** Sees every row's verdict, in order of arrival. */
  readonly onRow?: (row: number, verdict: RowVerdict) => void
}

export interface RowVerdict {
  /** From 0, as judged. */
  readonly number: number
  readonly isCopy: boolean
  readonly isReordered: boolean
  /** undefined where the sending order over all packets isn't known. */
  readonly isReorderedInTunnel: boolean | undefined
}

/** Throws a UserError where the numbers don't fit `sequenceBits`. */
export function judge(measured: Measured, options: JudgeOptions): Judged {
  const { arrivals, flows, clock } = measured
  const groups = groupByFlow(arrivals.flow, arrivals.count, flows.count)
  const numbering = numberPackets(measured, groups, options.sequenceBits ?? 'find')
  const { number, sent } = numbering
  const columns = judgedColumns(measured, number)
  const ofFlows = Array.from({ length: flows.count }, (_, flow) =>
    countFlow(columns, groups, flow, {
      protocol: flows.protocol(flow),
      sent: sent[flow]!,
      corrupted: flows.corrupted?.(flow),
      tcp: flows.tcp?.(flow),
    }),
  )
  const { known } = columns
  const delays = new ExactDelays(columns, everyRow(arrivals.count), flows.count)
  const protocol = Int32Array.from({ length: flows.count }, (_, flow) => flows.protocol(flow) ?? NO_PROTOCOL)
  const judgesAll = protocol.every((one) => one === NO_PROTOCOL)
  const settings = options.settings(judgesAll, delays.smallestNs)
  const inFlow = new FlowReordering({ protocol }, settings)
  // Each counter has a replay window of its own.
  const areCounters = measured.numbering !== undefined && !known.tunnel
  const inTunnel = known.tunnel ? new TunnelReordering(settings) : undefined
  const batches = judgeAll(columns, inFlow, inTunnel, options)

  const isOneClock = clock.kind === 'same'
  const oneFlow = { ...columns, flow: new Int32Array(arrivals.count) }
  const worst = worstOf(inFlow, ofFlows, options.worstFlows).map((flow) =>
    flowMeasurement(measured, oneFlow, rowsOf(groups, flow), flow, ofFlows[flow]!, settings),
  )
  const counts = completed(measured.counts, ofFlows)
  const isFile = measured.counts.sent === null && measured.numbering === undefined
  const metrics = {
    ...inFlow.metrics(),
    ...inTunnel?.metrics(),
    ...(areCounters ? replayMetrics(columns, groups, settings.replayWindows) : {}),
    ...delays.metrics(isOneClock, known.delays),
    ...lossMetrics(ofFlows),
    ...damageMetrics(counts),
    ...allCounters(ofFlows),
    ...(flows.tcp === undefined ? {} : SENDERS_OWN),
  }
  const distributions = [
    ...inFlow.distributions(),
    ...(inTunnel?.distributions() ?? []),
    ...(known.delays ? delays.distributions(isOneClock) : []),
  ]
  const untimed = untimedRows(measured, known)
  return {
    metrics: summaries(founded(metrics, known), batches),
    clock: untimed === 0 ? clock : { ...clock, text: `${untimedText(untimed)}: no delays` },
    counts,
    numbering: measured.numbering ?? null,
    sequenceBits: numbering.bits ?? null,
    flows: ofFlows.filter(({ arrived }) => arrived > 0).length,
    judgesAll,
    notes: [
      ...measured.notes,
      ...timeNotes(untimed),
      ...numberNotes(numbering, measured),
      ...(isFile ? orderNotes(columns) : []),
    ],
    distributions: distributions.filter(({ metric }) => isFounded(metric, known)),
    worstFlows: worst,
  }
}

function rowsOf({ rows, starts }: FlowGroups, flow: number): Int32Array {
  return rows.subarray(starts[flow]!, starts[flow + 1]!)
}

function everyRow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row)
}

function judgeAll(
  columns: JudgedColumns,
  inFlow: FlowReordering<FlowProtocols>,
  inTunnel: TunnelReordering | undefined,
  { onRow }: JudgeOptions,
): Record<string, BatchTable> {
  const { count, isCopy, flowNumber } = columns
  const batches = new ArrivalBatches(count, inFlow, inTunnel)
  for (let row = 0; row < count; row++) {
    const isFirst = isCopy[row] === 0
    if (isFirst) {
      inFlow.judge(columns, row)
      inTunnel?.judge(columns, row)
    }
    batches.passed(row)
    onRow?.(row, {
      number: flowNumber[row]!,
      isCopy: !isFirst,
      isReordered: isFirst && inFlow.lastReordered,
      isReorderedInTunnel: inTunnel?.lastReordered,
    })
  }
  return batches.tables()
}

/** Most reordered, then largest, then first seen; flows on the way back have neither sent nor arrived. */
function worstOf(
  { tracker }: FlowReordering<FlowProtocols>,
  ofFlows: readonly FlowCounts[],
  limit: number,
): number[] {
  const reordered = (flow: number) => tracker.streamReordered[flow] ?? 0
  const judged = ofFlows.flatMap(({ sent, arrived }, flow) => (sent > 0 || arrived > 0 ? [flow] : []))
  judged.sort((a, b) => reordered(b) - reordered(a) || ofFlows[b]!.arrived - ofFlows[a]!.arrived || a - b)
  return judged.slice(0, limit)
}

/** One flow for itself. @param oneFlow the columns, in which it is flow 0 */
function flowMeasurement(
  { flows, clock }: Measured,
  oneFlow: JudgedColumns,
  own: Int32Array,
  flow: number,
  counts: FlowCounts,
  settings: MetricSettings,
): FlowMeasurement {
  const { isCopy, known } = oneFlow
  const alone = new FlowReordering({ protocol: [flows.protocol(flow) ?? NO_PROTOCOL] }, settings, 1)
  for (const row of own) if (isCopy[row] === 0) alone.judge(oneFlow, row)
  const metrics = {
    ...alone.metrics(),
    ...new ExactDelays(oneFlow, own, 1).metrics(clock.kind === 'same', known.delays),
    ...lossMetrics([counts]),
    ...counts.counters,
  }
  for (const name of OVER_FLOWS) delete metrics[name]
  const { sent, arrived, duplicated } = counts
  return {
    flow: flows.describe(flow),
    sent,
    arrived,
    lost: lostOf(counts),
    duplicated,
    reordered: alone.tracker.reordered,
    metrics: founded(metrics, known),
  }
}

/** Without the values that rest on what isn't known. */
function founded(metrics: Metrics, known: Known): Metrics {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, isFounded(name, known) ? value : null]),
  )
}

/** As in a comparison of a single run. */
function summaries(
  metrics: Metrics,
  batches: Readonly<Record<string, BatchTable>>,
): Record<string, MetricSummary> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, summaryOf(value, batches[name])]),
  )
}

function summaryOf(value: MetricValue, table: BatchTable | undefined): MetricSummary {
  const mean = numberOf(value)
  const runs = mean === null ? 0 : 1
  if (value === null || typeof value === 'number') return { mean, low95: null, high95: null, runs }
  const { low95, high95, batches = 0 } = batchMeans(table?.batches ?? [])
  const isKnown = low95 !== null && high95 !== null
  const within = isKnown
    ? { low95: Math.max(0, low95), high95: Math.min(1, high95), runs, batches }
    : { low95: null, high95: null, runs }
  return { mean, ...within, ...value }
}

/**
 * Rows without a time of sending or of arrival, where others have both: a time that one lacks is unknown for
 * all.
 */
function untimedRows(
  { arrivals: { sentNs, receivedNs, count }, clock }: Measured,
  { delays }: Known,
): number {
  if (clock.kind === 'unknown' || delays) return 0
  let rows = 0
  for (let row = 0; row < count; row++)
    if (Number.isNaN(sentNs[row]!) || Number.isNaN(receivedNs[row]!)) rows++
  return rows
}

function timeNotes(untimed: number): string[] {
  if (untimed === 0) return []
  return [`${untimedText(untimed)} - whatever goes by delays is left out`]
}

function untimedText(untimed: number): string {
  const packets = untimed === 1 ? '1 packet has' : `${grouped(untimed)} packets have`
  return `${packets} no time of sending or of arrival`
}

function numberNotes({ wrap, likelyBits, restart }: Numbering, { flows }: Measured): string[] {
  const notes: string[] = []
  const inFlow = (flow: number) => (flows.count === 1 ? '' : ` in ${flows.describe(flow)}`)
  if (wrap !== undefined) {
    notes.push(
      `sequence numbers go from ${wrap.from} to ${wrap.to}${inFlow(wrap.flow)}: taken as ${wrap.bits} bits wide, which wrap - if they don't: --sequence-bits none`,
    )
  }
  if (restart !== undefined) {
    notes.push(
      `sequence numbers go from ${restart.from} to ${restart.to}${inFlow(restart.flow)} and on from there - if a new key or stream counts anew, add a column that tells these flows apart`,
    )
  }
  if (likelyBits !== undefined) {
    notes.push(
      `sequence numbers fall from the end of a ${likelyBits}-bit range to its beginning - if they wrap: --sequence-bits ${likelyBits}`,
    )
  }
  return notes
}

/** Of an arrival file; of captures it is said where they are matched. */
function orderNotes({ count, departureNs }: JudgedColumns): string[] {
  let backward = 0
  for (let row = 1; row < count; row++) if (departureNs[row]! < departureNs[row - 1]!) backward++
  if (backward === 0) return []
  const many = backward === 1 ? '1 row is' : `${grouped(backward)} rows are`
  return [`${many} earlier than the one before - the order of rows counts; sort them by receivedNs`]
}
