/**
 * One suite for all charts: what every one of them keeps to, and that the numbers drawn are those of the
 * results.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import type { ChartInput } from '../chart.ts'
import { makeRenderer } from '../render.ts'
import {
  inputOf,
  made,
  madeWindow,
  PINNED,
  savedComparison,
  savedReplay,
  savedScan,
  savedTune,
} from '../saved.testing.ts'
import { isScan, type SavedResult } from '../saved.ts'
import type { Row, Spec } from '../spec.ts'
import { charts } from './index.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-charts-'))
after(() => rmSync(folder, { recursive: true }))
const comparison = savedComparison(path.join(folder, 'made'))
const loads = savedScan([['source.packetsPerSecond', [10_000, 20_000, 40_000]]])
const inputs: Readonly<Record<string, ChartInput>> = {
  comparison: inputOf([comparison], { trace: madeWindow }),
  'two comparisons': inputOf([comparison, { ...comparison, title: 'Another' }]),
  loads: inputOf([loads]),
  'lanes and jitter': inputOf([
    savedScan([
      ['lanes.count', [2, 4]],
      ['lanes.service.jitter.lognormal.median', ['1us', '10us', '100us']],
    ]),
  ]),
  TTLs: inputOf([savedTune()]),
  replay: inputOf([savedReplay()]),
}

const chartNamed = (name: string) => charts.find((chart) => chart.name === name)!
const draw = (name: string, input: ChartInput) => {
  const spec = chartNamed(name).draw(input)
  assert.notEqual(spec, null, `${name} is drawn`)
  return spec!
}
const rowsOf = (spec: Spec) => (spec.data as { values: Row[] }).values
const pick = (rows: readonly Row[], ...names: string[]) =>
  rows.map((row) => names.map((name) => row[name] ?? null))

/** Every object within, itself too. */
function* within(value: unknown): Generator<Spec> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Spec
  for (const inner of Object.values(value)) yield* within(inner)
}

test('every chart is drawn from some results, and only from those that have its data', () => {
  const possible = (input: ChartInput) =>
    charts.filter((chart) => chart.draw(input) !== null).map(({ name }) => name)
  const ofOnePoint = [
    'reorder-rate',
    'trade-off',
    'latency-cdf',
    'late-time-cdf',
    'extent-histogram',
    'n-reordering',
    'reorder-density',
    'flow-scatter',
  ]
  assert.deepEqual(possible(inputs.comparison!), [...ofOnePoint, 'lane-timeline'])
  assert.deepEqual(possible(inputs['two comparisons']!), ofOnePoint)
  assert.deepEqual(possible(inputs.loads!), ['reorder-over-load'])
  assert.deepEqual(possible({ ...inputs.loads!, point: 1 }), [
    'reorder-rate',
    'trade-off',
    'reorder-over-load',
  ])
  assert.deepEqual(possible(inputs['lanes and jitter']!), ['reorder-over-threads', 'reorder-over-jitter'])
  assert.deepEqual(possible(inputs.TTLs!), [
    'reorder-over-ttl',
    'reorder-rate',
    'trade-off',
    'latency-cdf',
    'flow-scatter',
  ])
  assert.deepEqual(possible(inputs.replay!), ['reorder-rate', 'predicted-measured'])
  assert.deepEqual(possible(inputOf([])), [])
})

test('what a chart needs names a command', () => {
  for (const { name, needs } of charts) assert.match(needs, / - .*lanewise \w+/, name)
})

const titleOf = ({ axis }: Spec) => (axis as Spec).title

for (const [kind, input] of Object.entries(inputs)) {
  test(`charts of ${kind}: axes have titles with units, Vega-Lite has nothing to say, 800 pixels hold them`, async () => {
    const renderer = await makeRenderer()
    for (const { name, draw } of charts) {
      const spec = draw(input)
      if (spec === null) continue
      const axes = [...within(spec)].filter(({ type, axis, field }) => type !== undefined && axis && field)
      assert.ok(axes.length >= 1, name)
      for (const { axis, field } of axes) {
        const { title } = axis as { title: string | null }
        // Of panels above each other that share an axis the last one has its title.
        const isShared = title === null && axes.some((other) => other.field === field && titleOf(other))
        if (field !== 'policy' && !isShared)
          assert.match(String(title), /\S \([^()]+\)/, `${name}: ${String(field)}`)
      }
      const svg = await renderer.toSvg(spec)
      const [, width] = /<svg [^>]*width="([\d.]+)"/.exec(svg)!
      assert.ok(Number(width) > 500 && Number(width) <= 830, `${name} is ${width} pixels wide`)
      assert.doesNotMatch(svg, /NaN|undefined|Infinity/, name)
    }
    assert.deepEqual(renderer.warnings, [])
  })
}

test('a policy has the same colour in every chart', () => {
  for (const { draw } of charts) {
    for (const { scale, field } of within(draw(inputs.comparison!))) {
      if (field !== 'policy' || scale === undefined) continue
      const { domain, range } = scale as { domain: string[]; range: unknown[] }
      const place = domain.indexOf('any-idle')
      if (place >= 0 && typeof range[place] === 'string' && String(range[place]).startsWith('#'))
        assert.equal(range[place], '#D55E00')
    }
  }
})

