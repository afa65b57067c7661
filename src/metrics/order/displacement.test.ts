import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type DisplacementVariant, ReorderDensity } from './displacement.ts'
import { stayBack, streams } from './rfc5236.testing.ts'
import { nonZero, skipWithoutVectors, vectorsOf } from './vectors.testing.ts'

interface Taken {
  number: number
  displacement: number
  receiveIndex: number
}

function densityOf(arrivals: readonly number[], dt: number, variant: DisplacementVariant) {
  const taken: Taken[] = []
  const onDisplacement = (number: number, displacement: number, receiveIndex: number) =>
    void taken.push({ number, displacement, receiveIndex })
  const density = new ReorderDensity(dt, { variant, next: 1, onDisplacement })
  for (const number of arrivals) density.record(number)
  density.finish()
  return { density, taken }
}
const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0)

interface RdExpected {
  RI?: Array<number | null>
  D?: Array<number | null>
  FD?: Record<string, number>
  RD?: Record<string, number>
  reorderSet?: number[][]
  N?: number
  discarded?: number
}

test('all reorder density vectors of ../shared hold', { skip: skipWithoutVectors }, () => {
  let checked = 0
  let fields = 0
  const all = vectorsOf<{ arrivals: number[]; DT: number; resync?: boolean }, RdExpected>('rd')
  for (const { id, input, expected } of all) {
    const variants =
      input.resync === undefined ? ['resync', 'literal'] : [input.resync ? 'resync' : 'literal']
    for (const variant of variants) {
      const { density, taken } = densityOf(input.arrivals, input.DT, variant as DisplacementVariant)
      const byArrival = (field: 'displacement' | 'receiveIndex') =>
        input.arrivals.map((number, i) =>
          input.arrivals.indexOf(number) < i
            ? null
            : (taken.find((packet) => packet.number === number)?.[field] ?? null),
        )
      const total = sum(density.counts)
      const actual: Required<RdExpected> = {
        RI: byArrival('receiveIndex'),
        D: byArrival('displacement'),
        FD: nonZero(density.counts, input.DT),
        RD: nonZero(
          density.counts.map((count) => count / total),
          input.DT,
        ),
        reorderSet: taken
          .filter((packet) => packet.displacement !== 0)
          .map((packet) => [packet.number, packet.displacement])
          .toSorted((a, b) => a[0]! - b[0]!),
        N: total,
        discarded: density.discarded,
      }
      for (const [field, value] of Object.entries(expected)) {
        assert.deepEqual(actual[field as keyof RdExpected], value, `${id} ${variant} ${field}`)
        fields++
      }
    }
    checked++
  }
  assert.equal(checked, 16)
  assert.equal(fields, 69)
})

for (const variant of ['resync', 'literal'] as const) {
  test(`one pass gives what the stay-back algorithm says, ${variant}`, () => {
    let discarded = 0
    fc.assert(
      fc.property(streams, fc.integer({ min: 0, max: 9 }), (arrivals, dt) => {
        const literally = stayBack(arrivals, dt, variant === 'resync')
        const { density, taken } = densityOf(arrivals, dt, variant)
        assert.deepEqual(taken, literally.taken)
        assert.equal(density.discarded, literally.discarded)
        assert.equal(density.repeated, literally.repeated)
        const counts = new Float64Array(2 * dt + 1)
        for (const { displacement } of literally.taken) counts[displacement + dt]!++
        assert.deepEqual(density.counts, counts)
        discarded += density.discarded
      }),
      { seed: 5236, numRuns: 4000 },
    )
    assert.ok(discarded > 1000, `${discarded} discards were tried`)
  })
}

test('without a threshold a displacement is the rank of the number minus the number', () => {
  fc.assert(
    fc.property(streams, (arrivals) => {
      const firstCopies = arrivals.filter((number, i) => arrivals.indexOf(number) === i)
      const ranked = firstCopies.toSorted((a, b) => a - b)
      const offline = firstCopies.map((number, i) => ({
        number,
        displacement: ranked[i]! - number,
        receiveIndex: ranked[i]!,
      }))
      assert.deepEqual(densityOf(arrivals, 20_000, 'resync').taken, offline)
    }),
    { seed: 36, numRuns: 100 },
  )
})

