/** Quantities: every unit with its value, everything that isn't a quantity with its message. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { durationNs, durationText, sizeText } from './unit-schemas.ts'
import {
  formatDurationNs,
  grouped,
  parseDurationNs,
  parseFineDurationNs,
  parseSizeBytes,
  significant,
  writeDuration,
} from './units.ts'

const FORM = 'write it like "8us", "30ms" or "5s"'

describe('durations', () => {
  const valid: [text: string, ns: number][] = [
    ['7ns', 7],
    ['8us', 8000],
    ['8µs', 8000],
    ['8\u03bcs', 8000],
    ['30ms', 30e6],
    ['5s', 5e9],
    ['2min', 120e9],
    ['1h', 3600e9],
    ['0s', 0],
    ['1.5us', 1500],
    ['1e3us', 1e6],
    [' 8 us ', 8000],
    ['0.4ns', 0],
    ['0.6ns', 1],
  ]
  for (const [text, ns] of valid) {
    it(`reads ${JSON.stringify(text)} as ${ns} ns`, () => assert.equal(parseDurationNs(text), ns))
  }

  const invalid: [text: string, message: string][] = [
    ['8', `8 has no unit - ${FORM}`],
    ['-5ms', `-5ms is negative - ${FORM}`],
    ['-5', `-5 is negative - ${FORM}`],
    ['NaN', `"NaN" is not a quantity - ${FORM}`],
    ['Infinity', `"Infinity" is not a quantity - ${FORM}`],
    ['', `"" is not a quantity - ${FORM}`],
    ['us', `"us" is not a quantity - ${FORM}`],
    ['8 us 3', `"8 us 3" is not a quantity - ${FORM}`],
    ['5sec', '"5sec" has an unknown unit "sec" - use one of ns, us, µs, ms, s, min, h'],
    ['5MS', '"5MS" has an unknown unit "MS" - use one of ns, us, µs, ms, s, min, h'],
    ['5toString', '"5toString" has an unknown unit "toString" - use one of ns, us, µs, ms, s, min, h'],
    ['3000h', '"3000h" is too long - the longest duration is 104 days'],
    ['1e999s', '"1e999s" is too long - the longest duration is 104 days'],
  ]
  for (const [text, message] of invalid) {
    it(`refuses ${JSON.stringify(text)} and says why`, () =>
      assert.throws(() => parseDurationNs(text), { message }))
  }

  it('keep fractions of a nanosecond where a cost per byte is meant', () => {
    assert.equal(parseFineDurationNs('0.8ns'), 0.8)
    assert.equal(parseFineDurationNs('4ns'), 4)
    assert.throws(() => parseFineDurationNs('4'), {
      message: '4 has no unit - write it like "8us", "30ms" or "0.8ns"',
    })
    assert.throws(() => parseFineDurationNs('1e999ns'), {
      message: '"1e999ns" is too long - the longest duration is 104 days',
    })
  })

  it('are written exactly, in the largest unit without a fraction, and read back', () => {
    assert.deepEqual([0, 1, 1500, 500e6, 10e9, 61728350, 90e9].map(writeDuration), [
      '0s',
      '1ns',
      '1500ns',
      '500ms',
      '10s',
      '61728350ns',
      '90s',
    ])
    fc.assert(
      fc.property(
        fc.nat({ max: Number.MAX_SAFE_INTEGER }),
        (ns) => parseDurationNs(writeDuration(ns)) === ns,
      ),
      { seed: 1 },
    )
  })

  it('never turn any text into a number that is no duration', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let ns = 0
        try {
          ns = parseDurationNs(text)
        } catch {
          return
        }
        assert.ok(Number.isSafeInteger(ns) && ns >= 0, `${JSON.stringify(text)} gave ${ns}`)
      }),
      { seed: 1 },
    )
  })

  it('are shown with three significant digits and the unit that fits', () => {
    assert.deepEqual(
      [0, 12, 999.4, 999.6, 1234, 12.34e6, 999.6e6, 1.5e9, 7200e9, -1500].map(formatDurationNs),
      ['0 ns', '12 ns', '999 ns', '1 us', '1.23 us', '12.3 ms', '1 s', '1.5 s', '7200 s', '-1.5 us'],
    )
  })
})

describe('sizes', () => {
  const valid: [text: string, bytes: number][] = [
    ['700B', 700],
    ['1.5kB', 1500],
    ['2KiB', 2048],
    ['1MB', 1e6],
    ['1MiB', 1048576],
  ]
  for (const [text, bytes] of valid) {
    it(`reads ${text} as ${bytes} bytes`, () => assert.equal(parseSizeBytes(text), bytes))
  }

  const invalid: [text: string, message: string][] = [
    ['700', '700 has no unit - write it like "700B" or "1.5kB"'],
    ['-1B', '-1B is negative - write it like "700B" or "1.5kB"'],
    ['7us', '"7us" has an unknown unit "us" - use one of B, kB, KiB, MB, MiB'],
    ['1e300MB', '"1e300MB" is too large - no size is above 9 PB'],
  ]
  for (const [text, message] of invalid) {
    it(`refuses ${text} and says why`, () => assert.throws(() => parseSizeBytes(text), { message }))
  }
})

describe('the schemas of quantities', () => {
  it('keep the text, or give its value to a plug-in', () => {
    assert.equal(durationText.parse('8us'), '8us')
    assert.equal(durationNs.parse('8us'), 8000)
    assert.equal(sizeText.parse('1.5kB'), '1.5kB')
  })

  it('show the right form for a bare number', () => {
    assert.equal(durationNs.safeParse(8).error?.issues[0]?.message, `8 has no unit - ${FORM}`)
    assert.equal(
      sizeText.safeParse(700).error?.issues[0]?.message,
      '700 has no unit - write it like "700B" or "1.5kB"',
    )
  })

  it('refuse what is neither text nor number', () => {
    for (const value of [Number.NaN, null, undefined, true, ['8us'], {}]) {
      assert.equal(durationText.safeParse(value).success, false)
    }
  })
})

describe('significant', () => {
  it('keeps three digits and no trailing zeros', () => {
    assert.deepEqual(
      [0, 1, 12345, 0.0012345, 0.5, 99.96, 999.96, -2.5, Number.NaN].map((value) => significant(value)),
      ['0', '1', '12300', '0.00123', '0.5', '100', '1000', '-2.5', 'NaN'],
    )
    assert.equal(significant(2.71999, 4), '2.72')
  })
})

describe('counts', () => {
  const counts: [count: number, text: string][] = [
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [-12345, '-12,345'],
    [1234567.5, '1,234,568'],
  ]
  for (const [count, text] of counts) {
    it(`${count} reads ${text}`, () => assert.equal(grouped(count), text))
  }
})
