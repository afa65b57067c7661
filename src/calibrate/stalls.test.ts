/** Stalls from packets that were held up, and their rate and lengths moved to what a simulation lacks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstStalls, heldUp, movedStalls } from './stalls.ts'

const ascending = (count: number, from: number, step: number) =>
  Float64Array.from({ length: count }, (_, k) => from + step * k)

test('held up is what takes longer than usual by more than counts, without the usual', () => {
  const { share, heldNs } = heldUp(Float64Array.of(100, 110, 120, 600, 1111), 110, 500)
  assert.equal(share, 1 / 5)
  assert.deepEqual([...heldNs], [1001])
  const three = heldUp(Float64Array.of(100, 110, 120, 700, 1111), 110, 500)
  assert.deepEqual([three.share, [...three.heldNs]], [2 / 5, [590, 1001]])
  assert.deepEqual(heldUp(new Float64Array(0), 110, 500).share, 0)
})

test('fewer than 30 hold-ups are no stalls', () => {
  assert.equal(firstStalls({ share: 0.01, heldNs: ascending(29, 1e5, 0) }), undefined)
  assert.ok(firstStalls({ share: 0.01, heldNs: ascending(30, 1e5, 0) }) !== undefined)
})

test('the first guess has the lengths that were seen, at the rate that makes that share of time', () => {
  // 1 % of the packets meet stalls of 100 us: 100 a second of 100 us each are 1 % of the time.
  const stalls = firstStalls({ share: 0.01, heldNs: ascending(50, 1e5, 0) })!
  assert.ok(Math.abs(stalls.perSecond - 100) < 1e-9)
  assert.deepEqual(stalls.lengthNs, new Array(64).fill(1e5))
  const growing = firstStalls({ share: 0.01, heldNs: ascending(65, 0, 1000) })!
  assert.deepEqual([growing.lengthNs[0], growing.lengthNs[32], growing.lengthNs[63]], [1000, 33_000, 64_000])
})

test('where half as many are held up as were, the rate is doubled, and never moved by more than three', () => {
  const stalls = { perSecond: 100, lengthNs: new Array<number>(64).fill(5000) }
  const measured = { share: 0.02, heldNs: ascending(64, 5000, 0) }
  const moved = (share: number) => movedStalls(stalls, measured, { share, heldNs: measured.heldNs }).perSecond
  assert.deepEqual([0.01, 0.02, 0.04, 0.001, 0].map(moved), [200, 100, 50, 300, 300])
  assert.ok(Math.abs(moved(0.2) - 100 / 3) < 1e-9)
})

test('lengths are moved by what they lack, stay ascending and above a microsecond', () => {
  const stalls = { perSecond: 100, lengthNs: Array.from({ length: 64 }, (_, k) => 10_000 + k) }
  const longer = movedStalls(
    stalls,
    { share: 0.01, heldNs: ascending(64, 9000, 0) },
    { share: 0.01, heldNs: ascending(64, 7000, 0) },
  )
  assert.deepEqual(
    longer.lengthNs,
    stalls.lengthNs.map((ns) => ns + 2000),
  )
  const shorter = movedStalls(
    stalls,
    { share: 0.01, heldNs: ascending(64, 0, 0) },
    { share: 0.01, heldNs: ascending(64, 1e6, 0) },
  )
  assert.deepEqual(shorter.lengthNs, new Array(64).fill(1000))
})

test('lengths stay where the simulation holds up too few packets to say how long', () => {
  const stalls = { perSecond: 100, lengthNs: [1, 2, 3] }
  const moved = movedStalls(
    stalls,
    { share: 0.02, heldNs: ascending(64, 9000, 0) },
    { share: 0.01, heldNs: ascending(14, 7000, 0) },
  )
  assert.deepEqual(moved, { perSecond: 200, lengthNs: [1, 2, 3] })
})
