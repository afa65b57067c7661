/**
 * DPDK's distributor library in burst mode, step by step. Packets carry a 16-bit tag (hash | 1, so two hashes
 * share each tag); they are looked at in chunks of 8; those whose tag is in flight on a lane or in its
 * backlog follow it, all others of the chunk go to the current lane, and the current lane moves on by one
 * after every chunk. A lane has at most one burst of 8 in flight and a backlog of 8: a packet for a full
 * backlog is held until the lane asks for its next burst, and the reader with it, as the library spins there.
 * The backlog is released as the next burst at the end of a reader pass and, between passes, as soon as the
 * lane asks (a distributor core polls).
 *
 * tags=as-meant (the library promises that packets of one tag are never worked on by two lanes at once): a
 * lane asks when its burst is finished, and tags are forgotten with their burst. Keeps the order of every
 * flow. tags=as-coded: a lane asks as soon as it has taken a burst into its hands, and the release of the
 * next one forgets the tags of packets that are still being worked on, unless they linger in the backlog's
 * array, which a release doesn't clear. May reorder.
 *
 * Not modelled: a lane here begins a backlogged packet without waiting for its burst, when it has nothing
 * else to do while the distributor is held; returned packets (ring of 128) cost nothing; no worker leaves.
 * Source: DPDK lib/distributor/rte_distributor.c (rte_distributor_process, release,
 * rte_distributor_poll_pkt). Validation: dpdk-distributor.test.ts (chunks worked by hand, both ways of
 * forgetting), policies.test.ts (contract).
 */
import { z } from 'zod'
import { HOLD, type PolicyPlugin } from '../model/policy.ts'

const BURST = 8
/** Tags per lane: those in flight, then the backlog's. */
const LANE_TAGS = 2 * BURST
const LANES_MAX = 63
const GONE = -1

const parameters = z.strictObject({
  tags: z
    .enum(['as-meant', 'as-coded'])
    .default('as-meant')
    .describe(
      'when a tag is forgotten: once its burst is finished, or as the code does it, which is earlier',
    ),
})

export const dpdkDistributor: PolicyPlugin<typeof parameters> = {
  name: 'dpdk-distributor',
  description: "DPDK's distributor: a tag stays on its lane while in flight, others by chunks of 8",
  models: 'DPDK lib/distributor in burst mode, step by step',
  keepsOrder: 'with tags=as-meant, or with one lane',
  parameters,
  usesRandom: false,
  create({ tags: mode }, lanes) {
    const { count } = lanes
    if (count > LANES_MAX) {
      throw new Error(`the distributor takes at most ${LANES_MAX} lanes, not ${count} - use fewer`)
    }
    const tags = new Uint16Array(count * LANE_TAGS)
    const bursts = Array.from({ length: count }, (_, lane) => {
      return new Bursts(tags.subarray(lane * LANE_TAGS, (lane + 1) * LANE_TAGS), mode === 'as-coded')
    })
    /**
     * What the chunk is matched against: the tags as they were when it began, and what it has added itself.
     */
    const known = new Uint16Array(tags.length)
    const addedTag = new Uint16Array(BURST)
    let added = 0
    let current = 0
    let passLeft = 0
    let passEndNs = 0
    let chunkLeft = 0

    /** The lane that the tag follows, the highest-numbered should several know it; -1 for none. */
    function laneFor(tag: number): number {
      for (let i = 0; i < added; i++) if (addedTag[i] === tag) return current
      const place = known.lastIndexOf(tag)
      return place >= 0 ? Math.floor(place / LANE_TAGS) : -1
    }

    return {
      name: 'dpdk-distributor',
      keepsFlowOrder: mode === 'as-meant' || count === 1,
      onPass(packets, _lanes, nowNs) {
        if (nowNs > passEndNs) for (const each of bursts) each.poll()
        passLeft = packets
        chunkLeft = 0
      },
      choose(packet, _lanes, nowNs) {
        if (chunkLeft === 0) {
          chunkLeft = Math.min(BURST, passLeft)
          known.set(tags)
          added = 0
        }
        const tag = (packet.flow.hash5Tuple & 0xffff) | 1
        const matched = laneFor(tag)
        const lane = matched < 0 ? current : matched
        const burst = bursts[lane]!
        if (burst.backlogCount === BURST) {
          if (!burst.isAsking) return HOLD
          burst.release()
        }
        burst.add(packet.index, tag)
        if (matched < 0) addedTag[added++] = tag
        if (--chunkLeft === 0) current = current + 1 === count ? 0 : current + 1
        if (--passLeft === 0) {
          passEndNs = nowNs
          for (const each of bursts) if (each.isAsking) each.release()
        }
        return lane
      },
      onDeparture(packet, lane) {
        const burst = bursts[lane]!
        burst.leave(packet.index)
        if (passLeft === 0) burst.poll()
      },
    }
  },
}

