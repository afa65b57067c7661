import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplayState } from '../../live/replay-request.ts'
import type { ReplayRow } from '../../live/verdict/live-report.ts'
import { replayScreen } from './screen.ts'

const row = {
  replay: 1,
  metrics: { reorderedRatio: { count: 99, of: 990 } },
  counts: { packets: 1000, delivered: 990, notSent: 0, inFlight: 0 },
  invalid: ['disturbed'],
} as unknown as ReplayRow
const state: ReplayState = { packets: 2000, sent: 500, delivered: 480, dropped: 3, atLane: [1, 15, 0] }

/** @param plannedNs of each of four replays */
function screen(terminal: { isTTY?: boolean }, plannedNs: number | null = 8e9) {
  const written: string[] = []
  const clock = { ms: 0 }
  const stderr = { write: (text: string) => written.push(text), columns: 80, ...terminal }
  const io = { stderr, env: {} } as unknown as Parameters<typeof replayScreen>[0]
  const lines = () =>
    written
      .at(-1)!
      .replaceAll(/\r|.\[\d*[AKJ]/g, '')
      .split('\n')
  return { written, clock, lines, seen: replayScreen(io, {}, 4, plannedNs ?? undefined, () => clock.ms) }
}

test('a replay shows its packets, a bar per lane, what is left and the last one', () => {
  const { written, clock, lines, seen } = screen({ isTTY: true })
  seen.look('hash', 1, () => ({ ...state, sent: 0 }))
  clock.ms = 2000
  // Four of 8 s each were planned, of which 2 s are over, whatever was sent in them.
  seen.look('hash', 1, () => state)
  assert.deepEqual(lines(), [
    'replay 1, 0 valid of 4 wanted, about 30 s to go',
    'hash, replay 1: 500 of 2,000 packets sent, 250/s',
    '████████░░░░░░░░░░░░░░░░░░░░░░ 480 delivered, 3 dropped',
    'lane 0 ██░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 1',
    'lane 1 ██████████████████████████████ 15',
    'lane 2 ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0',
  ])
  clock.ms = 9000
  seen.finished('hash', row, { number: 1, valid: 0, wanted: 4 })
  assert.deepEqual(lines(), [
    'replay 1, 0 valid of 4 wanted, about 32 s to go',
    'last: hash, replay 1: 10% reordered, 10 dropped, disturbed',
  ])
  clock.ms = 9500
  seen.look('shared', 1, () => ({ ...state, atLane: [] }))
  assert.equal(lines().length, 4, 'no bars where lanes read for themselves')
  seen.end()
  assert.equal(written.at(-1), '\r\u001b[3A\u001b[J')
})

test('in its first moment a replay has the time that is planned, and never less than none', () => {
  const { clock, lines, seen } = screen({ isTTY: true })
  const left = () => /wanted(.*)$/.exec(lines()[0]!)![1]
  clock.ms = 100
  seen.look('hash', 1, () => ({ ...state, sent: 1 }))
  assert.equal(left(), ', about 32 s to go')
  clock.ms = 20_000
  seen.look('hash', 1, () => state)
  assert.equal(left(), ', about 24 s to go', 'one that takes too long is as good as over')
  seen.finished('hash', row, { number: 4, valid: 4, wanted: 4 })
  assert.equal(left(), ', about 0 s to go')
})

test('as fast as it goes, what is left is told by replays that have finished, and before them not at all', () => {
  const { clock, lines, seen } = screen({ isTTY: true }, null)
  const left = () => /wanted(.*)$/.exec(lines()[0]!)![1]
  clock.ms = 100
  seen.look('hash', 1, () => ({ ...state, sent: 1 }))
  clock.ms = 3000
  seen.look('hash', 1, () => ({ ...state, sent: 1999 }))
  assert.equal(left(), '')
  clock.ms = 4000
  seen.finished('hash', row, { number: 1, valid: 1, wanted: 4 })
  assert.equal(left(), ', about 12 s to go')
  clock.ms = 4500
  seen.look('hash', 2, () => state)
  clock.ms = 5500
  seen.look('hash', 2, () => state)
  assert.equal(left(), ', about 11 s to go')
})

test('of many lanes the fullest are shown', () => {
  const { clock, lines, seen } = screen({ isTTY: true })
  clock.ms = 1000
  seen.look('hash', 1, () => ({ ...state, atLane: Array.from({ length: 64 }, (_, lane) => lane % 60) }))
  assert.deepEqual(
    lines()
      .filter((line) => line.startsWith('lane'))
      .map((line) => line.split(' ')[1]),
    ['59', '58', '57', '56', '55', '54', '53', '52'],
  )
  assert.equal(lines().at(-1), '56 more lanes have no more')
})

test('without a terminal a replay shows nothing, and does not even look', () => {
  const { written, clock, seen } = screen({})
  clock.ms = 1000
  seen.look('hash', 1, () => assert.fail('looked'))
  seen.finished('hash', row, { number: 1, valid: 0, wanted: 4 })
  seen.end()
  assert.deepEqual(written, [])
})
