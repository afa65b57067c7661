/**
 * The reader thread: reads packets from the first device straight into shared slots, asks the policy for each
 * one's lane and hands it over. The rules are the simulator's own Reader and PolicyHarness, so a policy is
 * told and asked the same things in the same order: departures, due timers, onPass, choose. Only the lanes'
 * side is other: departures are found in shared memory, a little after they happened. What reading costs, the
 * machine decides.
 */

import { Reader, type ReaderHost } from '../../model/machine/reader.ts'
import { TunQueue } from '../../model/machine/tun-queue.ts'
import { PacketChunk } from '../../model/packets/chunk.ts'
import { PacketStore } from '../../model/packets/packet-store.ts'
import { PolicyHarness } from '../../model/policy-harness.ts'
import { loadModulesOf } from '../../node/policy-modules.ts'
import { planOf } from '../../run/plan.ts'
import { EventQueue } from '../../sim/event-queue.ts'
import { openReadEnd, type ReadEnd } from '../device/device.ts'
import { readMark } from '../device/mark.ts'
import { LiveLanes } from './live-lanes.ts'
import { runClock } from './pause.ts'
import { flowTableOf } from './plain-flows.ts'
import { Fate, ReplayRecord } from './record.ts'
import { LOOK_AROUND_MS, RingInput } from './ring.ts'
import type { PolicySetup, ReplaySetup } from './setup.ts'
import { Cell } from './shared-counters.ts'

const TIMER = 0
/** Staged packets wait for a departure, others for being read: how long either is looked for, ms. */
const STAGED_LOOK_MS = 0.1

/** Loads the policy's module where it has one, and makes its instance: throws whatever the policy throws. */
export async function makeReader(setup: ReplaySetup, policy: PolicySetup): Promise<LiveReader> {
  await loadModulesOf(policy.resolved.policies)
  return new LiveReader(setup, policy)
}

export class LiveReader implements ReaderHost {
  private readonly setup: ReplaySetup
  private readonly cells: Int32Array
  private readonly record: ReplayRecord
  private readonly input: ReadEnd
  private readonly rings: readonly RingInput[]
  private readonly lanes: LiveLanes
  private readonly store = new PacketStore()
  private readonly chunk: PacketChunk
  private readonly queue: TunQueue
  private readonly reader: Reader
  private readonly events = new EventQueue([0])
  private readonly harness: PolicyHarness
  private readonly batch: number
  private readonly bytes: Buffer
  private readonly emptySlots: number[]
  /** The store's row of the packet in a slot, and back. */
  private readonly rowOf: Int32Array
  private readonly slotOf: Int32Array
  private clock: () => number = () => 0
  private packetsRead = 0
  /** A packet has departed or a timer was due, and the reader's rules haven't heard of it yet. */
  private changed = false

  constructor(setup: ReplaySetup, { resolved, position, run, flows, reader }: PolicySetup) {
    const { cells, columns, slots } = setup
    this.setup = setup
    this.cells = cells
    this.record = new ReplayRecord(setup.packets, setup.record)
    this.rings = setup.rings.map((places, lane) => new RingInput(places, cells, lane))
    this.lanes = new LiveLanes(this.rings, setup.queue.capacityPackets, setup)
    const { flow, variant, sizeBytes, payloadBytes, tcpFlags, serviceDraw, flowNumber } = columns
    // All packets in one chunk; what they carry came at the time at which it was sent.
    this.chunk = new PacketChunk({
      arrivalNs: this.record.sentNs,
      flow,
      variant,
      sizeBytes,
      payloadBytes,
      tcpFlags,
      serviceDraw,
      flowNumber,
    })
    // What waits outside stands in the device's queue: here is only the pass under way.
    this.queue = new TunQueue({ capacityPackets: Number.POSITIVE_INFINITY, onFull: 'drop' }, this.store)
    this.reader = new Reader(
      { ...reader, perPacketNs: 0, perPassNs: 0 },
      this.queue,
      setup.lanes,
      this.store,
      this,
    )
    this.batch = reader.batch
    this.bytes = Buffer.from(slots.bytes)
    this.emptySlots = Array.from({ length: slots.count }, (_, i) => slots.count - 1 - i)
    this.rowOf = new Int32Array(slots.count)
    this.slotOf = new Int32Array(slots.count)
    const table = flowTableOf(flows)
    const policy = planOf(resolved).policies[position]!.create(this.lanes, run)
    const seen = { real: this.lanes, seen: this.lanes }
    const timer = { events: this.events, component: TIMER }
    this.harness = new PolicyHarness(policy, this.store, table, seen, undefined, timer)
    this.input = openReadEnd(setup.device, 0)
  }

  /** Number of the packet that the policy was told or asked of last. */
  get packetAtHand(): number {
    return this.harness.packetAtHand
  }

  /** The policy's own totals. */
  counters(): Record<string, number> {
    return this.harness.counters()
  }

  /** Reads until the replay is ended. Throws what the policy throws. */
  run(): void {
    const { cells, queue, reader, setup } = this
    this.clock = runClock({ baseNs: setup.device.baseNs, startNs: setup.startNs[0]! })
    while (Atomics.load(cells, Cell.stopped) === 0) {
      this.bringUpToDate()
      if (this.changed) {
        this.changed = false
        reader.somethingChanged()
      } else if (queue.count > 0 || reader.hasInHand || this.emptySlots.length === 0) {
        this.waitForDeparture(LOOK_AROUND_MS)
      } else if (this.readPass() > 0) {
        this.now()
        reader.wake()
      } else if (reader.stagedPackets > 0) this.waitForDeparture(STAGED_LOOK_MS)
      else this.input.wait(Math.ceil(this.untilTimerMs(LOOK_AROUND_MS)))
    }
  }

