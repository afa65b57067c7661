/**
 * The flow table: a flow stays on its lane while it is active, and is placed anew once it has been silent for
 * the TTL. May reorder at a new placement, when packets of the flow are still on the old lane; never with
 * ttl=never and unlimited capacity. An entry is expired when now - lastSeen >= ttl; lastSeen slides with
 * every packet that meets the policy, also one that its lane then drops. With assign=hash every placement is
 * the same lane again. Validation: flow-pinned.test.ts (TTL, assignment, eviction), policies.test.ts
 * (contract).
 */
import { z } from 'zod'
import type { Flow } from '../model/packets/flow-table.ts'
import { HOLD, type LaneView, type PolicyPlugin } from '../model/policy.ts'
import { durationNs } from '../unit-schemas.ts'
import { type FlowMap, OpenMap, SlotMap } from './parts/flow-map.ts'
import { leastLoadedLane } from './parts/least-loaded-lane.ts'

/** Of 14 bytes each. */
const SLOTS_MAX = 1 << 24

const parameters = z.strictObject({
  key: z
    .enum(['5-tuple', '3-tuple', 'address-pair', 'inner'])
    .default('5-tuple')
    .describe(
      "what makes a table entry: 5-tuple and 3-tuple (addresses and protocol) are directed, the pair is not; inner is the 5-tuple inside a tunnel (whose own order isn't kept)",
    ),
  ttl: z
    .union([z.literal('never').transform(() => Number.POSITIVE_INFINITY), durationNs])
    .prefault('30s')
    .describe('silence after which a flow is placed anew; "never" keeps it for good'),
  assign: z
    .enum(['next', 'least-loaded', 'hash', 'idle'])
    .default('next')
    .describe('lane of a new entry: in turn, fewest packets, by hash, lowest idle lane (else in turn)'),
  capacity: z
    .union([z.literal('unlimited').transform(() => Number.POSITIVE_INFINITY), z.int().min(1).max(SLOTS_MAX)])
    .prefault('unlimited')
    .describe('slots; a full window of 8 evicts its oldest entry'),
})

type Assignment = (flow: Flow, lanes: LaneView) => number

export const flowPinned: PolicyPlugin<typeof parameters> = {
  name: 'flow-pinned',
  description: 'a flow stays on its lane while it is active (flow table with a TTL)',
  models: 'connection tracking: a thread per flow while it is active',
  keepsOrder: 'with ttl=never and unlimited capacity, with assign=hash, or with one lane',
  parameters,
  usesRandom: false,
  timeToLive: {
    parameter: 'ttl',
    never: 'never',
    movesOnlyByTtl: ({ capacity }) => capacity === Number.POSITIVE_INFINITY,
    key: ({ key }) => key,
  },
  create({ key, ttl, assign, capacity }, lanes) {
    const forEver = Number.POSITIVE_INFINITY
    const map: FlowMap = capacity === forEver ? new OpenMap(ttl) : new SlotMap(ttl, capacity)
    const keyOf = key === '3-tuple' ? tripleKey : key === 'address-pair' ? pairKey : tupleKey
    const hashOf = key === '3-tuple' ? tripleHash : key === 'address-pair' ? pairHash : tupleHash
    const place = assignment(assign, hashOf)
    return {
      name: 'flow-pinned',
      flowKey: key === 'inner' ? key : '5-tuple',
      keepsFlowOrder: lanes.count === 1 || assign === 'hash' || (ttl === forEver && capacity === forEver),
      choose(packet, _lanes, nowNs) {
        const { flow } = packet
        const id = keyOf(flow)
        const pinned = map.find(id, hashOf(flow), nowNs)
        if (pinned !== HOLD) return pinned
        const lane = place(flow, lanes)
        map.put(id, lane, nowNs)
        return lane
      },
      counters: () => map.counters(),
    }
  },
}

function assignment(assign: string, hashOf: (flow: Flow) => number): Assignment {
  let cursor = -1
  const next: Assignment = (_flow, lanes) => {
    cursor = cursor + 1 >= lanes.count ? 0 : cursor + 1
    return cursor
  }
  if (assign === 'next') return next
  if (assign === 'hash') return (flow, lanes) => hashOf(flow) % lanes.count
  if (assign === 'least-loaded') return (_flow, lanes) => leastLoadedLane(lanes)
  return (flow, lanes) => {
    for (let lane = 0; lane < lanes.count; lane++) if (lanes.isIdle(lane)) return lane
    return next(flow, lanes)
  }
}

const tupleKey = (flow: Flow): number => flow.index
const tripleKey = (flow: Flow): number => flow.tripleIndex
const pairKey = (flow: Flow): number => flow.pairIndex
const tupleHash = (flow: Flow): number => flow.hash5Tuple
const tripleHash = (flow: Flow): number => flow.hash3Tuple
const pairHash = (flow: Flow): number => flow.hashAddressPair
