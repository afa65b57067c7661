import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Pace, scheduleOf } from './schedule.ts'

const packets = {
  packets: 4,
  arrivalNs: Float64Array.of(500, 1500, 1500, 4500),
  sizeBytes: Int32Array.of(100, 200, 300, 400),
}
const cases: ReadonlyArray<readonly [string, Pace | undefined, readonly number[]]> = [
  ['its own times', undefined, [500, 1500, 1500, 4500]],
  ['twice as fast, from the first packet on', { multiplier: 2 }, [500, 1000, 1000, 2500]],
  ['half as fast', { multiplier: 0.5 }, [500, 2500, 2500, 8500]],
  ['a packet each microsecond', { packetsPerSecond: 1e6 }, [500, 1500, 2500, 3500]],
  ['a third of a packet each nanosecond, without drift', { packetsPerSecond: 3e9 }, [500, 500, 501, 501]],
  [
    '8 bits each nanosecond: a packet begins when the ones before are out',
    { megabitsPerSecond: 8000 },
    [500, 600, 800, 1100],
  ],
  ['all at once', 'topspeed', [500, 500, 500, 500]],
]
for (const [title, pace, plannedNs] of cases) {
  test(`a schedule of ${title}`, () => {
    const schedule = scheduleOf(packets, pace)
    assert.deepEqual([...schedule.plannedNs], plannedNs)
    assert.equal(schedule.packets, 4)
    assert.equal(schedule.isPaced, pace !== 'topspeed')
  })
}

test('packets due at the duration or later are not sent', () => {
  assert.equal(scheduleOf(packets, { multiplier: 1 }, 4000).packets, 3)
  assert.equal(scheduleOf(packets, { multiplier: 1 }, 4001).packets, 4)
  assert.equal(scheduleOf(packets, { multiplier: 1 }, 0).packets, 0)
})
