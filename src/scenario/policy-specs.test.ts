/** Policies by their names: what -p is read as, which label a policy gets, and that labels are read back. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { UserError } from '../errors.ts'
import {
  type PolicyEntry,
  parsePolicyArgument,
  policyLabel,
  refusal,
  resolvePolicies,
} from './policy-specs.ts'

describe('-p', () => {
  const valid: [argument: string, entry: PolicyEntry][] = [
    ['hash', 'hash'],
    [' hash ', 'hash'],
    ['flow-pinned:ttl=5s', { 'flow-pinned': { ttl: '5s' } }],
    ['flow-pinned:ttl=5s,key=address-pair', { 'flow-pinned': { ttl: '5s', key: 'address-pair' } }],
    ['flow-pinned:capacity=512', { 'flow-pinned': { capacity: 512 } }],
    ['random:weights=3:1', { random: { weights: '3:1' } }],
    ['random:weights=[3,1]', { random: { weights: [3, 1] } }],
    ['random:weights=[3,1],x="a,b"', { random: { weights: [3, 1], x: 'a,b' } }],
    ['x: a = b=c , d=', { x: { a: 'b=c', d: '' } }],
    ['x:__proto__=1', { x: Object.fromEntries([['__proto__', 1]]) }],
  ]
  for (const [argument, entry] of valid) {
    it(`${argument} is ${JSON.stringify(entry)}`, () =>
      assert.deepEqual(parsePolicyArgument(argument), entry))
  }

  const invalid: [argument: string, reason: string][] = [
    ['', 'names no policy - write it like -p hash (lanewise list policies)'],
    [':ttl=5s', 'names no policy - write it like -p hash (lanewise list policies)'],
    ['flow-pinned:', '"" is not key=value - write it like -p flow-pinned:key=value'],
    ['flow-pinned:5s', '"5s" is not key=value - write it like -p flow-pinned:key=value'],
    ['flow-pinned:=5s', '"=5s" is not key=value - write it like -p flow-pinned:key=value'],
    ['flow-pinned:ttl=5s,', '"" is not key=value - write it like -p flow-pinned:key=value'],
    ['flow-pinned:ttl=5s,ttl=6s', 'ttl is given twice - keep one'],
    ['random:weights=[3', 'weights: [3 is not a list or map - close every bracket and quote'],
  ]
  for (const [argument, reason] of invalid) {
    it(`${argument} is refused`, () => {
      assert.throws(() => parsePolicyArgument(argument), new UserError(`-p ${argument}: ${reason}`, 2))
    })
  }
})

describe('a label', () => {
  it('is the name and the parameters given, in their order', () => {
    assert.deepEqual(
      resolvePolicies([
        'hash',
        { 'flow-pinned': { ttl: '5s', key: 'address-pair' } },
        { random: { weights: [3, 1] } },
      ]),
      [
        { name: 'hash', parameters: {}, label: 'hash' },
        {
          name: 'flow-pinned',
          parameters: { ttl: '5s', key: 'address-pair' },
          label: 'flow-pinned:ttl=5s,key=address-pair',
        },
        { name: 'random', parameters: { weights: [3, 1] }, label: 'random:weights=[3,1]' },
      ],
    )
  })

  it('is read back by -p as the policy that it stands for', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.oneof(fc.string(), fc.integer())),
    )
    const key = fc.stringMatching(/^[a-z][A-Za-z]*$/)
    const parameters = fc.dictionary(key, value, { minKeys: 1, noNullPrototype: true })
    fc.assert(
      fc.property(key, parameters, (name, given) => {
        const entry = { [name]: given }
        assert.deepEqual(parsePolicyArgument(policyLabel(entry)), entry)
      }),
      { seed: 1 },
    )
  })
})

describe('a policy that cannot work with so many lanes', () => {
  it('says why before the run', () => {
    assert.equal(refusal({ random: { weights: '3:1' } }, 2), undefined)
    assert.equal(
      refusal({ random: { weights: '3:1' } }, 4),
      '2 weights for 4 lanes - give one weight per lane',
    )
  })

  it('gets no second mistake when its parameters are wrong anyway', () => {
    assert.equal(refusal({ random: { weights: 'x' } }, 4), undefined)
    assert.equal(refusal(17, 4), undefined)
  })
})
