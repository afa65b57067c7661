import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../errors.ts'
import { ALIASES_MAX, DEPTH_MAX } from './bounded-yaml.ts'
import { scenarioFromText } from './loaded-scenario.ts'
import { readSourceText } from './source-text.ts'
import { readValue } from './values.ts'

const SOURCE = 'source: { synthetic: { packetsPerSecond: 1000 } }\n'

/** The lines that a text is refused with, and how long that took. */
function refusal(text: string): { lines: readonly string[]; ms: number } {
  const before = performance.now()
  try {
    scenarioFromText(text, 's.yaml')
  } catch (error) {
    assert.ok(error instanceof UserError, String(error).slice(0, 200))
    assert.equal(error.exitCode, 2)
    return { lines: error.lines, ms: performance.now() - before }
  }
  return assert.fail('was taken')
}

/** Far above what it takes on a machine with other work, far below what it took. */
const MS_MAX = 10_000
const repeated = (piece: string, chars: number) => piece.repeat(Math.ceil(chars / piece.length))

const tooMuch: ReadonlyArray<readonly [title: string, text: string, reason: RegExp]> = [
  ['200 kB of [', `source: ${'['.repeat(200_000)}`, /^s\.yaml:1:\d+: nested deeper than 64 - /],
  ['JSON 100,000 deep', '{"a":'.repeat(100_000), /^s\.yaml:1:\d+: nested deeper than 64 - /],
  ['nested dashes', `source:\n${'- '.repeat(100_000)}`, /^s\.yaml:2:\d+: nested deeper than 64 - /],
  ['nested questions', '? '.repeat(100_000), /^s\.yaml:1:\d+: nested deeper than 64 - /],
  [
    '40,000 aliases',
    `${SOURCE}x: &x 1\ntitle: [${Array(40_000).fill('*x').join(',')}]\n`,
    /^s\.yaml:3:\d+: more than 500 aliases - /,
  ],
  ['more than 1 MB', `${SOURCE}# ${'x'.repeat(1 << 20)}\n`, /^s\.yaml:1:1: a scenario of more than 1 MB - /],
  ['commas without end', `${SOURCE}x: [${repeated(',', 1e6)}`, /more keys and values than a scenario has/],
  ['pairs without end', `${SOURCE}x: {${repeated('a:,', 1e6)}`, /more keys and values than a scenario has/],
]
for (const [title, text, reason] of tooMuch) {
  test(`${title}: refused in one line, and at once`, () => {
    const { lines, ms } = refusal(text)
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, reason)
    assert.ok(ms < MS_MAX, `${ms} ms`)
  })
}

test('60,000 unknown keys are refused at once, and fifty of them are told', () => {
  const { lines, ms } = refusal(`${SOURCE}${Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`).join('\n')}`)
  assert.equal(lines.length, 51)
  assert.match(lines[0]!, /^s\.yaml:2:1 k0: unknown key/)
  assert.equal(lines.at(-1), 's.yaml: and 59,950 more mistakes - fix these first')
  assert.ok(ms < MS_MAX, `${ms} ms`)
})

test('a text of every kind that the bounds allow is read in bounded time', () => {
  for (const piece of [
    '&a ',
    '!t ',
    '"a" ',
    '\n',
    '#\n',
    ']',
    ': ',
    '---\n',
    '%a\n',
    '\t',
    '  \n',
    "''",
    '<<: ',
  ]) {
    const before = performance.now()
    readSourceText(`a: ${repeated(piece, 50_000)}`)
    readSourceText(`a: "${repeated(piece, 50_000)}"`)
    assert.ok(performance.now() - before < MS_MAX, JSON.stringify(piece))
  }
})

test('keys twice are found wherever they are, each at its place', () => {
  const { problems } = readSourceText('a: 1\nb: { c: 1, c: 2 }\nd:\n  - e: 1\n    e: 2\na: 3\n"a": 4\n')
  const places = problems.map(({ line, column, reason }) => [line, column, reason.split(' - ')[0]])
  const reason = 'this key is here twice'
  assert.deepEqual(places, [
    [2, 12, reason],
    [5, 5, reason],
    [6, 1, reason],
    [7, 1, reason],
  ])
  const merged = readSourceText('a: &a { x: 1 }\nb: { <<: *a, <<: *a, y: 2 }\n')
  assert.deepEqual(merged.problems, [])
  assert.deepEqual((merged.tree as { b: object }).b, { x: 1, y: 2 })
})

test('as deep and with as many aliases as the bounds say a text is read', () => {
  const deep = readSourceText(`${'['.repeat(DEPTH_MAX)}${']'.repeat(DEPTH_MAX)}`)
  assert.equal(deep.tooMuch, undefined)
  assert.notEqual(readSourceText('['.repeat(DEPTH_MAX + 1)).tooMuch, undefined)
  const anchors = Array.from({ length: ALIASES_MAX }, (_, i) => `a${i}: &a${i} 1\nb${i}: *a${i}\n`).join('')
  assert.deepEqual(readSourceText(anchors).problems, [])
})

test('an alias before its anchor names nothing', () => {
  const { problems } = readSourceText('a: *x\nb: &x 1\n')
  assert.match(problems[0]!.reason, /^\*x names nothing/)
  assert.deepEqual([problems[0]!.line, problems[0]!.column], [1, 4])
})

test('a value on the command line is bounded too', () => {
  assert.match(readValue('['.repeat(100_000)).problem ?? '', /^nested deeper than 64/)
  assert.deepEqual(readValue('<<'), { value: '<<' })
})

test('quantities and words of any length are judged at once', () => {
  const before = performance.now()
  const { lines } = refusal(`${SOURCE}duration: "8${' '.repeat(500_000)}!"\n${'k'.repeat(900)}: 1\n`)
  assert.equal(lines.length, 2)
  assert.match(lines[0]!, /is too long for a quantity - write it like "8us"/)
  assert.ok(performance.now() - before < MS_MAX)
})
