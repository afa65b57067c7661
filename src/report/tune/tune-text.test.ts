import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import type { Tuning } from '../../tune/tuning.ts'
import { madeReport } from '../made-results.testing.ts'
import { ttlCsv } from './tune-csv.ts'
import { tuneMarkdown } from './tune-markdown.ts'
import type { TuneReport } from './tune-report.ts'
import { tuneText } from './tune-table.ts'
import { answers, remarks } from './tune-text.ts'

const summary = (mean: number, half: number, count?: number): MetricSummary => ({
  mean,
  low95: mean - half,
  high95: mean + half,
  runs: 3,
  ...(count === undefined ? {} : { count, of: 1e6 }),
})
const point = (ttlNs: number | null, policy: string, reordered: number, unsafe: number) => ({
  ttlNs,
  policy,
  metrics: {
    reorderedRatio: summary(reordered, reordered / 10, reordered * 1e6),
    sackLostRatio: summary(0, 0, 0),
    unsafeMoves: summary(unsafe / 1e6, 0, unsafe),
    laneLoadJain: summary(0.9, 0.01),
    latencyNsP99: summary(1.2e6, 1e5),
    tableEntriesMax: summary(120, 3),
    tableEvictions: summary(0, 0),
    flowMoves: summary(0.01, 0, 10_000),
  },
})

const tune: Tuning = {
  policy: 'flow-pinned',
  parameters: { key: 'address-pair' },
  parameter: 'ttl',
  metric: 'reorderedRatio',
  targetRatio: 0.001,
  decidedBy: 'interval',
  beginsHigh: false,
  recommended: { kind: 'value', ttlNs: 5e6 },
  safe: { kind: 'value', ttlNs: 10e6, moves: 10_000, bound: 0.0003 },
  setting: { ttlNs: 20e6, value: '20ms', basis: 'margin', policy: 'flow-pinned:ttl=30s,key=address-pair' },
  proof: null,
  unproven: { unbounded: ['work has no bound (lognormal)'], notCovered: [] },
  check: {
    policy: 'flow-pinned:key=address-pair,ttl=5ms',
    ttlNs: 5e6,
    seed: '1-check',
    reorderedRatio: summary(0.0004, 0.0001, 400),
    upperBound: 0.0005,
    isKept: true,
    unsafeMoves: summary(4e-6, 0, 4),
  },
  costs: [
    {
      policy: 'any-idle',
      against: 'flow-pinned:ttl=30s,key=address-pair',
      difference: {
        reorderedRatio: summary(0.2, 0.01),
        latencyNsP99: summary(0, 1),
        laneLoadJain: summary(0.1, 0.2),
      },
    },
  ],
  curve: [
    point(1e6, 'flow-pinned:key=address-pair,ttl=1ms', 0.02, 500),
    point(5e6, 'flow-pinned:key=address-pair,ttl=5ms', 0.0005, 3),
    point(10e6, 'flow-pinned:key=address-pair,ttl=10ms', 0, 0),
    point(null, 'flow-pinned:ttl=30s,key=address-pair', 0, 0),
  ],
  never: 'flow-pinned:ttl=30s,key=address-pair',
  drained: 'any-idle',
  notes: ['A note.'],
}
const reportWith = (change: Partial<Tuning> = {}): TuneReport => {
  const made = madeReport()
  const { curve } = { ...tune, ...change }
  const drained = made.records.find(({ policy }) => policy === tune.drained)!
  return {
    ...made,
    records: [...curve.map(({ policy, metrics }) => ({ ...drained, policy, metrics })), drained],
    verdict: { ...made.verdict, ttlNs: 20e6 },
    tune: { ...tune, ...change },
  }
}
const said = (change: Partial<Tuning>) =>
  answers(reportWith(change)).flatMap(([name, text]) => (name === 'Set' ? [] : [text]))

test('both TTLs come with what they rest on', () => {
  const [recommended, safe] = said({})
  assert.equal(
    recommended,
    '5ms. 0.0500% ±0.0050 reordered, target 0.1% (by its upper 95% bound and that of all longer ones). ' +
      'On 3 fresh runs (seed 1-check): 0.040% ±0.010, within the target.',
  )
  assert.equal(
    safe,
    '10ms. From it on no run had an unsafe move; it rests on 10,000 moves, so that less than 3/n = 0.03% of such ' +
      'moves are unsafe (95%). No TTL is safe for ever here: work has no bound (lognormal). More packets find a longer ' +
      'stay; in the reference scenario this TTL grows from about 0.5 ms over 1e5 packets to 0.7-1.1 ms over 1e7.',
  )
})

