/**
 * What `lanewise measure` makes of unknown times and sizes, of two clocks, and of what it is told to assume.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { ownFolder } from '../own-folder.testing.ts'
import { measure, report, values } from './command.testing.ts'

const MS = 1e6
ownFolder('measure')

test('with two clocks delays are only known above the smallest, and the head says so', async () => {
  const rows = [0, 1, 2, 3].map((i) => `${i},${(5000 + i) * MS},${i * MS + (i === 2 ? 0.9 * MS : 0)}`)
  writeFileSync('clocks.csv', `sequence,sentNs,receivedNs\n${rows.join('\n')}\n`)
  const found = await report('clocks.csv')
  assert.deepEqual(values(found, 'latencyNsP50', 'pdvNsP50', 'pdvNsP999', 'pdvNsMax'), [
    null,
    0,
    0.9 * MS,
    0.9 * MS,
  ])
  const { stdout } = await measure('clocks.csv')
  assert.match(
    stdout,
    / {2}times {7}two clocks \(packets arrive before they are sent\): received times\n {14}are moved by 5 s,/,
  )
  assert.match(stdout, / {2}delays {6}above the flow's smallest p50 0 ns, p99 900 us/)
})

test('without times everything that needs them is unknown, not 0', async () => {
  writeFileSync('bare.csv', 'sequence\n0\n2\n1\n')
  const found = await report('bare.csv')
  const timed = [
    'lateTimeNsMax',
    'gapNsMean',
    'rackLostRatio',
    'quicTimeLostRatio',
    'playoutLateRatio[20ms]',
    'ipdvNsMean',
  ]
  const more = [
    'pdvNsP50',
    'pdvNsMax',
    'jitterNsMean',
    'latencyNsMax',
    'byteOffsetMax',
    'tunnel.lateTimeNsMax',
  ]
  assert.deepEqual(new Set(values(found, ...timed, ...more)), new Set([null]))
  assert.deepEqual(values(found, 'reorderedRatio', 'replayWindowDropRatio[64]'), [
    [1, 3],
    [0, 3],
  ])
  const distributions = readFileSync('results/bare-measured/distributions.csv', 'utf8')
  assert.match(distributions, /,extent,1,/)
  assert.doesNotMatch(distributions, /Ns,/)
  writeFileSync('gaps.csv', 'sequence,sentNs,receivedNs\n0,5,10\n2,15,20\n1,,35\n')
  const { stderr } = await measure('gaps.csv')
  assert.match(stderr, /^1 packet has no time of sending or of arrival - whatever goes by delays is left/)
  const gaps = await report('gaps.csv')
  assert.deepEqual(values(gaps, 'jitterNsMean', 'lateTimeNsMax'), [null, 15])
  assert.equal(gaps.clock.text, '1 packet has no time of sending or of arrival: no delays')
  // Arrival times alone give late times.
  writeFileSync('arrived.csv', 'sequence,receivedNs\n0,10\n2,20\n1,35\n')
  assert.deepEqual(values(await report('arrived.csv'), 'lateTimeNsMax', 'jitterNsMean'), [15, null])
})

test('assumptions are options: play-out depths, replay windows, round trip, RFC 5236 as printed', async () => {
  const numbers = [0, 2, 3, 4, 5, 1, 6]
  const rows = numbers.map(
    (number, i) => `${number},${number * 10 * MS},${(number === 1 ? 70 : 20 + 10 * i) * MS}`,
  )
  writeFileSync('assume.csv', `sequence,sentNs,receivedNs\n${rows.join('\n')}\n`)
  const found = await report(
    'assume.csv --playout 15ms,45ms --replay-windows 3,8 --rtt 100ms --rfc5236 literal',
  )
  assert.deepEqual(
    values(
      found,
      'playoutLateRatio[15ms]',
      'playoutLateRatio[45ms]',
      'replayWindowDropRatio[3]',
      'replayWindowDropRatio[8]',
    ),
    [
      [1, 7],
      [1, 7],
      [1, 7],
      [0, 7],
    ],
  )
  assert.deepEqual(found.assumptions, {
    rtt: '100ms',
    playout: ['15ms', '45ms'],
    replayWindows: [3, 8],
    rfc5236: 'literal',
    sequenceBits: null,
  })
})

test('RACK waits for a quarter of the round trip that is assumed', async () => {
  const rows = [
    [0, 10],
    [2, 30],
    [3, 40],
    [1, 60],
  ].map(([number, ms]) => `${number},${number! * 10 * MS},${ms! * MS}`)
  writeFileSync('rack.csv', `sequence,sentNs,receivedNs\n${rows.join('\n')}\n`)
  // The late packet took 40 ms longer than the others.
  assert.deepEqual(values(await report('rack.csv --rtt 100ms'), 'rackLostRatio'), [[1, 4]])
  assert.deepEqual(values(await report('rack.csv --rtt 200ms'), 'rackLostRatio'), [[0, 4]])
})

test('RFC 5236 as printed never recovers from a late discard, as defined it does', async () => {
  const numbers = [...Array.from({ length: 64 }, (_, i) => 3 + i), 1]
  const rest = Array.from({ length: 233 }, (_, i) => 67 + i)
  writeFileSync('discard.csv', `sequence\n${[...numbers, ...rest].join('\n')}\n`)
  const density = async (words: string) => values(await report(`discard.csv ${words}`), 'reorderDensity[0]')
  assert.deepEqual(await density('--rfc5236 literal'), [[0, 297]])
  assert.deepEqual(await density('--rfc5236 corrected'), [[233, 297]])
})
