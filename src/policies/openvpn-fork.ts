/**
 * The connection-state mapping of the OpenVPN fork (github.com/stoops/openvpn-fork, branch `bust`, function
 * `proc_addr_cons_maps`), packet for packet: 16421 slots keyed by the unordered pair of the first four bytes
 * of each address (either direction matches an entry, but the home slot depends on the direction, so the way
 * back usually has an entry of its own), linear probing that stops at an expired slot from the fifth on,
 * whole seconds, and a cursor that moves with every packet read. May reorder: when an entry expires, when the
 * table is full, and for every packet that its exceptions leave to the cursor (as coded, 64 of the 256 first
 * bytes count as "10.x"). Validation: openvpn-fork.test.ts (each rule; the original function's decisions,
 * digit by digit).
 */
import { z } from 'zod'
import type { Flow } from '../model/packets/flow-table.ts'
import type { PolicyPlugin } from '../model/policy.ts'
import { durationNs } from '../unit-schemas.ts'

const SLOTS = 16_421
const IGMP = 2
const NS_PER_SECOND = 1e9
const TTL_SECONDS_MIN = 5
const TTL_SECONDS_MAX = 9995

const EXCEPTIONS = ['as-coded', 'as-meant', 'none'] as const
type Exception = (typeof EXCEPTIONS)[number]
/** The first bytes that it leaves out, in words. */
const FIRST_BYTES = {
  'as-coded': 'that has the bits of 10 (10, 11, 14, 15, 26 and so on, 64 of 256)',
  'as-meant': 'of 10',
  none: '',
} as const satisfies Record<Exception, string>
/** From this share of the packets on. */
const EXCEPTIONS_WORTH_A_WORD = 0.001

const parameters = z.strictObject({
  ttl: durationNs
    .refine((ns) => ns >= TTL_SECONDS_MIN * NS_PER_SECOND && ns <= TTL_SECONDS_MAX * NS_PER_SECOND, {
      error: `is outside of what the fork takes - give ${TTL_SECONDS_MIN}s to ${TTL_SECONDS_MAX}s`,
    })
    .refine((ns) => ns % NS_PER_SECOND === 0, { error: 'has a fraction - the fork counts whole seconds' })
    .prefault('30s')
    .describe('an entry this old is assigned anew'),
  exception: z
    .enum(EXCEPTIONS)
    .default('as-coded')
    .describe(
      'pairs that are never mapped: both first bytes have the bits of 10 (as coded), both in 10/8, none',
    ),
  cursor: z
    .enum(['idle-lane', 'free-running'])
    .default('idle-lane')
    .describe('idle-lane: set to the highest idle lane at each reader pass, as the fork does'),
})

