/**
 * What the simulator says of a replay, three ways. Bookkeeping: the recorded arrivals, lanes and services
 * through the simulator's own lanes, which must give the recorded finish times exactly; it tests the record
 * and the FIFO lane, and is no evidence for the model. Calibrated on one replay: its arrivals and services
 * drawn from its calibration, which is compared with other replays and is the evidence. As written: the
 * scenario itself, which knows nothing of the machine.
 */
import { setImmediate } from 'node:timers/promises'
import type { MetricSettings } from '../../metrics/settings.ts'
import type { Observer } from '../../model/observer.ts'
import { CHUNK_PACKETS, PacketChunk } from '../../model/packets/chunk.ts'
import type { Traffic } from '../../model/packets/traffic.ts'
import { Pipeline } from '../../model/pipeline.ts'
import type { PipelineSettings } from '../../model/pipeline-settings.ts'
import { type DispatchPolicy, HOLD, type LaneView } from '../../model/policy.ts'
import { simulateWithFiles } from '../../node/simulate.ts'
import { planOf, type ResolvedScenario } from '../../run/plan.ts'
import type { MeasuredLanes } from '../../scenario/schema/calibration.ts'
import { Fate } from '../threads/record.ts'
import { laneShares, type Outcome, RecordMetrics } from './record-metrics.ts'
import type { Replayed } from './replayed.ts'
import { offeredTimes, readRows, servicesOf } from './services.ts'

/** Simulated runs that a prediction has at least. */
export const RUNS_MIN = 20

/** What was dropped before it was read is left out, and there is nothing behind the lanes. */
const UNLIMITED = { capacityPackets: Number.POSITIVE_INFINITY, onFull: 'drop' } as const
const NO_READER = { perPacketNs: 0, perPassNs: 0, batch: 1 }

/**
 * Bookkeeping: the outcome, and the simulated finish times by row of the record; NaN for packets without a
 * lane.
 */
export function bookkeeping(replayed: Replayed, settings: MetricSettings) {
  const { record, lanes } = replayed
  const { packet: order, serviceNs } = servicesOf(replayed)
  const offered = offeredTimes(replayed)
  const finishNs = new Float64Array(record.packets).fill(Number.NaN)
  const outcome = simulateRecord(replayed, {
    order,
    arrivalNs: (row) => offered[row]!,
    pipeline: plainLanes(lanes),
    metrics: settings,
    policy: () => recordedLanes(replayed, order),
    draw(chunk) {
      for (let i = 0; i < chunk.count; i++) chunk.serviceDraw[i] = serviceNs[chunk.firstIndex + i]!
    },
    afterFinishNs: 0,
    onFinish: (row, nowNs) => {
      finishNs[row] = nowNs
    },
  })
  return { outcome, finishNs }
}

/**
 * The same policy on the recorded arrivals with services of the calibration, `runs` times. Arrivals are those
 * at the reader, unless it can be made to wait (by HOLD, a full lane, the stage): then when it read is no
 * cause but an effect, and arrivals are those at the device. With a queue per lane the kernel's choices,
 * which depend on no lane, are the recorded ones.
 * @param resolved the scenario that was replayed, with the policy among its policies
 * @throws UserError where the calibration doesn't fit, Error for an unknown policy, the signal's reason
 */
export async function predictCalibrated(
  replayed: Replayed,
  calibration: MeasuredLanes,
  resolved: ResolvedScenario,
  runs = RUNS_MIN,
  signal?: AbortSignal,
): Promise<Outcome[]> {
  const isMultiQueue = replayed.topology === 'multi-queue'
  const policies = isMultiQueue ? resolved.policies.slice(0, 1) : only(resolved, replayed.label).policies
  const plan = planOf({ ...resolved, policies, calibration })
  let mayWait = canWait(resolved)
  const simulate = (run: number): Outcome => {
    const arrivals = mayWait ? atDevice(replayed, calibration) : atLanes(replayed)
    const settings = plan.settings(run)
    return simulateRecord(replayed, {
      ...arrivals,
      pipeline: alone({ ...settings, reader: mayWait ? settings.reader : NO_READER }),
      metrics: plan.metrics,
      policy(lanes) {
        if (isMultiQueue) return recordedLanes(replayed, arrivals.order)
        return noticing(plan.policies[0]!.create(lanes, run), () => {
          mayWait = true
        })
      },
      draw: plan.draws(run),
      afterFinishNs: calibration.delivery.afterFinishNsP50 ?? 0,
    })
  }
  const isReadByReader = replayed.topology === 'dispatcher'
  if (isReadByReader && !mayWait) simulate(0)
  const outcomes: Outcome[] = []
  for (let run = 0; run < runs; run++) {
    outcomes.push(simulate(run))
    // Lets signals in.
    await setImmediate()
    signal?.throwIfAborted()
  }
  return outcomes
}

