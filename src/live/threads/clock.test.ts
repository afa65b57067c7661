import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemCalls } from '../device/system.ts'
import { clockBase, nowNs, RealtimeOffset } from './clock.ts'

test('the clock counts ns from its base, in every thread by the same base', () => {
  const baseNs = clockBase()
  const early = nowNs(baseNs)
  assert.ok(early >= 0 && early < 1e9, `${early}`)
  assert.ok(nowNs(baseNs - 5_000_000_000n) - 5e9 - nowNs(baseNs) < 1e9)
  assert.ok(nowNs(baseNs - 5_000_000_000n) >= 5e9)
})

const notLinux = process.platform === 'linux' ? false : 'real devices need Linux'
test('times of CLOCK_REALTIME come over within 100 us, and refreshing does not move them', {
  skip: notLinux,
}, () => {
  const baseNs = clockBase()
  const offset = new RealtimeOffset(baseNs)
  const timespec = Buffer.alloc(24)
  let closest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 50; i++) {
    const before = nowNs(baseNs)
    systemCalls().clock_gettime(0, timespec.subarray(8))
    const after = nowNs(baseNs)
    offset.refresh()
    const converted = offset.toNowNs(timespec, 8)
    closest = Math.min(closest, Math.max(before - converted, converted - after, 0))
  }
  assert.ok(closest < 1e5, `${closest} ns off`)
  const first = offset.toNowNs(timespec, 8)
  offset.refresh()
  assert.equal(offset.toNowNs(timespec, 8), first)
})

test('a stamp of a second later is a second later to the ns', { skip: notLinux }, () => {
  const offset = new RealtimeOffset(clockBase())
  const timespec = Buffer.alloc(16)
  systemCalls().clock_gettime(0, timespec)
  const now = offset.toNowNs(timespec, 0)
  timespec.writeUInt32LE(timespec.readUInt32LE(0) + 1, 0)
  assert.equal(offset.toNowNs(timespec, 0) - now, 1e9)
  timespec.writeUInt32LE(timespec.readUInt32LE(0) - 1, 0)
  timespec.writeUInt32LE(timespec.readUInt32LE(8) === 0 ? 1 : timespec.readUInt32LE(8) - 1, 8)
  assert.equal(Math.abs(offset.toNowNs(timespec, 0) - now), 1)
})
