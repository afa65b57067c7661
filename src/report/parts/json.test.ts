import assert from 'node:assert/strict'
import { test } from 'node:test'
import { madeReport } from '../made-results.testing.ts'
import { jsonFields, jsonItem, jsonText } from './json.ts'

test('what fits a line is on one line', () => {
  const long = 'x'.repeat(150)
  assert.equal(
    jsonText({
      a: { b: [1, 2], c: null },
      long,
      none: [],
      nothing: undefined,
      inf: Number.POSITIVE_INFINITY,
    }),
    `{\n  "a": { "b": [1, 2], "c": null },\n  "long": "${long}",\n  "none": [],\n  "inf": null\n}\n`,
  )
})

test('the text is JSON with the same content', () => {
  const report = madeReport()
  assert.deepEqual(JSON.parse(jsonText(report)), JSON.parse(JSON.stringify(report)))
})

test('a text that is written field by field and item by item is the whole', () => {
  const { records, ...others } = madeReport()
  const whole = `{\n${jsonFields(others)},\n  "records": [\n${records.map(jsonItem).join(',\n')}\n  ]\n}\n`
  assert.equal(whole, jsonText({ ...others, records }))
})

test('a report names its runs, its reference, and each policy with its paired difference and ratio, and the winner', () => {
  const { schemaVersion, runs, reference, labels, records, winner } = madeReport()
  assert.deepEqual([schemaVersion, runs, reference], [1, 3, 'any-idle'])
  assert.deepEqual(labels, ['any-idle', 'flow-pinned:ttl=30s,key=address-pair'])
  assert.equal(records[0]!.difference, null)
  assert.equal(records[1]!.difference!.reorderedRatio!.mean!.toFixed(6), '-0.200000')
  assert.equal(records[1]!.difference!.reorderedRatio!.runs, 3)
  assert.equal(records[0]!.ratioToReference, null)
  assert.deepEqual(records[1]!.ratioToReference!.reorderedRatio, { mean: 0, low95: 0, high95: 0, runs: 3 })
  assert.deepEqual(winner, {
    metric: 'reorderedRatio',
    verdict: 'clear',
    policies: ['flow-pinned:ttl=30s,key=address-pair'],
    mean: 0,
  })
})

test('what can’t be seen in a string or a key is written as an escape, and reads back as it was', () => {
  const value = { 'k\u202e': ['\u009b\u007f\u2028\u200b', 'é日😀'] }
  const text = jsonText(value)
  assert.equal(text, '{ "k\\u202e": ["\\u009b\\u007f\\u2028\\u200b", "é日😀"] }\n')
  assert.deepEqual(JSON.parse(text), value)
  assert.equal(jsonFields(value), '  "k\\u202e": ["\\u009b\\u007f\\u2028\\u200b", "é日😀"]')
})
