/**
 * Statistics of many packets, over several pieces and more flows than the first arrays hold, against maps and
 * sets.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { captureOf } from '../../node/open-capture.ts'
import { randomStream } from '../../sim/random.ts'
import { bytesOf, ipv4, type MadeRecord, pcap, udp } from '../../traffic/capture/captures.testing.ts'
import { inspectCapture } from './inspect.ts'

const PACKETS = 40_000
const PORTS = 700

const random = randomStream(5, 0, 'packets')
const packets: { ns: number; port: number; sizeBytes: number }[] = []
for (let i = 0, ns = 0; i < PACKETS; i++) {
  // Gaps over six orders of magnitude, some of them 0.
  ns += random() < 0.2 ? 0 : Math.floor(10 ** (2 + 5 * random()))
  const payloadBytes = Math.floor(random() * 50)
  packets.push({ ns, port: 1 + Math.floor(PORTS * random() * random()), sizeBytes: 28 + payloadBytes })
}
const records: MadeRecord[] = packets.map(({ ns, port, sizeBytes }) => ({
  seconds: 5 + Math.floor(ns / 1e9),
  fraction: ns % 1e9,
  frame: ipv4(17, udp(port, 9, sizeBytes - 28)),
}))

function grouped(keyOf: (packet: (typeof packets)[number]) => number): (typeof packets)[] {
  const groups = new Map<number, typeof packets>()
  for (const packet of packets) {
    const key = keyOf(packet)
    const group = groups.get(key) ?? []
    group.push(packet)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** A number for each window that holds a packet. */
function perWindow(widthNs: number, of: (list: typeof packets) => number): number[] {
  return grouped(({ ns }) => Math.floor(ns / widthNs)).map(of)
}
const distinct = (list: typeof packets) => new Set(list.map(({ port }) => port)).size
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const max = (values: readonly number[]) => values.reduce((best, value) => Math.max(best, value), 0)

test('40,000 packets of 700 flows give what maps and sets give', async () => {
  const bytes = bytesOf(pcap(records, { magic: 0xa1b23c4d, linkType: 101 }))
  const found = await inspectCapture(await captureOf(bytes, 'made.pcap', new FlowTable()), false)
  const byPort = grouped(({ port }) => port)
  assert.equal(found.flows, byPort.length)
  assert.ok(byPort.length > 600)
  assert.equal(found.flowPacketsMax, max(byPort.map((list) => list.length)))
  assert.equal(
    found.ipBytes,
    packets.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  )
  assert.equal(found.activeFlows1msMean, mean(perWindow(1e6, distinct)))
  assert.equal(found.activeFlows1msMax, max(perWindow(1e6, distinct)))
  assert.equal(found.activeFlows10msMean, mean(perWindow(10e6, distinct)))
  assert.equal(found.activeFlows10msMax, max(perWindow(10e6, distinct)))
  assert.equal(found.activeFlows100msMean, mean(perWindow(100e6, distinct)))
  assert.equal(found.activeFlows100msMax, max(perWindow(100e6, distinct)))
  assert.equal(found.ratePpsPeak10ms, max(perWindow(10e6, (list) => list.length)) * 100)
  assert.equal(found.ratePpsPeak1s, max(perWindow(1e9, (list) => list.length)))

  const gaps = byPort.flatMap((list) => list.slice(1).map(({ ns }, i) => ns - list[i]!.ns))
  assert.equal(found.flowGaps, gaps.length)
  assert.equal(found.flowGapNsMax, max(gaps))
  assert.equal(found.flowGapsFrom10msRatio, gaps.filter((gap) => gap >= 10e6).length / gaps.length)
  assert.equal(found.flowGapsFrom1sRatio, gaps.filter((gap) => gap >= 1e9).length / gaps.length)
  gaps.sort((a, b) => a - b)
  const p90 = gaps[Math.ceil(0.9 * gaps.length) - 1]!
  assert.ok(found.flowGapNsP90! <= p90 && found.flowGapNsP90! > p90 * 0.999)
  assert.equal(found.pairGaps, PACKETS - 1)
  assert.equal(found.addressPairs, 1)

  const largest = byPort.toSorted((a, b) => b.length - a.length)
  assert.deepEqual(
    found.largestFlows.map((flow) => flow.packets),
    largest.slice(0, 10).map((list) => list.length),
  )
})
