import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IS_NODE_20, OTHER_MATH, pins } from './elementary.testing.ts'
import {
  atan,
  COLUMN,
  cos,
  exp,
  expColumn,
  expm1,
  log,
  log1p,
  logColumn,
  logOneMinusColumn,
  sin,
} from './elementary.ts'
import { randomStream } from './random.ts'

/** High halves of fractions at which fdlibm takes another branch in one of the functions. */
const EDGES = [
  0x00000, 0x0a2b2, 0x2bec4, 0x2d97c, 0x30000, 0x33333, 0x3687a, 0x38000, 0x60000, 0x61479, 0x62e42, 0x6a09c,
  0x6a09e, 0x6b851, 0x90000, 0x921fb, 0xa827a, 0xc0000, 0xfffff,
]
/** Low words: all over, and the last ones, because half of ln 2 has such a one. */
const LOWS = Array.from({ length: 64 }, (_, i) => (i < 32 ? i * 0x8000001 : 0xffffffff - (i - 32) * 0x80001))
const DRAWS = 300_000
const ARGUMENTS_MIN = 1_000_000
const skip = IS_NODE_20 ? false : OTHER_MATH
const uniform = randomStream(1, 0, 'elementary')
const view = new DataView(new ArrayBuffer(8))

function fromWords(high: number, low: number): number {
  view.setInt32(0, high)
  view.setUint32(4, low)
  return view.getFloat64(0)
}

/** Numbers in all binades from 2^from to 2^to, with fractions around the edges. */
function* aroundEdges(from: number, to: number, reach = 4, lows = LOWS): Generator<number> {
  for (let exponent = from; exponent <= to; exponent++)
    for (const edge of EDGES)
      for (let fraction = edge - reach; fraction <= edge + reach; fraction++)
        for (const low of lows) yield fromWords(((exponent + 1023) << 20) + fraction, low)
}

/** A draw below 2^-j, for any j below 60: numbers next to zero as often as others. */
const skewed = () => uniform() * 2 ** -Math.floor(uniform() * 60)
const sign = () => (uniform() < 0.5 ? 1 : -1)
const grid = (x: number) => Math.floor(x * 2 ** 53) / 2 ** 53

function* logOneMinusNumbers(): Generator<number> {
  yield 0
  for (const u of aroundEdges(-53, -1)) if (grid(1 - u) < 1) yield grid(1 - u)
  for (const x of aroundEdges(-53, -1)) if (grid(x) < 1) yield grid(x)
  for (let i = 0; i < DRAWS; i++) yield uniform()
  for (let i = 0; i < DRAWS; i++) yield grid(skewed())
  for (let i = 0; i < DRAWS; i++) yield 1 - Math.max(2 ** -53, grid(skewed()))
}

function* logNumbers(): Generator<number> {
  yield 1
  for (const x of aroundEdges(-110, -1)) if (x <= 1) yield x
  for (let i = 0; i < DRAWS; i++) yield uniform() * uniform() + 2 ** -106
  for (let i = 0; i < DRAWS; i++) yield 1 - skewed() / 2
}

function* expNumbers(): Generator<number> {
  yield* everywhere()
  for (const x of aroundEdges(-30, 10)) yield* [x, -x]
  for (let i = 0; i < DRAWS; i++) yield (uniform() - 0.5) * 1500
  for (let i = 0; i < DRAWS; i++) yield (uniform() + uniform() + uniform() - 1.5) * 3
  for (let i = 0; i < DRAWS; i++) yield sign() * skewed()
}

/** Both signs of all sizes that there are: denormal, normal, infinite, and what is no number. */
function* everywhere(): Generator<number> {
  const edges = [0, 1, Number.MIN_VALUE, 2 ** -1022 - 2 ** -1074, Number.MAX_VALUE, Number.POSITIVE_INFINITY]
  const overflows = [
    709.782712893384, 709.7827128933841, 745.1332191019411, 745.1332191019412, 708.3964185322641,
  ]
  for (const x of [...edges, ...overflows]) yield* [x, -x]
  yield Number.NaN
  for (const x of aroundEdges(-1022, 1023, 1, [0, 0xffffffff])) yield* [x, -x]
  for (let i = 0; i < DRAWS / 10; i++) yield fromWords(Math.floor(uniform() * 0x100000), uniform() * 2 ** 32)
  for (let i = 0; i < DRAWS; i++) yield fromWords(uniform() * 2 ** 32, uniform() * 2 ** 32)
}

