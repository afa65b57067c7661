/**
 * Statistics of a capture small enough to be worked out by hand, and of every shared one against tshark's
 * counts.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../../errors.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { captureOf, openCapture } from '../../node/open-capture.ts'
import { readSharedJson, sharedPath, skipWithout } from '../../shared.testing.ts'
import {
  bytesOf,
  ethernet,
  ipv4,
  ipv6,
  type MadeRecord,
  pcap,
  tcp,
  udp,
} from '../../traffic/capture/captures.testing.ts'
import { SortedReader } from '../../traffic/capture/sorted-reader.ts'
import { inspectCapture, isoTime } from './inspect.ts'
import type { Inspection } from './inspection.ts'

const START = 1_700_000_000
const at = (ns: number, packet: Buffer, originalBytes?: number): MadeRecord => ({
  seconds: START + Math.floor(ns / 1e9),
  fraction: ns % 1e9,
  frame: ethernet(0x0800, packet),
  ...(originalBytes === undefined ? {} : { originalBytes }),
})

/** The packet from 10.0.0.2 to 10.0.0.1. */
function reversed(packet: Buffer): Buffer {
  const other = Buffer.from(packet)
  packet.copy(other, 12, 16, 20)
  packet.copy(other, 16, 12, 16)
  return other
}

async function inspect(records: readonly MadeRecord[], sorted = false): Promise<Inspection> {
  const bytes = bytesOf(pcap(records, { magic: 0xa1b23c4d }))
  const reader = await captureOf(bytes, 'made.pcap', new FlowTable())
  return await inspectCapture(sorted ? new SortedReader(reader) : reader, sorted)
}

const a = ipv4(17, udp(1, 2, 10))
const b = reversed(ipv4(17, udp(2, 1, 10)))
const c = ipv4(17, udp(5, 6, 100))

test('six packets of three flows, every number worked out by hand', async () => {
  const { problems, linkTypes, largestFlows, ...numbers } = await inspect([
    at(0, a),
    at(0.5e6, a),
    at(1e6, b),
    at(12e6, a),
    at(12e6, c),
    at(2012e6, a),
  ])
  assert.deepEqual(problems, [])
  assert.deepEqual(linkTypes, [{ linkType: 1, name: 'Ethernet (link type 1)', frames: 6 }])
  assert.deepEqual(
    largestFlows.map((flow) => Object.values(flow)),
    [
      ['10.0.0.1:1 > 10.0.0.2:2/udp', 4, 4 / 6, 152, 152 / 318, 2012e6],
      ['10.0.0.1:5 > 10.0.0.2:6/udp', 1, 1 / 6, 128, 128 / 318, 0],
      ['10.0.0.2:2 > 10.0.0.1:1/udp', 1, 1 / 6, 38, 38 / 318, 0],
    ],
  )
  // The histogram's buckets are 0.1 % wide; the largest value and whole numbers below 1024 are exact.
  const { flowGapNsP50, ...exact } = numbers
  assert.ok(Math.abs(flowGapNsP50! - 11.5e6) <= 11.5e3, `${flowGapNsP50}`)
  assert.deepEqual(exact, {
    schemaVersion: 1,
    capture: 'made.pcap',
    sorted: false,
    frames: 6,
    capturedBytes: 318 + 6 * 14,
    wireBytes: 318 + 6 * 14,
    startTime: '2023-11-14T22:13:20.000000000Z',
    endTime: '2023-11-14T22:13:22.012000000Z',
    durationNs: 2012e6,
    cutFrames: 0,
    framesWithoutIp: 0,
    unreadFrames: 0,
    brokenIpFrames: 0,
    backwardFrames: 0,
    equalTimeFrames: 1,
    packets: 6,
    ipBytes: 318,
    spanNs: 2012e6,
    clampedPackets: 0,
    backwardNsMax: 0,
    ipv4: 6,
    ipv6: 0,
    tcp: 0,
    udp: 6,
    otherProtocols: 0,
    fragments: 0,
    laterFragments: 0,
    ratePpsMean: 6 / 2.012,
    ratePpsPeak10ms: 300,
    ratePpsPeak1s: 5,
    rateBpsMean: (318 * 8) / 2.012,
    rateBpsPeak10ms: (166 * 8) / 0.01,
    rateBpsPeak1s: 280 * 8,
    flows: 3,
    outerFlows: 3,
    innerFlows: 3,
    flowsWithoutPorts: 0,
    conversations: 2,
    conversationsWithoutPorts: 0,
    flows3Tuple: 2,
    addressPairs: 1,
    flowPacketsP50: 1,
    flowPacketsP90: 4,
    flowPacketsP99: 4,
    flowPacketsMax: 4,
    flowLifetimeNsP50: 0,
    flowLifetimeNsP90: exact.flowLifetimeNsP90,
    flowLifetimeNsP99: exact.flowLifetimeNsP99,
    flowLifetimeNsMax: 2012e6,
    activeFlows1msMean: 5 / 4,
    activeFlows1msMax: 2,
    activeFlows10msMean: 5 / 3,
    activeFlows10msMax: 2,
    activeFlows100msMean: 2,
    activeFlows100msMax: 3,
    flowGaps: 3,
    flowGapNsP90: exact.flowGapNsP90,
    flowGapNsP99: exact.flowGapNsP99,
    flowGapNsMax: 2000e6,
    flowGapsFrom1msRatio: 2 / 3,
    flowGapsFrom10msRatio: 2 / 3,
    flowGapsFrom100msRatio: 1 / 3,
    flowGapsFrom1sRatio: 1 / 3,
    flowGapsFrom5sRatio: 0,
    flowGapsFrom30sRatio: 0,
    pairGaps: 5,
    pairGapNsP50: exact.pairGapNsP50,
    pairGapNsP90: exact.pairGapNsP90,
    pairGapNsP99: exact.pairGapNsP99,
    pairGapNsMax: 2000e6,
    pairGapsFrom1msRatio: 2 / 5,
    pairGapsFrom10msRatio: 2 / 5,
    pairGapsFrom100msRatio: 1 / 5,
    pairGapsFrom1sRatio: 1 / 5,
    pairGapsFrom5sRatio: 0,
    pairGapsFrom30sRatio: 0,
  })
  const near = (value: number | null, expected: number) =>
    assert.ok(value !== null && value <= expected && value >= expected * 0.999, `${value}`)
  near(exact.flowLifetimeNsP90, 2012e6)
  near(exact.flowGapNsP99, 2000e6)
  near(exact.pairGapNsP50, 0.5e6)
})

