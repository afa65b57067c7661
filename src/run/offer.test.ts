/** What an offer makes of a traffic: numbers, the cut at the duration, directions, draws. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHUNK_PACKETS, type PacketChunk } from '../model/packets/chunk.ts'
import { Way } from '../model/packets/direction.ts'
import { FlowTable } from '../model/packets/flow-table.ts'
import type { Traffic } from '../model/packets/traffic.ts'
import { policiesOf } from '../scenario/policy-specs.ts'
import { scenarioSchema } from '../scenario/schema/schema.ts'
import { Offer } from './offer.ts'
import { type Plan, planOf } from './plan.ts'

const OUT = 0
const BACK = 1
const FOREIGN = 2

/** Packets of three flows, `[time, flow, payload]` each: from 10.8.0.1, to it, and of neither. */
function trafficOf(packets: readonly (readonly [number, number, number])[], firstNs = 0): Traffic {
  const flows = new FlowTable()
  const ends = [
    [0x0a080001, 0x01010101],
    [0x01010101, 0x0a080001],
    [0x01010101, 0x02020202],
  ]
  for (const [source, destination] of ends) {
    flows.key.fill(0)
    flows.key.set([source!], 0)
    flows.key.set([destination!], 4)
    flows.intern(4, 17, 4000, 5000)
  }
  let at = 0
  return {
    flows,
    firstNs,
    lookaheadNs: Number.POSITIVE_INFINITY,
    get nextNs() {
      return packets[at]?.[0] ?? Number.POSITIVE_INFINITY
    },
    fill(chunk, horizonNs) {
      for (; this.nextNs < horizonNs && chunk.count < CHUNK_PACKETS; at++) {
        const i = chunk.count++
        const [timeNs, flow, payload] = packets[at]!
        chunk.arrivalNs[i] = timeNs
        chunk.flow[i] = flow
        chunk.sizeBytes[i] = 28 + payload
        chunk.payloadBytes[i] = payload
      }
    },
    async close() {},
  }
}

function planWith(changes: Partial<Plan> = {}): Plan {
  const scenario = scenarioSchema.parse({
    source: { capture: 'made.pcap' },
    lanes: { wakeUp: { exponential: { mean: '5us' } } },
    link: { jitter: { uniform: { low: '0us', high: '9us' } }, loss: 0.1 },
  })
  return { ...planOf({ scenario, policies: policiesOf(scenario) }), ...changes }
}

const first = (column: ArrayLike<number>, { count }: PacketChunk) => Array.from(column).slice(0, count)

test('packets are numbered over all fills: in the source, in their flow, and those with payload apart', async () => {
  const traffic = trafficOf([
    [10, OUT, 0],
    [20, BACK, 5],
    [30, OUT, 9],
    [40, OUT, 0],
    [50, OUT, 7],
  ])
  const offer = new Offer(planWith(), 0, traffic)
  const { chunk } = offer
  await offer.fill(25)
  assert.deepEqual([chunk.firstIndex, chunk.count, offer.nextNs], [0, 2, 30])
  assert.deepEqual(first(chunk.flowNumber, chunk), [0, 0])
  await offer.fill(30)
  assert.deepEqual([chunk.firstIndex, chunk.count], [2, 0], 'nothing before the horizon is no end')
  assert.equal(offer.isOver, false)
  await offer.fill(45)
  assert.deepEqual([chunk.firstIndex, chunk.count], [2, 2])
  assert.deepEqual(first(chunk.flowNumber, chunk), [1, 2])
  assert.equal(chunk.dataNumber[0], 0)
  await offer.fill(Number.POSITIVE_INFINITY)
  assert.deepEqual([chunk.firstIndex, chunk.count, offer.isOver], [4, 1, true])
  assert.deepEqual([chunk.flowNumber[0], chunk.dataNumber[0]], [3, 1])
  assert.deepEqual(
    [OUT, BACK].map((flow) => offer.numbering.sentBy(flow)),
    [4, 1],
  )
})

