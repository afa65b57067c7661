import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChartInput } from '../chart.ts'
import { inputOf, savedScan } from '../saved.testing.ts'
import type { Row, Spec } from '../spec.ts'
import { overSettings } from './over-settings.ts'

const chartNamed = (name: string) => overSettings.find((chart) => chart.name === name)!
const draw = (name: string, input: ChartInput) => chartNamed(name).draw(input)!
const rowsOf = (spec: Spec) => (spec.data as { values: Row[] }).values
const pick = (rows: readonly Row[], ...names: string[]) => rows.map((row) => names.map((name) => row[name]))
const layersOf = (spec: Spec) =>
  ((spec.spec as Spec | undefined) ?? spec).layer as { encoding: Record<string, Spec> }[]

test('a policy whose parameter is scanned is one line in one colour, in panels of a further setting too', () => {
  const ttls = ['10us', '30us', '100us']
  for (const further of [[], [['lanes.count', [2, 4]]]] as const) {
    const scan = savedScan([['policies.1.ttl', ttls], ...further], (settings) => [
      'any-idle',
      `flow-pinned:ttl=${settings['policies.1.ttl']},key=address-pair`,
    ])
    const input = inputOf([scan])
    const spec = draw('reorder-over-setting', input)
    const line = 'flow-pinned:key=address-pair'
    const panels = new Set(rowsOf(spec).map(({ panel }) => panel))
    assert.equal(panels.size, further.length === 0 ? 1 : 2)
    for (const panel of panels) {
      for (const policy of ['any-idle', line]) {
        const rows = rowsOf(spec).filter((row) => row.panel === panel && row.policy === policy)
        assert.deepEqual(pick(rows, 'x', 'value'), [[10, '10us'], [30, '30us'], [100, '100us']]) // biome-ignore format: rows
      }
    }
    const domains = layersOf(spec).flatMap(({ encoding }) =>
      encoding.color === undefined ? [] : [encoding.color],
    )
    for (const { scale } of domains) assert.deepEqual((scale as Spec).domain, ['any-idle', line])
    const { styles } = input
    assert.deepEqual(styles.get('flow-pinned:ttl=30us,key=address-pair'), styles.get(line))
  }
})

test('maps and lists stand on an axis as a scenario writes them', () => {
  const values = ['none', { sequence: { timeout: '5ms' } }, { turns: {} }]
  const rows = rowsOf(draw('reorder-over-setting', inputOf([savedScan([['release', values]])])))
  assert.deepEqual(
    [...new Set(rows.map(({ x }) => x))],
    ['none', '{ sequence: { timeout: 5ms } }', '{ turns: {} }'],
  )
  const speeds = rowsOf(draw('reorder-over-setting', inputOf([savedScan([['lanes.speed', [[1], [2]]]])])))
  assert.deepEqual([...new Set(speeds.map(({ x }) => x))], ['[1]', '[2]'])
})

test('ticks of a number of lanes are whole, from the fewest to the most', () => {
  const spec = draw('reorder-over-threads', inputOf([savedScan([['lanes.count', [1, 2, 4, 8, 16]]])]))
  const ticks = layersOf(spec).map(({ encoding }) => (encoding.x!.axis as { values: number[] }).values)
  assert.deepEqual(ticks, Array(4).fill([1, 5, 10, 15, 16]))
})

test('a scan to which no packet came has no chart', () => {
  const scan = savedScan([['lanes.count', [1, 2]]])
  const unknown = { reorderedRatio: { mean: null, low95: null, high95: null, runs: 3 } }
  const records = scan.report!.records.map((record) => ({ ...record, metrics: unknown }))
  assert.equal(
    chartNamed('reorder-over-threads').draw(inputOf([{ ...scan, report: { ...scan.report!, records } }])),
    null,
  )
})
