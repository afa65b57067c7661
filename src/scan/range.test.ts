import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDurationNs } from '../units.ts'
import { rangeValues } from './range.ts'

const ranges: ReadonlyArray<[text: string, values: (number | string)[]]> = [
  ['1:8:1', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['1:8:3', [1, 4, 7]],
  ['4:4:1', [4]],
  ['0:1:0.1', [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]],
  ['-1:1:1', [-1, 0, 1]],
  ['1e3:3e3:1000', [1000, 2000, 3000]],
  ['5us:20us:5us', ['5us', '10us', '15us', '20us']],
  ['500us:2ms:500us', ['500us', '1ms', '1.5ms', '2ms']],
  ['500us:2000us:500us', ['500us', '1000us', '1500us', '2000us']],
  ['0ns:1us:250ns', ['0ns', '250ns', '500ns', '750ns', '1us']],
  ['1min:2min:30s', ['60s', '90s', '120s']],
  ['0.5ns:2ns:0.5ns', ['0.5ns', '1ns', '1.5ns', '2ns']],
  ['700B:1500B:400B', ['700B', '1100B', '1500B']],
  ['1KiB:4kB:1KiB', ['1.024kB', '2.048kB', '3.072kB']],
  [' 1 : 2 : 1 ', [1, 2]],
  ['100us:10s:log:9', ['100us', '422us', '1.78ms', '7.5ms', '31.6ms', '133ms', '562ms', '2.37s', '10s']],
  ['1:64:log:7', [1, 2, 4, 8, 16, 32, 64]],
  ['1:4:log:7', [1, 2, 3, 4]],
  ['1.0:4.0:log:3', [1, 2, 4]],
  ['0.001:0.1:log:5', [0.001, 0.00316, 0.01, 0.0316, 0.1]],
  ['100us:101us:log:5', ['100us', '100.2us', '100.5us', '100.7us', '101us']],
  ['1234us:5678us:log:2', ['1234us', '5678us']],
]
for (const [text, values] of ranges) {
  test(`${text} is ${values.length} values`, () => assert.deepEqual(rangeValues(text), values))
}

const mistakes: ReadonlyArray<[text: string, message: RegExp]> = [
  ['', /^nothing is no range - write min:max:step, such as 1:8:1/],
  ['1:8', /^1:8 is no range - write min:max:step/],
  ['1:8:log', /^1:8:log is no range/],
  ['1:8:1:9', /^1:8:1:9 is no range/],
  ['1::2', /^nothing is no number - write/],
  ['1:x:1', /^"x" is no number - write/],
  ['8:1:1', /^the maximum 1 is below the minimum 8 - swap them$/],
  ['1:8:0', /^a step of 0 never arrives - give one above 0$/],
  ['1:8:-1', /^a step of -1 never arrives/],
  ['1:8us:1us', /^1 has no unit and 8us has one - write 1us, or none anywhere$/],
  ['1us:8us:1', /^1 has no unit and 1us has one/],
  ['1us:8kB:1us', /times and sizes - use units of one kind$/],
  ['1xs:2xs:1xs', /^1xs has an unknown unit "xs" - use one of ns, us/],
  ['0:8:log:4', /^a logarithmic range can't begin at 0 - begin above 0$/],
  ['1:8:log:1', /^1 is no number of points - give 2 or more/],
  ['1:8:log:2.5', /^2\.5 is no number of points/],
  ['4:4:log:3', /^the minimum is the maximum, 4 - give two different ones$/],
  ['1:1e9:1', /^has 1000000000 values, more than 10000 - take a larger step$/],
  ['1:2:log:20000', /^has 20000 values, more than 10000 - take fewer$/],
  ['0.000000001:1000000000:1', /^1000000000 has too many digits beside the others - write fewer$/],
]
for (const [text, message] of mistakes) {
  test(`"${text}" is a mistake with its cure`, () => assert.throws(() => rangeValues(text), { message }))
}

const decimals = fc.record({
  low: fc.integer({ min: 0, max: 10_000 }),
  step: fc.integer({ min: 1, max: 500 }),
  count: fc.integer({ min: 1, max: 300 }),
  places: fc.integer({ min: 0, max: 6 }),
})
const decimal = (digits: number, places: number) => {
  const text = String(digits).padStart(places + 1, '0')
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`
}

test('linear values are the decimals that one would write by hand, however many', () => {
  fc.assert(
    fc.property(decimals, ({ low, step, count, places }) => {
      const expected = Array.from({ length: count }, (_, i) => Number(decimal(low + i * step, places)))
      const range = [low, low + (count - 1) * step, step].map((digits) => decimal(digits, places)).join(':')
      assert.deepEqual(rangeValues(range), expected)
      // The same with a unit; the text of a value is never longer than its decimals ask for.
      const withUnit = range
        .split(':')
        .map((part) => `${part}us`)
        .join(':')
      assert.deepEqual(
        rangeValues(withUnit),
        expected.map((value) => `${value}us`),
      )
    }),
    { seed: 1 },
  )
})

test('durations of different units are exact to the nanosecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 900 }), (lowUs, stepNs) => {
      const values = rangeValues(`${lowUs}us:${lowUs + 2}us:${stepNs}ns`)
      assert.deepEqual(
        values.map((value) => parseDurationNs(String(value))),
        Array.from({ length: Math.floor(2000 / stepNs) + 1 }, (_, i) => lowUs * 1000 + i * stepNs),
      )
    }),
    { seed: 1 },
  )
})

test('logarithmic values rise from end to end in equal ratios, to the three digits that they are given with', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 2, max: 1000 }),
      fc.integer({ min: 2, max: 40 }),
      (low, ratio, points) => {
        const values = rangeValues(`${low}.0:${low * ratio}.0:log:${points}`) as number[]
        assert.equal(values.length, points)
        assert.deepEqual([values[0], values.at(-1)], [low, low * ratio])
        for (const [i, value] of values.entries()) {
          const exact = low * Math.exp((i / (points - 1)) * Math.log(ratio))
          assert.ok(Math.abs(value / exact - 1) < 0.006, `${value} for ${exact}`)
          assert.ok(i === 0 || value > values[i - 1]!)
        }
      },
    ),
    { seed: 1 },
  )
})
