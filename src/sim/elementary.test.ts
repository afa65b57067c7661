import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COLUMN, expColumn, logColumn, logOneMinusColumn } from './elementary.ts'
import { randomStream } from './random.ts'

/** High halves of fractions at which fdlibm takes another branch in one of the functions. */
const EDGES = [0x00000, 0x0a2b2, 0x60000, 0x61479, 0x62e42, 0x6a09c, 0x6a09e, 0x6b851, 0xfffff]
/** Low words: all over, and the last ones, because half of ln 2 has such a one. */
const LOWS = Array.from({ length: 64 }, (_, i) => (i < 32 ? i * 0x8000001 : 0xffffffff - (i - 32) * 0x80001))
const DRAWS = 300_000
const uniform = randomStream(1, 0, 'elementary')

/** Numbers in all binades from 2^from to 2^to, with fractions around the edges. */
function* aroundEdges(from: number, to: number): Generator<number> {
  const view = new DataView(new ArrayBuffer(8))
  for (let exponent = from; exponent <= to; exponent++)
    for (const edge of EDGES)
      for (let fraction = edge - 4; fraction <= edge + 4; fraction++)
        for (const low of LOWS) {
          view.setInt32(0, ((exponent + 1023) << 20) + fraction)
          view.setUint32(4, low)
          yield view.getFloat64(0)
        }
}

/** A draw below 2^-j, for any j below 60: numbers next to zero as often as others. */
const skewed = () => uniform() * 2 ** -Math.floor(uniform() * 60)
const grid = (x: number) => Math.floor(x * 2 ** 53) / 2 ** 53

function* logOneMinusNumbers(): Generator<number> {
  yield 0
  for (const u of aroundEdges(-53, -1)) if (grid(1 - u) < 1) yield grid(1 - u)
  for (const x of aroundEdges(-53, -1)) yield grid(x)
  for (let i = 0; i < DRAWS; i++) yield uniform()
  for (let i = 0; i < DRAWS; i++) yield grid(skewed())
  for (let i = 0; i < DRAWS; i++) yield 1 - Math.max(2 ** -53, grid(skewed()))
}

function* logNumbers(): Generator<number> {
  yield 1
  yield* aroundEdges(-110, -1)
  for (let i = 0; i < DRAWS; i++) yield uniform() ** 2 + 2 ** -106
  for (let i = 0; i < DRAWS; i++) yield 1 - skewed() / 2
}

function* expNumbers(): Generator<number> {
  yield* [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 709.78, 745.2, -745.2]
  for (const x of aroundEdges(-30, 10)) yield* [x, -x]
  for (let i = 0; i < DRAWS; i++) yield (uniform() - 0.5) * 1500
  for (let i = 0; i < DRAWS; i++) yield (uniform() + uniform() + uniform() - 1.5) * 3
  for (let i = 0; i < DRAWS; i++) yield (uniform() < 0.5 ? 1 : -1) * skewed()
}

const functions: ReadonlyArray<
  readonly [
    title: string,
    ofColumn: (column: Float64Array, count: number) => void,
    ofOne: (x: number) => number,
    numbers: () => Generator<number>,
  ]
> = [
  ['log(1 - x) is that of Math.log1p', logOneMinusColumn, (x) => Math.log1p(-x), logOneMinusNumbers],
  ['log is that of Math', logColumn, Math.log, logNumbers],
  ['exp is that of Math', expColumn, Math.exp, expNumbers],
]

for (const [title, ofColumn, ofOne, numbers] of functions) {
  test(`${title}, bit for bit`, () => {
    const column = new Float64Array(COLUMN)
    const given = new Float64Array(COLUMN)
    let count = 0
    const check = () => {
      column.set(given)
      ofColumn(column, count)
      for (let i = 0; i < count; i++) {
        if (!Object.is(column[i], ofOne(given[i]!)))
          assert.fail(`${given[i]}: ${column[i]}, not ${ofOne(given[i]!)}`)
      }
      count = 0
    }
    for (const x of numbers()) {
      given[count++] = x
      if (count === COLUMN) check()
    }
    check()
  })
}
