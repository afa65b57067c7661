import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalBelow, normalQuantile } from './normal.ts'

test('probabilities and quantiles are those of scipy 1.17.1', () => {
  const cases: [z: number, below: number][] = [
    [-3.090232306167813, 0.001],
    [-3, 0.0013498980316300933],
    [-1.9599639845400545, 0.025],
    [-1, 0.15865525393145707],
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [1.2815515655446004, 0.9],
  ]
  for (const [z, below] of cases) {
    assert.ok(Math.abs(normalBelow(z) - below) < 1e-14, `P(Z <= ${z}) = ${normalBelow(z)}`)
    assert.ok(Math.abs(normalQuantile(below) - z) < 1e-11, `quantile of ${below}: ${normalQuantile(below)}`)
  }
})

test('what a double cannot tell from 0 and 1 ends at 8 standard deviations', () => {
  assert.deepEqual([normalBelow(-9), normalBelow(9), normalBelow(Number.POSITIVE_INFINITY)], [0, 1, 1])
  assert.ok(Math.abs(normalQuantile(0) + 8) < 1e-9 && Math.abs(normalQuantile(1) - 8) < 1)
})
