import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ClockUnits } from './clock-units.ts'

/** The same by big integers. */
function exact(resolution: number, count: bigint): [seconds: number, nanoseconds: number] {
  const units = BigInt(resolution >= 0x80 ? 2 : 10) ** BigInt(resolution & 0x7f)
  return [Number(count / units), Number(((count % units) * 1_000_000_000n) / units)]
}

function read(clock: ClockUnits, count: bigint): [seconds: number, nanoseconds: number] {
  clock.read(Number(count >> 32n), Number(count & 0xffffffffn))
  return [clock.seconds, clock.nanoseconds]
}

const cases: readonly (readonly [
  resolution: number,
  offset: number,
  count: bigint,
  seconds: number,
  ns: number,
])[] = [
  [6, 0, 1_700_000_000_000_001n, 1_700_000_000, 1_000],
  [9, 0, 1_700_000_000_999_999_999n, 1_700_000_000, 999_999_999],
  [9, 0, 2n ** 64n - 1n, 18_446_744_073, 709_551_615],
  [0, 5, 12n, 17, 0],
  [3, -10, 9_999n, -1, 999_000_000],
  [12, 0, 1_000_000_000_999n, 1, 0],
  [0x80 | 1, 0, 3n, 1, 500_000_000],
  [0x80 | 20, 0, 2n ** 20n + 1n, 1, 953],
  [0x80 | 32, 0, 2n ** 32n + 2n ** 31n, 1, 500_000_000],
  [0xff, 0, 2n ** 64n - 1n, 0, 0],
]
for (const [resolution, offset, count, seconds, ns] of cases) {
  test(`${count} units of resolution ${resolution} with offset ${offset} s are ${seconds} s and ${ns} ns`, () => {
    assert.deepEqual(read(new ClockUnits(resolution, offset), count), [seconds, ns])
  })
}

test('times agree with big integers for every resolution', () => {
  const count = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(0n, 2n ** 53n))
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), count, (resolution, units) => {
      assert.deepEqual(read(new ClockUnits(resolution, 0), units), exact(resolution, units))
    }),
    { seed: 1, numRuns: 5000 },
  )
})
