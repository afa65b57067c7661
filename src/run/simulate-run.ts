/**
 * One run of a plan: the source is read once, chunk by chunk, and every policy's pipeline consumes each chunk
 * in turn with its own clock. A policy that fails ends alone, with one line; the others go on.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { UserError } from '../errors.ts'
import { OfferedLoadMeter } from '../metrics/cost/offered-load.ts'
import { tableMetrics } from '../metrics/cost/policy-counters.ts'
import type { Metrics } from '../metrics/metric.ts'
import type { FlowReordering } from '../metrics/order/reordering.ts'
import type { FlowRow, PolicyRun, RunResult } from '../metrics/result.ts'
import { RunMetrics } from '../metrics/run-metrics.ts'
import { Trace } from '../metrics/trace.ts'
import type { Observer } from '../model/observer.ts'
import { PacketChunk, type PacketSource } from '../model/packets/chunk.ts'
import { Direction } from '../model/packets/direction.ts'
import type { FlowTable } from '../model/packets/flow-table.ts'
import type { PacketStore } from '../model/packets/packet-store.ts'
import { SourceNumbering } from '../model/packets/source-numbering.ts'
import { Pipeline } from '../model/pipeline.ts'
import type { PipelineSettings } from '../model/pipeline-settings.ts'
import { PolicyError, policyFailure } from '../model/policy-harness.ts'
import type { Plan, PlannedPolicy } from './plan.ts'

export interface RunOptions {
  /** Path of the file that takes the trace of this run and policy. */
  readonly tracePath?: (policy: number) => string
  /**
   * Called after each chunk with the share of the run that is done, 0..1; the run waits for it, and ends if
   * it throws.
   */
  readonly onProgress?: (share: number) => void | Promise<void>
  /** Most rows that the result has of a policy's flows, the worst; 10,000 without. */
  readonly flowsMax?: number | undefined
  /** One more observer per policy, after the others. */
  readonly observe?: (label: string, store: PacketStore, reordering: FlowReordering) => Observer
}

const FLOW_ROWS_MAX = 10_000

/** Simulates run number `run` (from 0) of the plan. Throws a UserError when the source can't be read. */
export async function simulateRun(plan: Plan, run: number, options: RunOptions = {}): Promise<RunResult> {
  const source = await plan.openSource(run)
  try {
    const settings = plan.settings(run)
    const numbering = new SourceNumbering(plan.warmupNs, !plan.isSynthetic)
    const meter = new OfferedLoadMeter(settings.lanes)
    const draw = plan.draws(run)
    const direction = plan.inside && new Direction(plan.inside, source.flows)
    const runners = plan.policies.map(
      (policy, i) => new PolicyRunner(plan, settings, policy, i, run, source.flows, numbering, options),
    )
    const chunk = new PacketChunk()
    for (let more = true; more; ) {
      await source.fill(chunk)
      more = chunk.count > 0
      if (cutAtDuration(chunk, plan.durationNs)) more = false
      direction?.mark(chunk)
      numbering.number(chunk)
      draw(chunk)
      meter.add(chunk)
      for (const runner of runners) runner.consume(chunk)
      if (chunk.count > 0) await options.onProgress?.(chunk.arrivalNs[chunk.count - 1]! / plan.durationNs)
    }
    const results = runners.map((runner) => runner.finish(numbering))
    return {
      run,
      load: meter.result(),
      warnings: [
        ...plan.warnings,
        ...warningsOf(source),
        ...foreignWarning(direction),
        ...runners.flatMap((runner) => runner.brokenClaim()),
      ],
      policies: results,
    }
  } finally {
    await source.close()
  }
}

/** Cuts off packets at or after the end; true when there were any. */
export function cutAtDuration(chunk: PacketChunk, durationNs: number): boolean {
  if (chunk.count === 0 || chunk.arrivalNs[chunk.count - 1]! < durationNs) return false
  while (chunk.count > 0 && chunk.arrivalNs[chunk.count - 1]! >= durationNs) chunk.count--
  return true
}

function warningsOf(source: PacketSource): readonly string[] {
  return 'problems' in source ? (source.problems as readonly string[]) : []
}

function foreignWarning(direction: Direction | undefined): string[] {
  if (direction === undefined || direction.foreign === 0) return []
  return [
    `source.direction: ${direction.foreign} packets are neither from nor to the inside and were left out - check the prefixes`,
  ]
}

/** Can packets that lanes finish in order reach the sink only in this order? */
function keepOrderBehindLanes({ link, release }: PipelineSettings): boolean {
  if (release !== undefined) return false
  if (!link.perLane) return link.keepsOrder || !link.hasJitter
  const sameDelay = link.delayNs.every((delayNs) => delayNs === link.delayNs[0])
  return sameDelay && !link.hasJitter && link.rateBps.every((rateBps) => rateBps === Number.POSITIVE_INFINITY)
}

