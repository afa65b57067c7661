import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockBase } from './clock.ts'
import { calibrateSpinNs, Pause } from './pause.ts'
import { Cell, newCells } from './shared-counters.ts'
import { workOf } from './work.ts'

function pauseOf(cells = newCells(1)): Pause {
  return new Pause({ baseNs: clockBase(), startNs: 0 }, 50_000, cells)
}

test('encryption leaves the packet as it is, in memory that threads share', () => {
  const bytes = Buffer.from(new SharedArrayBuffer(100)).fill(7)
  for (const kind of ['aes-256-gcm', 'chacha20-poly1305'] as const) {
    const work = workOf(kind, pauseOf())
    assert.equal(work(bytes, 10, 50, 0, 0), true)
    assert.equal(work(bytes, 10, 50, 0, 0), true)
  }
  assert.ok(bytes.every((byte) => byte === 7))
})

test('a pause never ends early, neither asleep nor spinning', () => {
  const pause = pauseOf()
  for (const lengthNs of [0, 1000, 40_000, 200_000, 2_000_000]) {
    const untilNs = pause.now() + lengthNs
    assert.equal(pause.until(untilNs), true)
    assert.ok(pause.now() >= untilNs)
  }
})

test('a long pause ends soon when the replay is ended', () => {
  const cells = newCells(1)
  const pause = pauseOf(cells)
  Atomics.store(cells, Cell.stopped, 1)
  const beginNs = pause.now()
  assert.equal(pause.until(beginNs + 60e9), false)
  assert.ok(pause.now() - beginNs < 1e9)
})

test('the window that is spun is calibrated within bounds', () => {
  const spinNs = calibrateSpinNs()
  assert.ok(spinNs >= 20_000 && spinNs <= 300_000, `${spinNs}`)
})
