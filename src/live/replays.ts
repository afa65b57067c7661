/**
 * Replays of several contenders, several times each, in turn, so that a slow change of the machine meets all
 * alike. One that the host disturbed is repeated. The first valid one of a contender calibrates the
 * simulator, which then predicts the others. What has finished is handed on at once.
 */
import { availableParallelism } from 'node:os'
import { reasonOf, UserError } from '../errors.ts'
import type { Metrics } from '../metrics/metric.ts'
import { numberOf } from '../metrics/metric.ts'
import { type Estimate, estimate, predictionInterval } from '../metrics/statistics/statistics.ts'
import { sameMoment } from '../node/same-moment.ts'
import { planOf, type ResolvedScenario } from '../run/plan.ts'
import type { LoadedScenario } from '../scenario/loaded-scenario.ts'
import type { MeasuredLanes } from '../scenario/schema/calibration.ts'
import type { DeviceOpener } from './device/opener.ts'
import {
  compareMapping,
  type LearntMapping,
  learnMapping,
  type QueueMapping,
} from './device/queue-mapping.ts'
import type { InjectionList } from './packets.ts'
import { plannedTraffic } from './planned-traffic.ts'
import { type Replay, replayOnce } from './replay.ts'
import type { ReplayState } from './replay-request.ts'
import type { Schedule } from './schedule.ts'
import type { Topology } from './threads/setup.ts'
import type { WorkKind } from './threads/work.ts'
import { calibrate } from './verdict/calibration.ts'
import type { ContenderReport, LiveReport, ReplayRow } from './verdict/live-report.ts'
import { bookkeeping, halfTheJitter, predictAsWritten, predictCalibrated } from './verdict/prediction.ts'
import { measuredMetrics } from './verdict/record-metrics.ts'
import type { Replayed } from './verdict/replayed.ts'
import { laneLoad } from './verdict/services.ts'
import { invalidities } from './verdict/validity.ts'
import { judge, judgeRanks } from './verdict/verdict.ts'
import { judgedPackets, warmupEndNs } from './verdict/warm-up.ts'

/** What is replayed: one of the scenario's policies, or a topology that has none of ours. */
export interface Contender {
  readonly topology: Topology
  /** Position among the scenario's policies. */
  readonly policy: number
  readonly resolved: ResolvedScenario
}

/** What reports call it: the policy's label, or the topology. */
export function labelOf({ topology, policy, resolved }: Contender): string {
  return topology === 'dispatcher' ? resolved.policies[policy]!.label : topology
}

/** Does the replay count: neither disturbed nor ended early? */
export function isCounted({ invalid, endedEarly }: ReplayRow): boolean {
  return invalid.length === 0 && !endedEarly
}

export interface ReplaysRequest {
  readonly loaded: LoadedScenario
  readonly contenders: readonly Contender[]
  readonly device: 'tun' | 'loopback'
  /** Who opens real devices, where this process may not. */
  readonly opener?: DeviceOpener | undefined
  readonly list: InjectionList
  readonly schedule: Schedule
  readonly work: WorkKind
  /** Valid replays wanted of each contender. */
  readonly repeat: number
  /** Simulated runs behind each prediction; 0: no prediction. */
  readonly predictRuns: number
  readonly warnings: readonly string[]
  readonly signal: AbortSignal
  /** A replay is under way: the how-manieth of its contender, from 1. `look` as in ReplayRequest. */
  onLook?(label: string, replay: number, look: () => ReplayState): void
  /** A replay has finished, or was ended early. */
  onReplay?(label: string, row: ReplayRow, progress: ReplayProgress): void
  /** All that is known so far, after each replay. */
  onReport?(report: LiveReport): void
  /** Nothing will be replayed any more; predictions follow. */
  onReplayed?(): void
  /** The record of a replay, before it is forgotten. */
  onRecord?(label: string, row: ReplayRow, record: Replay['record'], flows: Replay['flows']): void
}

/** How far all contenders together are. */
export interface ReplayProgress {
  /** Of the replay that finished last, from 1. */
  readonly number: number
  /** Replays that count, so far and wanted. */
  readonly valid: number
  readonly wanted: number
}

export interface ReplaysResult {
  readonly report: LiveReport
  /** By the contenders' labels. */
  readonly calibrations: ReadonlyMap<string, MeasuredLanes>
}

/** Invalid replays are repeated until there were so many times more than wanted. */
export const TRIES = 2

/**
 * Throws UserError where a replay fails for all; a contender that fails ends alone. Aborted, it gives what
 * there is.
 */