function* logarithmNumbers(): Generator<number> {
  yield* everywhere()
  yield* aroundEdges(-3, 3)
  for (let i = 0; i < DRAWS; i++) yield uniform() * 10
  for (let i = 0; i < DRAWS; i++) yield 1 + sign() * skewed()
}

function* log1pNumbers(): Generator<number> {
  yield* everywhere()
  for (const x of aroundEdges(-5, 3)) yield* [x, -x, x - 1]
  for (let i = 0; i < DRAWS; i++) yield -uniform()
  for (let i = 0; i < DRAWS; i++) yield sign() * skewed()
}

function* angles(): Generator<number> {
  yield* everywhere()
  for (const x of aroundEdges(-2, 6)) yield* [x, -x]
  // As near to multiples of pi / 2 as doubles come, where most of the number cancels.
  for (let n = 1; n <= 100_000; n++) {
    const x = (n * Math.PI) / 2
    yield* [x, -x, x * (1 + 2 ** -52), x * (1 - 2 ** -53)]
  }
  for (let n = 1; n < 2 ** 900; n *= 1.01) for (const eighth of [1, 2, 3]) yield (n * eighth * Math.PI) / 4
  // The double whose remainder is the smallest of all (J.-M. Muller, Elementary Functions, table 11.1).
  yield 6381956970095103 * 2 ** 797
  for (let i = 0; i < DRAWS; i++) yield (uniform() - 0.5) * 2_000_000
}

function* tangents(): Generator<number> {
  yield* everywhere()
  for (const x of aroundEdges(-3, 3)) yield* [x, -x]
  for (let i = 0; i < DRAWS; i++) yield (uniform() - 0.5) * 20
}

const own = { log, log1p, exp, expm1, sin, cos, atan } as const

type OfOne = (x: number) => number
type OfColumn = (column: Float64Array, count: number) => void

const scalars: ReadonlyArray<readonly [name: keyof typeof pins, numbers: () => Generator<number>]> = [
  ['log', logarithmNumbers],
  ['log1p', log1pNumbers],
  ['exp', expNumbers],
  ['expm1', expNumbers],
  ['sin', angles],
  ['cos', angles],
  ['atan', tangents],
]
const columns: ReadonlyArray<
  readonly [title: string, ofColumn: OfColumn, ofMath: OfOne, ofOne: OfOne, numbers: () => Generator<number>]
> = [
  ['log(1 - x)', logOneMinusColumn, (x) => Math.log1p(-x), (x) => log1p(-x), logOneMinusNumbers],
  ['log', logColumn, Math.log, log, logNumbers],
  ['exp', expColumn, Math.exp, exp, expNumbers],
]

for (const [name, numbers] of scalars) {
  test(`${name} is that of Math in Node 20, bit for bit`, { skip }, () => {
    let count = 0
    for (const x of numbers()) {
      const is = own[name](x)
      if (!Object.is(is, Math[name](x))) assert.fail(`${x}: ${is}, not ${Math[name](x)}`)
      count++
    }
    assert.ok(count >= ARGUMENTS_MIN, `${count} arguments`)
  })

  test(`${name} is the same on every engine`, () => {
    assert.ok(pins[name].length >= 40)
    for (const [x, expected] of pins[name]) {
      if (!Object.is(own[name](x), expected)) assert.fail(`${x}: ${own[name](x)}, not ${expected}`)
    }
  })
}

/** Fails where the column's function gives another number than the other one. */
function compare(ofColumn: OfColumn, ofOne: OfOne, numbers: Iterable<number>): number {
  const column = new Float64Array(COLUMN)
  const given = new Float64Array(COLUMN)
  let total = 0
  let count = 0
  const check = () => {
    column.set(given)
    ofColumn(column, count)
    for (let i = 0; i < count; i++) {
      if (!Object.is(column[i], ofOne(given[i]!)))
        assert.fail(`${given[i]}: ${column[i]}, not ${ofOne(given[i]!)}`)
    }
    total += count
    count = 0
  }
  for (const x of numbers) {
    given[count++] = x
    if (count === COLUMN) check()
  }
  check()
  return total
}

for (const [title, ofColumn, ofMath, ofOne, numbers] of columns) {
  test(`columns: ${title} is that of Math in Node 20, bit for bit`, { skip }, () => {
    const count = compare(ofColumn, ofMath, numbers())
    assert.ok(count >= ARGUMENTS_MIN, `${count} arguments`)
  })

  test(`columns: ${title} is that of one number, bit for bit`, () => {
    compare(ofColumn, ofOne, numbers())
  })
}
