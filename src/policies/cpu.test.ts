import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween } from './policies.testing.ts'

const packets = Array.from({ length: 400 }, (_, i) => packetBetween(i, 7, 17, 1000 + i, 443))
const used = (parameters: object, lanes: number) => {
  const policy = ask('cpu', parameters, lanes)
  return packets.map((packet) => policy.lane(packet, 0))
}

test('the CPU is the hash scaled to their number, as get_rps_cpu does', () => {
  const expected = packets.map(({ flow }) => Math.floor((flow.hash5Tuple / 2 ** 32) * 4))
  assert.deepEqual(used({}, 4), expected)
})

test('with one CPU lane 0 has everything, with fewer than lanes some have nothing', () => {
  assert.deepEqual([...new Set(used({ cpus: 1 }, 4))], [0])
  assert.deepEqual([...new Set(used({ cpus: 3 }, 8))].toSorted(), [0, 1, 2])
})

test('more CPUs than lanes wrap round: CPU 5 of 6 is lane 1 of 4', () => {
  const cpus = packets.map(({ flow }) => Math.floor((flow.hash5Tuple / 2 ** 32) * 6))
  assert.ok(cpus.includes(5))
  assert.deepEqual(
    used({ cpus: 6 }, 4),
    cpus.map((cpu) => cpu % 4),
  )
})

test('symmetric: both directions of a conversation arrive on one CPU', () => {
  const policy = ask('cpu', { key: 'symmetric', cpus: 16 }, 16)
  for (let i = 0; i < 50; i++) {
    const there = policy.lane(packetBetween(i, 9, 6, 5000 + i, 80), 0)
    assert.equal(policy.lane(packetBetween(9, i, 6, 80, 5000 + i), 0), there)
  }
})
