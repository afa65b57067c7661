/**
 * What pipelines do with a few packets, worked out by hand: cases that every engine has to get right, the
 * fast path and the general one. Times are ns.
 */
import { HOLD, type LaneView, type Packet } from '../policy.ts'

export interface EngineCase {
  readonly title: string
  readonly lanes: number
  readonly speed?: readonly number[]
  readonly queue?: { readonly capacityPackets: number; readonly onFull: 'drop' | 'hold' }
  readonly choose: (packet: Packet, lanes: LaneView) => number
  /** [arrival, work] of each packet. */
  readonly packets: ReadonlyArray<readonly [atNs: number, workNs: number]>
  /** Packets in the order of delivery. */
  readonly deliveries: ReadonlyArray<readonly [packet: number, lane: number, atNs: number]>
  /** Packets that a full lane dropped. */
  readonly dropped?: readonly number[]
}

const inTurn = (packet: Packet, lanes: LaneView) => packet.index % lanes.count
const first = () => 0
const anyIdle = (_packet: Packet, lanes: LaneView) => {
  for (let lane = 0; lane < lanes.count; lane++) if (lanes.isIdle(lane)) return lane
  return HOLD
}
const shortest = (_packet: Packet, lanes: LaneView) => {
  let best = 0
  for (let lane = 1; lane < lanes.count; lane++) {
    const load = (one: number) => lanes.queued(one) + lanes.inService(one)
    if (load(lane) < load(best)) best = lane
  }
  return best
}

export const engineCases: readonly EngineCase[] = [
  {
    title: 'a lane serves its packets one after the other',
    lanes: 1,
    choose: first,
    packets: [
      [0, 10],
      [4, 10],
      [30, 5],
    ],
    deliveries: [
      [0, 0, 10],
      [1, 0, 20],
      [2, 0, 35],
    ],
  },
  {
    title: 'a short packet overtakes a long one on another lane',
    lanes: 2,
    choose: inTurn,
    packets: [
      [0, 100],
      [1, 10],
    ],
    deliveries: [
      [1, 1, 11],
      [0, 0, 100],
    ],
  },
  {
    title: 'of departures at one instant the one whose service began first comes first',
    lanes: 2,
    choose: inTurn,
    packets: [
      [0, 20],
      [5, 15],
      [6, 14],
      [7, 13],
    ],
    deliveries: [
      [0, 0, 20],
      [1, 1, 20],
      [3, 1, 33],
      [2, 0, 34],
    ],
  },
  {
    title: 'a lane that finishes as a packet arrives is idle for it',
    lanes: 2,
    choose: anyIdle,
    packets: [
      [0, 10],
      [1, 50],
      [10, 5],
    ],
    deliveries: [
      [0, 0, 10],
      [2, 0, 15],
      [1, 1, 51],
    ],
  },
  {
    title: 'a held packet takes the first lane that finishes, and those behind it wait for it',
    lanes: 2,
    choose: anyIdle,
    packets: [
      [0, 30],
      [0, 40],
      [1, 5],
      [2, 5],
    ],
    deliveries: [
      [0, 0, 30],
      [2, 0, 35],
      [1, 1, 40],
      [3, 0, 40],
    ],
  },
  {
    title: 'a full queue drops, and a place is free again as a packet leaves it',
    lanes: 1,
    queue: { capacityPackets: 1, onFull: 'drop' },
    choose: first,
    packets: [
      [0, 10],
      [1, 10],
      [2, 10],
      [10, 10],
      [11, 10],
    ],
    deliveries: [
      [0, 0, 10],
      [1, 0, 20],
      [3, 0, 30],
    ],
    dropped: [2, 4],
  },
  {
    title: 'a full queue that holds keeps the packet, and all behind it, in order',
    lanes: 2,
    queue: { capacityPackets: 1, onFull: 'hold' },
    choose: (packet) => (packet.index === 4 ? 1 : 0),
    packets: [
      [0, 10],
      [1, 10],
      [2, 10],
      [3, 10],
      [4, 1],
    ],
    deliveries: [
      [0, 0, 10],
      [1, 0, 20],
      [4, 1, 21],
      [2, 0, 30],
      [3, 0, 40],
    ],
  },
  {
    title: 'unequal speeds divide the work, rounded half up',
    lanes: 2,
    speed: [4, 0.5],
    choose: inTurn,
    packets: [
      [0, 10],
      [0, 10],
      [50, 9],
      [50, 3],
    ],
    deliveries: [
      [0, 0, 3],
      [1, 1, 20],
      [2, 0, 52],
      [3, 1, 56],
    ],
  },
  {
    title: 'the shortest queue counts what is in service',
    lanes: 2,
    choose: shortest,
    packets: [
      [0, 100],
      [1, 10],
      [2, 10],
      [3, 10],
      [12, 10],
    ],
    deliveries: [
      [1, 1, 11],
      [3, 1, 21],
      [4, 1, 31],
      [0, 0, 100],
      [2, 0, 110],
    ],
  },
]