/** Can the scenario make its reader wait, whatever the policy? */
function canWait({ scenario }: ResolvedScenario): boolean {
  return scenario.lanes.queue.onFull === 'hold' || scenario.reader.stage !== 'off'
}

function atLanes(replayed: Replayed) {
  const times = offeredTimes(replayed)
  return { order: readRows(replayed, times, false), arrivalNs: (row: number) => times[row]! }
}

/**
 * A reader without work has the packet somewhat after it was sent; what it takes for reading the simulator
 * adds.
 */
function atDevice(replayed: Replayed, { reader }: MeasuredLanes) {
  const { sentNs } = replayed.record
  const isReadByReader = replayed.topology === 'dispatcher'
  const delayNs = isReadByReader ? Math.max(0, (reader.afterSendNsP50 ?? 0) - (reader.perPacketNs ?? 0)) : 0
  return { order: readRows(replayed, sentNs, false), arrivalNs: (row: number) => sentNs[row]! + delayNs }
}

/** Says when the policy holds a packet. */
function noticing(policy: DispatchPolicy, held: () => void): DispatchPolicy {
  const choose = policy.choose.bind(policy)
  return Object.assign(policy, {
    choose(...args: Parameters<DispatchPolicy['choose']>) {
      const lane = choose(...args)
      if (lane === HOLD) held()
      return lane
    },
  })
}

/** Chooses as was chosen. @param order rows of the record in the order of arrival */
function recordedLanes({ record }: Replayed, order: Int32Array): DispatchPolicy {
  return { name: 'recorded', keepsFlowOrder: false, choose: ({ index }) => record.lane[order[index]!]! }
}

/**
 * The scenario as written: its services, links and queues.
 * @param planned the packets at the times at which they were to be sent, and when their warm-up ends, ns;
 * without it the scenario's own source and warm-up
 * @throws UserError when its source can't be read
 */
export async function predictAsWritten(
  resolved: ResolvedScenario,
  label: string,
  runs = RUNS_MIN,
  planned?: { open(): Traffic; readonly warmupNs: number },
  signal?: AbortSignal,
): Promise<Array<Outcome>> {
  const written = planOf(only(resolved, label))
  const plan =
    planned === undefined
      ? written
      : {
          ...written,
          warmupNs: planned.warmupNs,
          openTraffic: async () => planned.open(),
          inside: undefined,
          durationNs: Number.POSITIVE_INFINITY,
        }
  const outcomes: Array<Outcome> = []
  for (let run = 0; run < (plan.isRandom ? runs : 1); run++) {
    const served = new Float64Array(resolved.scenario.lanes.count)
    const { policies } = await simulateWithFiles(plan, run, {
      async onProgress() {
        await setImmediate()
        signal?.throwIfAborted()
      },
      observe: (_label, store) => ({
        onDelivery(row) {
          if (store.flowNumber[row]! >= 0) served[store.lane[row]!]!++
        },
      }),
    })
    const [{ metrics, error }] = policies as [(typeof policies)[number]]
    if (error !== null) throw new Error(error)
    outcomes.push({ metrics: { ...metrics, ...laneShares(served) } })
  }
  return outcomes
}

/**
 * The negative control: services and stalls with half of their deviation from their mean. Predictions must
 * miss with it.
 */
