/** Flows that come and go: how many, how long they live, and that there are never more than said. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { distributions } from '../../../sim/distributions/index.ts'
import { randomStream } from '../../../sim/random.ts'
import { type FlowPopulation, flowPopulation } from './flow-population.ts'

function populationOf(flowCount: number, lifetime?: Record<string, unknown>, seed = 1): FlowPopulation {
  const [name, given] = Object.entries(lifetime ?? {})[0] ?? []
  const distribution = distributions.get(name ?? '')
  return flowPopulation(
    {
      flowCount,
      zipfExponent: 0,
      tcpShare: 0.8,
      lifeNs: distribution && ((random) => distribution.create(distribution.parameters.parse(given), random)),
    },
    (stream) => randomStream(seed, 0, stream),
  )
}

/** First and last packet of every flow, Poisson packets at this rate for so long. */
function livesOf({ flows, pick }: FlowPopulation, packetsPerSecond: number, durationNs: number, seed = 1) {
  const random = randomStream(seed, 0, 'arrivals')
  const [firstNs, lastNs] = [[] as number[], [] as number[]]
  for (let ns = 0; ; ) {
    ns += -Math.log1p(-random()) * (1e9 / packetsPerSecond)
    if (ns >= durationNs) return { firstNs, lastNs, flows }
    const flow = pick(ns)
    assert.ok(flow <= firstNs.length, 'numbers in order of first appearance')
    firstNs[flow] ??= ns
    lastNs[flow] = ns
  }
}

test('without lifetimes the flows are there from the start and stay', () => {
  const population = populationOf(50)
  assert.equal(population.flows.count, 50)
  const seen = new Set(Array.from({ length: 2000 }, (_, i) => population.pick(i * 1e9)))
  assert.equal(seen.size, 50)
  assert.equal(population.flows.count, 50)
})

test('constant lifetimes: in every lifetime each flow is replaced once, not all of them at once', () => {
  // 100 flows of 20,000 packets/s in all: 20 packets in each life of 100 ms.
  const { firstNs, lastNs, flows } = livesOf(populationOf(100, { constant: '100ms' }), 200_000, 1e9)
  // A life that begins before the run or ends after it may be too short for a packet: one of 200 of 50 ms on
  // average.
  assert.ok(flows.count <= 1100 && flows.count >= 1094, `${flows.count}`)
  assert.ok(lastNs.every((ns, flow) => ns - firstNs[flow]! < 100e6))
  const spans = lastNs.flatMap((ns, flow) =>
    ns < 800e6 && firstNs[flow]! > 150e6 ? [ns - firstNs[flow]!] : [],
  )
  assert.ok(spans.length > 500)
  // Without the wait for the first packet and the one after the last: 2 x 0.5 ms.
  const mean = spans.reduce((sum, span) => sum + span, 0) / spans.length
  assert.ok(Math.abs(mean - 99e6) < 0.15e6, `${mean}`)
  // New ones come evenly: in each tenth of a lifetime a tenth of them, give or take four deviations.
  for (let tenth = 0; tenth < 9; tenth++) {
    const born = firstNs.slice(100).filter((ns) => Math.floor((ns % 100e6) / 10e6) === tenth).length / 10
    assert.ok(Math.abs(born - 10) < 4 * Math.sqrt(100 * 0.1 * 0.9), `${tenth}: ${born}`)
  }
})

for (const [packetsPerFlow, packetsPerSecond] of [
  [100, 1_000_000],
  [2, 20_000],
] as const) {
  test(`exponential lifetimes: as many new flows as count / mean, of that mean, at ${packetsPerFlow} packets each`, () => {
    // A life of mean 10 ms has a packet with probability k / (k + 1), k packets per mean life.
    const seen = packetsPerFlow / (packetsPerFlow + 1)
    const { firstNs, lastNs, flows } = livesOf(
      populationOf(100, { exponential: { mean: '10ms' } }),
      packetsPerSecond,
      4e9,
    )
    const expected = (100 + (100 * 4e9) / 10e6) * seen
    assert.ok(Math.abs(flows.count - expected) < 4 * Math.sqrt(expected), `${flows.count}, not ${expected}`)
    // Memoryless: from the first packet another 10 ms, less the time from the last packet to the end.
    const spans = lastNs.map((ns, flow) => ns - firstNs[flow]!)
    const mean = spans.reduce((sum, span) => sum + span, 0) / spans.length
    const meanExpected = 10e6 * seen
    const error = 10e6 / Math.sqrt(spans.length)
    assert.ok(Math.abs(mean - meanExpected) < 4 * error, `${mean}, not ${meanExpected} +- ${error}`)
  })
}

test('what is left of the lives at time zero has the equilibrium distribution', () => {
  // 1 ms or 100 ms, mean 50.5 ms: P(rest > x) = integral from x on of P(life > y) dy / mean.
  const count = 20_000
  const { pick } = populationOf(count, { empirical: { values: ['1ms', '100ms'] } })
  const allAt = (ns: number) => {
    const seen = new Set<number>()
    // Enough that every place is drawn: e^-15 x 20,000 are missed.
    for (let i = 0; i < 15 * count; i++) seen.add(pick(ns))
    return seen
  }
  assert.equal(allAt(0).size, count)
  for (const [ns, share] of [
    [0.5e6, 1 - 0.5 / 50.5],
    [10e6, (0.5 * 90) / 50.5],
    [50e6, (0.5 * 50) / 50.5],
    [90e6, (0.5 * 10) / 50.5],
  ] as const) {
    const left = [...allAt(ns)].filter((flow) => flow < count).length / count
    const error = Math.sqrt((share * (1 - share)) / count)
    assert.ok(Math.abs(left - share) < 4 * error, `${ns / 1e6} ms: ${left}, not ${share} +- ${error}`)
  }
})

test('every new flow has addresses of its own, and the protocol mix stays exact', () => {
  const { flows } = livesOf(populationOf(10, { exponential: { mean: '1ms' } }), 100_000, 1e8)
  assert.ok(flows.count > 500)
  assert.equal(flows.pairCount, flows.count)
  const tcp = flows.protocol.subarray(0, flows.count).filter((protocol) => protocol === 6).length
  assert.equal(tcp, Math.floor(flows.count * 0.8))
})

test('lives much shorter than the gaps between packets cost no more than a hundred draws each', () => {
  const { pick, flows } = populationOf(3, { constant: '1ns' })
  for (let i = 1; i <= 1000; i++) assert.equal(pick(i * 1e9), i - 1)
  assert.equal(flows.count, 1000)
})

test('never more flows at once than there are, whatever their lives', () => {
  const lifetimes = fc.constantFrom(
    { constant: '3ms' },
    { exponential: { mean: '2ms' } },
    { pareto: { minimum: '500us', shape: 1.2 } },
    { uniform: { low: '0us', high: '4ms' } },
    { empirical: { values: ['0ns', '5ms'] } },
  )
  fc.assert(
    fc.property(lifetimes, fc.integer({ min: 1, max: 20 }), fc.nat(), (lifetime, count, seed) => {
      const { firstNs, lastNs } = livesOf(populationOf(count, lifetime, seed), 50_000, 20e6, seed)
      for (const ns of firstNs) {
        const alive = firstNs.filter((first, flow) => first <= ns && ns <= lastNs[flow]!).length
        assert.ok(alive <= count, `${alive} of ${count}`)
      }
    }),
    { seed: 1962, numRuns: 100 },
  )
})
