/**
 * PACKET_FANOUT_ROLLOVER of AF_PACKET sockets, lane i being socket i: one socket gets everything while more
 * than a quarter of its ring is free (packet_rcv_has_room, ROOM_NORMAL), then the next one that has room, and
 * it stays there; where none has, socket 0 gets the packet, and drops it when it is full. `rule: hash` is
 * PACKET_FANOUT_HASH with PACKET_FANOUT_FLAG_ROLLOVER: the flow's socket, and another one only where that is
 * full, or where it has no more than the quarter and the flow is huge (9 of the 16 places of the socket's
 * history, of which every packet that comes to a short socket takes one at random). Both reorder: a socket is
 * left before its packets are read. A ring is the lane's queue; without a limit (`lanes.queue`) it is never
 * short, and nothing ever rolls over. Source: Linux 6.12 net/packet/af_packet.c (fanout_demux_rollover,
 * fanout_flow_is_huge, __packet_rcv_has_room), packet(7). Not modelled: that a socket under pressure stays so
 * until it is read. Validation: rollover.test.ts (decisions from the source), policies.test.ts (contract).
 */
import { z } from 'zod'
import type { Flow } from '../model/packets/flow-table.ts'
import type { PolicyPlugin } from '../model/policy.ts'

/** ROLLOVER_HLEN: as many 32-bit hashes as a cache line holds. */
const HISTORY = 16

const parameters = z.strictObject({
  rule: z
    .enum(['fill', 'hash'])
    .default('fill')
    .describe("fill: one lane until it is short of room; hash: the flow's lane, and others when it is short"),
})

export const rollover: PolicyPlugin<typeof parameters> = {
  name: 'rollover',
  description: 'one lane until its queue is three quarters full, then the next (AF_PACKET rollover)',
  models: 'AF_PACKET sockets with PACKET_FANOUT_ROLLOVER, alone or as a flag beside PACKET_FANOUT_HASH',
  keepsOrder: 'with one lane only',
  parameters,
  usesRandom: true,
  create({ rule }, lanes, random) {
    const { count } = lanes
    /** Slots that must stay free where room is normal: the ring's length >> ROOM_POW_OFF. */
    const spare = Array.from({ length: count }, (_, lane) => {
      const slots = lanes.freeSlots(lane)
      return Number.isFinite(slots) ? Math.floor(slots / 4) : 0
    })
    /** Per lane: where its packets went last (po->rollover->sock). */
    const last = new Int32Array(count)
    const history = Array.from({ length: rule === 'hash' ? count : 0 }, () => new Float64Array(HISTORY))

    const hasRoom = (lane: number) => lanes.freeSlots(lane) > spare[lane]!

    /** fanout_demux_rollover; `skip` is the socket that was tried, -1 for none. */
    function next(lane: number, skip: number): number {
      const first = last[lane]!
      for (let i = 0; i < count; i++) {
        const other = (first + i) % count
        if (other === skip || !hasRoom(other)) continue
        last[lane] = other
        return other
      }
      return lane
    }

    /** fanout_flow_is_huge. */
    function isHuge(lane: number, flow: Flow): boolean {
      const seen = history[lane]!
      // 0 is an empty place.
      const hash = flow.hashSymmetric + 1
      const share = seen.filter((one) => one === hash).length
      seen[Math.floor(random() * HISTORY)] = hash
      return share > HISTORY / 2
    }

    return {
      name: 'rollover',
      keepsFlowOrder: count === 1,
      choose({ flow }) {
        if (rule === 'fill') return next(0, -1)
        // fanout_demux_hash
        const lane = Math.floor((flow.hashSymmetric * count) / 2 ** 32)
        if (hasRoom(lane)) return lane
        if (lanes.freeSlots(lane) > 0 && !isHuge(lane, flow)) return lane
        return next(lane, lane)
      },
      remarks: () =>
        Number.isFinite(lanes.freeSlots(0))
          ? []
          : [
              'rollover: queues without a limit are never short of room - set one: lanes.queue.capacityPackets',
            ],
    }
  },
}
