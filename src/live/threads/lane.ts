/**
 * A lane thread: takes packets one after the other from its ring, or from the first device where lanes read
 * for themselves, works on each and writes it to the second device. Its packets stay in order; those of
 * several lanes may overtake each other, which is what a replay is about.
 */

import { serviceNs, type WorkSettings, workOnLane } from '../../model/machine/service-time.ts'
import { openReadEnd, openWriteEnd } from '../device/device.ts'
import { readMark } from '../device/mark.ts'
import { Pause } from './pause.ts'
import { Fate, ReplayRecord } from './record.ts'
import { LOOK_AROUND_MS, RingOutput } from './ring.ts'
import { type ReplaySetup, waitForStart } from './setup.ts'
import { Cell, LaneCell, laneCell } from './shared-counters.ts'
import { type Work, workOf } from './work.ts'

export function runLane(setup: ReplaySetup, lane: number, ready: () => void): void {
  const { cells, device } = setup
  const output = openWriteEnd(device)
  ready()
  if (!waitForStart(cells)) return
  const pause = new Pause({ baseNs: device.baseNs, startNs: setup.startNs[0]! }, setup.laneSpinNs, cells)
  const work = workOf(setup.work, pause)
  const service = new Service(setup, lane, pause, work, output.write)
  if (setup.topology === 'dispatcher') serveRing(setup, lane, service)
  else serveDevice(setup, lane, service)
}

function serveRing(setup: ReplaySetup, lane: number, service: Service): void {
  const { slots, cells } = setup
  const ring = new RingOutput(setup.rings[lane]!, cells, lane)
  const bytes = Buffer.from(slots.bytes)
  for (let slot = ring.take(); slot >= 0; slot = ring.take()) {
    if (!service.serve(slots.packet[slot]!, bytes, slot * slots.strideBytes, slots.lengthBytes[slot]!)) return
    ring.finish()
  }
}

/** The lane reads for itself: the one queue that all share, or its own. */
function serveDevice(setup: ReplaySetup, lane: number, service: Service): void {
  const { cells, slots, runId } = setup
  const record = new ReplayRecord(setup.packets, setup.record)
  const input = openReadEnd(setup.device, setup.topology === 'shared' ? 0 : lane)
  const bytes = Buffer.from(slots.bytes, lane * slots.strideBytes, slots.strideBytes)
  const finished = laneCell(lane, LaneCell.finished)
  while (Atomics.load(cells, Cell.stopped) === 0) {
    const length = input.read(bytes, 0, slots.strideBytes)
    if (length === 0) {
      input.wait(LOOK_AROUND_MS)
      continue
    }
    const row = readMark(bytes, 0, length, runId)
    if (row < 0 || row >= record.packets) {
      Atomics.add(cells, Cell.foreignRead, 1)
      continue
    }
    record.readNs[row] = service.pause.now()
    record.lane[row] = lane
    record.readOrder[row] = Atomics.add(cells, Cell.read, 1)
    if (!service.serve(row, bytes, 0, length)) return
    Atomics.add(cells, finished, 1)
  }
}

/** Serves single packets: work, write, and the record of both. */
class Service {
  readonly pause: Pause
  private readonly setup: ReplaySetup
  private readonly record: ReplayRecord
  private readonly lane: number
  private readonly perPacket: WorkSettings
  private readonly work: Work
  private readonly write: (bytes: Buffer, at: number, length: number) => number

  constructor(
    setup: ReplaySetup,
    lane: number,
    pause: Pause,
    work: Work,
    write: (bytes: Buffer, at: number, length: number) => number,
  ) {
    this.setup = setup
    this.record = new ReplayRecord(setup.packets, setup.record)
    this.lane = lane
    this.pause = pause
    this.work = work
    this.perPacket = workOnLane(setup.model, lane)
    this.write = write
  }

  /** False when the replay was ended before the packet was done. */
  serve(row: number, bytes: Buffer, at: number, length: number): boolean {
    const { setup, record, lane, pause } = this
    const startNs = pause.now()
    setup.servingSinceNs[lane] = startNs
    record.startNs[row] = startNs
    let workNs = 0
    if (setup.work === 'model') {
      const { sizeBytes, serviceDraw } = setup.columns
      workNs = serviceNs(this.perPacket, setup.model.speed[lane]!, sizeBytes[row]!, serviceDraw[row]!)
      record.workNs[row] = workNs
    }
    if (!this.work(bytes, at, length, startNs, workNs)) return false
    if (this.write(bytes, at, length) !== 0) {
      record.fate[row] = Fate.writeFailed
      Atomics.add(setup.cells, laneCell(lane, LaneCell.writeFailed), 1)
    }
    const finishNs = pause.now()
    record.finishNs[row] = finishNs
    setup.servedNs[lane]! += finishNs - startNs
    setup.servingSinceNs[lane] = Number.NaN
    return true
  }
}
