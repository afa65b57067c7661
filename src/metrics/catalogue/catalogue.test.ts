/** The catalogue holds the names that reports have, all of them and no others. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { isCountedByPolicy, metricGroups, metricInfo } from './catalogue.ts'
import { measured } from './measured.ts'
import { replayed } from './replayed.ts'

const GOLDEN = new URL('../../../results/golden/', import.meta.url)

/**
 * Names of all metrics in the golden results: the columns of summary.csv, which has every metric of
 * report.json.
 */
function goldenNames(): Set<string> {
  const names = new Set<string>()
  for (const folder of readdirSync(GOLDEN, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue
    const text = readFileSync(new URL(`${folder.name}/summary.csv`, GOLDEN), 'utf8')
    const columns = text.slice(0, text.indexOf('\n')).trim().split(',')
    for (const column of columns.slice(2)) names.add(column.replace(/\.(low95|high95|count|of)$/, ''))
  }
  return names
}

const all = metricGroups.flatMap(({ metrics }) => metrics)

test('every metric of the golden results is in the catalogue', () => {
  const names = goldenNames()
  assert.ok(names.size > 100, `${names.size} names`)
  assert.deepEqual(
    [...names].filter((name) => metricInfo(name) === undefined),
    [],
  )
})

test('every metric of the catalogue is in a golden result, tunnel-wide too where it says so', () => {
  const found = new Set([...goldenNames()].map((name) => name.replace(/\[.*/, '')))
  const bare = (name: string) => name.replace(/\[.*/, '')
  const claimed = all
    .filter((info) => !measured.includes(info) && !replayed.includes(info))
    .flatMap(({ name, inTunnel }) => (inTunnel ? [bare(name), `tunnel.${bare(name)}`] : [bare(name)]))
  assert.deepEqual(
    claimed.filter((name) => !found.has(name)),
    [],
  )
  assert.equal(new Set(claimed).size, claimed.length, 'a name stands twice')
})

test('a name is found with its index and tunnel-wide, others are not', () => {
  assert.equal(metricInfo('nReordering[3]')?.name, 'nReordering[n]')
  assert.equal(metricInfo('tunnel.reorderDensity[-4]')?.name, 'reorderDensity[d]')
  assert.equal(metricInfo('playoutLateRatio[20ms]')?.name, 'playoutLateRatio[depth]')
  for (const name of ['nReordering', 'reorderedRatio[1]', 'tunnel.rackLostRatio', 'mine', 'constructor']) {
    assert.equal(metricInfo(name), undefined, name)
  }
})

test('policies count flow tables and what nobody else knows', () => {
  const names = [
    'tableHitRatio',
    'bucketMoves',
    'mine',
    'flowMoves',
    'tunnel.extentMax',
    'laneUtilization[0]',
  ]
  assert.deepEqual(names.filter(isCountedByPolicy), ['tableHitRatio', 'bucketMoves', 'mine'])
})

test('every entry says what the metric is and when to look; predictions also what they leave out', () => {
  for (const { question, metrics } of metricGroups) {
    for (const { name, description, lookWhen, source, notModelled } of metrics) {
      assert.match(description, /^[^.].{8,}[^.]$/, name)
      assert.match(lookWhen, /^[A-Z].*\.$/, name)
      if (!question.includes('TCP')) continue
      assert.ok(source !== undefined && notModelled !== undefined, name)
    }
  }
})
