import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MetricSummary } from '../../metrics/statistics/comparison.ts'
import { cellOf, countText, type Detail } from './format-cell.ts'

const made = (
  mean: number | null,
  half: number | null = null,
  count?: number,
  of?: number,
): MetricSummary => ({
  mean,
  low95: mean === null || half === null ? null : mean - half,
  high95: mean === null || half === null ? null : mean + half,
  runs: 5,
  ...(count === undefined || of === undefined ? {} : { count, of }),
})

const ratios: [title: string, MetricSummary | undefined, Detail, string][] = [
  ['a metric that a policy lacks is unknown', undefined, 2, '-'],
  ['a null mean is unknown, not zero', made(null), 2, '-'],
  ['a share is a percentage of three digits', made(0.123456), 2, '12.3%'],
  ['two digits of the interval', made(0.123456, 0.0021), 2, '12.35% ±0.21'],
  ['one digit of the interval', made(0.123456, 0.0021), 1, '12.3% ±0.2'],
  ['the interval can be left out', made(0.123456, 0.0021), 0, '12.3%'],
  ['a tiny interval adds no digits to the mean', made(0.123456, 0.0000021), 2, '12.35% ±0.00021'],
  ['a wide interval takes digits away', made(0.123456, 0.3), 2, '12% ±30'],
  ['of an interval cut off at 0 the other side counts', { ...made(0.1, 0.3), low95: 0 }, 2, '10% ±30'],
  ['equal runs have an interval of 0', made(0.5, 0), 2, '50% ±0'],
  ['no event in 142,000 chances: below 3/142000, rounded up', made(0, 0, 0, 142_000), 2, '0 (<0.003%)'],
  ['a bound that is exact stays', made(0, 0, 0, 1000), 2, '0 (<0.3%)'],
  ['no event in two chances says nothing', made(0, 0, 0, 2), 2, '0 (<100%)'],
  ['a zero without detail is 0', made(0, 0, 0, 142_000), 0, '0'],
  ['without detail a tiny share is only small', made(0.00002, 0.00001, 1, 50_000), 0, '<0.01%'],
  ['with detail a tiny share is itself', made(0.00002, 0.00001, 1, 50_000), 2, '0.0020% ±0.0010'],
]

for (const [title, summary, detail, expected] of ratios) {
  test(title, () => assert.equal(cellOf({ kind: 'share' }, summary, detail), expected))
}

test('times are in the unit that fits their mean, the interval too', () => {
  assert.equal(cellOf({ kind: 'duration' }, made(42_345), 0), '42.3us')
  assert.equal(cellOf({ kind: 'duration' }, made(42_345, 1_234), 2), '42.3us ±1.2')
  assert.equal(cellOf({ kind: 'duration' }, made(1_234_000, 9_000_000), 2), '1.2ms ±9.0')
  assert.equal(cellOf({ kind: 'duration' }, made(0), 2), '0ns')
  assert.equal(cellOf({ kind: 'duration' }, undefined, 2), '-')
})

test('plain numbers have three digits', () => {
  assert.equal(cellOf({ kind: 'number' }, made(0.87512, 0.01), 0), '0.875')
  assert.equal(cellOf({ kind: 'number' }, made(0.87512, 0.01), 2), '0.875 ±0.010')
  assert.equal(cellOf({ kind: 'number' }, made(null), 0), '-')
})

test('counts are rounded and have their thousands divided', () => {
  assert.equal(countText(1_234_567.6), '1,234,568')
})

test('a wide interval leaves the mean only the digits that are asked for', () => {
  assert.equal(cellOf({ kind: 'number' }, made(0.00123, 30), 2), '0 ±30')
  assert.equal(cellOf({ kind: 'number' }, made(0.00123, 30), 2, 2), '0.0012 ±30')
})
