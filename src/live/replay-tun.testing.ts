/**
 * Test support: the replays of replay-tun.slow.test.ts, run in a network namespace; prints what came of
 * them as JSON.
 */
import { fileURLToPath } from 'node:url'
import { captureOf, deepPackets } from './few-and-deep.testing.ts'
import { inHandOf, type ReplayOptions, reorderedPackets, replayOf, sumOfPlaces } from './replay.testing.ts'
import type { Replay } from './replay.ts'
import type { ReplayCounts } from './verdict/accounting.ts'

/** What came of one replay. */
export interface TunResult {
  readonly name: string
  readonly counts: ReplayCounts
  readonly sum: number
  readonly reordered: number
  /** Most lanes that served one flow. */
  readonly lanesOfFlowMax: number
  readonly endedEarly: boolean
  /** Finish and kernel stamp lie within the second before and after it was sent. */
  readonly stampsFit: boolean
}

const capture = fileURLToPath(new URL('../../scenarios/captures/office.pcap.gz', import.meta.url))
const slow = { fixed: '0us', perByte: '0ns', jitter: { exponential: { mean: '1ms' } } }
const calm = {
  source: { synthetic: { packetsPerSecond: 1000, flows: { count: 16 }, sizes: { fixed: '200B' } } },
  duration: '1s',
  warmup: '0s',
  tunQueue: { capacityPackets: 5000 },
  lanes: { queue: { capacityPackets: 5000 } },
}
const office = inHandOf({
  source: { capture, packetsPerSecond: 2400 },
  lanes: { service: slow },
  policies: ['round-robin', 'hash'],
})
const lossy = inHandOf({
  ...calm,
  source: {
    synthetic: {
      packetsPerSecond: 4000,
      flows: { count: 16 },
      sizes: { empirical: { values: ['100B', '1400B'], weights: [20, 1] } },
    },
  },
  lanes: { count: 4, service: slow, queue: { capacityPackets: 4 } },
  policies: ['round-robin'],
})

function resultOf(name: string, { counts, record, endedEarly }: Replay): TunResult {
  const lanes = new Map<number, Set<number>>()
  let stampsFit = true
  for (let row = 0; row < record.packets; row++) {
    if (record.lane[row]! < 0) continue
    const flow = record.flow[row]!
    lanes.set(flow, (lanes.get(flow) ?? new Set()).add(record.lane[row]!))
    if (record.arrivalOrder[row]! >= 0 && !(record.collectedNs[row]! >= record.startNs[row]! - 1000))
      stampsFit = false
  }
  return {
    name,
    counts,
    sum: sumOfPlaces(counts),
    reordered: reorderedPackets(record),
    lanesOfFlowMax: Math.max(0, ...[...lanes.values()].map(({ size }) => size)),
    endedEarly,
    stampsFit,
  }
}

const results: TunResult[] = []
async function replay(name: string, resolved = inHandOf(calm), options: ReplayOptions = {}): Promise<void> {
  results.push(resultOf(name, await replayOf(resolved, { device: 'tun', limit: 500, ...options })))
}

await replay('hash', inHandOf({ ...calm, policies: ['hash'] }))
await replay('any-idle', inHandOf({ ...calm, policies: ['any-idle'] }), { pace: 'topspeed' })
await replay('shared', undefined, { topology: 'shared' })
await replay('multi-queue', undefined, { topology: 'multi-queue' })
await replay('lossy', lossy, {
  work: 'model',
  pace: 'topspeed',
  limit: 5000,
  queueLengthPackets: 200,
  smallerMtuBytes: 1000,
  receiveBufferBytes: 4096,
})
await replay('office round-robin', office, { policy: 0, work: 'model', limit: 2000 })
await replay('office hash', office, { policy: 1, work: 'model', limit: 2000 })
const deep = { source: { capture: captureOf(deepPackets()) }, warmup: '0s', policies: ['hash'] }
await replay('deep', inHandOf(deep))
await replay('few', inHandOf({ ...calm, lanes: { count: 8 }, policies: ['hash'] }), { limit: 2 })
const control = new AbortController()
await replay('ended early', inHandOf({ ...calm, duration: '20s' }), {
  limit: 20_000,
  work: 'aes-256-gcm',
  signal: control.signal,
  onProgress: (sent) => {
    if (sent > 200) control.abort()
  },
})
process.stdout.write(JSON.stringify(results))
