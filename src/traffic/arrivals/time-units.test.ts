/** Seconds in a column of nanoseconds never pass: a gate on late times would be kept for no reason. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserError } from '../../errors.ts'
import { arrivalsFrom } from '../../measure/arrivals/arrivals-file.ts'
import { bytesOf } from '../capture/captures.testing.ts'
import { parseColumnMap } from './arrival-columns.ts'

/** 30 packets, a millisecond apart. @param text what their times are written as */
function file(column: string, text: (ms: number) => string, map = '') {
  const lines = Array.from({ length: 30 }, (_, i) => `${i},${text(i)}`)
  const source = bytesOf(Buffer.from(`sequence,${column}\n${lines.join('\n')}\n`))
  return arrivalsFrom(source, 'a.csv', parseColumnMap(map === '' ? [] : [map]))
}
const ms = (i: number) => String(i).padStart(3, '0')

for (const [what, column, text, message] of [
  [
    'seconds since 1970',
    'receivedNs',
    (i: number) => `1700000000.${ms(i)}500001`,
    /^a\.csv:2: receivedNs is "1700000000\.000500001" - these are seconds since 1970: rename receivedNs to receivedS$/,
  ],
  [
    'seconds since 1970 that begin whole',
    'sentNs',
    (i: number) => `1700000000.${ms(i)}000000`,
    /^a\.csv:3: sentNs is "1700000000\.001000000" - these are seconds since 1970: rename sentNs to sentS$/,
  ],
  [
    'milliseconds since 1970 with decimals',
    'receivedNs',
    (i: number) => `1700000000${ms(i)}.25`,
    /these are milliseconds since 1970: rename receivedNs to receivedMs$/,
  ],
  [
    'seconds from the start',
    'receivedNs',
    (i: number) => `0.${ms(i)}000000`,
    /^a\.csv:3: receivedNs is "0\.001000000" - nanoseconds are whole; for another unit rename receivedNs to receivedS, receivedMs or receivedUs$/,
  ],
  [
    'seconds since 1970 without decimals',
    'receivedNs',
    () => '1700000000',
    /^a\.csv: receivedNs has 30 packets within 0 ns - these are seconds since 1970: rename receivedNs to receivedS$/,
  ],
  [
    'milliseconds since 1970',
    'receivedNs',
    (i: number) => `1700000000${ms(i)}`,
    /^a\.csv: receivedNs has 30 packets within 29 ns - these are milliseconds since 1970: rename receivedNs to receivedMs$/,
  ],
  [
    'milliseconds from the start',
    'receivedNs',
    (i: number) => String(i),
    /^a\.csv: receivedNs has 30 packets within 29 ns, more than any link carries - for another unit rename/,
  ],
  [
    'milliseconds in a column of seconds',
    'receivedS',
    (i: number) => `1700000000${ms(i)}`,
    /^a\.csv: receivedS is 1700000000000, seconds that are centuries from now - rename receivedS to receivedMs$/,
  ],
] as const) {
  test(`${what} in ${column} are one line with the right name`, async () => {
    await assert.rejects(file(column, text), (error: UserError) => {
      assert.deepEqual([error.lines.length, error.exitCode], [1, 1])
      assert.match(error.message, message)
      return true
    })
  })
}

test('a mapped column is called by what it would have to be mapped to', async () => {
  await assert.rejects(
    file('when', (i) => `1700000000.${ms(i)}5`, 'receivedNs=when'),
    /:2: when is "1700000000\.0005" - these are seconds since 1970: --map receivedS=when$/,
  )
})

test('where both columns are seconds, both names are said', async () => {
  await assert.rejects(
    file('sentNs,receivedNs', (i) => `1700000000.${ms(i)}5,1700000001.${ms(i)}5`),
    /:2: sentNs is .* - these are seconds since 1970: rename sentNs to sentS, rename receivedNs to receivedS$/,
  )
  await assert.rejects(
    file('sentNs,receivedNs', (i) => `1700000${ms(i)}.5,${i}`),
    /rename sentNs to sentS$/,
  )
})

test('microseconds since 1970 could be the nanoseconds of a long uptime: that is said, not refused', async () => {
  for (const decimals of ['', '.5']) {
    const found = await file('receivedNs', (i) => `1700000000${ms(i)}000${decimals}`)
    assert.deepEqual(found.notes, [
      'a.csv: receivedNs looks like microseconds since 1970 - if it is: rename receivedNs to receivedUs',
    ])
  }
})

for (const [what, column, text] of [
  ['nanoseconds from the start', 'receivedNs', (i: number) => String(i * 1e6)],
  ['10 million packets a second', 'receivedNs', (i: number) => String(i * 100)],
  ['nanoseconds since 1970', 'receivedNs', (i: number) => `1700000000${ms(i)}000000`],
  ['seconds from the start', 'receivedS', (i: number) => `0.${ms(i)}`],
  ['a second into a run', 'receivedNs', (i: number) => String(1.7e9 + i * 1e6)],
  ['all at once', 'receivedNs', () => '0'],
] as const) {
  test(`nothing is said of ${what} in ${column}`, async () => {
    assert.deepEqual((await file(column, text)).notes, [])
  })
}

test('whole numbers of any unit since 1970 are times of that unit', async () => {
  for (const [column, digits] of [
    ['receivedMs', ''],
    ['receivedUs', '000'],
    ['receivedNs', '000000'],
  ] as const) {
    const { arrivals } = await file(column, (i) => `1700000000${ms(i)}${digits}`)
    const { count, receivedNs } = arrivals
    assert.deepEqual(
      Array.from(receivedNs.subarray(1, count), (ns, i) => ns - receivedNs[i]!),
      Array(29).fill(1e6),
      column,
    )
  }
})
