/** owping's raw output: losses, order and times, all exact, and what is wrong with lines that aren't its. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { bytesOf } from '../../traffic/capture/captures.testing.ts'
import { arrivalsFrom } from './arrivals-file.ts'

/** Seconds of 2024 since 1900. */
const BASE = 3_913_056_000n

/** The NTP time of so many ns behind BASE. */
function ntp(ns: number): string {
  return String((BASE << 32n) + ((BigInt(ns) << 32n) + 500_000_000n) / 1_000_000_000n)
}
function line(sequence: number, sentNs: number, receivedNs: number | undefined, sync = 1): string {
  const received = receivedNs === undefined ? '0 0 0' : `${ntp(receivedNs)} ${sync} 1.53e-05`
  return `${sequence} ${ntp(sentNs)} ${sync} 1.53e-05 ${received} 251`
}
function read(lines: readonly string[], pieceBytes?: number) {
  return arrivalsFrom(bytesOf(Buffer.from(`${lines.join('\n')}\n`), pieceBytes), 'o.txt')
}
const MS = 1e6

test('lines in order of arrival, with a lost packet, a copy and numbers that were skipped', async () => {
  const lines = [
    line(5, 0, 20 * MS),
    line(7, 20 * MS, 35 * MS),
    line(6, 10 * MS, 40 * MS + 1),
    line(6, 10 * MS, 41 * MS),
    line(8, 1_030 * MS, undefined),
    line(11, 1_060 * MS, 1_075 * MS),
  ]
  for (const pieceBytes of [3, 65_536]) {
    const { arrivals, flows, clock, numbering, notes, counts } = await read(lines, pieceBytes)
    const { count, sequence, sentNs, receivedNs } = arrivals
    assert.deepEqual([...sequence.subarray(0, count)], [0, 2, 1, 1, 4])
    assert.deepEqual(
      [...sentNs.subarray(0, count)],
      [0, 20, 10, 10, 1060].map((ms) => ms * MS),
    )
    assert.deepEqual([...receivedNs.subarray(0, count)], [20 * MS, 35 * MS, 40 * MS + 1, 41 * MS, 1_075 * MS])
    assert.deepEqual([flows.count, flows.sent(0), counts.received], [1, 5, 5])
    assert.deepEqual([clock.kind, numbering], ['same', 'owping'])
    assert.deepEqual(notes, ['o.txt: 7 numbers have no line - taken as skipped by the sender, not lost'])
  }
})

test('without synchronised clocks no delay is known, however plausible', async () => {
  const { clock, notes } = await read([line(0, 0, 5 * MS), line(1, MS, 7 * MS, 0)])
  assert.equal(clock.kind, 'offset')
  assert.deepEqual(notes, ['o.txt: clocks were not synchronised (SS or RS is 0) - no one-way delay is known'])
})

test('gzipped it is the same, and of one that breaks off the whole lines are used', async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => line(i, i * MS, i * MS + 7 * (i % 90))).join('\n')
  const zipped = gzipSync(text)
  assert.equal((await arrivalsFrom(bytesOf(zipped), 'o.gz')).arrivals.count, 20_000)
  const { arrivals, notes } = await arrivalsFrom(bytesOf(zipped.subarray(0, zipped.length / 2)), 'o.gz')
  assert.ok(arrivals.count > 1000 && arrivals.count < 20_000)
  assert.match(notes[0]!, /^o\.gz: the gzip data is damaged .* - the [\d,]+ lines before are used$/)
})

for (const [what, lines, message] of [
  ['a word', [line(0, 0, 1), 'owping done'], /o\.txt:2: "owping done" - expected SEQNO STIME SS SERR RTIME/],
  ['seven fields', [line(0, 0, 1), line(1, 0, 1).slice(0, -4)], /o\.txt:2: .* - expected SEQNO STIME/],
  ['all lost', [line(0, 0, undefined)], /o\.txt: no packet arrived \(RTIME is 0 in all lines\) - nothing/],
  [
    'a time years away',
    [line(0, 0, 1), `1 1${'0'.repeat(18)} 1 0 ${ntp(5)} 1 0 9`],
    /o\.txt:2: 10+ is 104 days/,
  ],
] as const) {
  test(`${what} is one line`, async () => {
    await assert.rejects(read(lines), message)
  })
}
