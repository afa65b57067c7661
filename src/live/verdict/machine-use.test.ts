import assert from 'node:assert/strict'
import { test } from 'node:test'
import { machineUse } from './machine-use.ts'

test('what the replay did not use itself was used by others, and waits are added up by role', () => {
  const waits = [
    { role: 'injector', runQueueWaitNs: 1e8 },
    { role: 'lane', runQueueWaitNs: 1e8 },
    { role: 'lane', runQueueWaitNs: 2e8 },
    { role: 'collector', runQueueWaitNs: 0 },
  ] as const
  assert.deepEqual(machineUse({ busyNs: 5e9, stealNs: 0, pressureNs: 1e9 }, waits, 1.6e9, 2), {
    othersBusyNs: 3.4e9,
    cpuPressureRatio: 0.5,
    runQueueWaitNs: { injector: 1e8, reader: null, lanes: 3e8, collector: 0 },
    // 0.4 s waited, 1.6 s used.
    runQueueWaitRatio: 0.2,
  })
})

test('what the system does not tell is null, never 0', () => {
  const untold = { busyNs: Number.NaN, stealNs: 0, pressureNs: Number.NaN }
  const waits = [{ role: 'injector', runQueueWaitNs: Number.NaN }] as const
  const none = { injector: null, reader: null, lanes: null, collector: null }
  for (const known of [waits, []]) {
    assert.deepEqual(machineUse(untold, known, 1e9, 2), {
      othersBusyNs: null,
      cpuPressureRatio: null,
      runQueueWaitNs: none,
      runQueueWaitRatio: null,
    })
  }
})

test('ticks that fall short of the own use make no others', () => {
  const { othersBusyNs } = machineUse({ busyNs: 0.9e9, stealNs: 0, pressureNs: 0 }, [], 1e9, 1)
  assert.equal(othersBusyNs, 0)
})