test('a gap as long as the TTL is cut by it, as flow-pinned expires entries', async () => {
  const found = await inspect([at(0, a), at(1e6, a), at(2e6 - 1, a), at(12e6 - 1, a), at(5012e6 - 1, a)])
  assert.equal(found.flowGapsFrom1msRatio, 3 / 4)
  assert.equal(found.flowGapsFrom10msRatio, 2 / 4)
  assert.equal(found.flowGapsFrom5sRatio, 1 / 4)
  assert.equal(found.flowGapsFrom30sRatio, 0)
})

test('a packet that goes back counts as arriving with the one before, or is sorted', async () => {
  const records = [at(1000, a), at(5000, a), at(2000, c), at(9000, a)]
  const found = await inspect(records)
  assert.deepEqual([found.backwardFrames, found.clampedPackets, found.backwardNsMax], [1, 1, 3000])
  assert.deepEqual([found.spanNs, found.durationNs], [8000, 8000])
  assert.deepEqual(found.problems, [
    'made.pcap: 1 packet is earlier than one before, by up to 3 us; it counts as arriving together with that one - ' +
      'put them in order: --sort',
  ])
  const sorted = await inspect(records, true)
  assert.deepEqual([sorted.backwardFrames, sorted.clampedPackets, sorted.sorted], [1, 0, true])
  assert.deepEqual(sorted.problems, [])
  assert.equal(found.pairGapNsP50, 4000)
})

test('without time there are no rates, and one line says so', async () => {
  const found = await inspect([at(0, a), at(0, a), at(0, c)])
  assert.deepEqual([found.ratePpsMean, found.rateBpsMean, found.ratePpsPeak10ms], [null, null, null])
  assert.deepEqual([found.equalTimeFrames, found.activeFlows1msMax, found.flowGapNsMax], [2, 2, 0])
  assert.match(
    found.problems.join('|'),
    /^made\.pcap: all 3 packets have the same time, .*packetsPerSecond=10000$/,
  )
  const alone = await inspect([at(7, a)])
  assert.deepEqual(
    [alone.problems, alone.flowGaps, alone.flowGapNsP50, alone.flowGapsFrom1sRatio],
    [[], 0, null, null],
  )
})

test('a gap of fifty years is a gap like any other', async () => {
  const found = await inspect([
    { seconds: 0, frame: ethernet(0x0800, a) },
    { seconds: 1_639_650_442, frame: ethernet(0x0800, a) },
  ])
  assert.equal(found.startTime, '1970-01-01T00:00:00.000000000Z')
  assert.equal(found.durationNs, 1_639_650_442e9)
  assert.equal(found.flowGapNsMax, 1_639_650_442e9)
  assert.equal(found.flowGapsFrom30sRatio, 1)
  assert.equal(found.activeFlows100msMean, 1)
})

