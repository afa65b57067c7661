/** One policy's pipeline in a run, with everything that watches it. What the policy throws ends it alone. */
import { UserError } from '../errors.ts'
import { tableMetrics } from '../metrics/cost/policy-counters.ts'
import type { Metrics } from '../metrics/metric.ts'
import type { FlowReordering } from '../metrics/order/reordering.ts'
import type { FlowRow, PolicyRun } from '../metrics/result.ts'
import { RunMetrics } from '../metrics/run-metrics.ts'
import { Trace } from '../metrics/trace.ts'
import { keepOrderAcross } from '../model/machine/link.ts'
import type { Observer } from '../model/observer.ts'
import type { PacketChunk } from '../model/packets/chunk.ts'
import type { FlowKey } from '../model/packets/flow-key.ts'
import type { PacketStore } from '../model/packets/packet-store.ts'
import { Pipeline } from '../model/pipeline.ts'
import type { PipelineSettings } from '../model/pipeline-settings.ts'
import { PolicyError, policyFailure } from '../model/policy-harness.ts'
import { Feedback } from './feedback.ts'
import type { Offer } from './offer.ts'
import type { Plan, PlannedPolicy } from './plan.ts'
import { FLOWS_PER_POLICY_MAX, worstFirst } from './worst-flows.ts'

/** Takes a trace's lines; throws a UserError where it can't. */
export interface TextSink {
  write(text: string): void
  close(): void
}

export interface Watching {
  /** Takes the trace of this policy, by its position in the plan. */
  readonly traceOf?: ((policy: number) => TextSink) | undefined
  /** Most rows that the result has of a policy's flows, the worst; 10,000 without. */
  readonly flowsMax?: number | undefined
  /** One more observer per policy, after the others. */
  readonly observe?: ((label: string, store: PacketStore, reordering: FlowReordering) => Observer) | undefined
}

export class PolicyRunner {
  private readonly label: string
  private readonly offer: Offer
  /** What the traffic hears of; undefined where it hears nothing. */
  private readonly feedback: Feedback | undefined
  private pipeline: Pipeline | undefined
  private watch!: RunMetrics
  private trace: Trace | undefined
  private readonly traceSink: TextSink | undefined
  private countersAtStart: Record<string, number> = {}
  private remarks: readonly string[] = []
  private error: string | null = null
  /** What is behind the lanes. */
  private readonly linksKeepOrder: boolean
  private readonly flowsMax: number

  constructor(
    plan: Plan,
    settings: PipelineSettings,
    policy: PlannedPolicy,
    position: number,
    run: number,
    offer: Offer,
    { traceOf, flowsMax = FLOWS_PER_POLICY_MAX, observe }: Watching,
  ) {
    const { flows } = offer.traffic
    this.label = policy.label
    this.offer = offer
    this.feedback = offer.traffic.hear === undefined ? undefined : new Feedback(offer.traffic)
    const { release, receiver, link } = settings
    this.linksKeepOrder = release === undefined && receiver === undefined && keepOrderAcross(link)
    this.flowsMax = flowsMax
    const traceSink = traceOf?.(position)
    this.traceSink = traceSink
    this.guard(() => {
      this.pipeline = new Pipeline(settings, flows, (lanes) => policy.create(lanes, run), [
        (store, lanes) => {
          const { metrics, isRandom, runs } = plan
          const batchedSample = isRandom && runs === 1 ? offer.numbering : undefined
          this.watch = new RunMetrics({
            store,
            lanes,
            flows,
            machine: settings,
            settings: metrics,
            batchedSample,
            isPrompt: traceSink !== undefined || observe !== undefined,
          })
          return this.watch
        },
        () => ({ onSampleStart: () => this.markCounters() }),
        (store) => {
          if (traceSink === undefined) return {}
          this.trace = new Trace(store, flows, policy.label, run, this.watch, (text) => traceSink.write(text))
          return this.trace
        },
        (store) => observe?.(policy.label, store, this.watch.inFlow) ?? {},
        (store) => this.feedback?.watch(store) ?? {},
      ])
    })
  }

  consume(chunk: PacketChunk): void {
    if (this.error === null) this.guard(() => this.pipeline!.consume(chunk))
  }

  /**
   * Runs on to the horizon; what was delivered by then the traffic hears of. False: nothing is inside that
   * leaves by itself.
   */
  advanceTo(horizonNs: number): boolean {
    if (this.error !== null) return false
    let isAnyMoving = false
    this.guard(() => {
      isAnyMoving = this.pipeline!.advanceTo(horizonNs)
    })
    this.feedback?.tell()
    return isAnyMoving
  }

  finish(): PolicyRun {
    let metrics: Metrics = {}
    if (this.error === null) {
      this.guard(() => {
        this.pipeline!.finish()
        metrics = this.metrics()
        this.remarks = this.pipeline!.harness.remarks()
      })
    }
    this.trace?.end()
    this.traceSink?.close()
    if (this.error !== null) {
      return { label: this.label, metrics: {}, distributions: [], flows: [], error: this.error }
    }
    const batches = this.watch.batchTables()
    return {
      label: this.label,
      metrics,
      distributions: this.watch.distributions(),
      ...(batches && { batches }),
      flows: this.flowRows(),
      error: null,
    }
  }

  /** What the policy goes by; undefined where there is none. */
  get flowKey(): FlowKey | undefined {
    return this.pipeline?.harness.policy.flowKey
  }

  /** After the end: what the policy says of the run, and what it said of itself that isn't so. */
  warnings(): string[] {
    if (this.error !== null) return []
    return [...this.remarks.map((line) => `policy ${this.label}: ${line}`), ...this.brokenClaim()]
  }

  /** One line for a policy that says it keeps the order of flows, where nothing but it can have broken it. */
  private brokenClaim(): string[] {
    const { policy } = this.pipeline!.harness
    const claims = policy.keepsFlowOrder === true && this.linksKeepOrder
    // It speaks of the flows of its own key, which aren't the judged ones where packets have variants.
    if (policy.flowKey !== undefined && this.offer.traffic.flows.variants.count > 1) return []
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
    const counted = tableMetrics(this.pipeline!.harness.counters(), this.countersAtStart)
    for (const name of Object.keys(counted)) {
      if (!Object.hasOwn(ours, name) && !Object.hasOwn(tunnel, name)) continue
      throw new PolicyError(`counters has ${name}, which is a metric already - give it another name`)
    }
    return { ...ours, ...counted, ...tunnel }
  }

  private markCounters(): void {
    this.countersAtStart = this.pipeline?.harness.counters() ?? {}
  }

  /** Runs policy code; what it throws ends this policy only. */
  private guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (error instanceof UserError) throw error
      const at = this.pipeline === undefined ? 'create' : `packet ${this.pipeline.harness.packetAtHand}`
      this.error = policyFailure(this.label, at, error)
    }
  }

  private flowRows(): FlowRow[] {
    const { tracker } = this.watch.inFlow
    const { numbering, traffic } = this.offer
    const { flows } = traffic
    const order: number[] = []
    for (let flow = 0; flow < flows.count; flow++) if (numbering.sentBy(flow) > 0) order.push(flow)
    const reordered = (flow: number) => tracker.streamReordered[flow] ?? 0
    order.sort(worstFirst(reordered, (flow) => numbering.sentBy(flow)))
    return order.slice(0, this.flowsMax).map((flow) => ({
      flow: flows.describe(flow),
      sent: numbering.sentBy(flow),
      delivered: tracker.streamReceived(flow),
      reordered: reordered(flow),
    }))
  }
}