export function halfTheJitter(calibration: MeasuredLanes): MeasuredLanes {
  const { service, stalls } = calibration
  return {
    ...calibration,
    service: {
      ...service,
      lanes: service.lanes.map(({ idleNs, busyNs }) => ({ idleNs: halved(idleNs), busyNs: halved(busyNs) })),
    },
    stalls: stalls.map((group) => ({ ...group, lengthNs: halved(group.lengthNs) })),
  }
}

function halved(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => (value + mean) / 2)
}

function only(resolved: ResolvedScenario, label: string): ResolvedScenario {
  const policies = resolved.policies.filter((policy) => policy.label === label)
  if (policies.length === 0) throw new Error(`no policy ${label} in the scenario of the replay`)
  return { ...resolved, policies }
}

interface Simulation {
  /** Rows of the record in the order of arrival. */
  readonly order: Int32Array
  arrivalNs(row: number): number
  readonly pipeline: PipelineSettings
  readonly metrics: MetricSettings
  policy(lanes: LaneView): DispatchPolicy
  /** Fills the drawn columns of the chunks in turn. */
  draw(chunk: PacketChunk): void
  /** From the end of service to the collector. */
  readonly afterFinishNs: number
  onFinish?(row: number, nowNs: number): void
}

/** Sends rows of the record through a pipeline. */
function simulateRecord(replayed: Replayed, simulation: Simulation): Outcome {
  const { record } = replayed
  const { order } = simulation
  const metrics = new RecordMetrics(replayed, simulation.metrics)
  const pipeline = new Pipeline(simulation.pipeline, replayed.flows, (lanes) => simulation.policy(lanes), [
    (store): Observer => ({
      onLaneExit(at) {
        const row = order[store.index[at]!]!
        if (Number.isNaN(store.startNs[at]!)) metrics.laneDropped(row)
        else simulation.onFinish?.(row, store.nowNs)
      },
      onDelivery(at) {
        const row = order[store.index[at]!]!
        if (!wasLostBehindLane(record.fate[row]!))
          metrics.deliver(row, store.lane[at]!, store.nowNs + simulation.afterFinishNs)
      },
    }),
  ])
  const chunk = new PacketChunk()
  for (let from = 0; from < order.length; from += CHUNK_PACKETS) {
    chunk.firstIndex = from
    chunk.count = Math.min(CHUNK_PACKETS, order.length - from)
    for (let i = 0; i < chunk.count; i++) {
      const row = order[from + i]!
      copyRow(replayed, row, chunk, i)
      chunk.arrivalNs[i] = Math.round(simulation.arrivalNs(row))
    }
    simulation.draw(chunk)
    pipeline.consume(chunk)
  }
  pipeline.finish()
  return metrics.outcome()
}

function copyRow(replayed: Replayed, row: number, chunk: PacketChunk, i: number): void {
  const { record } = replayed
  chunk.flow[i] = record.flow[row]!
  chunk.sizeBytes[i] = record.sizeBytes[row]!
  chunk.payloadBytes[i] = record.payloadBytes[row]!
  chunk.tcpFlags[i] = replayed.tcpFlags?.[row] ?? 0
  chunk.variant[i] = replayed.variant?.[row] ?? 0
  chunk.flowNumber[i] = record.flowNumber[row]!
}

function wasLostBehindLane(fate: number): boolean {
  return fate === Fate.writeFailed || fate === Fate.collectorDropped
}

function plainLanes(count: number): PipelineSettings {
  const all = (value: number) => new Array<number>(count).fill(value)
  const lanes = { count, speed: all(1), fixedNs: all(0), perByteNs: all(0), ...UNLIMITED }
  return alone({ reader: NO_READER, lanes })
}

/** Nothing but reader and lanes. */
function alone({ reader, lanes }: Pick<PipelineSettings, 'reader' | 'lanes'>): PipelineSettings {
  const all = (value: number) => new Array<number>(lanes.count).fill(value)
  return {
    tunQueue: UNLIMITED,
    reader,
    lanes,
    link: {
      perLane: true,
      delayNs: all(0),
      rateBps: all(Number.POSITIVE_INFINITY),
      lossRatio: all(0),
      keepsOrder: true,
      hasJitter: false,
    },
    warmupNs: 0,
  }
}
