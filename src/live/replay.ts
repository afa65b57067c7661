/**
 * One replay: the packets go through the first device, the reader and its policy, the lanes and the second
 * device to the collector, in real time and real threads. It ends when the counters say that every packet has
 * come or is lost, when nothing has moved for too long, or early when the caller wants that; then everything
 * is taken down.
 */
import { setTimeout } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import type { FlowTable } from '../model/packets/flow-table.ts'
import { cpuUse, cpuUseSince } from './device/cpu-use.ts'
import { type DeviceCounters, type OpenDevices, openDevices } from './device/device.ts'
import { prepareReplay } from './prepare-replay.ts'
import type { ReplayRequest, ReplayState } from './replay-request.ts'
import { nowNs } from './threads/clock.ts'
import type { ReplayRecord } from './threads/record.ts'
import type { ReplaySetup, Topology } from './threads/setup.ts'
import { Cell, LaneCell, laneCell, sumOverLanes } from './threads/shared-counters.ts'
import { startThreads, type Threads } from './threads/threads.ts'
import { accountFor, mismatch, type ReplayCounts } from './verdict/accounting.ts'
import { type MachineUse, machineUse } from './verdict/machine-use.ts'
import { achievedOf, latenessOf } from './verdict/timing.ts'

export interface Replay {
  /** The policy's label, or the topology. */
  readonly label: string
  readonly topology: Topology
  readonly lanes: number
  readonly record: ReplayRecord
  readonly flows: FlowTable
  readonly counts: ReplayCounts
  /** Of sending; NaN at topspeed. */
  readonly lateness: { readonly p50Ns: number; readonly p99Ns: number; readonly maxNs: number }
  /** What was sent, from the first packet to the last. */
  readonly achieved: {
    readonly packets: number
    readonly bytes: number
    readonly seconds: number
    readonly pps: number
    readonly mbps: number
  }
  /** What the policy has counted. */
  readonly policyCounters: Readonly<Record<string, number>>
  readonly endedEarly: boolean
  /** Time that the host took from this machine. */
  readonly stealNs: number
  readonly machineUse: MachineUse
  /** Time that this process ran on any core. */
  readonly coresBusyNs: number
  readonly wallSeconds: number
}

/** Between the start and the first packet: threads that sleep have to see the start. */
const LEAD_NS = 30e6
const LOOK_MS = 5
/** Nothing has moved for so long, and for as long as the longest work: it never will. */
const STILL_MS = 2000
/** How long a replay that is ended early may take for what is on its way. */
const DRAIN_MS = 250

/**
 * Replays the list once. Throws a UserError when the devices can't be made, when the policy fails (one line),
 * or when a packet is unaccounted for. Aborted before it has begun, it throws the signal's reason.
 */
export async function replayOnce(request: ReplayRequest): Promise<Replay> {
  const { list, schedule, signal } = request
  signal?.throwIfAborted()
  const prepared = prepareReplay(request)
  const devices = await openDevices(request.device, prepared.device, request.opener)
  const setup: ReplaySetup = { ...prepared.setup, device: devices.handle }
  const { cells } = setup
  const threads = startThreads(setup)
  const before = { machine: cpuUse(), cpu: process.cpuUsage(), atNs: nowNs(0n) }
  const over = new AbortController()
  let endedEarly: boolean
  let counted: DeviceCounters
  try {
    await Promise.race([threads.ready, threads.failed, aborted(signal, over.signal)])
    const firstNs = schedule.packets === 0 ? 0 : schedule.plannedNs[0]!
    setup.startNs[0] = nowNs(devices.handle.baseNs) + LEAD_NS - firstNs
    Object.assign(before, { machine: cpuUse(), cpu: process.cpuUsage(), atNs: nowNs(0n) })
    Atomics.store(cells, Cell.started, 1)
    Atomics.notify(cells, Cell.started)
    endedEarly = await untilOver(setup, devices, prepared.longestWorkNs, threads, request)
  } finally {
    over.abort()
    for (const flag of [Cell.stopSending, Cell.stopped]) Atomics.store(cells, flag, 1)
    Atomics.notify(cells, Cell.stopped)
    await threads.end()
    counted = countersAtEnd(devices)
  }
  const cpu = process.cpuUsage(before.cpu)
  const coresBusyNs = (cpu.user + cpu.system) * 1000
  const machine = cpuUseSince(before.machine)
  const wallSeconds = (nowNs(0n) - before.atNs) / 1e9
  const accounts = accountFor(prepared.record, cells, counted, endedEarly)
  const wrong = endedEarly ? undefined : mismatch(accounts)
  const label = prepared.label
  if (wrong !== undefined) throw new UserError(`replay ${label}: ${wrong}`)
  return {
    label,
    topology: request.topology,
    lanes: setup.lanes,
    record: prepared.record,
    flows: list.flows,
    counts: accounts.counts,
    lateness: latenessOf(prepared.record, schedule.isPaced),
    achieved: achievedOf(prepared.record),
    policyCounters: threads.counters,
    endedEarly,
    stealNs: machine.stealNs,
    machineUse: machineUse(machine, threads.waits, coresBusyNs, wallSeconds),
    coresBusyNs,
    wallSeconds,
  }
}