test('reorder-rate draws means and intervals, and says what a zero is worth', () => {
  const rows = rowsOf(draw('reorder-rate', inputs.comparison!))
  const { mean, low95, high95 } = comparison.report!.records[0]!.metrics.reorderedRatio!
  assert.deepEqual(pick(rows, 'policy', 'ratio', 'low', 'high', 'text'), [
    ['any-idle', mean, low95, high95, '20.0% ±2.5'],
    [PINNED, 0, 0, 0, '0 (<0.1%)'],
  ])
  const measured = rowsOf(draw('reorder-rate', inputs.replay!))
  assert.deepEqual(pick(measured, 'policy', 'ratio'), [
    ['any-idle', made(0.2 * 1.1).mean],
    ['hash', 0],
  ])
})

test('distributions are cumulated over all buckets, exactly at their ends', () => {
  const rows = rowsOf(draw('latency-cdf', inputs.comparison!)).filter(({ policy }) => policy === 'any-idle')
  assert.deepEqual(pick(rows, 'value', 'share'), [
    [10, 0],
    [20, 0.5],
    [40, 0.9],
    [900, 0.9],
    [1000, 1],
  ])
  const late = rowsOf(draw('late-time-cdf', inputs.comparison!))
  assert.deepEqual([...new Set(late.map(({ policy }) => policy))], ['any-idle'])
})

test('extents fall into classes that double, as shares of the packets delivered', () => {
  const rows = rowsOf(draw('extent-histogram', inputs.comparison!))
  assert.deepEqual(pick(rows, 'bar', 'exact'), [
    ['1', 420 / 3000],
    ['3\u20134', 180 / 3000],
  ])
})

test('n-reordering and reorder density are those of the results', () => {
  const { metrics } = comparison.report!.records[0]!
  assert.deepEqual(pick(rowsOf(draw('n-reordering', inputs.comparison!)), 'policy', 'bar', 'share'), [
    ['any-idle', 1, metrics['nReordering[1]']!.mean],
    ['any-idle', 2, metrics['nReordering[2]']!.mean],
  ])
  assert.deepEqual(pick(rowsOf(draw('reorder-density', inputs.comparison!)), 'bar', 'exact'), [
    [-1, 0.19],
    [0, 0.62],
    [1, 0.19],
  ])
})

test('flows are pooled over the runs, their rate is that of one run', () => {
  const rows = rowsOf(draw('flow-scatter', inputs.comparison!))
  assert.deepEqual(pick(rows, 'flow', 'rate', 'share'), [['10.0.0.1:1 > 10.0.0.2:2/tcp', 1000, 2]])
})

test('the trade-off has both numbers of each policy, and how uneven its lanes are', () => {
  const rows = rowsOf(draw('trade-off', inputs.comparison!))
  assert.deepEqual(pick(rows, 'policy', 'exact', 'latency', 'uneven'), [
    ['any-idle', comparison.report!.records[0]!.metrics.reorderedRatio!.mean, 1.234, 0.125],
    [PINNED, 0, 1.234, 0.125],
  ])
})

test('a line over a scan has its points at the values, a panel for each other setting', () => {
  const rows = rowsOf(draw('reorder-over-load', inputs.loads!)).filter(({ policy }) => policy === 'any-idle')
  assert.deepEqual(pick(rows, 'x', 'ratio', 'low', 'high'), [
    [10_000, 0.01, 0.009000000000000001, 0.011000000000000001],
    [20_000, 0.02, 0.018000000000000002, 0.022000000000000002],
    [40_000, 0.03, 0.027, 0.033],
  ])
  const jitter = rowsOf(draw('reorder-over-jitter', inputs['lanes and jitter']!))
  assert.deepEqual(
    pick(
      jitter.filter(({ policy }) => policy === PINNED),
      'panel',
      'x',
      'ratio',
    ),
    [
      ['lanes.count 2', 1, 0.02],
      ['lanes.count 2', 10, 0.04],
      ['lanes.count 2', 100, 0.06],
      ['lanes.count 4', 1, 0.08],
      ['lanes.count 4', 10, 0.1],
      ['lanes.count 4', 100, 0.12],
    ],
  )
})

test('policies whose lines would hide each other on the axis are named below the title', () => {
  const scan = savedScan([['source.packetsPerSecond', [10_000, 20_000]]])
  const report = scan.report!
  const records = report.records.map((record) =>
    record.policy === PINNED
      ? { ...record, metrics: { ...record.metrics, reorderedRatio: made(0) } }
      : record,
  )
  const subtitleOf = (saved: SavedResult) =>
    (draw('reorder-over-load', inputOf([saved])).title as { subtitle: string[] }).subtitle.join(' ')
  assert.ok(
    subtitleOf({ ...scan, report: { ...report, records } }).includes(`Nothing reordered by ${PINNED}.`),
  )
  assert.ok(!subtitleOf(scan).includes('Nothing reordered'))
})