  /** The latest time that the policy was told. */
  private now(): number {
    this.store.nowNs = Math.max(this.store.nowNs, this.clock())
    return this.store.nowNs
  }

  /** Reads what is there, at most a batch, into the queue of this pass. */
  private readPass(): number {
    const { cells, record, queue, store, emptySlots, bytes } = this
    const { slots, runId } = this.setup
    while (queue.count < this.batch && emptySlots.length > 0) {
      const slot = emptySlots[emptySlots.length - 1]!
      const at = slot * slots.strideBytes
      const length = this.input.read(bytes, at, slots.strideBytes)
      if (length === 0) break
      const packet = readMark(bytes, at, length, runId)
      if (packet < 0 || packet >= record.packets) {
        Atomics.add(cells, Cell.foreignRead, 1)
        continue
      }
      emptySlots.pop()
      record.readNs[packet] = this.now()
      record.readOrder[packet] = this.packetsRead++
      Atomics.store(cells, Cell.read, this.packetsRead)
      slots.packet[slot] = packet
      slots.lengthBytes[slot] = length
      const row = store.add(this.chunk, packet)
      this.rowOf[slot] = row
      this.slotOf[row] = slot
      queue.offer(row)
    }
    return queue.count
  }

  /** Tells the policy of departures and due timers. */
  private bringUpToDate(): void {
    for (let lane = this.firstToDepart(); lane >= 0; lane = this.firstToDepart()) this.depart(lane)
    const timeNs = this.now()
    while (this.events.nextTimeNs <= timeNs) {
      this.harness.fireTimer(timeNs, this.reader.isOnHold && !this.isAnyInLanes)
      this.changed = true
    }
  }

  /** The lane whose departure comes next in time, or -1. */
  private firstToDepart(): number {
    let first = -1
    let firstNs = Number.POSITIVE_INFINITY
    for (let lane = 0; lane < this.rings.length; lane++) {
      const ring = this.rings[lane]!
      if (ring.departures === 0) continue
      const finishNs = this.record.finishNs[this.setup.slots.packet[ring.firstDeparture]!]!
      if (first >= 0 && finishNs >= firstNs) continue
      first = lane
      firstNs = finishNs
    }
    return first
  }

  private depart(lane: number): void {
    const ring = this.rings[lane]!
    const slot = ring.firstDeparture
    ring.departed++
    const finishNs = this.record.finishNs[this.setup.slots.packet[slot]!]!
    this.store.nowNs = Math.max(this.store.nowNs, finishNs)
    this.leave(this.rowOf[slot]!, lane)
    this.changed = true
  }

  /** The packet has left its lane: its slot is free. */
  private leave(row: number, lane: number): void {
    this.harness.departed(row, lane)
    this.store.remove(row)
    this.emptySlots.push(this.slotOf[row]!)
  }

  /** Sleeps until a lane finishes a packet, the policy's timer is due or `mostMs` are over. */
  private waitForDeparture(mostMs: number): void {
    const { cells } = this
    Atomics.store(cells, Cell.readerWaits, 1)
    const bell = Atomics.load(cells, Cell.bell)
    if (this.firstToDepart() < 0) Atomics.wait(cells, Cell.bell, bell, this.untilTimerMs(mostMs))
    Atomics.store(cells, Cell.readerWaits, 0)
  }

  private untilTimerMs(mostMs: number): number {
    return Math.min(mostMs, Math.max(0, (this.events.nextTimeNs - this.now()) / 1e6))
  }

  // What the reader's rules ask for.

  beginPass(packets: number): void {
    this.harness.beginPass(packets)
  }

  choose(row: number): number {
    this.bringUpToDate()
    return this.harness.choose(row)
  }

  handOver(row: number, lane: number): boolean {
    const { setup, cells, record } = this
    const slot = this.slotOf[row]!
    const packet = setup.slots.packet[slot]!
    if (!this.lanes.isIdle(lane) && this.lanes.freeSlots(lane) <= 0) {
      if (setup.queue.onFull === 'hold') return false
      record.lane[packet] = lane
      record.fate[packet] = Fate.laneDropped
      Atomics.add(cells, Cell.laneDropped, 1)
      this.now()
      this.leave(row, lane)
      return true
    }
    record.lane[packet] = lane
    this.rings[lane]!.push(slot)
    return true
  }

  isIdle(lane: number): boolean {
    return this.lanes.isIdle(lane)
  }

  roomOf(lane: number): number {
    return this.lanes.freeSlots(lane) + 1
  }

  readerRuns(): boolean {
    return true
  }

  readerWorks(): never {
    throw new Error('a live reader is never told what its work costs')
  }

  readerRests(): void {}

  canEndHold(): boolean {
    if (this.events.nextTimeNs !== Number.POSITIVE_INFINITY) return true
    return this.isAnyInLanes
  }

  private get isAnyInLanes(): boolean {
    return this.rings.some(({ pushed, departed }) => pushed > departed)
  }

  heldForEver(row: number): never {
    return this.harness.heldForEver(row)
  }
}