function countersAtEnd(devices: OpenDevices): DeviceCounters {
  try {
    return devices.counters()
  } finally {
    devices.close()
  }
}

function aborted(signal: AbortSignal | undefined, over: AbortSignal): Promise<never> {
  const promise = new Promise<never>((_, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over })
  })
  promise.catch(() => {})
  return promise
}

/** Waits until every packet has come or is lost; true when it was ended before, by the caller. */
async function untilOver(
  setup: ReplaySetup,
  devices: OpenDevices,
  longestWorkNs: number,
  threads: Threads,
  { signal, onProgress }: ReplayRequest,
): Promise<boolean> {
  const { cells } = setup
  const stillMs = STILL_MS + longestWorkNs / 1e6
  let moved = -1
  let movedAtNs = nowNs(0n)
  let drainUntilNs = Number.POSITIVE_INFINITY
  for (;;) {
    await Promise.race([threads.failed, setTimeout(LOOK_MS)])
    const timeNs = nowNs(0n)
    onProgress?.(Atomics.load(cells, Cell.attempted), () => stateOf(setup, devices))
    if (signal?.aborted && drainUntilNs === Number.POSITIVE_INFINITY) {
      Atomics.store(cells, Cell.stopSending, 1)
      drainUntilNs = timeNs + DRAIN_MS * 1e6
    }
    if (timeNs > drainUntilNs) return true
    if (Atomics.load(cells, Cell.allSent) === 0) continue
    const state = progress(setup)
    if (isEverythingOut(setup, state, devices)) return signal?.aborted ?? false
    if (state.sum !== moved) {
      moved = state.sum
      movedAtNs = timeNs
    } else if (timeNs - movedAtNs > stillMs * 1e6) return false
  }
}

function stateOf(setup: ReplaySetup, devices: OpenDevices): ReplayState {
  const { cells, lanes, topology, packets } = setup
  const { laneDropped, collected, collectorDropped } = progress(setup)
  const refused = Atomics.load(cells, Cell.sendFailed) + sumOverLanes(cells, lanes, LaneCell.writeFailed)
  const ofLane = (lane: number, cell: number) => Atomics.load(cells, laneCell(lane, cell))
  const atLane = (lane: number) => {
    // What has left is read first, so that no packet seems to leave before it came.
    const finished = ofLane(lane, LaneCell.finished)
    return ofLane(lane, LaneCell.pushed) - finished
  }
  return {
    packets,
    sent: Atomics.load(cells, Cell.attempted),
    delivered: collected,
    dropped: devices.counters().tunDropped + laneDropped + collectorDropped + refused,
    atLane: topology === 'dispatcher' ? Array.from({ length: lanes }, (_, lane) => atLane(lane)) : [],
  }
}

interface Progress {
  readonly read: number
  readonly finished: number
  readonly laneDropped: number
  readonly collected: number
  readonly collectorDropped: number
  readonly sum: number
}

function progress({ cells, lanes }: ReplaySetup): Progress {
  const read = Atomics.load(cells, Cell.read)
  const finished = sumOverLanes(cells, lanes, LaneCell.finished)
  const laneDropped = Atomics.load(cells, Cell.laneDropped)
  const collected = Atomics.load(cells, Cell.collected)
  const collectorDropped = Atomics.load(cells, Cell.collectorDropped)
  const sum = read + finished + laneDropped + collected + collectorDropped
  return { read, finished, laneDropped, collected, collectorDropped, sum }
}

function isEverythingOut({ cells, lanes }: ReplaySetup, state: Progress, devices: OpenDevices): boolean {
  const { read, finished, laneDropped, collected, collectorDropped } = state
  if (finished + laneDropped < read) return false
  const written = finished - sumOverLanes(cells, lanes, LaneCell.writeFailed)
  if (collected + collectorDropped < written) return false
  const sent = Atomics.load(cells, Cell.attempted) - Atomics.load(cells, Cell.sendFailed)
  return read + devices.counters().tunDropped >= sent
}
