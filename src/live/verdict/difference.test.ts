import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Estimate } from '../../metrics/statistics/statistics.ts'
import { type Decision, decide, decideUnknown, differenceOf, replaysToTell } from './difference.ts'

const of = (mean: number, half: number, runs: number): Estimate => ({
  mean,
  low95: mean - half,
  high95: mean + half,
  runs,
})
const once = (mean: number): Estimate => ({ mean, low95: null, high95: null, runs: 1 })
const none: Estimate = { mean: null, low95: null, high95: null, runs: 0 }

test("the interval of a difference is Welch's", () => {
  // Variances (1/4.30265)^2 = 0.054016 with 2 degrees and (1/2.09302)^2 = 0.228273 with 19: Satterthwaite
  // gives 0.0796871 / (0.00145887 + 0.00274253) = 18.97, so t(18) = 2.10092, times sqrt(0.282289).
  const { mean, low95, high95, runs } = differenceOf(of(9, 1, 3), of(10, 1, 20))
  assert.deepEqual([mean, runs], [-1, 3])
  assert.ok(Math.abs(high95! - mean! - 1.116231) < 1e-4, String(high95! - mean!))
  assert.ok(Math.abs(mean! - low95! - 1.116231) < 1e-4)
  assert.deepEqual(differenceOf(of(7, 0, 3), of(7, 0, 20)), { mean: 0, low95: 0, high95: 0, runs: 3 })
  assert.deepEqual(differenceOf(once(7), of(7, 0, 20)), { mean: 0, low95: null, high95: null, runs: 1 })
  assert.equal(differenceOf(none, of(7, 0, 20)).mean, null)
})

// Per cent reordered, predicted over 20 runs: up to 0.82 off is within the tolerance, 1.1 in the interval.
const PREDICTED = of(8.2, 1.1, 20)
const cases: ReadonlyArray<readonly [what: string, measured: Estimate, Decision, replays: number | null]> = [
  ['1: as predicted, but known to 4.5 only', of(8.2, 4.5, 3), 'cannot-tell', 7],
  ['2: somewhat off, and known to 4.5 only', of(7.1, 4.5, 3), 'cannot-tell', 7],
  ['3: as predicted, known to less than twice 1.1', of(8.2, 2.1, 3), 'yes', null],
  ['4: as predicted, known a little worse', of(8.2, 2.3, 3), 'cannot-tell', 5],
  ['5: in the interval and well known', of(7.2, 0.5, 3), 'yes', null],
  ['6: half of it, well known', of(4.1, 0.5, 3), 'no', null],
  ['7: half of it, known to 4.5 only', of(4.1, 4.5, 3), 'cannot-tell', 5],
  ['8: twice of it, known to 4.5', of(16.4, 4.5, 3), 'no', null],
  ['9: off by less than tolerance and spread', of(6.5, 0.1, 8), 'cannot-tell', null],
  ['10: off by more than both', of(6.0, 0.1, 8), 'no', null],
  ['11: a single replay', once(8.2), 'cannot-tell', 4],
  ['12: a single replay, far off', once(80), 'cannot-tell', 4],
]
for (const [what, measured, verdict, replays] of cases) {
  test(`measured against 8.2 ±1.1 is judged with both spreads: ${what}`, () => {
    const off = Math.abs(measured.mean! - 8.2)
    const isRight = off <= 1.1
    assert.equal(decide(measured, PREDICTED, 0.82, isRight), verdict)
    if (verdict === 'cannot-tell') assert.equal(replaysToTell(measured, PREDICTED, 0.82, isRight), replays)
    if (verdict === 'yes') assert.ok(isRight)
    if (verdict === 'no') assert.ok(!isRight)
  })
}

const unknown: ReadonlyArray<readonly [string, Estimate, Estimate, number, Decision]> = [
  ['1: known to neither', none, none, 3, 'yes'],
  ['2: known to neither, asked once', none, none, 1, 'cannot-tell'],
  ['3: measured in three replays, never predicted', of(5, 1, 3), none, 3, 'no'],
  ['4: measured in one of three', once(5), none, 3, 'cannot-tell'],
  ['5: predicted in every run, never measured', none, of(5, 1, 20), 3, 'no'],
  ['6: predicted in some runs, never measured', none, of(5, 1, 4), 3, 'cannot-tell'],
]
for (const [what, measured, predicted, replays, verdict] of unknown) {
  test(`a metric that isn't known everywhere is judged by how often it is: ${what}`, () => {
    assert.equal(decideUnknown(measured, predicted, { measured: replays, predicted: 20 }), verdict)
  })
}
