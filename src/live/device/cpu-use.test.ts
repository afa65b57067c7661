import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { cpuUse, cpuUseSince, parsePressure, parseSchedstat, parseStat, runQueueWaitNs } from './cpu-use.ts'

test('busy is what cores ran, steal the eighth figure of the first line, in ticks of 10 ms', () => {
  const stat = 'cpu  1 2 3 40 50 6 7 106 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nctxt 5\n'
  assert.deepEqual(parseStat(stat), { busyNs: 190_000_000, stealNs: 1_060_000_000 })
  assert.deepEqual(parseStat('intr 1\n'), { busyNs: Number.NaN, stealNs: 0 })
})

test('pressure is the total of the line "some", in us', () => {
  const some = 'some avg10=98.40 avg60=97.66 avg300=94.43 total=4021661704\n'
  assert.equal(parsePressure(`${some}full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n`), 4_021_661_704_000)
  assert.equal(parsePressure(''), Number.NaN)
})

// The first figure may be 0 in a young thread: it is brought up to date at ticks.
const schedstats: ReadonlyArray<readonly [string, number]> = [
  ['1234567 62242 17\n', 62_242],
  ['0 62242 1\n', 62_242],
  ['5 0 1\n', 0],
  ['0 0 0\n', Number.NaN],
  ['', Number.NaN],
]
for (const [text, waitNs] of schedstats) {
  test(`a thread's wait for cores is the second figure of ${JSON.stringify(text)}: ${waitNs}`, () => {
    assert.equal(parseSchedstat(text), waitNs)
  })
}

const notLinux = process.platform === 'linux' ? false : 'there is no /proc here'
test('this machine tells what its cores did, and it never goes back', { skip: notLinux }, () => {
  const before = cpuUse()
  const passed = cpuUseSince(before)
  assert.ok(before.busyNs > 0 && before.stealNs >= 0 && passed.busyNs >= 0 && passed.stealNs >= 0)
  if (existsSync('/proc/pressure/cpu')) assert.ok(passed.pressureNs >= 0)
  const waited = runQueueWaitNs()
  assert.ok(Number.isNaN(waited) || runQueueWaitNs() >= waited)
})