test('any and none are answers too', () => {
  const none = { kind: 'none', ttlNs: null, moves: null, bound: null } as const
  const [recommended, safe] = said({ recommended: { kind: 'none' }, safe: none, check: null })
  assert.match(recommended!, /^none\. The target is 0\.1% reordered; at 10ms it is 0 .*, never expiring 0 /)
  assert.match(safe!, /^none\. 10ms has 0 unsafe moves; only never expiring had none: widen --ttl\./)
  const any = { kind: 'any', ttlNs: 1e6, moves: 1, bound: 1 } as const
  const [first, second] = said({
    recommended: { kind: 'any' },
    safe: any,
    check: { ...tune.check!, isKept: false },
  })
  assert.match(
    first!,
    /^any\. Already at 1ms, the shortest tried, 2\.\S+ ±\S+ reordered, .* above the target - take more/,
  )
  assert.match(
    second!,
    /^any\. Already from 1ms, the shortest tried, on no run had an unsafe move; it rests on 1 move, so that/,
  )
})

test('a proof says its sum and how many silences are shorter; else what stands against one', () => {
  const proof = { stayNs: 8e5, workNsMax: 1e5, packets: 8, otherNs: 0, gaps: 10_000, gapsShorter: 4988 }
  const none = { unbounded: [], notCovered: [] }
  assert.match(
    said({ proof, unproven: none })[1]!,
    /Proven: no packet stays longer than 800 us \(8 services of at most 100 us\), so a TTL of that length or more is safe for any traffic\. Of 10,000 gaps within flows here 4,988 are shorter than that\.$/,
  )
  const covered = said({ unproven: { unbounded: [], notCovered: ['lanes share cores'] } })[1]!
  assert.match(covered, /\(95%\)\. No proof covers it: lanes share cores\.$/)
})

test('a check by the mean alone is not one by the bound', () => {
  const check = { ...tune.check!, reorderedRatio: summary(0.0009, 0.00024, 900), upperBound: 0.00114 }
  assert.match(
    said({ check })[0]!,
    /0\.090% ±0\.024, the mean is within the target, its upper bound 0\.114% isn't: take more runs \(-r\)\.$/,
  )
})

test('what fresh runs say against a safe TTL is said with it, unsafe moves below it are not', () => {
  assert.doesNotMatch(said({})[1]!, /fresh runs/)
  const check = { ...tune.check!, ttlNs: 10e6 }
  const text = said({ check, safe: { kind: 'none', ttlNs: null, moves: null, bound: null } })[1]!
  assert.match(
    text,
    /^none\. At 10ms the fresh runs had 4 unsafe moves, so it is not safe: take more runs \(-r\)\. Only never expiring had none: widen --ttl\./,
  )
})

test('what rests on no move or no packet is unknown, and the reference scenario is only named beside a value', () => {
  const unknown = { kind: 'unknown', ttlNs: 10e6, moves: 0, bound: null } as const
  const text = said({ safe: unknown })[1]!
  assert.match(
    text,
    /^unknown\. From 10ms on no flow moved at all, so nothing tells whether a move would be safe: take more packets\. No TTL is safe for ever here: /,
  )
  assert.doesNotMatch(text, /reference scenario/)
  const curve = tune.curve.map((one) => ({ ...one, metrics: {} }))
  const nothing = {
    recommended: { kind: 'unknown' },
    safe: { ...unknown, ttlNs: 1e6 },
    curve,
    check: null,
  } as const
  assert.deepEqual(said(nothing), ['unknown. No packet was judged.', 'unknown.'])
  const report = reportWith({ ...nothing, costs: [], notes: [] })
  const { load } = report
  const mean = { ...load.mean, packets: 0 }
  const lines = tuneText({ ...report, load: { ...load, mean } }, { width: 80, colour: false }).split('\n')
  const from = lines.findIndex((line) => line.startsWith('Smallest TTL within'))
  assert.deepEqual(lines.slice(from), [
    'Smallest TTL within the target: unknown. No packet was judged.',
    'Smallest safe TTL: unknown.',
    '',
    'No packet arrived, so there is nothing to compare: see what the capture holds',
    '(lanewise inspect).',
    '',
    '',
  ])
})

