import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { MetricSummary } from '../metrics/statistics/comparison.ts'
import { positionOf, recommend, smallestSafe, type TtlPoint, upperBound } from './recommend.ts'

const MS = 1e6
const OF = 1e6

/** Per TTL in ms (Infinity: never) the mean, half of the interval, and unsafe ones of 1000 moves. */
function curveOf(rows: readonly [ttlMs: number, mean: number, half: number, unsafe?: number][]): TtlPoint[] {
  return rows.map(([ttlMs, mean, half, unsafe = 0]) => ({
    ttlNs: ttlMs === Number.POSITIVE_INFINITY ? null : ttlMs * MS,
    policy: `flow-pinned:ttl=${ttlMs}ms`,
    metrics: {
      reorderedRatio: {
        mean,
        low95: Math.max(0, mean - half),
        high95: mean + half,
        runs: 5,
        count: mean * OF,
        of: OF,
      },
      unsafeMoves: { mean: unsafe / OF, low95: null, high95: null, runs: 5, count: unsafe, of: OF },
      flowMoves: { mean: 0.001, low95: null, high95: null, runs: 5, count: 1000, of: OF },
    },
  }))
}
const never = [Number.POSITIVE_INFINITY, 0, 0] as [number, number, number]
const target = 0.001

test('the recommended TTL is the smallest whose upper bound, not its mean, is within the target', () => {
  const curve = curveOf([[1, 0.01, 0.001], [2, 0.0009, 0.0002], [5, 0.0008, 0.0002], [10, 0, 0], never])
  assert.deepEqual(recommend(curve, target, true), { kind: 'value', ttlNs: 5 * MS })
  assert.deepEqual(recommend(curve, target, false), { kind: 'value', ttlNs: 2 * MS }, 'nothing is random')
  assert.deepEqual(recommend(curve, 0.00099, true), { kind: 'value', ttlNs: 10 * MS })
})

test('a TTL that is good only until a longer one is bad is not recommended', () => {
  const curve = curveOf([
    [1, 0.0001, 0],
    [2, 0.0001, 0],
    [5, 0.06, 0.06],
    [10, 0.011, 0.018],
    [20, 0, 0],
    never,
  ])
  assert.deepEqual(recommend(curve, target, true), { kind: 'value', ttlNs: 20 * MS })
})

test('any is a curve that is good from its start, none one that is bad at its end or without expiry', () => {
  const good = curveOf([[1, 0.0001, 0.0001], [2, 0, 0], never])
  assert.deepEqual(recommend(good, target, true), { kind: 'any' })
  assert.deepEqual(recommend(curveOf([[1, 0, 0], [2, 0.002, 0], never]), target, true), { kind: 'none' })
  const neverBad = curveOf([
    [1, 0, 0],
    [2, 0, 0],
    [Number.POSITIVE_INFINITY, 0.002, 0],
  ])
  assert.deepEqual(recommend(neverBad, target, true), { kind: 'none' })
})

test('what is not known is not within the target', () => {
  const curve: TtlPoint[] = curveOf([[1, 0, 0], [2, 0, 0], never])
  const unknown = { ...curve[1]!, metrics: {} }
  assert.deepEqual(recommend([curve[0]!, unknown, curve[2]!], target, true), { kind: 'none' })
  assert.deepEqual(recommend([unknown, curve[1]!, curve[2]!], target, true), { kind: 'value', ttlNs: 2 * MS })
  assert.equal(smallestSafe([curve[0]!, unknown]).kind, 'none')
})

test('of n packets none reordered bounds the share by 3/n only', () => {
  const summary: MetricSummary = { mean: 0, low95: 0, high95: 0, runs: 5, count: 0, of: 2000 }
  assert.equal(upperBound(summary, true), 0.0015)
  assert.equal(upperBound(summary, false), 0)
  assert.equal(upperBound({ ...summary, of: 0 }, true), null)
  assert.equal(upperBound({ mean: 0.5, low95: null, high95: null, runs: 1, count: 1, of: 2 }, true), 0.5)
  assert.equal(upperBound({ mean: null, low95: null, high95: null, runs: 0 }, true), null)
})

test('the smallest safe TTL has no unsafe move from there on, and says how many moves it rests on', () => {
  const curve = curveOf([[1, 0, 0, 7], [2, 0, 0, 0], [5, 0, 0, 1], [10, 0, 0, 0], [20, 0, 0, 0], never])
  assert.deepEqual(smallestSafe(curve), { kind: 'value', ttlNs: 10 * MS, moves: 1000, bound: 0.003 })
  assert.equal(positionOf(smallestSafe(curve), curve), 3)
  assert.deepEqual(smallestSafe(curve.slice(3)), { kind: 'any', ttlNs: 10 * MS, moves: 1000, bound: 0.003 })
  const none = { kind: 'none', ttlNs: null, moves: null, bound: null }
  assert.deepEqual(smallestSafe(curveOf([[1, 0, 0, 0], [2, 0, 0, 1], never])), none)
})

test('a safe TTL at which nothing moved is unknown, and two moves bound nothing', () => {
  const [point, end] = curveOf([[1, 0, 0], never])
  const flowMoves = (count: number) => ({
    ...point!,
    metrics: { ...point!.metrics, flowMoves: { ...point!.metrics.flowMoves!, count } },
  })
  assert.deepEqual(smallestSafe([flowMoves(0), end!]), { kind: 'unknown', ttlNs: MS, moves: 0, bound: null })
  assert.equal(positionOf(smallestSafe([flowMoves(0), end!]), [point!, end!]), 0)
  assert.deepEqual(smallestSafe([flowMoves(2), end!]), { kind: 'any', ttlNs: MS, moves: 2, bound: 1 })
})

test('a TTL at which fresh runs had an unsafe move is not safe, the next longer one may be', () => {
  const curve = curveOf([[1, 0, 0, 7], [2, 0, 0], [5, 0, 0], never])
  assert.equal(smallestSafe(curve).ttlNs, 2 * MS)
  assert.deepEqual(smallestSafe(curve, 2 * MS), { kind: 'value', ttlNs: 5 * MS, moves: 1000, bound: 0.003 })
  assert.equal(smallestSafe(curve, 5 * MS).kind, 'none')
  assert.equal(smallestSafe(curve, MS).ttlNs, 2 * MS, 'a shorter one is none of its business')
})

test('without a packet nothing is recommended', () => {
  const empty = { mean: null, low95: null, high95: null, runs: 5, count: 0, of: 0 }
  const curve = curveOf([[1, 0, 0], never]).map((point) => ({ ...point, metrics: { reorderedRatio: empty } }))
  assert.deepEqual(recommend(curve, target, true), { kind: 'unknown' })
  assert.deepEqual(smallestSafe(curve), { kind: 'unknown', ttlNs: MS, moves: 0, bound: null })
  assert.equal(positionOf({ kind: 'unknown' }, curve), undefined)
})

test('whatever the curve, the answer and all above it are within the target, and the one below is not', () => {
  const ratios = fc.array(fc.constantFrom(0, 0.0005, 0.001, 0.0011, 0.3), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(ratios, (means) => {
      const curve = curveOf(means.map((mean, i) => [i + 1, mean, 0]))
      const answer = recommend([...curve, ...curveOf([never])], target, true)
      const first = positionOf(answer, curve) ?? means.length
      assert.ok(means.slice(first).every((mean) => mean <= target))
      if (first > 0) assert.ok(means[first - 1]! > target)
    }),
  )
})
