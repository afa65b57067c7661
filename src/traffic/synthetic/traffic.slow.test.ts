/** The contract that every source keeps, whatever its packets; one case per source and parameters. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { CHUNK_PACKETS, PacketChunk } from '../../model/packets/chunk.ts'
import type { Traffic } from '../../model/packets/traffic.ts'
import { openBytes } from '../../node/open-bytes.ts'
import { distributions } from '../../sim/distributions/index.ts'
import { type Random, randomStream } from '../../sim/random.ts'
import { type CaptureTrafficOptions, captureTraffic } from '../capture/capture-traffic.ts'
import { ethernet, ipv4, pcap, tcp, udp } from '../capture/captures.testing.ts'
import { refill } from '../refill.testing.ts'
import { arrivalProcesses } from './index.ts'
import { type SyntheticSettings, syntheticTraffic } from './synthetic-traffic.ts'

const RATE = 200_000
const FLOWS = 100
const CAPTURED = 20_000

interface Case {
  readonly label: string
  /** Name of the arrival process, or capture. */
  readonly name: string
  /** Parameters of the arrival process. */
  readonly given?: unknown
  open(seed: number, durationNs: number): Promise<Traffic>
  /** Checks that don't apply, each with its reason. */
  readonly skip?: { readonly [check in 'seeds' | 'duration' | 'rate' | 'rows']?: string }
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
  return value
}

/** A synthetic source of that arrival process; whatever it is given is frozen. */
function synthetic(
  name: string,
  given: unknown = {},
  changes: Partial<SyntheticSettings> = {},
  skip: Case['skip'] = {},
): Case {
  const process = arrivalProcesses.get(name)!
  const parameters = deepFreeze(process.parameters.parse(deepFreeze(given)))
  const words = [name, JSON.stringify(given), JSON.stringify(changes)].filter((word) => word !== '{}')
  return {
    label: `${words.join(' ')}${changes.lifeNs === undefined ? '' : ' with lifetimes'}`,
    name,
    given,
    skip,
    async open(seed, durationNs) {
      const settings: SyntheticSettings = {
        gapsNs: (random) => process.create(parameters, RATE, random),
        flowCount: FLOWS,
        zipfExponent: 0,
        sizeBytes: 700,
        tcpShare: 0.8,
        durationNs,
        ...changes,
      }
      return syntheticTraffic(deepFreeze(settings), (stream) => randomStream(seed, 0, stream))
    },
  }
}

const folder = mkdtempSync(join(tmpdir(), 'lanewise-'))
after(() => rmSync(folder, { recursive: true }))

/** The same packets at these times, in a file. */
function captureFile(name: string, nanosecondsOf: (i: number) => number): string {
  const frames = Array.from({ length: FLOWS }, (_, i) =>
    ethernet(0x0800, i % 5 === 0 ? ipv4(17, udp(i + 1, 53, 100)) : ipv4(6, tcp(i + 1, 443, 500, 0x10))),
  )
  const records = Array.from({ length: CAPTURED }, (_, i) => {
    const ns = nanosecondsOf(i)
    return { seconds: Math.floor(ns / 1e9), fraction: ns % 1e9, frame: frames[(i * 7) % FLOWS]! }
  })
  const path = join(folder, name)
  writeFileSync(path, pcap(records, { magic: 0xa1b23c4d }))
  return path
}

const uneven = captureFile('uneven.pcap', (i) => 7e9 + i * 5000 + (i % 3) * 1000)
const timeless = captureFile('timeless.pcap', () => 7e9)
const OWN_TIMES = 'the times are those of the capture'
const OWN_END = 'a capture ends with its file; the run cuts it off'

function capture(options: Omit<CaptureTrafficOptions, 'openBytes'>, skip: Case['skip']): Case {
  const { path, ...others } = options
  return {
    label: `capture ${path === uneven ? '' : 'without times '}${JSON.stringify(others)}`,
    name: 'capture',
    skip: { duration: OWN_END, ...skip },
    open(seed, durationNs) {
      const loop = Math.ceil((durationNs * RATE) / 1e9 / CAPTURED)
      return captureTraffic(
        deepFreeze({ openBytes, ...options, loop, random: randomStream(seed, 0, 'arrivals') }),
      )
    },
  }
}