test('resync keeps as many numbers waiting as the window holds, the literal text does not', () => {
  let literalExcess = 0
  fc.assert(
    fc.property(streams, fc.integer({ min: 0, max: 5 }), (arrivals, dt) => {
      assert.equal(stayBack(arrivals, dt, true).excessMax, 0)
      literalExcess = Math.max(literalExcess, stayBack(arrivals, dt, false).excessMax)
      const density = new ReorderDensity(dt, { next: 1 })
      for (const number of arrivals) {
        density.record(number)
        const { presence, farCount, far, size } = density as unknown as {
          presence: Uint8Array
          farCount: number
          far?: Set<number>
          size: number
        }
        assert.equal(presence.filter((state) => state > 0).length + farCount, size)
        assert.equal(far?.size ?? 0, farCount)
        assert.ok(size <= dt)
      }
      density.finish()
      assert.ok(density.isInOrder)
    }),
    { seed: 23, numRuns: 1000 },
  )
  assert.ok(literalExcess > 1, `${literalExcess}`)
})

test('a density that is made at each gap and dropped in order counts the same as one that always runs', () => {
  let dropped = 0
  for (const variant of ['resync', 'literal'] as const) {
    fc.assert(
      fc.property(streams, fc.integer({ min: 0, max: 5 }), (arrivals, dt) => {
        const counts = new Float64Array(2 * dt + 1)
        const pool: ReorderDensity[] = []
        let running: ReorderDensity | undefined
        let next = 1
        for (const number of arrivals) {
          if (running === undefined && number === next) {
            counts[dt]!++
            next++
          } else if (running !== undefined || number > next) {
            if (running === undefined) {
              running = pool.pop() ?? new ReorderDensity(dt, { variant, counts })
              running.restart(next)
            }
            running.record(number)
            if (running.isInOrder) {
              running.finish()
              next = running.next
              pool.push(running)
              running = undefined
              dropped++
            }
          }
        }
        running?.finish()
        assert.deepEqual(counts, densityOf(arrivals, dt, variant).density.counts)
      }),
      { seed: 128, numRuns: 1500 },
    )
  }
  assert.ok(dropped > 3000, `${dropped} times in order again`)
})

test('a restarted density has forgotten the stream before, whatever was left of it', () => {
  const density = new ReorderDensity(2, { variant: 'literal' })
  for (const number of [2, 3, 0, 2 ** 40, 4, 5]) density.record(number)
  density.restart(0)
  assert.ok(density.isInOrder)
  density.counts.fill(0)
  for (const number of [0, 1, 2, 3, 4, 5, 2 ** 40]) density.record(number)
  density.finish()
  assert.deepEqual(nonZero(density.counts, 2), { 0: 7 })
})

test('the literal text is left with an early packet that it never gives an index to, so it is not in order', () => {
  const arrivals = [3, 4, 1, 5, 6]
  assert.equal(densityOf(arrivals, 2, 'literal').density.isInOrder, false)
  assert.equal(densityOf(arrivals, 2, 'resync').density.isInOrder, true)
})

test('rogue numbers up to 2^52 cost nothing but themselves', () => {
  const density = new ReorderDensity(8)
  for (let i = 0; i < 300_000; i++) {
    if (i % 100 === 0) density.record(i % 3 === 0 ? 2 ** 31 : 2 ** 52 + i)
    // A loss just before each rogue, so that the receive index is missing while the rogue waits.
    if (i % 100 !== 96) density.record(i)
  }
  density.finish()
  assert.deepEqual(nonZero(density.counts, 8), { 0: 297_000 })
  assert.equal(density.discarded, 3000)
})

test('an early rogue is let in when all that wait are beyond it', () => {
  const { taken, density } = densityOf([1, 2 ** 31, 2 ** 31 + 1, 2 ** 31 + 2, 3], 1, 'resync')
  assert.deepEqual(
    taken.map((packet) => packet.number),
    [1, 2 ** 31, 2 ** 31 + 1, 2 ** 31 + 2],
  )
  assert.equal(density.repeated, 1)
})

test('memory stays the same over a million packets', () => {
  const density = new ReorderDensity(32)
  const inside = density as unknown as { window: object; presence: Uint8Array; far?: Set<number> }
  const { window, presence } = inside
  let farMax = 0
  for (let i = 0; i < 1e6; i++) {
    density.record(i % 10 === 0 ? i * 1000 : i ^ 7)
    farMax = Math.max(farMax, inside.far?.size ?? 0)
  }
  assert.equal(inside.window, window)
  assert.equal(inside.presence, presence)
  assert.equal(presence.length, 256)
  assert.ok(farMax > 0 && farMax <= 33, `${farMax}`)
})
