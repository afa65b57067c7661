/** What is shown as an escape, what stays, and that JSON keeps its values. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visible, visibleIn, visibleJson, visibleLines } from './visible.ts'

test('control characters, turns of direction and what can’t be seen are shown as escapes', () => {
  const cases = [
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['a\u0000b\u0007\b\u007f', 'a\\x00b\\x07\\x08\\x7f'],
    ['one\r\ntwo\t3', 'one\\r\\ntwo\\t3'],
    ['\u009b2J\u0085', '\\x9b2J\\x85'],
    ['\u202a\u202e\u2066\u2069\u200f', '\\u202a\\u202e\\u2066\\u2069\\u200f'],
    ['\u200b\u200d\ufeff\u00ad', '\\u200b\\u200d\\ufeff\\xad'],
    ['\u2028\u2029', '\\u2028\\u2029'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800x\udc00', '\\ud800x\\udc00'],
    ['\uffff', '\\uffff'],
  ] as const
  for (const [text, shown] of cases) assert.equal(visible(text), shown)
})

test('letters of any script, marks on them and pictures stay', () => {
  const text = 'Über e\u0301 日本語 עברית 😀 a\u00a0b \\x1b'
  assert.equal(visible(text), text)
})

test('of whole lines the ends stay, and nothing else', () => {
  assert.equal(visibleLines('a\u001b\nb\r\n'), 'a\\x1b\nb\\r\n')
})

test('JSON with escapes holds the same values', () => {
  const value = { 'k\u202e': ['\u{e0041}\ud800', 'line\nfeed\u007f\u0085\u2028'] }
  const text = visibleJson(JSON.stringify(value, null, 1))
  assert.match(text, /^[\n -~]+$/)
  assert.deepEqual(JSON.parse(text), value)
})

test('data is shown with its keys, on one line each, and is itself where nothing is hidden', () => {
  const clean = { title: 'x', list: [1, null, { deep: 'y' }] }
  assert.equal(visibleIn(clean), clean)
  const made = visibleIn({ '\u001b': { title: 'a\n  b\n' }, list: ['\r'] }) as object
  assert.deepEqual(made, { '\\x1b': { title: 'a b' }, list: ['\\r'] })
})