const exponentialLives = (random: Random) => distributions.get('exponential')!.create({ mean: 100e6 }, random)
const states = [
  { rate: 1, sojourn: '4ms' },
  { rate: 8, sojourn: '1ms' },
  { rate: 0, sojourn: '2ms' },
]
const cases: readonly Case[] = [
  synthetic('poisson'),
  synthetic('poisson', {}, { sizeBytes: 'imix', zipfExponent: 1.1 }),
  synthetic('poisson', {}, { sizeBytes: { values: [20, 64, 65535], weights: [5, 2, 1] }, tcpShare: 0 }),
  synthetic('periodic'),
  synthetic('periodic', {}, { flowCount: 1 }, { seeds: 'equal gaps, one flow, one size: nothing is random' }),
  synthetic('on-off', { on: '1ms', off: '4ms' }),
  synthetic('on-off', { on: '1ms', off: '0ns' }),
  synthetic('pareto-on-off', { on: '1ms', off: '4ms' }),
  synthetic('pareto-on-off', { on: '2ms', off: '500us', shape: 3 }),
  synthetic('markov-modulated', { states }),
  synthetic('poisson', {}, { lifeNs: exponentialLives }, { rows: 'every flow that ever sent has its row' }),
  capture({ path: uneven }, { seeds: OWN_TIMES, rate: OWN_TIMES }),
  capture({ path: uneven, packetsPerSecond: RATE }, { seeds: OWN_TIMES }),
  capture({ path: uneven, sort: true, packetsPerSecond: RATE }, { seeds: OWN_TIMES }),
  capture({ path: timeless, packetsPerSecond: RATE }, {}),
  capture({ path: timeless, packetsPerSecond: RATE, clock: 'periodic' }, { seeds: 'the gaps are equal' }),
]

interface Rows {
  arrivalNs: number[]
  flow: number[]
  sizeBytes: number[]
}

/** All packets of a source, and its end. */
async function rowsOf(source: Traffic): Promise<Rows> {
  const chunk = new PacketChunk()
  const rows: Rows = { arrivalNs: [], flow: [], sizeBytes: [] }
  for (;;) {
    await refill(source, chunk)
    if (chunk.count === 0) break
    for (const column of ['arrivalNs', 'flow', 'sizeBytes'] as const) {
      for (let i = 0; i < chunk.count; i++) rows[column].push(chunk[column][i]!)
    }
  }
  await source.close()
  return rows
}

/** The number of packets of a source and their first and last time. */
async function spanOf(source: Traffic): Promise<{ packets: number; firstNs: number; lastNs: number }> {
  const chunk = new PacketChunk()
  const span = { packets: 0, firstNs: Number.NaN, lastNs: Number.NaN }
  for (;;) {
    await refill(source, chunk)
    if (chunk.count === 0) break
    if (span.packets === 0) span.firstNs = chunk.arrivalNs[0]!
    span.lastNs = chunk.arrivalNs[chunk.count - 1]!
    span.packets += chunk.count
  }
  await source.close()
  return span
}

test('every registered source is in the contract suite', () => {
  const tested = [...new Set(cases.map(({ name }) => name))]
  assert.deepEqual(tested.toSorted(), ['capture', ...arrivalProcesses.keys()].toSorted())
})

for (const [name, { parameters, create, usesRandom = true }] of arrivalProcesses) {
  test(`${name}: draws random numbers if and only if it says so`, () => {
    const parsed = parameters.parse(cases.find((one) => one.name === name)!.given)
    let draws = 0
    const random = randomStream(1, 0, name)
    const gap = create(parsed, RATE, () => {
      draws++
      return random()
    })
    for (let i = 0; i < 10; i++) gap()
    assert.equal(draws > 0, usesRandom)
  })
}

