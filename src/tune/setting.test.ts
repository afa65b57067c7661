import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Proof } from './longest-stay.ts'
import type { Recommended, Safe, TtlPoint } from './recommend.ts'
import { settingOf } from './setting.ts'

const curve = [1e6, 2e6, 4e6, 8e6, null].map(
  (ttlNs): TtlPoint => ({ ttlNs, policy: `p:ttl=${ttlNs ?? 'never'}`, metrics: {} }),
)
const value = (ttlNs: number): Recommended => ({ kind: 'value', ttlNs })
const safe = (ttlNs: number): Safe => ({ kind: 'value', ttlNs, moves: 9, bound: 1 / 3 })
const proof = { stayNs: 830_000 } as Proof

test('what is set is proven, or twice what was enough, never less than either answer', () => {
  assert.deepEqual(settingOf(value(2.4e6), safe(3.7e6), null, curve, 1), {
    ttlNs: 7.4e6,
    value: '7.4ms',
    basis: 'margin',
    policy: 'p:ttl=8000000',
  })
  assert.deepEqual(settingOf({ kind: 'any' }, safe(91_000), proof, curve, 1), {
    ttlNs: 1e6,
    value: '1ms',
    basis: 'proven',
    policy: 'p:ttl=1000000',
  })
  assert.equal(settingOf(value(5e9), safe(6e9), null, curve, 5e9).ttlNs, 15e9)
  assert.equal(
    settingOf(value(2e6), { kind: 'none', ttlNs: null, moves: null, bound: null }, null, curve, 1).basis,
    'never',
  )
  assert.equal(settingOf({ kind: 'none' }, safe(1e6), null, curve, 1).ttlNs, null)
  assert.equal(settingOf({ kind: 'unknown' }, safe(1e6), null, curve, 1).basis, 'unknown')
})

test('a setting is a multiple of the step, at least as long as both answers and as a proof', () => {
  const ns = fc.integer({ min: 1, max: 1e10 })
  fc.assert(
    fc.property(ns, ns, fc.option(ns), fc.integer({ min: 1, max: 5e9 }), (wanted, longest, stay, stepNs) => {
      const proven = stay === null ? null : ({ stayNs: stay } as Proof)
      const { ttlNs } = settingOf(value(wanted), safe(longest), proven, curve, stepNs)
      assert.equal(ttlNs! % stepNs, 0)
      assert.ok(ttlNs! >= wanted && (stay === null ? ttlNs! >= longest : ttlNs! >= stay))
    }),
    { seed: 5 },
  )
})
