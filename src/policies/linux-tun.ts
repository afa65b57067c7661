/**
 * The queue choice of Linux's multi-queue tun driver (automq), lane i being queue i. A packet of a flow that
 * the table knows goes to the entry's lane, any other to the high bits of its hash. Only what lanes write
 * back teaches the table: a packet of the reverse direction makes, refreshes and at once re-points the entry.
 * Reading never does, so a flow without return traffic stays on its hash's lane, and one with it may reorder
 * when the entry appears, is re-pointed or expires. Entries are found by the exact 32-bit hash in 1024
 * buckets, at most 4096; once full, new flows keep their hash's lane. Lookups don't look at the age: a timer
 * removes what was last written 3 s ago (`ageing`) or more, and it ticks at whole seconds of the run
 * (round_jiffies_up, which goes to the next one even from a whole second), so an entry lives 3 s to 4 s. HZ =
 * 250, jiffies begin with the run, on CPU 0. The hash is of the packet that Linux's flow dissector ends at:
 * inside GRE and IP-in-IP, an SPI for ports, no fragment's ports (traffic/capture/keys/linux-key.ts); so a
 * flow's fragments may be overtaken by its whole packets. It sorts the addresses and, on their own, the
 * ports; the key that siphash draws at boot is drawn from the policy's stream. Not modelled: the timer
 * wheel's slack (up to 64 jiffies more), the detaching of queues, steering by eBPF. Source: Linux 6.12
 * drivers/net/tun.c, net/core/flow_dissector.c, kernel/time/timer.c. Validation: linux-tun.test.ts (life,
 * cap, re-pointing, scale, hash), policies.test.ts (contract).
 */
import { z } from 'zod'
import { type Flow, NO_PORT } from '../model/packets/flow-table.ts'
import { hashWords } from '../model/packets/hash.ts'
import type { PolicyPlugin } from '../model/policy.ts'
import type { Random } from '../sim/random.ts'
import { durationNs } from '../unit-schemas.ts'
import { FlowCache } from './parts/flow-cache.ts'

const HZ = 250
const NS_PER_JIFFY = 1e9 / HZ
const BUCKETS = 1024
const ENTRIES_MAX = 4096
const NONE = -1

const parameters = z.strictObject({
  ageing: z
    .union([
      z.literal('never').transform(() => Number.POSITIVE_INFINITY),
      durationNs
        .refine((ns) => ns >= NS_PER_JIFFY, { error: 'is less than a jiffy - give 4ms or more' })
        .refine((ns) => ns % NS_PER_JIFFY === 0, {
          error: 'is no number of jiffies - give a multiple of 4ms',
        }),
    ])
    .prefault('3s')
    .describe(
      "the driver's ageing_time: an entry that was last written so long ago goes at the next whole second",
    ),
})

