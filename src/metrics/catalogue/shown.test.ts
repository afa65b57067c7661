/** How metrics are shown: by their entries, and said nowhere else. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sourceFolder } from '../../built.testing.ts'
import { COMPARED } from '../../report/comparison/columns.ts'
import { REPLAYED } from '../../report/live/live-metrics.ts'
import { SCANNED } from '../../report/scan/scan-report.ts'
import { CURVE_METRICS } from '../../tune/tuning.ts'
import type { MetricValue } from '../metric.ts'
import { OrderTracker } from '../order/order.ts'
import { orderDistributions } from '../order/order-metrics.ts'
import { metricGroups, metricInfo } from './catalogue.ts'
import { derived } from './derived.ts'
import { quantity } from './distributions.ts'
import { partsOf, runValueOf, shownMetric } from './shown.ts'

const entries = [...metricGroups.flatMap(({ metrics }) => metrics), ...derived]
const isShown = (name: string) =>
  metricInfo(name) !== undefined || derived.some((metric) => metric.name === name)

/** Product files of what shows metrics, without comments. */
const showing = ['report', 'plots'].flatMap((folder) =>
  readdirSync(join(sourceFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.test|\.testing)\.ts$/.test(file))
    .map((file) => {
      const text = readFileSync(join(sourceFolder, folder, file), 'utf8')
      return { path: `${folder}/${file}`, text: text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '') }
    }),
)

/** [what stands before it, the text] of every literal; of a template the part before its first value. */
function literalsOf(text: string): Array<readonly [before: string, literal: string]> {
  const found = text.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`([^`$]*)/g)
  return [...found].map((match) => [
    text.slice(Math.max(0, match.index - 20), match.index),
    match[1] ?? match[2] ?? match[3]!,
  ])
}

const titles = new Set(
  entries.flatMap(({ title, shortTitle }) => [title, ...(shortTitle ? [shortTitle] : [])]),
)

/**
 * Titles that the text says itself: alone, or with a unit or an explanation behind them. A title of one word
 * (a field of a file may have that name too) counts where it is given as a title.
 */
function titlesSaidIn(text: string): string[] {
  return literalsOf(text).flatMap(([before, literal]) => {
    const [title = ''] = literal.split(/ \(|, |: /)
    const isGiven = title.includes(' ') || /(title|head)\w*: ?$/i.test(before)
    return titles.has(title) && isGiven ? [literal] : []
  })
}

test('no table, chart or page says the title of a metric itself', () => {
  assert.ok(showing.length > 50, `${showing.length} files`)
  const said = [
    "axis({ title: 'p99 latency (ms)' })",
    "{ head: 'reordered' }",
    '`SACK lost: $' + '{text}`',
    "[name, 'table entries']",
  ]
  for (const text of said) assert.equal(titlesSaidIn(text).length, 1, text)
  assert.deepEqual(titlesSaidIn("{ field: 'reordered' }, 'reordered packets by policy'"), [])
  for (const { path, text } of showing) assert.deepEqual(titlesSaidIn(text), [], path)
})

test('every metric that is shown anywhere is in the catalogue', () => {
  const lists = [...partsOf(COMPARED), ...COMPARED, ...SCANNED, ...CURVE_METRICS, ...REPLAYED]
  const ends = /^(tunnel\.)?[a-z]\w*(Ratio|Ns(Mean|Max|P\d+)|Mean|Max|Moves|Jain|Pps|Evictions)(\[\w+\])?$/
  // Columns of live.csv that are about the replay, no metrics of its packets.
  const ofReplay = ['cpuPressureRatio', 'latenessNsP50', 'latenessNsP99', 'latenessNsMax']
  const named = showing.flatMap(({ text }) =>
    literalsOf(text).flatMap(([, literal]) => (ends.test(literal) ? [literal] : [])),
  )
  assert.ok(named.length > 20, `${named.length} names`)
  assert.deepEqual(
    [...lists, ...named].filter((name) => !isShown(name) && !ofReplay.includes(name)),
    [],
  )
  for (const { metric } of orderDistributions(new OrderTracker(), ''))
    assert.ok(quantity(metric).title !== '')
})

test('titles tell metrics apart, and name what differs between metrics of one entry', () => {
  const count = entries.flatMap(({ title, shortTitle }) =>
    shortTitle === undefined ? [title] : [title, shortTitle],
  )
  assert.deepEqual(
    count.filter((title, i) => count.indexOf(title) !== i),
    [],
  )
  for (const { name, title, shortTitle = title } of entries) {
    const index = /\[\w+\]$/.exec(name)?.[0] ?? ''
    assert.ok(title.includes(index) && shortTitle.includes(index), name)
    assert.ok(shortTitle.length <= 20, `${name}: a head of ${shortTitle.length} characters`)
  }
})

test('a name is shown by its entry, with its index, and of the tunnel as such', () => {
  const of = (name: string) => {
    const { title, shortTitle, kind, better } = shownMetric(name)
    return [title, shortTitle, kind, better]
  }
  assert.deepEqual(of('latencyNsP99'), ['p99 latency', 'latency p99', 'duration', 'less'])
  assert.deepEqual(of('laneShare[2]'), ['lane 2 serves', 'lane 2 serves', 'share', undefined])
  assert.deepEqual(of('tunnel.nReordering[3]'), [
    'tunnel: 3-reordering',
    'tunnel: 3-reordering',
    'share',
    'less',
  ])
  assert.deepEqual(of('tunnel.pdvNsP50').slice(0, 2), ['median PDV of the tunnel', 'tunnel PDV p50'])
  assert.deepEqual(of('byteOffsetMax').slice(2), ['bytes', 'less'])
})

test('what a policy of the user counts is shown by its name, as a plain number', () => {
  const { title, shortTitle, kind, better, sumOf } = shownMetric('mine')
  assert.deepEqual([title, shortTitle, kind, better, sumOf], ['mine', 'mine', 'number', undefined, ['mine']])
})

test('a derived column of a run is the sum of its parts, and unknown where one of them is', () => {
  const of = (tunQueueDropRatio: MetricValue, laneDropRatio: MetricValue) =>
    runValueOf('dropRatio', { tunQueueDropRatio, laneDropRatio })
  assert.equal(of({ count: 1, of: 4 }, { count: 2, of: 4 }), 0.75)
  assert.equal(of({ count: 0, of: 4 }, 0), 0)
  assert.equal(of({ count: 1, of: 4 }, null), null)
  assert.equal(of(null, null), null)
  assert.equal(runValueOf('dropRatio', { laneDropRatio: 0.5 }), null)
  assert.equal(runValueOf('latencyNsP99', { latencyNsP99: 7 }), 7)
})
