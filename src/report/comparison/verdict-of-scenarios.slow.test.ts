/**
 * 500 random scenarios, simulated: nobody is recommended who drops significantly more than another that
 * reorders no more, by intervals that this test makes itself; and every sentence of the verdict says what
 * report.json has.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { numberOf } from '../../metrics/metric.ts'
import type { RunResult } from '../../metrics/result.ts'
import { differenceOf } from '../../metrics/statistics/comparison.ts'
import { simulate } from '../../run/simulate.testing.ts'
import { type ScenarioInput, scenarioSchema } from '../../scenario/schema/schema.ts'
import { madeReport } from '../made-results.testing.ts'
import { jsonText } from '../parts/json.ts'
import type { Report } from './report.ts'
import { verdictTexts } from './verdict-text.ts'

const SCENARIOS = 500
const POLICIES = [
  'any-idle',
  'round-robin',
  'hash',
  'rss',
  'flow-pinned',
  'least-loaded',
  'sprayer',
  'drained',
  'random',
]
/** Two-sided 95 % of Student's t with n - 1 degrees of freedom (Abramowitz and Stegun, table 26.10). */
const T95 = [Number.NaN, Number.NaN, 12.7062, 4.3027]

const scenarios = fc
  .record({
    packets: fc.integer({ min: 50, max: 700 }),
    exponent: fc.double({ min: 4, max: 5.7, noNaN: true }),
    flows: fc.integer({ min: 1, max: 40 }),
    lanes: fc.integer({ min: 1, max: 8 }),
    fixedUs: fc.integer({ min: 1, max: 60 }),
    jitterUs: fc.integer({ min: 1, max: 100 }),
    capacity: fc.constantFrom(2, 8, 64, 1000),
    tunCapacity: fc.constantFrom(4, 50, 500),
    onFull: fc.constantFrom('drop' as const, 'hold' as const),
    policies: fc.uniqueArray(fc.constantFrom(...POLICIES), { minLength: 1, maxLength: 5 }),
    runs: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(1e6),
  })
  .map(({ packets, exponent, flows, lanes, fixedUs, jitterUs, capacity, tunCapacity, onFull, ...rest }) => {
    const packetsPerSecond = Math.round(10 ** exponent)
    return {
      source: { synthetic: { packetsPerSecond, flows: { count: flows } } },
      tunQueue: { capacityPackets: tunCapacity },
      lanes: {
        count: lanes,
        queue: { capacityPackets: capacity, onFull },
        service: {
          fixed: `${fixedUs}us`,
          perByte: '0ns',
          jitter: { exponential: { mean: `${jitterUs}us` } },
        },
      },
      duration: `${Math.ceil((packets / packetsPerSecond) * 1e6)}us`,
      warmup: '0s',
      ...rest,
    } satisfies ScenarioInput
  })

/** Mean of the paired differences, and whether their interval leaves out 0 above it; one run has none. */
function above(
  ones: readonly number[],
  others: readonly number[],
): { mean: number; isAbove: boolean | null } {
  const differences = ones.map((value, i) => value - others[i]!)
  const n = differences.length
  const mean = differences.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return { mean, isAbove: null }
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, isAbove: mean - T95[n]! * Math.sqrt(squares / (n - 1) / n) > 1e-12 }
}

function assertNobodyDropsMore(results: readonly RunResult[], { verdict, labels }: Report): void {
  const of = (label: string, ...names: string[]) =>
    results.map(({ policies }) => {
      const { metrics } = policies.find((policy) => policy.label === label)!
      return names.reduce((sum, name) => sum + (numberOf(metrics[name] ?? null) ?? 0), 0)
    })
  const drops = (label: string) => of(label, 'tunQueueDropRatio', 'laneDropRatio')
  for (const named of verdict.policies) {
    for (const other of labels) {
      if (other === named) continue
      const more = above(drops(named), drops(other))
      if (more.mean <= 0.001 || more.isAbove === false) continue
      const { isAbove } = above(of(other, 'reorderedRatio'), of(named, 'reorderedRatio'))
      // Of one run, batches tell; their interval has tests of its own.
      const batches = differenceOf(results, labels.indexOf(other), labels.indexOf(named), 'reorderedRatio')
      const reordersMore = isAbove ?? (batches.low95 ?? batches.mean ?? 0) > 0
      assert.ok(reordersMore, `${named} drops more than ${other}, which reorders no more`)
    }
    assert.notEqual(named, 'drained')
  }
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, '%': 0.01 }

