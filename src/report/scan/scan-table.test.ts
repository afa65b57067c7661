import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reportVerdict, scanVerdict } from '../../cli/shared/verdict/verdict.ts'
import { compareRuns } from '../../metrics/statistics/comparison.ts'
import { winnerOf } from '../../metrics/statistics/winner.ts'
import { madeLoad, madePolicy, madeResults, madeScenario } from '../made-results.testing.ts'
import { failedRecords, loadOf, recordsOf, SCANNED, type ShownScan, shownPolicy } from './scan-report.ts'
import { scanMarkdown, scanTableText } from './scan-table.ts'

const labels = ['any-idle', 'flow-pinned:ttl=30s,key=address-pair']

/** Three points: one as made, one that is overloaded and unclear, one that failed. */
const ABOUT = {
  question: { input: ['made.yaml'], options: {} },
  rateKey: 'source.synthetic.packetsPerSecond',
}

function made(names: readonly string[] = labels): ShownScan {
  const load = { ...madeLoad, load: 1.25 }
  const runsOf = (counts: readonly number[], of = madeLoad) =>
    counts.map((count, run) => ({
      ...madeResults[run]!,
      load: of,
      policies: names.map((label, i) => madePolicy(label, i === 0 ? count : 0)),
    }))
  const unclear = runsOf([3, 0, 3], load)
  const points = [runsOf([190, 200, 210]), unclear].map((results, point) => ({
    point,
    settings: { 'lanes.count': 2 ** (point + 1), 'policies.1.ttl': '5ms' },
    runs: 3,
    load: loadOf(results),
    winner: winnerOf(results),
    verdict: reportVerdict(results, ABOUT),
    error: null,
  }))
  const failed = { ...points[0]!, point: 2, settings: { 'lanes.count': 8, 'policies.1.ttl': '5ms' } }
  const records = [runsOf([190, 200, 210]), unclear].map((results, point) =>
    recordsOf(point, compareRuns(results, names[0]!)),
  )
  return {
    head: {
      schemaVersion: 1,
      title: 'Made by hand',
      name: 'made',
      seed: 1,
      runs: 3,
      runsPlanned: 3,
      labels: names,
      reference: names[0]!,
      scenario: madeScenario,
      load: null,
      winner: null,
      verdict: scanVerdict(points, ABOUT),
      warnings: [],
      scan: [
        { path: 'lanes.count', values: [2, 4, 8] },
        { path: 'policies.1.ttl', values: ['5ms'] },
      ],
      points: [
        ...points,
        { ...failed, load: null, winner: null, verdict: null, error: 'made.pcap: gone - look for it' },
      ],
      unchangedAxes: [],
    },
    metrics: SCANNED,
    policies: [...records, failedRecords(2, names, 'gone')].map((of) =>
      of.map((record) => shownPolicy(record)),
    ),
  }
}

test('the table of three points at 80 columns: winners marked, what is scanned not in the heads', () => {
  const expected = `
Made by hand
  scan   lanes.count 2, 4, 8 x policies.1.ttl 5ms: 3 points
  source made.pcap
  runs   3 at each point (same arrivals, other service times), seed 1

reordered
                                             flow-pinned:
             policies.                       key=address-
lanes.count      1.ttl  load      any-idle           pair
`
  const text = scanTableText(made(), { width: 80, colour: false })
  assert.equal(text.split('───')[0], expected.trimStart())
  assert.match(text, /^ {10}2 +5ms +7\.5% +20\.0% ±2\.5 +0 \(<0\.1%\)\*$/m)
  assert.match(text, /^ {10}4 +5ms +125% +0\.20% ±0\.\d+ +0 \(<0\.1%\)$/m)
  assert.match(text, /^ {10}8 +5ms +- +failed +failed$/m)
  assert.match(text, /^\* fewest reordered at that point, beyond chance \(95 %\) or equal in every run\.$/m)
  const words = text.replaceAll('\n', ' ')
  assert.match(
    words,
    / The point lanes\.count=8, policies\.1\.ttl=5ms failed: made\.pcap: gone - look for it /,
  )
  assert.match(words, / One point \(lanes\.count=4, policies\.1\.ttl=5ms\) asks for more/)
})

test('policies that do not fit side by side go on below, and no line is too long', () => {
  const many = Array.from({ length: 19 }, (_, i) => `policy-number-${i}:parameter=${'long'.repeat(i % 4)}`)
  for (const width of [60, 80, 120]) {
    const lines = scanTableText(made(many), { width, colour: false }).split('\n')
    assert.ok(Math.max(...lines.map((line) => line.length)) <= width, `${width} columns`)
    const pieces = lines.filter((line) => /^reordered(, other policies)?$/.test(line)).length
    assert.ok(pieces >= 2, `${pieces} pieces`)
  }
})

test('the yardstick is marked in the head of its column, also among several of one name', () => {
  const text = scanTableText(made(['hash', 'drained']), { width: 80, colour: false })
  assert.match(text, /^ +policies\. +drained\n.* hash +\(yardstick\)$/m)
  assert.equal(text.match(/yardstick/g)?.length, 3)
  const twice = scanMarkdown(made(['drained', 'drained']))
  assert.match(twice, /\| drained \(policies\.0\) \(yardstick\) \| drained \(policies\.1\) \(yardstick\) \|/)
})

test('markdown has each grid in full', () => {
  const lines = scanMarkdown(made()).split('\n')
  assert.deepEqual(
    lines.filter((line) => line.startsWith('| 2 ')),
    [
      '| 2 | 5ms | 7.5% | 20.0% ±2.5 | 0 (\\<0.1%)\\* |',
      '| 2 | 5ms | 7.5% | 0 (\\<0.1%) | 0 (\\<0.1%) |',
      '| 2 | 5ms | 7.5% | 1.23ms ±0 | 1.23ms ±0 |',
    ],
  )
  assert.equal(lines.filter((line) => line.startsWith('| --: ')).length, 3)
})
