/**
 * The scheduler of multipath transports: the lane with the smallest smoothed latency that has room, else the
 * packet waits. Latency is from the choice to the end of the lane, smoothed as TCP does (srtt += (sample -
 * srtt) / 8; the first sample is taken as it is), and a lane that was never measured has 0, so that each is
 * tried. Room is a window of packets in flight, which stands for the subflow's congestion window and doesn't
 * grow or shrink here, and a free slot in the lane's queue. On lanes that are alike it fills the first window
 * before it goes on, so that it reorders much as other sprays do. Sources: multipath-tcp.org's default
 * scheduler, net/mptcp/mptcp_sched.c (get_subflow_from_selectors, by srtt_us); Linux's own since 5.10 goes by
 * the time that is queued, net/mptcp/protocol.c (mptcp_subflow_get_send: wmem_queued / pacing_rate), and also
 * sends nothing where no subflow has room; RFC 6298 section 2. Validation: lowest-rtt.test.ts (smoothing,
 * choice, window), policies.test.ts (contract).
 */
import { z } from 'zod'
import { HOLD, type PolicyPlugin } from '../model/policy.ts'

/** RFC 6928. */
const INITIAL_WINDOW_PACKETS = 10
const WINDOW_MAX = 1e6

const parameters = z.strictObject({
  window: z
    .union([z.literal('unlimited').transform(() => Number.POSITIVE_INFINITY), z.int().min(1).max(WINDOW_MAX)])
    .prefault(INITIAL_WINDOW_PACKETS)
    .describe("packets that may be in flight on a lane, or unlimited: only the queue's room counts"),
})

export const lowestRtt: PolicyPlugin<typeof parameters> = {
  name: 'lowest-rtt',
  description: 'the lane with the smallest smoothed latency that has room, else the packet waits (MPTCP)',
  models: "the default scheduler of MPTCP (multipath-tcp.org), multipath QUIC's lowest RTT first",
  keepsOrder: 'with one lane only',
  parameters,
  usesRandom: false,
  create({ window }, lanes) {
    const { count } = lanes
    const smoothedNs = new Float64Array(count)
    const isMeasured = new Uint8Array(count)
    const inFlight = new Int32Array(count)
    /** When the packets in flight were handed over, by their numbers. */
    const chosenNs = new Map<number, number>()
    return {
      name: 'lowest-rtt',
      keepsFlowOrder: count === 1,
      choose(packet, _lanes, nowNs) {
        let best = HOLD
        for (let lane = 0; lane < count; lane++) {
          if (inFlight[lane]! >= window || lanes.freeSlots(lane) < 1) continue
          if (best === HOLD || smoothedNs[lane]! < smoothedNs[best]!) best = lane
        }
        if (best === HOLD) return HOLD
        inFlight[best]!++
        chosenNs.set(packet.index, nowNs)
        return best
      },
      onDeparture({ index }, lane, nowNs) {
        inFlight[lane]!--
        const startNs = chosenNs.get(index)
        if (startNs === undefined) return
        chosenNs.delete(index)
        const sampleNs = nowNs - startNs
        if (isMeasured[lane] === 1) smoothedNs[lane]! += (sampleNs - smoothedNs[lane]!) / 8
        else smoothedNs[lane] = sampleNs
        isMeasured[lane] = 1
      },
    }
  },
}
