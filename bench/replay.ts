/**
 * Replays a scenario or capture once per policy and prints a line each: for whoever works on src/live. Real
 * devices need a network namespace: unshare --net node --import tsx bench/replay.ts --tun
 * scenarios/captures/office.pcap.gz
 */
import { parseArgs } from 'node:util'
import { preparePackets } from '../src/live/packets.ts'
import { reorderedPackets } from '../src/live/replay.testing.ts'
import { replayOnce } from '../src/live/replay.ts'
import { type Pace, scheduleOf } from '../src/live/schedule.ts'
import type { Topology } from '../src/live/threads/setup.ts'
import type { WorkKind } from '../src/live/threads/work.ts'
import { loadScenario } from '../src/node/load-scenario.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tun: { type: 'boolean', default: false },
    topology: { type: 'string', default: 'dispatcher' },
    work: { type: 'string', default: 'none' },
    set: { type: 'string', multiple: true, default: [] },
    policy: { type: 'string', short: 'p', multiple: true },
    limit: { type: 'string' },
    pps: { type: 'string' },
    topspeed: { type: 'boolean', default: false },
    queue: { type: 'string' },
  },
})
const { policy: policies, set } = values
const resolved = await loadScenario(positionals[0]!, policies === undefined ? { set } : { set, policies })
const list = await preparePackets(resolved, {
  limit: values.limit === undefined ? undefined : Number(values.limit),
})
const steady: Pace | undefined =
  values.pps === undefined ? undefined : { packetsPerSecond: Number(values.pps) }
const schedule = scheduleOf(list.columns, values.topspeed ? 'topspeed' : steady)
const topology = values.topology as Topology
console.log(`${list.columns.packets} packets, MTU ${list.mtuBytes}`, list.counts)

for (let policy = 0; policy < (topology === 'dispatcher' ? resolved.policies.length : 1); policy++) {
  const { label, record, counts, lateness, achieved, stealNs, coresBusyNs, wallSeconds } = await replayOnce({
    device: values.tun ? 'tun' : 'loopback',
    resolved,
    list,
    schedule,
    topology,
    policy,
    work: values.work as WorkKind,
    queueLengthPackets: values.queue === undefined ? undefined : Number(values.queue),
  })
  const reordered = (100 * reorderedPackets(record)) / counts.delivered
  const late = [lateness.p50Ns, lateness.p99Ns, lateness.maxNs].map((ns) => (ns / 1000).toFixed(2)).join('/')
  const nonZero = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  console.log(
    `${label}: ${reordered.toFixed(2)} % reordered, ${achieved.pps.toFixed(0)} packets/s, late ${late} us, ` +
      `steal ${stealNs / 1e6} ms, ${(coresBusyNs / 1e9 / wallSeconds).toFixed(2)} cores busy`,
    nonZero,
  )
}
