import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barText, liveView } from './live-view.ts'

/** A terminal as a buffer, and a clock that is set by hand. */
function terminal(env: Record<string, string> = {}, more: { patienceMs?: number; isWanted?: boolean } = {}) {
  const written: string[] = []
  const stderr = { write: (text: string) => written.push(text), isTTY: true, columns: 20 }
  const clock = { ms: 1000 }
  const view = liveView(stderr, { env, isWanted: true, now: () => clock.ms, ...more })
  return { written, view, clock, stderr }
}

/** What stands on a terminal after this output, which has only what a LiveView writes. */
function screenOf(text: string): string[] {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  for (const [, up, code, plain] of text
    .replaceAll('\u001b', '^')
    .matchAll(/\^\[(?:(\d+)A|([KJ]))|([^^])/gu)) {
    const line = lines[row]!
    if (up !== undefined) row -= Number(up)
    else if (code !== undefined) {
      lines[row] = [...line].slice(0, column).join('')
      if (code === 'J') lines.length = row + 1
    } else if (plain === '\r') column = 0
    else if (plain === '\n') {
      row++
      column = 0
      lines[row] ??= ''
    } else {
      lines[row] = [...[...line].slice(0, column), plain, ...[...line].slice(column + 1)].join('')
      column++
    }
  }
  return lines
}

test('lines are written over in place, fewer and shorter ones leave nothing behind, the end is clean', () => {
  const { written, view, clock } = terminal()
  view.show(() => ['first line', 'second', 'third'])
  assert.deepEqual(written, ['first line\u001b[K\nsecond\u001b[K\nthird\u001b[K\u001b[J'])
  clock.ms += 200
  view.show(() => ['1st', '2nd'])
  assert.equal(written[1], '\r\u001b[2A1st\u001b[K\n2nd\u001b[K\u001b[J')
  assert.deepEqual(screenOf(written.join('')), ['1st', '2nd'])
  clock.ms += 200
  view.show(() => ['one'])
  clock.ms += 200
  view.show(() => ['1'])
  assert.equal(written[3], '\r1\u001b[K\u001b[J')
  view.end()
  assert.equal(written[4], '\r\u001b[J')
  assert.deepEqual(screenOf(written.join('')), [''])
  view.end()
  clock.ms += 200
  view.show(() => ['late'])
  assert.equal(written.length, 5, 'nothing comes after the end')
})

test('at most five times a second, and lines that are not shown are not made', () => {
  const { written, view, clock } = terminal()
  let made = 0
  for (let i = 0; i < 1000; i++) {
    view.show(() => [`${++made}`])
    clock.ms++
  }
  assert.deepEqual([made, written.length], [5, 5])
})

test('what is written meanwhile stands above the lines', () => {
  const { written, view, clock, stderr } = terminal()
  view.show(() => ['a', 'b'])
  view.above(() => stderr.write('a remark\n'))
  assert.deepEqual(screenOf(written.join('')), ['a remark', 'a', 'b'])
  clock.ms += 200
  view.show(() => ['c'])
  assert.deepEqual(screenOf(written.join('')), ['a remark', 'c'])
  view.end()
  assert.deepEqual(screenOf(written.join('')), ['a remark', ''])
})

test('no line is as wide as the terminal, whose width may change', () => {
  const { written, view, clock, stderr } = terminal()
  view.show(() => ['123456789012345678901234567890', '1234567890123456789'])
  assert.deepEqual(screenOf(written.join('')), ['123456789012345678…', '1234567890123456789'])
  stderr.columns = 10
  clock.ms += 200
  view.show(() => ['1234567890'])
  assert.deepEqual(screenOf(written.join('')), ['12345678…'])
})

const without: ReadonlyArray<readonly [string, ReturnType<typeof terminal>]> = [
  ['in CI', terminal({ CI: 'true' })],
  ['on a dumb terminal', terminal({ TERM: 'dumb' })],
  ['with -q', terminal({}, { isWanted: false })],
  ['before a second has passed', terminal({}, { patienceMs: 1000 })],
]
for (const [when, { written, view, stderr }] of without) {
  test(`nothing is shown ${when}, and other output is as it was`, () => {
    view.show(() => ['a'])
    view.above(() => stderr.write('a remark\n'))
    view.end()
    assert.deepEqual(written, ['a remark\n'])
  })
}

test('without a terminal nothing is shown', () => {
  const written: string[] = []
  const view = liveView({ write: (text) => written.push(text) }, { env: {}, isWanted: true })
  view.show(() => ['a'])
  view.end()
  assert.deepEqual([view.isLive, written], [false, []])
})

test('a bar has a width of its own, whatever the share', () => {
  assert.deepEqual(
    [-1, 0, 0.49, 1, 7].map((share) => barText(share, 4)),
    ['░░░░', '░░░░', '██░░', '████', '████'],
  )
})

test('text that a terminal would obey is shown in the lines, and counts when they are cut', () => {
  const { written, view } = terminal()
  view.show(() => ['a\u001b[2J\r\u202eb', `${'x'.repeat(12)}\u001b[31mred`])
  assert.deepEqual(screenOf(written.join('')), ['a\\x1b[2J\\r\\u202eb', 'xxxxxxxxxxxx\\x1b[3…'])
})