/** One lane's bursts. Packets are known by their number in the source, GONE when they have left. */
class Bursts {
  backlogCount = 0
  private readonly inFlightTags: Uint16Array
  private readonly backlogTags: Uint16Array
  private readonly asCoded: boolean
  private readonly backlog = new Float64Array(BURST).fill(GONE)
  /** The burst that was released last, until the lane asks for the next one. */
  private readonly released = new Float64Array(BURST).fill(GONE)
  private releasedLeft = 0
  /** As coded: the burst in the lane's hands. */
  private readonly taken = new Float64Array(BURST).fill(GONE)
  private takenLeft = 0
  /** Nothing in the backlog and no tag in flight: another release would change nothing. */
  private isClear = true

  constructor(tags: Uint16Array, asCoded: boolean) {
    this.inFlightTags = tags.subarray(0, BURST)
    this.backlogTags = tags.subarray(BURST)
    this.asCoded = asCoded
  }

  /** The lane waits for its next burst. */
  get isAsking(): boolean {
    return this.releasedLeft === 0
  }

  add(packet: number, tag: number): void {
    this.backlog[this.backlogCount] = packet
    this.backlogTags[this.backlogCount] = tag
    this.backlogCount++
    this.isClear = false
  }

  /**
   * What an idle distributor does over and over: it sends the backlog, or forgets the tags of the burst
   * before.
   */
  poll(): void {
    if (this.isAsking && !this.isClear) this.release()
  }

  /** Makes the backlog, empty or not, the burst in flight. */
  release(): void {
    this.isClear = this.backlogCount === 0
    clear(this.inFlightTags)
    for (let i = 0; i < this.backlogCount; i++) {
      this.inFlightTags[i] = this.backlogTags[i]!
      this.released[i] = this.backlog[i]!
      if (this.backlog[i] !== GONE) this.releasedLeft++
      this.backlog[i] = GONE
    }
    this.backlogCount = 0
    if (this.asCoded) this.take()
    else clear(this.backlogTags)
  }

  /** The packet was finished or dropped. */
  leave(packet: number): void {
    if (remove(this.taken, packet)) this.takenLeft--
    else if (remove(this.released, packet)) this.releasedLeft--
    else remove(this.backlog, packet)
    if (this.asCoded) this.take()
  }

  /** The lane takes the released burst once its hands are empty. */
  private take(): void {
    if (this.takenLeft > 0 || this.releasedLeft === 0) return
    for (let i = 0; i < BURST; i++) {
      this.taken[i] = this.released[i]!
      this.released[i] = GONE
    }
    this.takenLeft = this.releasedLeft
    this.releasedLeft = 0
  }
}

/** Loops over eight places are faster than the built-in searches and fills. */
function remove(packets: Float64Array, packet: number): boolean {
  for (let i = 0; i < BURST; i++) {
    if (packets[i] !== packet) continue
    packets[i] = GONE
    return true
  }
  return false
}

function clear(tags: Uint16Array): void {
  for (let i = 0; i < BURST; i++) tags[i] = 0
}