export async function replayAll(request: ReplaysRequest): Promise<ReplaysResult> {
  const { contenders, repeat, signal } = request
  const trials = contenders.map((contender) => new Trials(contender, request))
  const sent = sentOf(request)
  let number = 0
  for (let round = 0; round < repeat * TRIES && !signal.aborted; round++) {
    for (const one of trials) {
      if (signal.aborted || one.isComplete) continue
      const row = await one.replay()
      if (row === undefined) continue
      number++
      const valid = trials.reduce((sum, { validReplays }) => sum + validReplays, 0)
      // What is said to have finished is on disk.
      request.onReport?.(reportOf(request, trials, sent))
      request.onReplay?.(one.label, row, { number, valid, wanted: contenders.length * repeat })
    }
  }
  request.onReplayed?.()
  for (const one of trials) {
    if (signal.aborted) break
    one.compareMapping()
    await one.predict()
  }
  const calibrations = new Map(
    trials.flatMap(({ label, calibration }) => (calibration ? [[label, calibration]] : [])),
  )
  return { report: reportOf(request, trials, sent), calibrations }
}

/** All replays of one contender. */
class Trials {
  /** The policy's, or the topology. */
  readonly label: string
  calibration: MeasuredLanes | undefined
  private readonly contender: Contender
  private readonly request: ReplaysRequest
  private readonly rows: ReplayRow[] = []
  private reference: Replayed | undefined
  private readonly learnt: LearntMapping[] = []
  private mapping: QueueMapping | null = null
  private error: string | null = null
  /** Why nothing is predicted although replays go on: a record contradicts itself. */
  private contradiction: string | null = null
  /** Of each valid replay. */
  private readonly booked: Metrics[] = []
  private wrongFinishes = 0
  private predicted: Pick<ContenderReport, 'calibrated' | 'asWritten' | 'verdict' | 'control'> = {
    calibrated: null,
    asWritten: null,
    verdict: null,
    control: null,
  }

  constructor(contender: Contender, request: ReplaysRequest) {
    this.contender = contender
    this.request = request
    this.label = labelOf(contender)
  }

  get validReplays(): number {
    return this.valid.length
  }

  get isComplete(): boolean {
    return this.error !== null || this.validReplays >= this.request.repeat
  }

  get report(): ContenderReport {
    return {
      label: this.label,
      topology: this.contender.topology,
      replays: this.rows,
      measured: estimatesOf(this.valid.map(({ metrics }) => metrics)),
      bookkeeping:
        this.booked.length === 0
          ? null
          : { metrics: estimatesOf(this.booked), wrongFinishes: this.wrongFinishes },
      ...this.predicted,
      queueMapping: this.mapping,
      error: this.error ?? this.contradiction,
    }
  }

  private get valid(): readonly ReplayRow[] {
    return this.rows.filter(isCounted)
  }

  /** Replays once; undefined where it failed. */
  async replay(): Promise<ReplayRow | undefined> {
    const { device, opener, list, schedule, work, signal, onRecord, onLook } = this.request
    const number = this.rows.length + 1
    const onProgress = onLook && ((_: number, look: () => ReplayState) => onLook(this.label, number, look))
    const { resolved, topology, policy } = this.contender
    let replay: Replay
    try {
      const asked = { device, opener, list, schedule, work, signal, onProgress }
      replay = await replayOnce({ ...asked, resolved, topology, policy })
    } catch (error) {
      await sameMoment()
      if (signal.aborted) return undefined
      if (!(error instanceof UserError)) throw error
      this.error = error.lines.join(' ')
      return undefined
    }
    const { tcpFlags, variant } = list.columns
    const replayed: Replayed = { ...replay, label: this.label, tcpFlags, variant }
    const invalid = schedule.isPaced ? invalidities(replay) : []
    const isValid = invalid.length === 0 && !replay.endedEarly
    const isReference = this.reference === undefined && isValid
    if (isReference) this.reference = replayed
    if (isValid && this.request.predictRuns > 0) this.keepBooks(replayed)
    if (topology === 'multi-queue') this.learnt.push(learnMapping(replayed))
    const row = rowOf(replayed, replay, number, invalid, isReference, this.metricsOf(replayed))
    this.rows.push(row)
    onRecord?.(this.label, row, replay.record, replay.flows)
    return row
  }

  /** Pushes the record through the simulator's lanes. */
  private keepBooks(replayed: Replayed): void {
    try {
      const { outcome, finishNs } = bookkeeping(replayed, planOf(this.contender.resolved).metrics)
      this.booked.push(outcome.metrics)
      this.wrongFinishes += wrongFinishes(replayed, finishNs)
    } catch (error) {
      this.contradiction ??= `${this.label}: no prediction, ${reasonOf(error)}`
    }
  }

  /**
   * Sets what the kernel chose beside linux-tun; a disturbed replay tells which queue a flow has as well as
   * any other.
   */
  compareMapping(): void {
    const { reference, learnt, contender } = this
    if (reference === undefined || learnt.length === 0) return
    const [linuxTun] = planOf(contender.resolved).policies
    this.mapping = compareMapping(reference, learnt, (lanes, key) => linuxTun!.create(lanes, key))
  }

