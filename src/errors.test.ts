/** Errors of users: their lines and exit codes, and which word a misspelt one is taken for. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closest, didYouMean, editDistance, reasonOf, shown, UserError } from './errors.ts'

describe('a user error', () => {
  it('holds one line per mistake and an exit code', () => {
    const one = new UserError('a: no such file')
    assert.deepEqual([one.lines, one.message, one.exitCode], [['a: no such file'], 'a: no such file', 1])
    const two = new UserError(['a', 'b'], 2)
    assert.deepEqual([two.lines, two.message, two.exitCode], [['a', 'b'], 'a\nb', 2])
  })
})

describe('what is not ours', () => {
  const values: [value: unknown, text: string][] = [
    ['1', '"1"'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [1n, '1n'],
    [[1, 2], '[Array]'],
    [{ lane: 1 }, '[Object]'],
    [Promise.resolve(1), '[Promise]'],
    [-0, '-0'],
    [Symbol('lane'), 'Symbol(lane)'],
    [function choose() {}, '[Function: choose]'],
    [() => 1, '[Function]'],
    [Object.create(null), '[Object]'],
    ['x'.repeat(50), `"${'x'.repeat(37)}..."`],
  ]
  for (const [value, text] of values) {
    it(`is shown as ${text}`, () => assert.equal(shown(value), text))
  }

  it('may be thrown, whatever it is, and is told on one line', () => {
    assert.equal(reasonOf(new Error('a\n  b')), 'a b')
    assert.equal(reasonOf(new TypeError()), 'TypeError')
    assert.equal(reasonOf('a\nb'), 'a b')
    assert.equal(reasonOf(undefined), 'undefined')
  })
})

describe('the distance between words', () => {
  const distances: [a: string, b: string, edits: number][] = [
    ['', '', 0],
    ['hash', 'hash', 0],
    ['', 'abc', 3],
    ['flow-pined', 'flow-pinned', 1],
    ['cuont', 'count', 1],
    ['hahs', 'hash', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ]
  for (const [a, b, edits] of distances) {
    it(`is ${edits} from "${a}" to "${b}", both ways`, () => {
      assert.equal(editDistance(a, b), edits)
      assert.equal(editDistance(b, a), edits)
    })
  }
})

describe('a suggestion', () => {
  const names = ['hash', 'random', 'round-robin', 'flow-pinned']

  it('is the closest name, in any case of letters', () => {
    assert.equal(closest('HASH', names), 'hash')
    assert.equal(closest('roundrobin', names), 'round-robin')
    assert.equal(didYouMean('flow-pined', names), ' - did you mean "flow-pinned"?')
  })

  it('is left out when nothing is close', () => {
    assert.equal(closest('maglev', names), undefined)
    assert.equal(closest('udp', ['tcp']), undefined)
    assert.equal(closest('tpc', ['tcp']), 'tcp')
    assert.equal(didYouMean('x', []), '')
  })
})
