import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PacketChunk } from '../model/packets/chunk.ts'
import { FlowTable } from '../model/packets/flow-table.ts'
import { openBytes } from '../node/open-bytes.ts'
import { planOf } from '../run/plan.ts'
import type { MeasuredLanes } from '../scenario/schema/calibration.ts'
import { ipv4 } from '../traffic/capture/captures.testing.ts'
import { IpHeaders, readIp } from '../traffic/capture/ip.ts'
import { refill } from '../traffic/refill.testing.ts'
import { behindHeaders, captureOf } from './few-and-deep.testing.ts'
import { type InjectionList, preparePackets } from './packets.ts'
import { inHandOf } from './replay.testing.ts'
import { flowTableOf, plainFlows } from './threads/plain-flows.ts'

const capture = fileURLToPath(new URL('../../scenarios/captures/office.pcap.gz', import.meta.url))
const ofCapture = inHandOf({ source: { capture } })
const synthetic = inHandOf({
  source: {
    synthetic: {
      packetsPerSecond: 10_000,
      flows: { count: 50 },
      sizes: { empirical: { values: ['40B', '576B', '1500B'] } },
      protocols: { tcp: 0.5, udp: 0.5 },
    },
  },
  duration: '100ms',
})

/** The packet's header read again: does it tell the flow and size that its row has? */
function checkHeader({ columns, flows }: InjectionList, row: number): void {
  const { bytes, bytesAt, bytesKept, flow, sizeBytes } = columns
  const view = new DataView(bytes.buffer)
  const headers = new IpHeaders()
  const at = bytesAt[row]!
  assert.ok(readIp(view, at, at + bytesKept[row]!, at + sizeBytes[row]!, headers, flows.key))
  const read = flows.intern(headers.version, headers.protocol, headers.sourcePort, headers.destinationPort)
  assert.equal(read, flow[row])
  assert.equal(headers.sizeBytes, sizeBytes[row])
}

test('lanes sleep what the scenario says, also beside lanes as a replay has measured them', async () => {
  const calibration: MeasuredLanes = {
    recordedFrom: { scenario: 'a', policy: 'hash', topology: 'dispatcher', lanes: 4, packets: 9, idleStarts: 5, busyStarts: 4, stalls: 0 }, // biome-ignore format: a row
    service: { perByteNs: 0, lanes: [{ idleNs: [1000], busyNs: [1000] }] },
    stalls: [],
    reader: { perPacketNs: null, afterSendNsP50: null },
    delivery: { afterFinishNsP50: null },
  }
  const [alone, beside] = [
    await preparePackets(ofCapture, { limit: 500 }),
    await preparePackets({ ...ofCapture, calibration }, { limit: 500 }),
  ]
  assert.deepEqual(beside.columns.serviceDraw, alone.columns.serviceDraw)
  assert.ok(alone.columns.serviceDraw.some((ns) => ns > 1000))
})

test('packets of a capture have their own bytes, numbers and the work of the simulator', async () => {
  const list = await preparePackets(ofCapture, { limit: 3000 })
  const { columns } = list
  assert.equal(columns.packets, 3000)
  const plan = planOf(ofCapture)
  const source = await plan.openTraffic(0, openBytes)
  const chunk = new PacketChunk()
  await refill(source, chunk)
  await source.close()
  plan.draws(0)(chunk)
  const next = new Map<number, number>()
  for (let row = 0; row < 3000; row++) {
    checkHeader(list, row)
    assert.equal(columns.serviceDraw[row], chunk.serviceDraw[row])
    assert.equal(columns.arrivalNs[row], chunk.arrivalNs[row])
    const flow = columns.flow[row]!
    assert.equal(columns.flowNumber[row], next.get(flow) ?? 0)
    next.set(flow, columns.flowNumber[row]! + 1)
  }
  assert.ok(list.counts.cut > 1000 && list.counts.cut < 3000)
  assert.equal(list.counts.tooLarge, 0)
})

test('a looped capture repeats its bytes, in every round, sorted or not', async () => {
  const whole = (await preparePackets(ofCapture)).columns.packets
  for (const sort of [false, true]) {
    const looped = inHandOf({ source: { capture, loop: 2, sort } })
    const list = await preparePackets(looped)
    assert.equal(list.columns.packets, 2 * whole)
    for (let row = 0; row < 2 * whole; row += 97) checkHeader(list, row)
  }
})

test('packets larger than the MTU are left out and counted, and leave no gap in the numbers', async () => {
  const all = await preparePackets(synthetic)
  const list = await preparePackets(synthetic, { mtuBytes: 600 })
  const large = all.columns.sizeBytes.filter((size) => size > 600).length
  assert.ok(large > 100)
  assert.equal(list.counts.tooLarge, large)
  assert.equal(list.columns.packets, all.columns.packets - large)
  const next = new Map<number, number>()
  for (let row = 0; row < list.columns.packets; row++) {
    const flow = list.columns.flow[row]!
    const number = list.columns.flowNumber[row]!
    if (number < 0) continue
    assert.equal(number, next.get(flow) ?? 0)
    next.set(flow, number + 1)
  }
  // The work stays each packet's own.
  const kept = [...all.columns.serviceDraw].filter((_, row) => all.columns.sizeBytes[row]! <= 600)
  assert.deepEqual([...list.columns.serviceDraw], kept)
})

test('synthetic packets have headers that say what their rows say', async () => {
  const list = await preparePackets(synthetic)
  for (let row = 0; row < list.columns.packets; row++) checkHeader(list, row)
  assert.equal(list.counts.cut, 0)
  assert.ok(new Set(list.columns.bytesAt).size <= 150, 'packets alike share their bytes')
})

test('the MTU has room for packets that grow by their marks, and the last mark is known', async () => {
  // The headers of the second fill all of its 1,504 bytes, so that the mark is added behind them.
  const full = ipv4(47, Buffer.alloc(0))
  const long = behindHeaders(1, 181, 17).subarray(0, 1504)
  long.writeUInt16BE(1464, 4)
  const list = await preparePackets(inHandOf({ source: { capture: captureOf([full, long]) } }))
  assert.deepEqual([...list.columns.sizeBytes], [20, 1504])
  assert.deepEqual([list.mtuBytes, list.markEndBytes], [1512, 1512])
})

test('return traffic is left out and counted', async () => {
  const oneWay = await preparePackets(inHandOf({ source: { capture, direction: { inside: ['0.0.0.0/0'] } } }))
  const none = preparePackets(inHandOf({ source: { capture, direction: { inside: ['203.0.113.0/32'] } } }))
  assert.equal(
    oneWay.columns.packets + oneWay.counts.otherWay,
    (await preparePackets(ofCapture)).columns.packets,
  )
  assert.equal((await none).columns.packets, 0)
})

test('a copy of a flow table has the same flows under the same numbers and hashes', async () => {
  const { flows } = await preparePackets(synthetic)
  const copy = flowTableOf(structuredClone(plainFlows(flows)))
  assert.ok(copy instanceof FlowTable && copy.count === flows.count)
  for (let flow = 0; flow < flows.count; flow++) {
    assert.equal(copy.describe(flow), flows.describe(flow))
    assert.equal(copy.hashSymmetric[flow], flows.hashSymmetric[flow])
    assert.equal(copy.pairIndex[flow], flows.pairIndex[flow])
  }
})