test('a grid that begins above what would differ says to look lower', () => {
  const any = { kind: 'any', ttlNs: 1e6, moves: 10_000, bound: 0.0003 } as const
  const [first, second] = said({ beginsHigh: true, recommended: { kind: 'any' }, safe: any })
  assert.match(
    first!,
    /^1ms or less: the shortest tried; look lower with --ttl\. 2\.00% ±0\.20 reordered, target/,
  )
  assert.match(
    second!,
    /^1ms or less: the shortest tried; look lower with --ttl\. From it on no run had an unsafe/,
  )
})

test('where never expiring costs nothing, it is said', () => {
  const difference = {
    reorderedRatio: summary(0, 0),
    latencyNsP99: summary(5, 1),
    laneLoadJain: summary(-0.1, 0.2),
  }
  const cost = { ...tune.costs[0]!, difference }
  assert.match(
    remarks(reportWith({ costs: [cost] }))[0]!,
    /\. Never expiring is as good or better in every column\.$/,
  )
  const table = { ...difference, tableEntriesMax: summary(-40, 3) }
  assert.doesNotMatch(
    remarks(reportWith({ costs: [{ ...cost, difference: table }] }))[0]!,
    /Never expiring is/,
  )
})

test('the legend explains the columns and marks that are there', () => {
  const text = tuneText(reportWith(), { width: 80, colour: false })
  assert.match(
    text,
    /SACK lost: packets that[\s\S]*< target: smallest within the target\. < safe: smallest safe\./,
  )
  const bare = tune.curve.map(({ metrics: { reorderedRatio, unsafeMoves }, ...one }) => ({
    ...one,
    metrics: { reorderedRatio: reorderedRatio!, unsafeMoves: unsafeMoves! },
  }))
  const report = reportWith({ curve: bare, recommended: { kind: 'none' }, costs: [] })
  const short = tuneText({ ...report, records: [] }, { width: 80, colour: false })
  assert.doesNotMatch(short, /SACK|Jain|entries|< target|evictions/)
  assert.match(short, /< safe: smallest safe\. Nothing\s+expires/)
})

test('costs name what differs beyond chance, and what does not', () => {
  const { records } = madeReport()
  assert.deepEqual(remarks({ ...reportWith(), records }), [
    'any-idle against never expiring: reordered 20% instead of 0, the same lanes even, latency p99.',
    'A note.',
  ])
})

test('the rows of both answers are marked, and evictions only shown where there are any', () => {
  const text = tuneText(reportWith(), { width: 80, colour: false })
  assert.match(text, /^ {2}5ms < target +0\.05/m)
  assert.match(text, /^ {2}10ms < safe +0 \(<0\.0003%\)/m)
  assert.match(text, /^ {2}never +0/m)
  assert.match(text, /^ {2}drained +20/m)
  assert.doesNotMatch(text, /evictions/)
  assert.ok(
    text.split('\n').every((line) => line.length <= 80),
    text,
  )
  const same = tuneText(reportWith({ recommended: { kind: 'value', ttlNs: 10e6 } }), {
    width: 80,
    colour: false,
  })
  assert.match(same, /^ {2}10ms < both/m)
  const evicting = tune.curve.map((one) => ({
    ...one,
    metrics: { ...one.metrics, tableEvictions: summary(7, 1) },
  }))
  assert.match(
    tuneText(reportWith({ curve: evicting }), { width: 120, colour: false }),
    /evictions\n[\s\S]* 7\.0 ±1\.0/,
  )
  assert.match(tuneMarkdown(reportWith()), /\n\| 5ms &lt; target|\n\| 5ms \\< target \|/)
})

test('ttl.csv has a row per TTL and nothing where nothing is known', () => {
  const [last] = tune.curve.slice(-1)
  const { reorderedRatio: _, ...known } = last!.metrics
  const [header, first, ...rows] = ttlCsv(
    reportWith({ curve: [...tune.curve.slice(0, 3), { ...last!, metrics: known as typeof last.metrics }] }),
  )
    .trimEnd()
    .split('\n')
  assert.equal(header!.split(',').length, 22)
  assert.match(first!, /^1000000,0\.02,0\.018000000000000002,0\.022,0,0,0,/)
  assert.match(rows.at(-1)!, /^,,,,0,0,0,/)
})
