/**
 * What a TTL meets: the silences between packets of one table entry, and the longest packet. Found by one
 * pass over the first run's packets, before anything is simulated; a TTL below the shortest silence is none,
 * one above the longest is for ever.
 */
import { setImmediate } from 'node:timers/promises'
import { Histogram } from '../metrics/delay/histogram.ts'
import { Way } from '../model/packets/direction.ts'
import type { FlowTable } from '../model/packets/flow-table.ts'
import { KeyedFlows } from '../model/packets/keyed-flows.ts'
import type { TableKey } from '../model/time-to-live.ts'
import { openBytes } from '../node/open-bytes.ts'
import { Offer } from '../run/offer.ts'
import type { Plan } from '../run/plan.ts'
import { grown } from '../sim/grown.ts'

const UNSEEN = -1

export interface Traffic {
  /** Silences of entries, from one packet to the next, at the source; to 0.1 %. */
  readonly gapsNs: Histogram
  /** From the first to the last packet. */
  readonly spanNs: number
  /** 0 without packets. */
  readonly sizeBytesMax: number
}

/** Throws a UserError when the source can't be read, the signal's reason when that aborts. */
export async function surveyTraffic(plan: Plan, key: TableKey, signal?: AbortSignal): Promise<Traffic> {
  const source = await plan.openTraffic(0, openBytes)
  try {
    const offer = new Offer(plan, 0, source, { draws: false })
    const { chunk } = offer
    const gapsNs = new Histogram()
    const inner = new KeyedFlows(source.flows, 'inner')
    let lastNs = new Float64Array(1024).fill(UNSEEN)
    let firstNs = Number.NaN
    let endNs = Number.NaN
    let sizeBytesMax = 0
    while (offer.nextNs < Number.POSITIVE_INFINITY) {
      await offer.fill(Number.POSITIVE_INFINITY)
      // Lets signals in; a synthetic source never waits for anything.
      await setImmediate()
      signal?.throwIfAborted()
      const entryOf = entries(source.flows, key === 'inner' ? '5-tuple' : key)
      for (let i = 0; i < chunk.count; i++) {
        if (chunk.hasWays && chunk.way[i] !== Way.out) continue
        const nowNs = chunk.arrivalNs[i]!
        const flow = chunk.flow[i]!
        const entry = key === 'inner' ? inner.indexOf(flow, chunk.variant[i]!) : entryOf(flow)
        lastNs = grown(lastNs, entry + 1, UNSEEN)
        if (lastNs[entry] !== UNSEEN) gapsNs.record(nowNs - lastNs[entry]!)
        lastNs[entry] = nowNs
        if (Number.isNaN(firstNs)) firstNs = nowNs
        endNs = nowNs
        sizeBytesMax = Math.max(sizeBytesMax, chunk.sizeBytes[i]!)
      }
    }
    return { gapsNs, spanNs: Number.isNaN(firstNs) ? 0 : endNs - firstNs, sizeBytesMax }
  } finally {
    await source.close()
  }
}

/** How many silences are shorter, to 0.1 % of the length. */
export function gapsShorterThan({ gapsNs }: Traffic, ns: number): number {
  return gapsNs.table(1024).reduce((sum, [low, , count]) => (low < ns ? sum + count : sum), 0)
}

function entries(flows: FlowTable, key: Exclude<TableKey, 'inner'>): (flow: number) => number {
  if (key === '5-tuple') return (flow) => flow
  const index = key === '3-tuple' ? flows.tripleIndex : flows.pairIndex
  return (flow) => index[flow]!
}
