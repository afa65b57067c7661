/**
 * Values typed behind --set and -p: what they are read as, and that labels are read back as what they came
 * from.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { flowItems, readValue, writeValue } from './values.ts'

describe('a typed value', () => {
  const cases: [text: string, value: unknown][] = [
    ['2', 2],
    ['2.5', 2.5],
    ['-1', -1],
    ['1e3', 1000],
    ['true', true],
    ['null', null],
    ['5s', '5s'],
    ['"2"', '2'],
    ["'a b'", 'a b'],
    ['', ''],
    [' none ', 'none'],
    ['3:1', '3:1'],
    ['a: b', 'a: b'],
    ['#1', '#1'],
    ['5 # five', '5 # five'],
    ['*a', '*a'],
    ['!x y', '!x y'],
    ['"open', '"open'],
    ['[1,2]', [1, 2]],
    ['[1ms, "2"]', ['1ms', '2']],
    ['{ lognormal: { median: 15us, sigma: 0.8 } }', { lognormal: { median: '15us', sigma: 0.8 } }],
  ]
  for (const [text, value] of cases) {
    it(`${JSON.stringify(text)} is read as ${JSON.stringify(value)}`, () =>
      assert.deepEqual(readValue(text), { value }))
  }

  it('with an open bracket is a mistake', () => {
    assert.deepEqual(readValue('[1,2'), {
      problem: '[1,2 is not a list or map - close every bracket and quote',
    })
    assert.deepEqual(readValue('[*a]'), {
      problem: '[*a] is not a list or map - aliases have no meaning here',
    })
  })
})

describe('values in a row', () => {
  it('are divided at commas outside brackets and quotes', () => {
    assert.deepEqual(flowItems('a=[1,2],b={c: 1, d: 2},e="x,y",f=it\'s,g'), [
      'a=[1,2]',
      'b={c: 1, d: 2}',
      'e="x,y"',
      "f=it's",
      'g',
    ])
    assert.deepEqual(flowItems(''), [''])
  })

  it('are read back as what was written', () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.constantFrom('5', 'true', '', '[', 'a,b', 'null', '3:1', '#', 'a: b', '"', "it's", '- a', '5s'),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x)),
      fc.boolean(),
      fc.constant(null),
    )
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(scalar, fc.array(scalar), fc.dictionary(fc.string(), scalar, { noNullPrototype: true })),
          { minLength: 1 },
        ),
        (values) => {
          const items = flowItems(values.map((value) => `k=${writeValue(value)}`).join(','))
          assert.deepEqual(
            items.map((item) => readValue(item.slice(2))),
            values.map((value) => ({ value })),
          )
        },
      ),
      { seed: 1, numRuns: 2000 },
    )
  })
})
