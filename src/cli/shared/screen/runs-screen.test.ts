import assert from 'node:assert/strict'
import { test } from 'node:test'
import { screenOf } from './runs-screen.ts'

const ratio = (count: number, of: number) => ({ count, of })
const outcome = (label: string, reordered: number, dropped: number) => ({
  label,
  metrics: {
    reorderedRatio: ratio(reordered, 1000),
    tunQueueDropRatio: ratio(0, 1000),
    laneDropRatio: ratio(dropped, 1000),
  },
})
const progress = { remaining: () => 'about 9 s to go', share: () => 0.418 }

function screen(terminal: { isTTY?: boolean }) {
  const written: string[] = []
  const clock = { ms: 0 }
  const stderr = { write: (text: string) => written.push(text), columns: 80, ...terminal }
  const all = { count: 12, there: 2 }
  return {
    written,
    clock,
    screen: screenOf({ stderr, env: {} }, true, 'points', all, progress, () => clock.ms),
  }
}

test('a scan shows what is done, how fast, what is left, and the last point per policy', () => {
  const { written, clock, screen: seen } = screen({ isTTY: true })
  seen.look()
  assert.deepEqual(written, [], 'not before a second has passed')
  clock.ms = 2000
  // Two runs of each policy: their mean.
  const outcomes = [outcome('round-robin', 120, 0), outcome('hash', 0, 5), outcome('round-robin', 130, 0)]
  seen.finished('lanes.count=4', [...outcomes, outcome('hash', 0, 15)])
  assert.deepEqual(
    written
      .join('')
      .replaceAll(/.\[[KJ]/g, '')
      .split('\n'),
    [
      '█████████████░░░░░░░░░░░░░░░░░ 41 %',
      '3 of 12 points, 0.5 points/s, about 9 s to go',
      'last: lanes.count=4',
      '  round-robin  12.5% reordered, 0% dropped',
      '  hash         0% reordered, 1% dropped',
    ],
  )
  seen.end()
  assert.equal(written.at(-1), '\r\u001b[4A\u001b[J')
})

test('without a terminal a scan shows nothing', () => {
  const { written, clock, screen: seen } = screen({})
  clock.ms = 2000
  seen.finished('lanes.count=4', [outcome('hash', 0, 5)])
  seen.end()
  assert.deepEqual(written, [])
})
