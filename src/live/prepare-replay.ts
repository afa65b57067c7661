/**
 * Everything that a replay needs besides its devices: the record, rings, slots and settings, in shared
 * memory.
 */
import { availableParallelism } from 'node:os'
import { serviceNs } from '../model/machine/service-time.ts'
import type { MachineSettings } from '../model/pipeline-settings.ts'
import { settingsOf } from '../run/settings.ts'
import { randomStream } from '../sim/random.ts'
import type { DeviceSettings } from './device/device.ts'
import type { InjectionList } from './packets.ts'
import type { ReplayRequest } from './replay-request.ts'
import type { Schedule } from './schedule.ts'
import { calibrateSpinNs } from './threads/pause.ts'
import { plainFlows } from './threads/plain-flows.ts'
import { ReplayRecord } from './threads/record.ts'
import { ringPlaces } from './threads/ring.ts'
import type { ReplaySetup, Slots } from './threads/setup.ts'
import { newCells } from './threads/shared-counters.ts'

/** The injector's part of a wait that is spun: p50 under 0.1 us from here on. */
const INJECTOR_SPIN_NS = 100_000
const SLOTS_BYTES_MAX = 2 ** 29
/** Room for the mark behind any usual header. */
const COLLECTED_BYTES_MIN = 256
const RUN_ID_RANGE = 2 ** 32

export interface PreparedReplay {
  readonly label: string
  readonly setup: Omit<ReplaySetup, 'device'>
  readonly device: DeviceSettings
  readonly record: ReplayRecord
  /** No packet takes its lane longer, ns. */
  readonly longestWorkNs: number
}

export function prepareReplay(request: ReplayRequest): PreparedReplay {
  const { resolved, list, schedule, topology, policy: position, run = 0, work } = request
  const { scenario, policies } = resolved
  // What lanes that read for themselves pay for it, the machine decides.
  const settings = settingsOf({ ...scenario, topology: 'dispatcher' }, (name) =>
    randomStream(scenario.seed, run, name),
  )
  const lanes = settings.lanes.count
  const { capacityPackets, onFull } = settings.lanes
  const record = newRecord(list, schedule)
  const model = {
    speed: settings.lanes.speed,
    fixedNs: settings.lanes.fixedNs,
    perByteNs: settings.lanes.perByteNs,
  }
  const spinning = lanes + 1
  const slots = slotsFor(list, settings, topology === 'dispatcher')
  const { mtuBytes } = list
  return {
    label: topology === 'dispatcher' ? policies[position]!.label : topology,
    record,
    longestWorkNs: work === 'model' ? longestWorkNs(list, settings) : 0,
    device: {
      mtuBytes,
      queueLengthPackets: queueLength(request, settings),
      queues: topology === 'multi-queue' ? lanes : 1,
      ...(request.receiveBufferBytes === undefined ? {} : { receiveBufferBytes: request.receiveBufferBytes }),
    },
    setup: {
      topology,
      lanes,
      runId: Number(process.hrtime.bigint() % BigInt(RUN_ID_RANGE)),
      mtuBytes,
      collectedBytes: Math.max(COLLECTED_BYTES_MIN, Math.ceil(list.markEndBytes / 64) * 64),
      cells: newCells(lanes),
      startNs: new Float64Array(new SharedArrayBuffer(8)),
      columns: list.columns,
      record: record.buffer,
      packets: schedule.packets,
      injectorSpinNs: INJECTOR_SPIN_NS,
      servedNs: new Float64Array(new SharedArrayBuffer(8 * lanes)),
      servingSinceNs: new Float64Array(new SharedArrayBuffer(8 * lanes)).fill(Number.NaN),
      work,
      model,
      // Threads that spin on the cores of others make them late.
      laneSpinNs: spinning > availableParallelism() ? 0 : calibrateSpinNs(),
      slots,
      rings:
        topology === 'dispatcher'
          ? settings.lanes.speed.map(() => ringPlaces(Math.min(capacityPackets, slots.count)))
          : [],
      queue: { capacityPackets, onFull },
      policy:
        topology === 'dispatcher'
          ? {
              resolved: plain(resolved),
              position,
              run,
              flows: plainFlows(list.flows),
              reader: settings.reader,
            }
          : undefined,
    },
  }
}

/** Only plain data can be posted. */
function plain({ scenario, policies, capturePath }: ReplayRequest['resolved']): ReplayRequest['resolved'] {
  return { scenario, policies, ...(capturePath === undefined ? {} : { capturePath }) }
}

/** The record of what is to be sent; the packets behind the schedule's end have no row. */
function newRecord({ columns, flows }: InjectionList, { plannedNs, packets }: Schedule): ReplayRecord {
  const record = new ReplayRecord(packets)
  record.plannedNs.set(plannedNs.subarray(0, packets))
  for (const name of ['flow', 'flowNumber', 'dataNumber', 'sizeBytes', 'payloadBytes'] as const) {
    record[name].set(columns[name].subarray(0, packets))
  }
  for (let row = 0; row < packets; row++) record.protocol[row] = flows.protocol[columns.flow[row]!]!
  return record
}

/** The kernel's queue is never unlimited: this many stand for it. */
const UNLIMITED_PACKETS = 100_000

function queueLength(
  { queueLengthPackets, device, schedule }: ReplayRequest,
  { tunQueue }: MachineSettings,
): number {
  const wanted = queueLengthPackets ?? Math.min(tunQueue.capacityPackets, UNLIMITED_PACKETS)
  // In memory nobody else's packets come, and every place costs.
  return device === 'loopback' ? Math.min(wanted, Math.max(1, schedule.packets)) : wanted
}

/**
 * As many as can be in use at once, or as memory allows; then the reader waits for one. Lanes that read for
 * themselves have one each.
 */
function slotsFor(list: InjectionList, settings: MachineSettings, hasReader: boolean): Slots {
  const { count: lanes, capacityPackets } = settings.lanes
  const { batch, stage } = settings.reader
  const strideBytes = Math.ceil((list.mtuBytes + 1) / 64) * 64
  const inLanes = lanes * (capacityPackets + 1)
  const most = Math.min(list.columns.packets, inLanes + batch + (stage?.total ?? 0)) + 1
  const count = hasReader ? Math.min(most, Math.floor(SLOTS_BYTES_MAX / strideBytes)) : lanes
  return {
    count,
    strideBytes,
    bytes: new SharedArrayBuffer(count * strideBytes),
    packet: new Int32Array(new SharedArrayBuffer(4 * count)),
    lengthBytes: new Int32Array(new SharedArrayBuffer(4 * count)),
  }
}

function longestWorkNs({ columns }: InjectionList, { lanes }: MachineSettings): number {
  let size = 0
  let serviceDraw = 0
  for (let row = 0; row < columns.packets; row++) {
    size = Math.max(size, columns.sizeBytes[row]!)
    serviceDraw = Math.max(serviceDraw, columns.serviceDraw[row]!)
  }
  const work = { fixedNs: Math.max(...lanes.fixedNs), perByteNs: Math.max(...lanes.perByteNs) }
  return serviceNs(work, Math.min(...lanes.speed), size, serviceDraw)
}
