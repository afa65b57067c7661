/**
 * What the threads of a replay tell each other while it runs: counters and flags in shared memory, each
 * written by one kind of thread. They only count and never go back, so that "has everything left?" is a
 * comparison of sums.
 */

/** Index of each cell; the lanes' own follow from `lanes` on. */
export const Cell = {
  /** 1: begin. */
  started: 0,
  /** 1: send no more. */
  stopSending: 1,
  /** 1: everybody ends at once, whatever is on its way. */
  stopped: 2,
  /** Packets that were handed to the first device, or refused by it. */
  attempted: 3,
  sendFailed: 4,
  /** 1: the injector has nothing more to send. */
  allSent: 5,
  /** Packets of ours that were read from the first device. */
  read: 6,
  laneDropped: 7,
  /**
   * Packets that the kernel itself put into the first device, or that came to the collector without our mark.
   */
  foreignRead: 8,
  foreignCollected: 9,
  /** Packets that came to the collector, the first of each, and further ones. */
  collected: 10,
  duplicates: 11,
  collectorDropped: 12,
  /** Packets that had no room for the mark and were padded. */
  padded: 13,
  /** Packets whose headers were cut or wrong, so that they couldn't be marked; they count as refused too. */
  unmarked: 16,
  /** 1: the reader waits for a departure, told by a change of `bell`. */
  readerWaits: 14,
  bell: 15,
  lanes: 32,
} as const

/** Cells of one lane, 64 bytes apart from the next one's: index `Cell.lanes + lane * LANE_CELLS + ...`. */
export const LaneCell = {
  /** Packets handed over to the lane. */
  pushed: 0,
  /** Packets that it is done with. */
  finished: 1,
  /** Of these, refused by the second device. */
  writeFailed: 2,
  /** 1: the lane sleeps until `pushed` changes. */
  sleeps: 3,
} as const
const LANE_CELLS = 16

export function laneCell(lane: number, cell: number): number {
  return Cell.lanes + lane * LANE_CELLS + cell
}

export function newCells(lanes: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * (Cell.lanes + lanes * LANE_CELLS)))
}

/** One lane's cell over all lanes. */
export function sumOverLanes(cells: Int32Array, lanes: number, cell: number): number {
  let sum = 0
  for (let lane = 0; lane < lanes; lane++) sum += Atomics.load(cells, laneCell(lane, cell))
  return sum
}