export const openvpnFork: PolicyPlugin<typeof parameters> = {
  name: 'openvpn-fork',
  description: "the OpenVPN fork's address-pair table, as coded",
  models: 'stoops/openvpn-fork, branch bust, proc_addr_cons_maps, packet for packet',
  keepsOrder: 'with one lane only: entries expire, and exceptions are never mapped',
  parameters,
  usesRandom: false,
  needsAddresses: ({ exception }) =>
    exception === 'none' ? undefined : 'its exception goes by real addresses (exception=none does without)',
  // The packets that it never maps move with its cursor, so that no TTL is proved safe.
  timeToLive: {
    parameter: 'ttl',
    never: `${TTL_SECONDS_MAX}s`,
    stepNs: NS_PER_SECOND,
    gridNs: [TTL_SECONDS_MIN * NS_PER_SECOND, 60 * NS_PER_SECOND],
    key: () => 'address-pair',
  },
  create({ ttl, exception, cursor: cursorMode }, lanes) {
    const ttlSeconds = ttl / NS_PER_SECOND
    const slotSource = new Uint32Array(SLOTS)
    const slotDestination = new Uint32Array(SLOTS)
    const slotLane = new Int16Array(SLOTS)
    /** Empty slots are expired, whatever the time. */
    const slotSecond = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY)
    let cursor = lanes.count - 1
    let entries = 0
    let hits = 0
    let lookups = 0
    let expiries = 0
    let evictions = 0
    let exceptions = 0

    /** Steps 5 to 7: the slot that serves the pair now, its time and lane brought up to date. */
    function lookUp(source: number, destination: number, second: number): number {
      lookups++
      const home = homeSlot(source, destination)
      let free = -1
      let slot = home
      for (let scan = 0; scan < SLOTS; scan++) {
        const expired = second - slotSecond[slot]! >= ttlSeconds
        if (isPair(slot, source, destination)) {
          if (!expired) {
            hits++
            slotSecond[slot] = second
            return slotLane[slot]!
          }
          free = slot
          break
        }
        if (expired && free < 0) free = slot
        if (scan >= 4 && free >= 0) break
        slot = slot + 1 === SLOTS ? 0 : slot + 1
      }
      if (free < 0) {
        free = home
        evictions++
      } else if (slotSecond[free] === Number.NEGATIVE_INFINITY) entries++
      else expiries++
      slotSource[free] = source
      slotDestination[free] = destination
      slotLane[free] = cursor
      slotSecond[free] = second
      return cursor
    }

    function isPair(slot: number, source: number, destination: number): boolean {
      const a = slotSource[slot]
      const b = slotDestination[slot]
      return (a === source && b === destination) || (a === destination && b === source)
    }

    return {
      name: 'openvpn-fork',
      keepsFlowOrder: lanes.count === 1,
      onPass() {
        if (cursorMode === 'free-running') return
        for (let lane = lanes.count - 1; lane >= 0; lane--) {
          if (lanes.isIdle(lane)) {
            cursor = lane
            return
          }
        }
      },
      choose(packet, _lanes, nowNs) {
        const { flow } = packet
        const source = flow.sourceWord(0)
        const destination = flow.destinationWord(0)
        let lane = cursor
        if (!isNeverMapped(flow, source, destination)) {
          if (isException(source, destination, exception)) exceptions++
          else lane = lookUp(source, destination, Math.floor(nowNs / NS_PER_SECOND))
        }
        cursor = cursor + 1 === lanes.count ? 0 : cursor + 1
        return lane
      },
      counters: () => ({
        tableLookups: lookups,
        tableHits: hits,
        tableExpiries: expiries,
        tableEvictions: evictions,
        tableEntriesMax: entries,
      }),
      remarks() {
        const share = exceptions / Math.max(1, exceptions + lookups)
        if (share < EXCEPTIONS_WORTH_A_WORD) return []
        const some = share === 1 ? 'all' : share > 0.5 ? 'most' : 'some'
        return [
          `its exception leaves ${some} of these packets out of its table, to any lane: both addresses begin ` +
            `with a first byte ${FIRST_BYTES[exception]} - exception=none shows the table alone`,
        ]
      },
    }
  },
}

/** Steps 1 and 2, and addresses of step 3: packets that no connection has. */
function isNeverMapped(flow: Flow, source: number, destination: number): boolean {
  const firstByte = destination >>> 24
  if (flow.version === 4 ? firstByte >>> 4 === 14 : firstByte === 255) return true
  if (flow.protocol === IGMP) return true
  return source === 0 || destination === 0 || source === 0xffffffff || destination === 0xffffffff
}

/** The rest of step 3: pairs of addresses that the table never sees. */
function isException(source: number, destination: number, exception: Exception): boolean {
  const a = source >>> 24
  const b = destination >>> 24
  if (exception === 'as-coded') return (a & 10) === 10 && (b & 10) === 10
  return exception === 'as-meant' && a === 10 && b === 10
}

/** Step 4. The weights belong to the bytes of an address from its last (lowest) to its first. */
function homeSlot(source: number, destination: number): number {
  const s =
    part(source, 0, 11, 103) +
    part(source, 8, 13, 107) +
    part(source, 16, 17, 109) +
    part(source, 24, 19, 113)
  const d =
    part(destination, 0, 31, 131) +
    part(destination, 8, 53, 137) +
    part(destination, 16, 67, 139) +
    part(destination, 24, 79, 151)
  return (s * 163 + d * 167) % SLOTS
}

/**
 * One byte of a big-endian address word. The fork reads addresses as little-endian, so its shift 24 is our 0.
 */
function part(address: number, shift: number, add: number, times: number): number {
  return (((address >>> shift) & 255) + add) * times
}