test('frames, protocols and fragments are told apart', async () => {
  const found = await inspect([
    at(0, ipv4(6, tcp(1, 2, 1000)), 2000),
    at(1, ipv4(17, udp(1, 2, 100), { fragment: 0x2000 })),
    at(2, ipv4(17, Buffer.alloc(100), { fragment: 0x00b9 })),
    { seconds: START, fraction: 3, frame: ethernet(0x86dd, ipv6(58, Buffer.alloc(8))) },
    { seconds: START, fraction: 4, frame: ethernet(0x0806, Buffer.alloc(28)) },
    { seconds: START, fraction: 5, frame: ethernet(0x0800, Buffer.alloc(8, 0x45)) },
  ])
  const { frames, packets, ipv4: four, ipv6: six, tcp: tcps, udp: udps, otherProtocols } = found
  assert.deepEqual(
    { frames, packets, four, six, tcps, udps, otherProtocols },
    {
      frames: 6,
      packets: 4,
      four: 3,
      six: 1,
      tcps: 1,
      udps: 1,
      otherProtocols: 2,
    },
  )
  assert.deepEqual([found.cutFrames, found.framesWithoutIp, found.brokenIpFrames], [1, 1, 1])
  assert.deepEqual([found.fragments, found.laterFragments], [2, 1])
  assert.deepEqual([found.flows, found.flowsWithoutPorts, found.conversations], [4, 2, 4])
})

test('times read as ISO 8601 where a calendar has them', () => {
  assert.equal(isoTime({ seconds: 0, nanoseconds: 1 }), '1970-01-01T00:00:00.000000001Z')
  assert.equal(
    isoTime({ seconds: 4_294_967_295, nanoseconds: 999_999_999 }),
    '2106-02-07T06:28:15.999999999Z',
  )
  assert.equal(isoTime({ seconds: -1, nanoseconds: 0 }), '1969-12-31T23:59:59.000000000Z')
  assert.equal(isoTime({ seconds: 1e14, nanoseconds: 5 }), '100000000000000.000000005 s')
})

interface Truth {
  readonly [key: string]: unknown
  readonly flows_uni: number
  readonly flows_uni_noport: number
}
const skip = skipWithout('captures/truth.json')
const truths = skip ? {} : readSharedJson<Record<string, Truth>>('captures/truth.json')

test('counts, times, bytes, flows and conversations of the shared captures are those of tshark', {
  skip,
}, async () => {
  let compared = 0
  for (const [name, truth] of Object.entries(truths)) {
    const reader = await openCapture(sharedPath(`captures/${name}`))
    let found: Inspection
    try {
      found = await inspectCapture(reader, false)
    } catch (error) {
      assert.ok(error instanceof UserError && name.includes('Induction'), name)
      continue
    } finally {
      await reader.close()
    }
    const ours = {
      packets: found.frames,
      captured_bytes: found.capturedBytes,
      wire_bytes: found.wireBytes,
      ts_backward: found.backwardFrames,
      snaplen_cut_packets: found.cutFrames,
      ipv4: found.ipv4,
      ipv6: found.ipv6,
      tcp: found.tcp,
      udp: found.udp,
      fragments: found.fragments,
      fragments_later: found.laterFragments,
      flows_uni: found.flows - found.flowsWithoutPorts,
      flows_uni_noport: found.flowsWithoutPorts,
      flows_bi: found.conversations - found.conversationsWithoutPorts,
    }
    assert.deepEqual(ours, Object.fromEntries(Object.keys(ours).map((key) => [key, truth[key]])), name)
    assert.equal(
      found.linkTypes.reduce((sum, { frames }) => sum + frames, 0),
      found.frames,
    )
    const top = truth.top20 as readonly (readonly [string, number, string, number, number, number])[]
    if (top.length > 0) assert.ok(found.largestFlows[0]!.packets >= top[0]![5], name)
    compared++
  }
  assert.equal(compared, Object.keys(truths).length - 1)
})

test('flows are counted by the outer and by the innermost header', async () => {
  const inside = (port: number) => ipv4(17, udp(port, 53, 10))
  const count = async (packets: readonly Buffer[]) => {
    const { flows, outerFlows, innerFlows } = await inspect(packets.map((packet, i) => at(i * 1e6, packet)))
    return [flows, outerFlows, innerFlows]
  }
  const tunnel = [1, 2, 3, 2].map((port) => ipv4(4, inside(port)))
  assert.deepEqual(await count(tunnel), [1, 1, 3])
  assert.deepEqual(await count([...tunnel, inside(3), a, c]), [4, 4, 5])
  // The same inner flow through two tunnels is one.
  assert.deepEqual(await count([ipv4(4, inside(7)), ipv4(4, ipv4(4, inside(7)))]), [1, 1, 1])
  assert.deepEqual(await count([a, b, c, ipv4(17, udp(1, 2, 10), { fragment: 0x2000 })]), [3, 3, 3])
})