  /** Calibrates on the first valid replay, and compares with the others. */
  async predict(): Promise<void> {
    const { reference, request, contender } = this
    const { predictRuns, work, list, schedule, signal } = request
    if (reference === undefined || predictRuns === 0 || this.report.error !== null) return
    try {
      const calibration = calibrate(reference, request.loaded.name)
      this.calibration = calibration
      const simulated = async (from: MeasuredLanes) => {
        const outcomes = await predictCalibrated(reference, from, contender.resolved, predictRuns, signal)
        return outcomes.map(({ metrics }) => metrics)
      }
      const calibrated = await simulated(calibration)
      const asWritten =
        work === 'model'
          ? await predictAsWritten(
              contender.resolved,
              contender.resolved.policies[contender.policy]!.label,
              predictRuns,
              {
                open: () => plannedTraffic(list, schedule),
                warmupNs: warmupEndNs(list, schedule),
              },
              signal,
            )
          : null
      const others = this.valid.filter(({ isCalibration }) => !isCalibration).map(({ metrics }) => metrics)
      this.predicted = {
        calibrated: estimatesOf(calibrated, predictionInterval),
        asWritten: asWritten && estimatesOf(asWritten.map(({ metrics }) => metrics)),
        verdict: others.length === 0 ? null : judge(calibrated, others),
        control: others.length === 0 ? null : judge(await simulated(halfTheJitter(calibration)), others),
      }
    } catch (error) {
      if (signal.aborted) return
      this.error = `${this.label}: no prediction, ${reasonOf(error)}`
    }
  }

  private metricsOf(replayed: Replayed): Metrics {
    return measuredMetrics(replayed, planOf(this.contender.resolved).metrics).metrics
  }
}

function wrongFinishes({ record }: Replayed, finishNs: Float64Array): number {
  let wrong = 0
  for (let row = 0; row < record.packets; row++) {
    if (
      record.lane[row]! >= 0 &&
      !Number.isNaN(record.finishNs[row]!) &&
      finishNs[row] !== record.finishNs[row]
    )
      wrong++
  }
  return wrong
}

function rowOf(
  replayed: Replayed,
  {
    counts,
    lateness,
    achieved,
    stealNs,
    coresBusyNs,
    machineUse,
    wallSeconds,
    policyCounters,
    endedEarly,
  }: Replay,
  replay: number,
  invalid: readonly string[],
  isCalibration: boolean,
  metrics: Metrics,
): ReplayRow {
  const known = (value: number) => (Number.isNaN(value) ? null : value)
  return {
    replay,
    invalid,
    isCalibration,
    metrics,
    counts,
    latenessNsP50: known(lateness.p50Ns),
    latenessNsP99: known(lateness.p99Ns),
    latenessNsMax: known(lateness.maxNs),
    packetsSent: achieved.packets,
    bytesSent: achieved.bytes,
    seconds: achieved.seconds,
    packetsPerSecond: known(achieved.pps),
    megabitsPerSecond: known(achieved.mbps),
    stealNs,
    coresBusyNs,
    ...machineUse,
    wallSeconds,
    policyCounters,
    endedEarly,
    laneLoad: laneLoad(replayed),
  }
}

function estimatesOf(
  runs: readonly Metrics[],
  over: (values: ReadonlyArray<number | null>) => Estimate = estimate,
): Record<string, Estimate> {
  const names = Object.keys(runs[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, over(runs.map((metrics) => numberOf(metrics[name] ?? null)))]),
  )
}

/** What is sent in each replay: the list up to the schedule's end. */
function sentOf({ list, schedule }: ReplaysRequest): Pick<LiveReport, 'packets' | 'packetsJudged' | 'flows'> {
  const { packets } = schedule
  const flows = new Set(list.columns.flow.subarray(0, packets)).size
  const packetsJudged = judgedPackets(list.columns.flowNumber, packets)
  return { packets, packetsJudged, flows }
}

function reportOf(
  request: ReplaysRequest,
  trials: readonly Trials[],
  sent: ReturnType<typeof sentOf>,
): LiveReport {
  const { loaded, device, work, list, repeat, warnings, signal } = request
  const { scenario, name } = loaded
  const contenders = trials.map(({ report }) => report)
  const ranked = contenders.flatMap(({ label, measured, calibrated }) => {
    const predicted = calibrated?.reorderedRatio?.mean ?? null
    const found = measured.reorderedRatio
    return predicted === null || found === undefined ? [] : [{ label, predicted, measured: found }]
  })
  return {
    schemaVersion: 1,
    kind: 'replay',
    title: scenario.title ?? name,
    name,
    seed: scenario.seed,
    scenario,
    device,
    work,
    lanes: scenario.lanes.count,
    cores: availableParallelism(),
    ...sent,
    prepared: list.counts,
    replaysPlanned: repeat * trials.length,
    interrupted: signal.aborted,
    subjects: contenders,
    ranks: ranked.length === 0 ? null : judgeRanks(ranked),
    warnings,
  }
}
