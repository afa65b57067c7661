/** How far a simulation is from a run: nothing from itself, more the more it misses, never no number. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { log } from '../sim/elementary.ts'
import { randomStream } from '../sim/random.ts'
import { Target } from './moments.ts'
import { type Row, runOf } from './runs.testing.ts'

/** Packets at random times through two lanes that take 20 us each, `way` behind them. */
function throughTwoLanes(count: number, meanGapNs: number): Row[] {
  const random = randomStream(3, 0, 'moments')
  const freeNs = [0, 0]
  let atNs = 0
  return Array.from({ length: count }, (): Row => {
    atNs -= Math.round(meanGapNs * log(1 - random()))
    const lane = freeNs[0]! <= freeNs[1]! ? 0 : 1
    freeNs[lane] = Math.max(freeNs[lane]!, atNs) + 20_000 - Math.round(3000 * log(1 - random()))
    return [atNs, freeNs[lane]!, Math.floor(3 * random())]
  })
}

test('a run is at no distance from itself, and the farther from another the more that differs', () => {
  const run = runOf(throughTwoLanes(6000, 25_000))
  const target = new Target(run, 2)
  const far = (ns: number) => target.distance(run.receivedNs.map((received) => received + ns))
  assert.equal(far(0), 0)
  assert.ok(far(1000) > 0.1)
  assert.ok(far(4000) > 2 * far(1000))
})

test('where packets wait so seldom that some parts of a run show none, the distance is a number', () => {
  for (const meanGapNs of [60_000, 90_000, 150_000, 400_000]) {
    const run = runOf(throughTwoLanes(6000, meanGapNs))
    const target = new Target(run, 2)
    const distance = target.distance(run.receivedNs.map((ns) => ns + 2000))
    assert.ok(distance > 0.1 && distance < 1e4, `${distance} at a gap of ${meanGapNs} ns`)
  }
})

test('what the run shows and the simulation lacks counts as far', () => {
  const run = runOf(throughTwoLanes(6000, 25_000))
  const target = new Target(run, 2)
  assert.ok(target.distance(new Float64Array(6000).fill(Number.NaN)) > 50)
})
