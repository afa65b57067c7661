import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AxisOptions, axisFor, niceTicks, timeUnit } from './axes.ts'

test('a time axis has the largest unit in which the largest value is at least 1', () => {
  const cases: [number[], string][] = [
    [[0.2], 'ns'],
    [[], 'ns'],
    [[999], 'ns'],
    [[5, 1000], 'us'],
    [[1e6], 'ms'],
    [[1e9, 2e6], 's'],
    [[1e9, 3], 'us'],
  ]
  for (const [values, name] of cases) assert.equal(timeUnit(values).name, name, String(values))
})

test('ticks are round numbers within the range', () => {
  assert.deepEqual(niceTicks(0, 0.2443, 6), [0, 0.05, 0.1, 0.15, 0.2])
  assert.deepEqual(niceTicks(0, 7, 6), [0, 2, 4, 6])
  assert.deepEqual(niceTicks(0.1, 0.3, 4), [0.1, 0.15, 0.2, 0.25, 0.3])
  assert.deepEqual(niceTicks(3, 3, 4), [3])
})

test('values of like size get a linear axis from zero', () => {
  const axis = axisFor([2, 8, 4], { title: 'x (ms)' })
  assert.equal(axis.isLog, false)
  assert.deepEqual(axis.scale.domain, [0, 8])
  assert.equal(axis.place(4), 4)
})

test('only zeros, one value and no value at all have an axis too', () => {
  for (const values of [[0, 0], [5], [], [Number.NaN]]) {
    const { domain } = axisFor(values, { title: 'x (ms)' }).scale as { domain: number[] }
    assert.ok(domain[1]! > domain[0]! && domain.every(Number.isFinite), `${values}: ${domain}`)
  }
})

test('on a logarithmic axis zeros stand below everything else, at a tick that says 0', () => {
  const { isLog, scale, axis, place } = axisFor([0, 0.0002, 0.5], { title: 'reordered (%)', percent: true })
  assert.equal(isLog, true)
  const floor = place(0)
  assert.ok(floor < 0.0001 && floor > 0.00001, String(floor))
  assert.ok((scale.domain as number[])[0]! < floor)
  assert.deepEqual(axis.values, [floor, 0.0002, 0.001, 0.01, 0.1, 0.5])
  assert.match(String(axis.labelExpr), /\? '0' :/)
  assert.equal(axis.title, 'reordered (%), log scale')
  assert.equal(place(0.5), 0.5)
  assert.equal(place(-3), (scale.domain as number[])[0])
})

test('a logarithmic axis without zeros has none to show', () => {
  const { scale, axis } = axisFor([2, 5000], { title: 'x (ms)', legroom: 0 })
  assert.deepEqual(scale.domain, [2, 5000])
  assert.deepEqual(axis.values, [2, 10, 100, 1000, 5000])
})

test('the outermost ticks are where the data ends, or beyond', () => {
  const cases: [values: number[], options: Partial<AxisOptions>, ticks: number[]][] = [
    [[0.013, 18.9], {}, [0.01, 0.1, 1, 10, 20]],
    [[0.95, 8100], {}, [0.5, 1, 10, 100, 1000, 10_000]],
    [[3, 7], { logFrom: 2 }, [2, 5, 10]],
    [[1, 16, 4], { zero: false }, [1, 2.5, 5, 7.5, 10, 12.5, 15, 16]],
    [[20, 89], {}, [0, 20, 40, 60, 80, 100]],
    [[0.3, 0.97], { percent: true }, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ]
  for (const [values, options, ticks] of cases) {
    const { axis, scale } = axisFor(values, { title: 'x (ms)', legroom: 0, ...options })
    assert.deepEqual(axis.values, ticks, String(values))
    const [low, high] = scale.domain as [number, number]
    assert.ok(low <= ticks[0]! && high >= ticks.at(-1)!, `${low} to ${high}`)
  }
})
