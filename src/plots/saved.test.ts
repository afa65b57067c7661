import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { UserError } from '../errors.ts'
import { madeReport } from '../report/made-results.testing.ts'
import { csvRows, fieldsOf } from './csv-rows.ts'
import { madeRuns, PINNED, savedComparison, savedReplay } from './saved.testing.ts'
import { labelsOf, readSaved, withPolicies } from './saved.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-saved-'))
after(() => rmSync(folder, { recursive: true }))
const put = (name: string, text: string) => {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

test('a line becomes fields by RFC 4180', () => {
  const cases: [string, string[]][] = [
    ['a,b,c', ['a', 'b', 'c']],
    ['a,,', ['a', '', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['x,"say ""hi""",', ['x', 'say "hi"', '']],
    ['"",1', ['', '1']],
    [',"a"', ['', 'a']],
  ]
  for (const [line, fields] of cases) assert.deepEqual(fieldsOf(line), fields, line)
})

test('a file larger than what is read at once loses no row and splits no character', () => {
  const line = `${'µ'.repeat(50)},1\n`
  const file = put('large.csv', `${line.repeat(30_000)}end,2`)
  const rows = [...csvRows(file)]
  assert.equal(rows.length, 30_001)
  assert.ok(rows.slice(0, -1).every(([text, one]) => text === 'µ'.repeat(50) && one === '1'))
  assert.deepEqual(rows.at(-1), ['end', '2'])
})

test('what compare saved is read back: records, flows, histograms by point', () => {
  const saved = savedComparison(path.join(folder, 'made'))
  assert.deepEqual(labelsOf([saved]), ['any-idle', PINNED])
  assert.deepEqual(saved.report!.records, madeReport(madeRuns).records)
  assert.deepEqual(
    [...saved.buckets('lateTimeNs', 0)],
    [
      [
        'any-idle',
        [
          { low: 1000, high: 2000, count: 300 },
          { low: 5000, high: 6000, count: 300 },
        ],
      ],
    ],
  )
  assert.equal(saved.buckets('lateTimeNs', 1).size, 0)
  assert.deepEqual(saved.flows().map(({ policy, reordered }) => [policy, reordered])[0], ['any-idle', 190])
})

test('the report.json itself may be named too, and other files of the folder may be missing', () => {
  const saved = savedComparison(path.join(folder, 'only'))
  for (const name of ['flows.csv', 'distributions.csv', 'provenance.json'])
    rmSync(path.join(folder, 'only', name))
  const again = readSaved(path.join(folder, 'only', 'report.json'))
  assert.equal(again.title, saved.title)
  assert.deepEqual([again.flows(), again.buckets('latencyNs', 0).size, again.provenance], [[], 0, null])
})

test('policies can be picked from comparisons and replays', () => {
  const picked = withPolicies(savedComparison(path.join(folder, 'picked')), [PINNED])
  assert.deepEqual(labelsOf([picked]), [PINNED])
  assert.deepEqual([...picked.buckets('latencyNs', 0).keys()], [PINNED])
  assert.ok(picked.flows().every(({ policy }) => policy === PINNED))
  assert.deepEqual(labelsOf([withPolicies(savedReplay(), ['hash'])]), ['hash'])
})

test('what is no result is refused with one line and the cure', () => {
  const cases: [string, RegExp][] = [
    [path.join(folder, 'absent'), /absent: there is no such folder - name a folder that lanewise compare/],
    [put('file.yaml', 'a: 1'), /file.yaml: isn't a folder of results - /],
    [path.dirname(put('empty/x', '')), /empty: has no report.json - /],
    [
      path.dirname(put('broken/report.json', '{"a": ')),
      /report.json: can't be read \(.*\) - run the command/,
    ],
    [path.dirname(put('other/report.json', '{"a": 1}')), /report.json: isn't the report of a comparison/],
    [
      path.dirname(put('edited/report.json', JSON.stringify({ ...madeReport(), records: [{}] }))),
      /report.json: records.0.point: .* - run the command that wrote it again/,
    ],
    ...['null', '"metrics"', '17', 'true', '[]'].map((text, i): [string, RegExp] => [
      path.dirname(put(`no-object-${i}/report.json`, text)),
      /report.json: isn't the report of a comparison/,
    ]),
    [
      path.dirname(put('newer/report.json', '{"schemaVersion": 2, "records": []}')),
      /schemaVersion 2 isn't known - use the version/,
    ],
  ]
  for (const [given, message] of cases) {
    assert.throws(
      () => readSaved(given),
      (error: unknown) =>
        error instanceof UserError && error.lines.length === 1 && message.test(error.message),
      given,
    )
  }
})