for (const { label, open, skip = {} } of cases) {
  test(`${label}: packets are in order of time, each with a flow and a size`, async () => {
    const source = await open(1, 400e6)
    const chunk = new PacketChunk()
    let packets = 0
    let lastNs = 0
    do {
      await refill(source, chunk)
      assert.ok(chunk.count <= CHUNK_PACKETS)
      const { arrivalNs, flow, sizeBytes, payloadBytes, tcpFlags } = chunk
      for (let i = 0; i < chunk.count; i++) {
        const ns = arrivalNs[i]!
        if (!(Number.isSafeInteger(ns) && ns >= lastNs)) assert.fail(`arrival ${ns} after ${lastNs}`)
        lastNs = ns
        if (!(flow[i]! >= 0 && flow[i]! < source.flows.count)) assert.fail(`flow ${flow[i]}`)
        const size = sizeBytes[i]!
        if (!(size >= 20 && size <= 65535)) assert.fail(`size ${size}`)
        const payload = payloadBytes[i]!
        if (!(payload >= 0 && payload <= size - 20)) assert.fail(`payload ${payload} of ${size}`)
        if (source.flows.protocol[flow[i]!] !== 6) assert.equal(tcpFlags[i], 0)
      }
      packets += chunk.count
    } while (chunk.count > 0)
    assert.ok(packets > 1000, `${packets} packets`)
    await refill(source, chunk)
    assert.equal(chunk.count, 0, 'asked again after the end')
    await source.close()
    await source.close()
  })

  test(`${label}: the same seed gives the same packets`, async () => {
    assert.deepEqual(await rowsOf(await open(1, 100e6)), await rowsOf(await open(1, 100e6)))
  })

  test(`${label}: another seed gives other packets`, { skip: skip.seeds ?? false }, async () => {
    assert.notDeepEqual(await rowsOf(await open(1, 100e6)), await rowsOf(await open(2, 100e6)))
  })

  test(`${label}: nothing arrives at the end or after`, { skip: skip.duration ?? false }, async () => {
    for (const durationNs of [1, 5_000_000, 40e6]) {
      const { arrivalNs } = await rowsOf(await open(1, durationNs))
      assert.ok(arrivalNs.every((ns) => ns < durationNs))
    }
  })

  test(`${label}: its mean rate is packetsPerSecond`, { skip: skip.rate ?? false }, async () => {
    const durationNs = 100e6
    const rates: number[] = []
    const seeds = skip.seeds === undefined ? 64 : 2
    for (let seed = 1; seed <= seeds; seed++) {
      const { packets, firstNs, lastNs } = await spanOf(await open(seed, durationNs))
      // A capture holds a number of packets, not a time.
      const spanNs = skip.duration === undefined ? durationNs : lastNs - firstNs
      rates.push((packets * 1e9) / spanNs)
    }
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length
    const squares = rates.reduce((sum, rate) => sum + (rate - mean) * (rate - mean), 0)
    const error = Math.sqrt(squares / (rates.length - 1) / rates.length)
    // Four standard errors; where nothing is random, one packet more or less, and n packets have n - 1 gaps.
    const tolerance = 4 * error + 2e9 / durationNs
    assert.ok(Math.abs(mean - RATE) <= tolerance, `${mean} packets/s, tolerance ${tolerance}`)
  })

  test(`${label}: memory does not grow with a million packets`, async () => {
    const source = await open(1, 8e9)
    const chunk = new PacketChunk()
    let packets = 0
    const readTo = async (until: number) => {
      while (packets < until) {
        await refill(source, chunk)
        if (chunk.count === 0) break
        packets += chunk.count
      }
    }
    // Both times in the middle of a round, where a capture's reader has its buffers.
    await readTo(210_000)
    const [bytes, rows] = [await bytesInUse(), source.flows.version.length]
    await readTo(1_010_000)
    assert.ok(packets > 990_000, `${packets} packets`)
    const grown = (await bytesInUse()) - bytes
    assert.ok(grown < (skip.rows === undefined ? 2e5 : 2e6), `${grown} bytes more`)
    if (skip.rows === undefined) assert.equal(source.flows.version.length, rows)
    await source.close()
  })
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What stays: buffers are given back in the background, so the least of several looks counts. */
async function bytesInUse(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < 6; look++) {
    await setTimeout(2)
    collectGarbage()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    least = Math.min(least, heapUsed + arrayBuffers)
  }
  return least
}