/** "4.3ms", "4.3 ms" or "12%" as ns or a share. */
function amount(text: string): number {
  const [, digits, unit] = /^<?([\d.,]+) ?(ns|us|ms|s|%)?$/.exec(text)!
  return Number(digits!.replaceAll(',', '')) * (unit === undefined ? 1 : UNITS[unit]!)
}

/** Three digits are shown. */
function assertNear(text: string, value: number | null | undefined, what: string): void {
  assert.ok(value != null, `${what}: ${text}, and report.json has none`)
  if (text.startsWith('<')) {
    assert.ok(value > 0 && value < amount(text), `${what}: ${text} for ${value}`)
    return
  }
  assert.ok(Math.abs(amount(text) - value) <= 0.006 * Math.abs(value), `${what}: ${text} for ${value}`)
}

/** What the sentences say, looked up in what was saved. */
function assertSaid(texts: readonly string[], report: Report): void {
  const metric = (label: string, name: string) =>
    report.records.find(({ policy }) => policy === label)!.metrics[name]?.mean
  const dropsOf = (label: string) => metric(label, 'tunQueueDropRatio')! + metric(label, 'laneDropRatio')!
  const { verdict } = report
  const [best] = verdict.policies
  const text = texts.join(' ')
  for (const [, quantity] of text.matchAll(/\bp99 ([\d.,]+[nuµm]?s)(?=[ ,;])/g)) {
    assertNear(quantity!, metric(best!, 'latencyNsP99'), 'p99 of the best')
  }
  for (const [, label, quantity] of text.matchAll(/([\w-]+) \(p99 ([^)]+)\)/g)) {
    assertNear(quantity!, metric(label!, 'latencyNsP99'), `p99 of ${label}`)
  }
  for (const [, label, quantity] of text.matchAll(/([\w-]+),? which reorders (<?[\d.]+%?)/g)) {
    assertNear(quantity!, metric(label!, 'reorderedRatio'), `reordered of ${label}`)
  }
  for (const [, quantity, label] of text.matchAll(/(<?[\d.]+%) by ([\w-]+)/g)) {
    assertNear(quantity!, dropsOf(label!), `drops of ${label}`)
  }
  for (const [, label, quantity] of text.matchAll(/\b(?!which)([\w-]+) reorders (<?[\d.]+%?)(?=[,.] )/g)) {
    assertNear(quantity!, metric(label!, 'reorderedRatio'), `reordered of ${label}`)
  }
  for (const [, quantity, direction, than] of text.matchAll(
    /, ([\d.,]+ [num]?s)(?: ±[\d.,]+ [num]?s)? (more|less)(?: \([^)]*\))? than ([\w-]+)/g,
  )) {
    const difference = metric(best!, 'latencyNsP99')! - metric(than!, 'latencyNsP99')!
    assert.equal(difference > 0, direction === 'more')
    assert.ok(Math.abs(amount(quantity!) - Math.abs(difference)) <= 0.006 * Math.abs(difference) + 0.01)
  }
  if (/drops? nothing/.test(text)) for (const label of verdict.policies) assert.equal(dropsOf(label), 0)
  if (/^(Of the policies that keep order|[\w-]+ keeps order)/.test(text)) {
    for (const label of verdict.policies) assert.equal(metric(label, 'reorderedRatio'), 0)
  }
  if (/^Nothing is reordered/.test(text)) {
    for (const { metrics, policy } of report.records) {
      if (policy !== 'drained') assert.equal(metrics.reorderedRatio?.mean ?? 0, 0)
    }
  }
  if (/^Drops come first/.test(text)) assert.deepEqual(verdict.policies, [])
  assert.match(text, new RegExp(`on ${report.runs} runs?\\.`))
}

test('in 500 random scenarios the verdict names nobody who drops more, and says what report.json has', async (t) => {
  const kinds = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(scenarios, async (input) => {
      const results: RunResult[] = []
      for (let run = 0; run < input.runs; run++) results.push(await simulate(input, { run }))
      const report = madeReport(results, scenarioSchema.parse(input))
      assertNobodyDropsMore(results, report)
      const saved = JSON.parse(jsonText(report)) as Report
      const texts = verdictTexts(saved)
      assert.deepEqual(texts, verdictTexts(report))
      assertSaid(texts, saved)
      kinds.set(report.verdict.kind, (kinds.get(report.verdict.kind) ?? 0) + 1)
    }),
    { seed: 11, numRuns: SCENARIOS },
  )
  t.diagnostic([...kinds].map(([kind, count]) => `${count} ${kind}`).join(', '))
  assert.deepEqual(
    [...kinds.keys()].sort(),
    ['cannot-tell', 'drops-first', 'least-reordered', 'nothing-reordered', 'order-kept'],
    'every kind was met',
  )
})
