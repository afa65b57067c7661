/**
 * The queue in front of a live lane: slot numbers in shared memory, put in by the reader only and taken out
 * by the lane only, so nobody ever locks. The places are used again once the lane is done with a packet, and
 * the reader finds there, in order, which packets have departed. `pushed` and `finished` of the lane's cells
 * are its ends.
 */
import { Cell, LaneCell, laneCell } from './shared-counters.ts'

/** How long anybody sleeps before looking whether the replay has been ended, ms. */
export const LOOK_AROUND_MS = 20

/** A ring's memory: a power of two of places. */
export function ringPlaces(capacityPackets: number): Int32Array {
  // One more is in service, and one more keeps a full ring apart from an empty one.
  const places = 2 ** Math.ceil(Math.log2(capacityPackets + 2))
  return new Int32Array(new SharedArrayBuffer(4 * places))
}

/** The reader's end of a ring. */
export class RingInput {
  /** Packets handed over. */
  pushed = 0
  /** Packets whose departure has been taken note of. */
  departed = 0
  private readonly places: Int32Array
  private readonly cells: Int32Array
  private readonly lane: number

  constructor(places: Int32Array, cells: Int32Array, lane: number) {
    this.places = places
    this.cells = cells
    this.lane = lane
  }

  /** Hands over a slot; the caller has seen that there is room. Wakes the lane if it sleeps. */
  push(slot: number): void {
    this.places[this.pushed & (this.places.length - 1)] = slot
    const cell = laneCell(this.lane, LaneCell.pushed)
    Atomics.store(this.cells, cell, ++this.pushed)
    if (Atomics.load(this.cells, laneCell(this.lane, LaneCell.sleeps)) === 1) Atomics.notify(this.cells, cell)
  }

  /** Packets that the lane has finished and whose departure hasn't been taken. */
  get departures(): number {
    return Atomics.load(this.cells, laneCell(this.lane, LaneCell.finished)) - this.departed
  }

  /** The slot that departed first; only when there are departures. */
  get firstDeparture(): number {
    return this.places[this.departed & (this.places.length - 1)]!
  }
}

/** The lane's end of a ring. */
export class RingOutput {
  private taken = 0
  private readonly places: Int32Array
  private readonly cells: Int32Array
  private readonly lane: number

  constructor(places: Int32Array, cells: Int32Array, lane: number) {
    this.places = places
    this.cells = cells
    this.lane = lane
  }

  /** Waits for a packet and gives its slot, or -1 when the replay is ended. */
  take(): number {
    const { cells, lane, taken } = this
    const pushed = laneCell(lane, LaneCell.pushed)
    const sleeps = laneCell(lane, LaneCell.sleeps)
    while (Atomics.load(cells, Cell.stopped) === 0) {
      if (Atomics.load(cells, pushed) !== taken) return this.places[taken & (this.places.length - 1)]!
      Atomics.store(cells, sleeps, 1)
      Atomics.wait(cells, pushed, taken, LOOK_AROUND_MS)
      Atomics.store(cells, sleeps, 0)
    }
    return -1
  }

  /** The lane is done with the packet that it took last. Rings the reader's bell if it waits for that. */
  finish(): void {
    const { cells, lane } = this
    Atomics.store(cells, laneCell(lane, LaneCell.finished), ++this.taken)
    if (Atomics.load(cells, Cell.readerWaits) === 0) return
    Atomics.add(cells, Cell.bell, 1)
    Atomics.notify(cells, Cell.bell)
  }
}