test('the duration and the warm-up count from firstNs; a packet at the end is cut off, and with it all', async () => {
  const traffic = trafficOf(
    [
      [1000, OUT, 1],
      [1099, OUT, 1],
      [1100, OUT, 1],
      [1499, OUT, 1],
      [1500, OUT, 1],
      [1501, OUT, 1],
    ],
    1000,
  )
  const offer = new Offer(planWith({ durationNs: 500, warmupNs: 100 }), 0, traffic)
  const { chunk } = offer
  assert.equal(offer.sampleFromNs, 1100)
  await offer.fill(1200)
  assert.deepEqual(first(chunk.flowNumber, chunk), [-1, -1, 0])
  assert.equal(offer.progress(), 0.2)
  assert.equal(offer.isOver, false)
  await offer.fill(Number.POSITIVE_INFINITY)
  assert.deepEqual(first(chunk.arrivalNs, chunk), [1499])
  assert.deepEqual([offer.nextNs, offer.isOver], [Number.POSITIVE_INFINITY, true])
})

test('a traffic that hears is over where a packet was cut off, not where it has none for now', async () => {
  const packets = [[10, OUT, 1]] as const
  for (const [durationNs, isOver] of [
    [10, true],
    [11, false],
  ] as const) {
    const offer = new Offer(planWith({ durationNs }), 0, Object.assign(trafficOf(packets), { hear() {} }))
    await offer.fill(100)
    assert.equal(offer.isOver, isOver, `${durationNs} ns`)
  }
})

test('directions are told, and only packets that leave the inside are numbered', async () => {
  const packets = [OUT, BACK, FOREIGN, OUT].map((flow, i) => [10 * i, flow, 1] as const)
  const offer = new Offer(planWith({ inside: ['10.8.0.0/24'] }), 0, trafficOf(packets))
  await offer.fill(Number.POSITIVE_INFINITY)
  const { chunk } = offer
  assert.deepEqual(first(chunk.way, chunk), [Way.out, Way.back, Way.foreign, Way.out])
  assert.deepEqual(first(chunk.flowNumber, chunk), [0, -1, -1, 1])
  assert.equal(offer.direction!.foreign, 1)
  const undirected = new Offer(planWith(), 0, trafficOf(packets))
  await undirected.fill(Number.POSITIVE_INFINITY)
  assert.deepEqual([undirected.chunk.hasWays, undirected.direction], [false, undefined])
})

const DRAWN = ['serviceDraw', 'wakeUpNs', 'linkJitterNs', 'linkLossDraw'] as const

/** What is drawn for each packet, filled up to one horizon after the other. */
async function drawsOf(run: number, horizonsNs: readonly number[], options = {}): Promise<number[][]> {
  const packets = Array.from({ length: 100 }, (_, i) => [10 * i, i % 3, 1] as const)
  const offer = new Offer(planWith(), run, trafficOf(packets), options)
  const all: number[][] = []
  for (const horizonNs of [...horizonsNs, Number.POSITIVE_INFINITY]) {
    await offer.fill(horizonNs)
    for (let i = 0; i < offer.chunk.count; i++) all.push(DRAWN.map((name) => offer.chunk[name][i]!))
  }
  return all
}

test('a packet has the same draws in every offer of a run, whatever the fills; another run has others', async () => {
  const whole = await drawsOf(0, [])
  assert.equal(whole.length, 100)
  for (const [column, name] of DRAWN.entries()) {
    assert.ok(new Set(whole.map((draws) => draws[column])).size > 90, name)
  }
  assert.deepEqual(await drawsOf(0, [35, 36, 700]), whole)
  assert.notDeepEqual(await drawsOf(1, []), whole)
  assert.deepEqual(new Set((await drawsOf(0, [], { draws: false })).flat()), new Set([0]))
})

test("what can't be sent is drawn for, like all others, and gets no number", async () => {
  const packets = [10, 20, 30].map((timeNs) => [timeNs, OUT, 1] as const)
  const keep = (chunk: PacketChunk) => {
    chunk.arrivalNs[1] = chunk.arrivalNs[2]!
    chunk.serviceDraw[1] = chunk.serviceDraw[2]!
    chunk.count = 2
  }
  const whole = new Offer(planWith(), 0, trafficOf(packets))
  const kept = new Offer(planWith(), 0, trafficOf(packets), { keep })
  for (const offer of [whole, kept]) await offer.fill(Number.POSITIVE_INFINITY)
  assert.deepEqual(first(kept.chunk.flowNumber, kept.chunk), [0, 1])
  assert.equal(kept.chunk.serviceDraw[1], whole.chunk.serviceDraw[2])
  assert.equal(kept.numbering.sentBy(OUT), 2)
})
