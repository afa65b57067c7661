import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Scenario, type ScenarioInput, scenarioSchema } from '../../scenario/schema/schema.ts'
import { unchangedAxes, unchangedText } from './unchanged-axes.ts'

const lanes = { path: 'lanes.count', values: [1, 2, 3] }
const batch = { path: 'reader.batch', values: [1, 24] }
const scenarioOf = (more: Partial<ScenarioInput> = {}): Scenario =>
  scenarioSchema.parse({ source: { synthetic: { packetsPerSecond: 1 } }, ...more })

test('an axis changed nothing where points that differ only in it have equal results', () => {
  const cases: [results: (string | null)[], unchanged: string[]][] = [
    [['a', 'a', 'b', 'b', 'c', 'c'], ['reader.batch']],
    [['a', 'b', 'a', 'b', 'a', 'b'], ['lanes.count']],
    [
      ['a', 'a', 'a', 'a', 'a', 'a'],
      ['lanes.count', 'reader.batch'],
    ],
    [['a', 'a', 'b', 'b', 'c', 'd'], []],
    [['a', 'a', 'a', 'b', 'a', 'a'], []],
    // What failed may have been otherwise.
    [['a', 'a', 'b', 'b', null, null], []],
    [['a', 'a'], []],
  ]
  for (const [results, unchanged] of cases)
    assert.deepEqual(unchangedAxes([lanes, batch], results), unchanged)
  assert.deepEqual(unchangedAxes([{ path: 'lanes.count', values: [4] }], ['a']), [])
})

test('the reason stands in brackets where it is known', () => {
  const line = (path: string, more: Partial<ScenarioInput> = {}, others = [lanes]) =>
    unchangedText([path], [...others, { path, values: [] }], scenarioOf(more))
  const same = 'changed nothing: all its values give the same results'
  assert.deepEqual(line('reader.batch'), [`reader.batch ${same} (reader.perPass is 0)`])
  assert.deepEqual(line('reader.batch', { reader: { perPass: '2us' } }), [`reader.batch ${same}`])
  assert.deepEqual(line('reader.batch', {}, [{ path: 'reader.perPass', values: [] }]), [
    `reader.batch ${same}`,
  ])
  assert.deepEqual(line('reader.stage', { topology: 'shared' }), [
    `reader.stage ${same} (topology is shared)`,
  ])
  assert.deepEqual(line('policies.0.ttl', { topology: 'shared' }), [
    `policies.0.ttl ${same} (topology is shared)`,
  ])
  assert.deepEqual(line('lanes.timeSlice'), [`lanes.timeSlice ${same} (lanes.cores is all)`])
  assert.deepEqual(line('policies.0.ttl'), [`policies.0.ttl ${same}`])
})