test('settings that are no numbers stand side by side', () => {
  const release = savedScan([['release', ['none', 'sequence']]])
  const rows = rowsOf(draw('reorder-over-setting', inputOf([release])))
  assert.deepEqual([...new Set(rows.map(({ x }) => x))], ['none', 'sequence'])
})

test('the TTL curve ends with never, zeros are drawn, and both answers are marked', () => {
  const rows = rowsOf(draw('reorder-over-ttl', inputs.TTLs!))
  const curve = rows.filter(({ kind }) => kind === 'curve')
  assert.deepEqual(pick(curve, 'ttl', 'exact'), [
    ['0 ns', 0.2],
    ['100 us', 0.25],
    ['1 ms', 0.05],
    ['10 ms', 0.0005],
    ['100 ms', 0],
    ['never', 0],
  ])
  assert.ok(
    curve.every(({ x, value }) => Number(x) > 0 && Number(value) > 0),
    'zeros have a place',
  )
  assert.deepEqual(
    pick(
      rows.filter(({ kind }) => kind === 'mark'),
      'x',
      'text',
    ),
    [
      [10, 'recommended: 10 ms'],
      [100, 'safe: 100 ms'],
    ],
  )
  const both = savedTune({ safe: { kind: 'value', ttlNs: 10_000_000 } })
  const marks = rowsOf(draw('reorder-over-ttl', inputOf([both]))).filter(({ kind }) => kind === 'mark')
  assert.deepEqual(pick(marks, 'x', 'text'), [[10, 'recommended and safe: 10 ms']])
  const none = savedTune({ recommended: { kind: 'any' }, safe: { kind: 'none' } })
  const { subtitle } = draw('reorder-over-ttl', inputOf([none])).title as { subtitle: string[] }
  assert.ok(subtitle.includes('Every TTL tried is recommendable. No TTL tried is safe.'), subtitle.join('|'))
})

test('the lane timeline has a bar per packet from start to finish, the overtaken ones marked', () => {
  const rows = rowsOf(draw('lane-timeline', inputs.comparison!))
  assert.deepEqual(pick(rows, 'packet', 'lane', 'from', 'to', 'reordered', 'flow'), [
    [0, 0, 0, 100, false, 'a > b/udp'],
    [1, 0, 100, 200, true, 'c > d/udp'],
    [2, 1, 2, 42, false, 'c > d/udp'],
  ])
})

test('predicted stands against measured, in the same unit on both axes', () => {
  const { concat } = draw('predicted-measured', inputs.replay!) as unknown as { concat: Spec[] }
  assert.equal(concat.length, 3)
  assert.deepEqual(pick(rowsOf(concat[0]!), 'policy', 'predicted', 'measured'), [
    ['any-idle', 0.2, 0.22000000000000003],
    ['hash', 0, 0],
  ])
  assert.deepEqual(pick(rowsOf(concat[1]!), 'predicted', 'measured'), [
    [100, 110],
    [100, 110],
  ])
})

test('panels of predicted against measured have the same policies, also where one knows nothing of a metric', () => {
  const live = inputs.replay!.results[0]!.live!
  const [known, ...others] = live.subjects
  const { latencyNsP50: _, ...measured } = known!.measured
  const subjects = [{ ...known!, measured, verdict: null }, ...others]
  const results = [{ ...inputs.replay!.results[0]!, live: { ...live, subjects } }]
  const { concat } = draw('predicted-measured', { ...inputs.replay!, results }) as unknown as {
    concat: Spec[]
  }
  const domainsOf = (spec: unknown): string[] =>
    [
      ...JSON.stringify(spec).matchAll(/"field":"policy","type":"nominal","scale":\{"domain":(\[[^\]]*\])/g),
    ].map(([, domain]) => domain!)
  assert.equal(rowsOf(concat[1]!).length, 1)
  assert.deepEqual([...new Set(concat.flatMap(domainsOf))], ['["any-idle","hash"]'])
})

test('thirty policies with long names, zeros and huge values are drawn in 800 pixels', async () => {
  const renderer = await makeRenderer()
  const report = comparison.report!
  const [record] = report.records
  const labels = Array.from(
    { length: 30 },
    (_, i) => `a-policy-of-somebody:key=address-pair,ttl=${i}ms,assign=idle`,
  )
  const records = labels.map((policy, i) => ({
    ...record!,
    policy,
    metrics: {
      ...record!.metrics,
      reorderedRatio: made(i === 0 ? 0 : 1e-7 * 2 ** i),
      latencyNsP99: made(1e4 * 2 ** i),
    },
  }))
  const many: SavedResult = { ...comparison, report: { ...report, labels, records } }
  assert.ok(!isScan(report))
  for (const name of ['reorder-rate', 'trade-off']) {
    const svg = await renderer.toSvg(draw(name, inputOf([many])))
    assert.ok(Number(/<svg [^>]*width="([\d.]+)"/.exec(svg)![1]) <= 830, name)
    for (const label of labels) assert.ok(svg.includes(label.split(/[:,]/)[2]!), `${name} names ${label}`)
  }
  assert.deepEqual(renderer.warnings, [])
})