/** One policy's pipeline with everything that watches it. */
class PolicyRunner {
  private readonly label: string
  private readonly flows: FlowTable
  private pipeline: Pipeline | undefined
  private watch!: RunMetrics
  private trace: Trace | undefined
  private readonly traceFile: number | undefined
  private countersAtStart: Record<string, number> = {}
  private error: string | null = null
  private readonly linksKeepOrder: boolean
  private readonly flowsMax: number

  constructor(
    plan: Plan,
    settings: PipelineSettings,
    policy: PlannedPolicy,
    position: number,
    run: number,
    flows: FlowTable,
    numbering: SourceNumbering,
    options: RunOptions,
  ) {
    this.label = policy.label
    this.flows = flows
    this.linksKeepOrder = keepOrderBehindLanes(settings)
    this.flowsMax = options.flowsMax ?? FLOW_ROWS_MAX
    const traceFile = options.tracePath === undefined ? undefined : openSync(options.tracePath(position), 'w')
    this.traceFile = traceFile
    this.guard(() => {
      this.pipeline = new Pipeline(settings, flows, (lanes) => policy.create(lanes, run), [
        (store, lanes) => {
          const { metrics, isRandom, runs } = plan
          const batchedSample = isRandom && runs === 1 ? numbering : undefined
          this.watch = new RunMetrics({
            store,
            lanes,
            flows,
            link: settings.link,
            settings: metrics,
            batchedSample,
            isPrompt: traceFile !== undefined || options.observe !== undefined,
          })
          return this.watch
        },
        () => ({ onSampleStart: () => this.markCounters() }),
        (store) => {
          if (traceFile === undefined) return {}
          this.trace = new Trace(store, flows, policy.label, run, this.watch, (text) =>
            writeTrace(traceFile, text),
          )
          return this.trace
        },
        (store) => options.observe?.(policy.label, store, this.watch.inFlow) ?? {},
      ])
    })
  }

  consume(chunk: PacketChunk): void {
    if (this.error === null) this.guard(() => this.pipeline!.consume(chunk))
  }

  finish(numbering: SourceNumbering): PolicyRun {
    let metrics: Metrics = {}
    if (this.error === null) {
      this.guard(() => {
        this.pipeline!.finish()
        metrics = this.metrics()
      })
    }
    this.trace?.end()
    if (this.traceFile !== undefined) closeSync(this.traceFile)
    if (this.error !== null) {
      return { label: this.label, metrics: {}, distributions: [], flows: [], error: this.error }
    }
    const batches = this.watch.batchTables()
    return {
      label: this.label,
      metrics,
      distributions: this.watch.distributions(),
      ...(batches && { batches }),
      flows: this.flowRows(numbering),
      error: null,
    }
  }

  /** One line for a policy that says it keeps the order of flows, where nothing but it can have broken it. */
  brokenClaim(): string[] {
    const claims = this.error === null && this.pipeline!.keepsFlowOrder && this.linksKeepOrder
    if (!claims || this.watch.inFlow.tracker.reordered === 0) return []
    return [
      `policy ${this.label}: says keepsFlowOrder, but packets of a flow were overtaken - fix its rule, or say false`,
    ]
  }

  /**
   * All metrics, the policy's counters among them; throws a PolicyError where a counter would hide a metric.
   */
  private metrics(): Metrics {
    const { ours, tunnel } = this.watch.metrics()
    const counted = tableMetrics(this.pipeline!.counters(), this.countersAtStart)
    for (const name of Object.keys(counted)) {
      if (!Object.hasOwn(ours, name) && !Object.hasOwn(tunnel, name)) continue
      throw new PolicyError(`counters has ${name}, which is a metric already - give it another name`)
    }
    return { ...ours, ...counted, ...tunnel }
  }

  private markCounters(): void {
    this.countersAtStart = this.pipeline?.counters() ?? {}
  }

  /** Runs policy code; what it throws ends this policy only. */
  private guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (error instanceof UserError) throw error
      const at = this.pipeline === undefined ? 'create' : `packet ${this.pipeline.packetAtHand}`
      this.error = policyFailure(this.label, at, error)
    }
  }

  private flowRows(numbering: SourceNumbering): FlowRow[] {
    const { tracker } = this.watch.inFlow
    const order: number[] = []
    for (let flow = 0; flow < this.flows.count; flow++) if (numbering.sentBy(flow) > 0) order.push(flow)
    const reordered = (flow: number) => tracker.streamReordered[flow] ?? 0
    order.sort((a, b) => reordered(b) - reordered(a) || numbering.sentBy(b) - numbering.sentBy(a) || a - b)
    return order.slice(0, this.flowsMax).map((flow) => ({
      flow: this.flows.describe(flow),
      sent: numbering.sentBy(flow),
      delivered: tracker.streamReceived(flow),
      reordered: reordered(flow),
    }))
  }
}

/** Throws a UserError when the disk refuses. */
function writeTrace(file: number, text: string): void {
  const bytes = Buffer.from(text)
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOSPC' ? 'the disk is full' : message
    throw new UserError(
      `--trace: can't be written, ${reason} - make room, or trace fewer runs (-r) or less time (-d)`,
    )
  }
}
