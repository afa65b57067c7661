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

function screen(terminal: { isTTY?: boolean }) {
  const written: string[] = []
  const clock = { ms: 0 }
  const stderr = { write: (text: string) => written.push(text), columns: 80, ...terminal }
  const io = { stderr, env: {} } as unknown as Parameters<typeof replayScreen>[0]
  const lines = () =>
    written
      .at(-1)!
      .replaceAll(/\r|.\[\d*[AKJ]/g, '')
      .split('\n')
  return { written, clock, lines, seen: replayScreen(io, {}, 4, () => clock.ms) }
}

test('a replay shows its packets, a bar per lane, what is left and the last one', () => {
  const { written, clock, lines, seen } = screen({ isTTY: true })
  seen.look('hash', 1, () => ({ ...state, sent: 0 }))
  clock.ms = 2000
  // A quarter of the first of four replays took 2 s: 3.75 are left.
  seen.look('hash', 1, () => state)
  assert.deepEqual(lines(), [
    'replay 1, 0 valid of 4 wanted, about 30 s to go',
    'hash, replay 1: 500 of 2,000 packets sent, 250/s',
    '████████░░░░░░░░░░░░░░░░░░░░░░ 480 delivered, 3 dropped',
    'lane 0 ██░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 1',
    'lane 1 ██████████████████████████████ 15',
    'lane 2 ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0',
  ])
  clock.ms = 8000
  seen.finished('hash', row, { number: 1, valid: 0, wanted: 4 })
  assert.deepEqual(lines(), [
    'replay 1, 0 valid of 4 wanted, about 32 s to go',
    'last: hash, replay 1: 10% reordered, 10 dropped, disturbed',
  ])
  clock.ms = 9000
  seen.look('shared', 1, () => ({ ...state, atLane: [] }))
  assert.equal(lines().length, 4, 'no bars where lanes read for themselves')
  seen.end()
  assert.equal(written.at(-1), '\r\u001b[3A\u001b[J')
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