export const linuxTun: PolicyPlugin<typeof parameters> = {
  name: 'linux-tun',
  description: "Linux's multi-queue tun: lane of the last packet written back, else by hash",
  models: 'Linux 6.12 drivers/net/tun.c with several queues (automq)',
  keepsOrder:
    'with one lane only; without return traffic nothing ever moves, and only fragments leave the whole packets of their flow',
  parameters,
  usesRandom: true,
  // Entries go at whole seconds only. What lanes write back moves flows too, so that no TTL is proved safe.
  timeToLive: {
    parameter: 'ageing',
    never: 'never',
    stepNs: NS_PER_JIFFY,
    gridNs: [100e6, 60e9],
    learnsFromPackets: false,
  },
  create({ ageing }, lanes, random) {
    const { count } = lanes
    const ageingJiffies = ageing / NS_PER_JIFFY
    const hashes = new FlowCache(symmetricHash(random))
    const head = new Int16Array(BUCKETS).fill(NONE)
    const next = new Int16Array(ENTRIES_MAX)
    const hashOf = new Uint32Array(ENTRIES_MAX)
    const laneOf = new Int16Array(ENTRIES_MAX)
    const updatedJiffies = new Float64Array(ENTRIES_MAX)
    let firstFree = 0
    for (let entry = 0; entry < ENTRIES_MAX; entry++) next[entry] = entry + 1 < ENTRIES_MAX ? entry + 1 : NONE
    let entries = 0
    let timerJiffies = Number.POSITIVE_INFINITY
    let lookups = 0
    let hits = 0
    let expiries = 0
    let entriesMax = 0

    function find(hash: number): number {
      let entry = head[hash & (BUCKETS - 1)]!
      while (entry !== NONE && hashOf[entry] !== hash) entry = next[entry]!
      return entry
    }

    /** tun_flow_create */
    function add(hash: number, lane: number, jiffies: number): void {
      const entry = firstFree
      firstFree = next[entry]!
      next[entry] = head[hash & (BUCKETS - 1)]!
      head[hash & (BUCKETS - 1)] = entry
      hashOf[entry] = hash
      laneOf[entry] = lane
      updatedJiffies[entry] = jiffies
      entries++
      if (entries > entriesMax) entriesMax = entries
    }

    /** Takes the expired entries out of a bucket; returns the time of the next expiry of those that stay. */
    function sweep(bucket: number, jiffies: number, earliest: number): number {
      let soonest = earliest
      let before = NONE
      let entry = head[bucket]!
      while (entry !== NONE) {
        const following = next[entry]!
        const expiry = updatedJiffies[entry]! + ageingJiffies
        if (expiry <= jiffies) {
          if (before === NONE) head[bucket] = following
          else next[before] = following
          next[entry] = firstFree
          firstFree = entry
          entries--
          expiries++
        } else {
          soonest = Math.min(soonest, expiry)
          before = entry
        }
        entry = following
      }
      return soonest
    }

    return {
      name: 'linux-tun',
      flowKey: 'linux',
      keepsFlowOrder: count === 1,
      /** tun_automq_select_queue */
      choose(packet) {
        const hash = hashes.of(packet.flow) >>> 0
        lookups++
        const entry = find(hash)
        if (entry === NONE) return Math.floor((hash * count) / 2 ** 32)
        hits++
        return laneOf[entry]!
      },
      /** tun_flow_update */
      onReturn(packet, lane, nowNs) {
        if (count === 1) return
        const jiffies = Math.floor(nowNs / NS_PER_JIFFY)
        const hash = hashes.of(packet.flow) >>> 0
        const entry = find(hash)
        if (entry !== NONE) {
          laneOf[entry] = lane
          updatedJiffies[entry] = jiffies
          return
        }
        if (entries < ENTRIES_MAX) add(hash, lane, jiffies)
        if (timerJiffies === Number.POSITIVE_INFINITY) timerJiffies = roundUp(jiffies + ageingJiffies)
      },
      nextTimerNs: () => timerJiffies * NS_PER_JIFFY,
      /** tun_flow_cleanup */
      onTimer(nowNs) {
        const jiffies = Math.floor(nowNs / NS_PER_JIFFY)
        let soonest = jiffies + ageingJiffies
        for (let bucket = 0; bucket < BUCKETS; bucket++) soonest = sweep(bucket, jiffies, soonest)
        timerJiffies = entries > 0 ? roundUp(soonest) : Number.POSITIVE_INFINITY
      },
      counters: () => ({
        tableLookups: lookups,
        tableHits: hits,
        tableExpiries: expiries,
        tableEntriesMax: entriesMax,
      }),
    }
  },
}

/** round_jiffies_up: the next whole second, also from a whole second. */
function roundUp(jiffies: number): number {
  return Number.isFinite(jiffies) ? jiffies - (jiffies % HZ) + HZ : jiffies
}

/**
 * __skb_get_hash_symmetric, with MurmurHash3 in place of siphash and a drawn key; as a signed 32-bit number,
 * and never 0. Addresses and ports are sorted independently, so A:1 > B:2 and A:2 > B:1 have one hash.
 */
function symmetricHash(random: Random): (flow: Flow) => number {
  const words = new Uint32Array(11)
  words[0] = Math.floor(random() * 2 ** 32)
  words[1] = Math.floor(random() * 2 ** 32)
  return (flow) => {
    const swap = sourceIsHigher(flow)
    for (let i = 0; i < 4; i++) {
      words[2 + i] = swap ? flow.destinationWord(i) : flow.sourceWord(i)
      words[6 + i] = swap ? flow.sourceWord(i) : flow.destinationWord(i)
    }
    const from = flow.sourcePort === NO_PORT ? 0 : flow.sourcePort
    const to = flow.destinationPort === NO_PORT ? 0 : flow.destinationPort
    words[10] = (Math.min(from, to) << 16) | Math.max(from, to)
    return hashWords(words, 11, (flow.protocol << 8) | flow.version) | 0 || 1
  }
}

function sourceIsHigher(flow: Flow): boolean {
  for (let i = 0; i < 4; i++) {
    if (flow.sourceWord(i) !== flow.destinationWord(i)) return flow.sourceWord(i) > flow.destinationWord(i)
  }
  return false
}
