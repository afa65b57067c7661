import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask, packetBetween } from './policies.testing.ts'

const there = packetBetween(0x0a000001, 0xc6120001, 6, 1000, 443)
const back = packetBetween(0xc6120001, 0x0a000001, 6, 443, 1000)
const otherPort = packetBetween(0x0a000001, 0xc6120001, 6, 1001, 443)

test('the lane is the hash of what the key says, modulo the lanes', () => {
  const lanesBy = (key: string) => {
    const policy = ask('hash', { key }, 1009)
    return [there, back, otherPort].map((packet) => policy.lane(packet, 0))
  }
  const packets = [there, back, otherPort]
  assert.deepEqual(
    lanesBy('5-tuple'),
    packets.map(({ flow }) => flow.hash5Tuple % 1009),
  )
  assert.equal(new Set(lanesBy('5-tuple')).size, 3)
  const symmetric = lanesBy('symmetric')
  assert.equal(symmetric[0], symmetric[1])
  assert.notEqual(symmetric[0], symmetric[2])
  assert.equal(new Set(lanesBy('address-pair')).size, 1)
})
