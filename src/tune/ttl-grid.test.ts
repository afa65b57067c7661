import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDurationNs } from '../units.ts'
import { type CurvePoint, logGrid, refinement, ttlText } from './ttl-grid.ts'

const curve = (...points: [ttlNs: number, value: number | null][]): CurvePoint[] =>
  points.map(([ttlNs, value]) => ({ ttlNs, value }))

test('the grid has equal ratios, exact ends and short values', () => {
  assert.deepEqual(logGrid(1000, 1_000_000, 4), [1000, 10_000, 100_000, 1_000_000])
  assert.deepEqual(logGrid(1e6, 10e6, 4), [1e6, 2.2e6, 4.6e6, 10e6])
  assert.deepEqual(logGrid(12_345, 12_399, 3), [12_345, 12_372, 12_399])
})

test('steps of whole seconds make a shorter grid without a value twice', () => {
  assert.deepEqual(logGrid(5e9, 10e9, 16, 1e9), [5e9, 6e9, 7e9, 8e9, 9e9, 10e9])
  assert.deepEqual(logGrid(5e9, 5e9, 16, 1e9), [5e9])
})

test('grids ascend strictly, stay within their ends and on their steps', () => {
  const end = fc.integer({ min: 1, max: 60_000 })
  fc.assert(
    fc.property(
      end,
      end,
      fc.integer({ min: 2, max: 60 }),
      fc.constantFrom(1, 1000, 4e6),
      (a, b, points, step) => {
        const grid = logGrid(Math.min(a, b) * step, Math.max(a, b) * step, points, step)
        assert.ok(grid.length <= points)
        assert.deepEqual([grid[0], grid.at(-1)], [Math.min(a, b) * step, Math.max(a, b) * step])
        assert.ok(grid.every((ns, i) => ns % step === 0 && (i === 0 || ns > grid[i - 1]!)))
      },
    ),
  )
})

test('an answer is looked for closer by, with three values below it', () => {
  const flat = curve([1e6, 0], [10e6, 0], [100e6, 0])
  assert.deepEqual(refinement(flat, [1], 8), [1.8e6, 3.2e6, 5.6e6])
  assert.deepEqual(refinement(flat, [2, 2], 8), [18e6, 32e6, 56e6], 'both answers in one place')
  assert.deepEqual(refinement(flat, [0], 8), [], 'nothing is below the first value')
  assert.deepEqual(refinement(curve([5e9, 0], [7e9, 0]), [1], 8, 1e9), [6e9])
})

test('the sharpest bends get a value on either side, flat parts none', () => {
  const bent = curve([1e3, 0.3], [1e4, 0.3], [1e5, 0.1], [1e6, 0.1], [1e7, 0.1], [1e8, 0.1])
  assert.deepEqual(refinement(bent, [], 8), [3.2e3, 3.2e4, 3.2e5])
  assert.deepEqual(refinement(bent, [], 2), [3.2e3, 3.2e4])
  assert.deepEqual(refinement(curve([1e3, 0.1], [1e4, 0.1], [1e5, 0.1]), [], 8), [])
  assert.deepEqual(refinement(curve([1e3, 0.1], [1e4, 0.102], [1e5, 0.1]), [], 8), [], 'but for chance')
})

test('where a value is not known nothing bends', () => {
  assert.deepEqual(refinement(curve([1e3, null], [1e4, 0.3], [1e5, null]), [], 8), [])
})

test('texts are short, exact and read back', () => {
  assert.deepEqual(
    [ttlText(4_600_000), ttlText(31_600), ttlText(999), ttlText(60e9)],
    ['4.6ms', '31.6us', '999ns', '60s'],
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e15 }), (ns) => assert.equal(parseDurationNs(ttlText(ns)), ns)),
  )
})
