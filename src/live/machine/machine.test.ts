/** The machine itself, for a moment; how long things take is its own, so only what must hold is asserted. */
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import type { DeviceOpener } from '../device/opener.ts'
import { measureMachine } from './machine.ts'
import { SIZES_BYTES } from './timed.ts'

const never = new AbortController().signal

test('what is measured is of every size, positive, in order, and wakes take longer than nothing', async () => {
  const machine = await measureMachine({ lengthNs: 400e6, opener: undefined, signal: never })
  assert.equal(machine.cores, availableParallelism())
  assert.equal(machine.tunWrite, null)
  assert.match(machine.date, /^\d{4}-\d{2}-\d{2}$/)
  for (const cost of Object.values(machine.encryption)) {
    assert.deepEqual(
      cost.sizes.map(({ sizeBytes }) => sizeBytes),
      [...SIZES_BYTES],
    )
    for (const { count, nsP50, nsP99 } of cost.sizes) assert.ok(count > 0 && nsP50 > 0 && nsP99 >= nsP50)
    // A call into the library takes more than 100 ns, and a packet less than 10 ms.
    assert.ok(cost.fixedNs > 100 && cost.fixedNs < 10e6, `${cost.fixedNs}`)
    const times = cost.sizes.reduce((sum, { count }) => sum + count, 0)
    assert.equal(cost.beyondLineNs.length, times)
  }
  const { count, nsP50, nsP90, nsP99, nsP999, nsMax } = machine.wakeUp
  assert.equal(count, machine.wakeUpNs.length)
  assert.ok(count >= 20 && nsP50 > 0)
  assert.deepEqual([nsP50, nsP90, nsP99, nsP999, nsMax], [nsP50, nsP90, nsP99, nsP999, nsMax].sort((a, b) => a - b)) // biome-ignore format: a line
  assert.ok(machine.wakeUpNs.every((ns) => ns > 0))
})

test('a signal ends it soon, wherever it is', async () => {
  for (const afterMs of [50, 1200]) {
    const stop = new AbortController()
    setTimeout(() => stop.abort('SIGINT'), afterMs)
    const begunMs = performance.now()
    const request = { lengthNs: 2e9, opener: undefined, signal: stop.signal }
    await assert.rejects(measureMachine(request), (reason) => reason === 'SIGINT')
    assert.ok(performance.now() - begunMs < afterMs + 800, `${performance.now() - begunMs} ms`)
  }
})

test('what opens no device is the end of it, with the words of the system', async () => {
  const opener: DeviceOpener = {
    tun: () => {
      throw new Error('refused')
    },
    packetSocket: () => -1,
  }
  await assert.rejects(measureMachine({ lengthNs: 200e6, opener, signal: never }), /^Error: refused$/)
})
