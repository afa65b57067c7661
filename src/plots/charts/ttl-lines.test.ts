import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chosenSteps, drawnLabels } from '../chosen-ttls.ts'
import { inputOf, made, savedTune } from '../saved.testing.ts'
import type { SavedResult } from '../saved.ts'
import type { Row, Spec } from '../spec.ts'
import { charts } from './index.ts'

const DRAINED = 'drained:key=address-pair'
const QUANTILES = { latencyNsP50: made(1e5), latencyNsP999: made(2e6), latencyNsMax: made(3e6) }

/** The made tuning with the yardstick, and with all metrics that lines over the TTL are made of. */
function tuned(dropRatio = 0): SavedResult {
  const saved = savedTune()
  const report = saved.report!
  const more = {
    ...QUANTILES,
    ...Object.fromEntries([1, 2, 3, 5, 8].map((n) => [`nReordering[${n}]`, made(0.1 / n)])),
    laneLoadJain: made(0.95),
    worstFlowReorderedRatio: made(0.5),
    flowsReorderedRatio: made(0.2),
    lateTimeNsP50: made(1e5),
    lateTimeNsP99: made(1e6),
    lateTimeNsMax: made(2e6),
    extentMean: made(2),
    extentP99: made(9),
    extentMax: made(12),
    tunQueueDropRatio: made(dropRatio),
    laneDropRatio: made(0),
  }
  const records = report.records.map((record) => ({ ...record, metrics: { ...record.metrics, ...more } }))
  const yardstick = { ...records[0]!, policy: DRAINED, metrics: { ...more, reorderedRatio: made(0.001) } }
  const labels = [...report.labels, DRAINED]
  return { ...saved, report: { ...report, labels, records: [...records, yardstick] } }
}

/** Every object within, itself too. */
function* within(value: unknown): Generator<Spec> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Spec
  for (const inner of Object.values(value)) yield* within(inner)
}
const rowsOf = (spec: Spec) =>
  [...within(spec)].flatMap(({ data }) => (data as { values?: Row[] } | undefined)?.values ?? [])
const draw = (name: string, result: SavedResult) =>
  charts.find((chart) => chart.name === name)!.draw(inputOf([result]))!

test('no chart of a tuning shows more than eight entries in a legend, or a panel per candidate', () => {
  const names = charts.flatMap(({ name, draw }) => (draw(inputOf([tuned()])) === null ? [] : [name]))
  assert.deepEqual(names, [
    'reorder-over-ttl',
    'reorder-rate',
    'trade-off',
    'latency-cdf',
    'late-time-cdf',
    'extent-histogram',
    'n-reordering',
    'flow-scatter',
  ])
  for (const name of names) {
    for (const part of within(draw(name, tuned()))) {
      const { scale, legend } = part as { scale?: { domain?: unknown[] }; legend?: unknown }
      if (legend != null && scale !== undefined) assert.ok(scale.domain!.length <= 8, name)
      assert.equal(part.facet, undefined, name)
    }
  }
})

test('lines over the TTL have a point per TTL, the yardstick as a rule, and the answers marked once', () => {
  const rows = rowsOf(draw('latency-cdf', tuned()))
  const of = (kind: string) => rows.filter((row) => row.kind === kind)
  const median = of('curve').filter(({ series }) => series === 'median')
  assert.deepEqual(
    median.map(({ ttl }) => ttl),
    ['0 ns', '100 us', '1 ms', '10 ms', '100 ms', 'never'],
  )
  assert.deepEqual(
    of('yardstick').map(({ series, text }) => [series, text]),
    [['median', 'yardstick'], ['p99.9', ''], ['maximum', '']], // biome-ignore format: rows
  )
  const marks = rowsOf(draw('trade-off', tuned())).filter(({ kind, text }) => kind === 'mark' && text !== '')
  assert.deepEqual(
    marks.map(({ text }) => text),
    ['recommended: 10 ms', 'safe: 100 ms'],
  )
})

test('points at which packets were dropped are hollow, and the subtitle says so', () => {
  for (const [dropRatio, isHollow] of [
    [0.0009, false],
    [0.0011, true],
  ] as const) {
    // biome-ignore format: one line
    const spec = draw('reorder-over-ttl', tuned(dropRatio))
    const curve = rowsOf(spec).filter(({ kind }) => kind === 'curve')
    assert.ok(curve.every((row) => row.isHollow === isHollow))
    const said = (spec.title as { subtitle: string[] }).subtitle.join(' ')
    assert.equal(said.includes('Hollow: dropped more than 0.1 % of the packets'), isHollow)
  }
})

test('bars stand for the shortest, the recommended, the safe TTL and never, in this order', () => {
  const rows = rowsOf(draw('reorder-rate', tuned()))
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['TTL 0 ns', 'TTL 10 ms (recommended)', 'TTL 100 ms (safe)', 'TTL never', 'drained (yardstick)'],
  )
  const { tune } = tuned().report!
  assert.equal(chosenSteps(tune!).length, 4)
  assert.equal(chosenSteps({ ...tune!, curve: tune!.curve.slice(0, 5) }).length, 5, 'five need no choice')
  assert.equal(drawnLabels([tuned()]).length, 5)
})
