import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHUNK_PACKETS, PacketChunk } from '../../model/packets/chunk.ts'
import { randomStream } from '../../sim/random.ts'
import { refill } from '../refill.testing.ts'
import { zipfIndex } from './parts/zipf.ts'
import { periodic } from './periodic.ts'
import { poisson } from './poisson.ts'
import { type SyntheticSettings, syntheticTraffic } from './synthetic-traffic.ts'

const settings: SyntheticSettings = {
  gapsNs: (random) => poisson.create({}, 100_000, random),
  flowCount: 10,
  zipfExponent: 0,
  sizeBytes: 700,
  tcpShare: 0.8,
  durationNs: 1e9,
}

/** All packets of a source, column by column. */
async function packetsOf(changes: Partial<SyntheticSettings> = {}, seed = 1) {
  const source = syntheticTraffic({ ...settings, ...changes }, (name) => randomStream(seed, 0, name))
  const chunk = new PacketChunk()
  const all = {
    arrivalNs: [] as number[],
    flow: [] as number[],
    sizeBytes: [] as number[],
    chunks: 0,
    flows: source.flows,
  }
  for (;;) {
    await refill(source, chunk)
    if (chunk.count === 0) return all
    all.chunks++
    all.arrivalNs.push(...chunk.arrivalNs.subarray(0, chunk.count))
    all.flow.push(...chunk.flow.subarray(0, chunk.count))
    all.sizeBytes.push(...chunk.sizeBytes.subarray(0, chunk.count))
  }
}

test('Poisson arrivals have their rate and exponential gaps', async () => {
  const { arrivalNs, chunks } = await packetsOf()
  assert.ok(Math.abs(arrivalNs.length - 100_000) < 4 * Math.sqrt(100_000), `${arrivalNs.length}`)
  assert.equal(chunks, Math.ceil(arrivalNs.length / CHUNK_PACKETS))
  const gaps = arrivalNs.map((ns, i) => ns - (arrivalNs[i - 1] ?? 0))
  assert.ok(gaps.every((gap) => gap >= 0 && Number.isInteger(gap)))
  // P(gap > mean) = 1/e.
  const share = gaps.filter((gap) => gap > 10_000).length / gaps.length
  assert.ok(Math.abs(share - Math.exp(-1)) < 4 * Math.sqrt(0.2325 / gaps.length), `${share}`)
})

test('periodic arrivals come at whole multiples, rounded once, without drift', async () => {
  const { arrivalNs } = await packetsOf({
    gapsNs: (random) => periodic.create({}, 3000, random),
  })
  assert.equal(arrivalNs.length, 2999)
  for (const [i, ns] of arrivalNs.entries()) assert.equal(ns, Math.round(((i + 1) * 1e9) / 3000))
})

test('flows are equally likely, or popular by rank', async () => {
  const { flow } = await packetsOf()
  for (let i = 0; i < 10; i++) {
    const count = flow.filter((one) => one === i).length
    assert.ok(Math.abs(count - flow.length / 10) < 4 * Math.sqrt(flow.length * 0.09), `flow ${i}: ${count}`)
  }
  const zipf = (await packetsOf({ zipfExponent: 1 })).flow
  const harmonic = [...Array(10).keys()].reduce((sum, i) => sum + 1 / (i + 1), 0)
  for (let i = 0; i < 10; i++) {
    const p = 1 / (i + 1) / harmonic
    const count = zipf.filter((one) => one === i).length
    assert.ok(
      Math.abs(count - zipf.length * p) < 4 * Math.sqrt(zipf.length * p * (1 - p)),
      `rank ${i}: ${count}`,
    )
  }
})

test('flows differ in addresses, and the protocol mix is exact', async () => {
  const { flows } = await packetsOf({ flowCount: 100 })
  assert.equal(flows.count, 100)
  assert.equal(flows.protocol.subarray(0, 100).filter((protocol) => protocol === 6).length, 80)
  assert.equal(new Set([...Array(100).keys()].map((i) => flows.get(i).pairIndex)).size, 100)
})

test('IMIX has its three sizes in 7 : 4 : 1', async () => {
  const { sizeBytes } = await packetsOf({ sizeBytes: 'imix' })
  for (const [bytes, share] of [
    [40, 7 / 12],
    [576, 4 / 12],
    [1500, 1 / 12],
  ] as const) {
    const count = sizeBytes.filter((size) => size === bytes).length
    assert.ok(Math.abs(count / sizeBytes.length - share) < 0.007, `${bytes}: ${count}`)
  }
})

test('empirical sizes come by their weights, equally without', async () => {
  const shareOf = (sizes: readonly number[], bytes: number) =>
    sizes.filter((size) => size === bytes).length / sizes.length
  const weighted = await packetsOf({ sizeBytes: { values: [64, 1500, 9000], weights: [3, 1, 0] } })
  assert.ok(Math.abs(shareOf(weighted.sizeBytes, 64) - 0.75) < 0.006)
  assert.equal(shareOf(weighted.sizeBytes, 64) + shareOf(weighted.sizeBytes, 1500), 1)
  const equal = await packetsOf({ sizeBytes: { values: [64, 1500] } })
  assert.ok(Math.abs(shareOf(equal.sizeBytes, 64) - 0.5) < 0.007)
})

test('the same seed gives the same packets, another seed others', async () => {
  const [a, b, c] = [await packetsOf(), await packetsOf(), await packetsOf({}, 2)]
  assert.deepEqual(a.arrivalNs, b.arrivalNs)
  assert.deepEqual(a.flow, b.flow)
  assert.notDeepEqual(a.arrivalNs.slice(0, 10), c.arrivalNs.slice(0, 10))
})

test('Zipf with one item, and with exponent 0, is uniform', () => {
  const one = zipfIndex(1, 1.1, randomStream(1, 0, 'z'))
  assert.deepEqual([one(), one()], [0, 0])
  const flat = zipfIndex(4, 0, randomStream(1, 0, 'z'))
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 40_000; i++) counts[flat()]!++
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 400, `${counts}`)
})
