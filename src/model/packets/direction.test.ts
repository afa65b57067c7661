import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReturnPath } from '../machine/return-path.ts'
import { PacketChunk } from './chunk.ts'
import { Direction, Way } from './direction.ts'
import { FlowTable } from './flow-table.ts'

const flows = new FlowTable()
function flowBetween(source: number, destination: number, sourcePort = 1, destinationPort = 2): number {
  flows.key.fill(0)
  flows.key[0] = source
  flows.key[4] = destination
  return flows.intern(4, 17, sourcePort, destinationPort)
}
const client = 0x0a080002
const server = 0xc6120001
const out = flowBetween(client, server)
const back = flowBetween(server, client, 2, 1)
const between = flowBetween(client, 0x0a080003)
const foreign = flowBetween(server, 0xc6120002)
flows.key.set([0xfd080000, 0, 0, 1, 0x20010db8, 0, 0, 1])
const out6 = flows.intern(6, 6, 1, 2)

test('packets from a prefix go out, packets to it come back, others are foreign', () => {
  const direction = new Direction(['10.8.0.0/24', 'fd08::/64'], flows)
  const chunk = new PacketChunk()
  chunk.flow.set([out, back, between, foreign, out6, foreign])
  chunk.count = 6
  direction.mark(chunk)
  assert.deepEqual(
    [...chunk.way.subarray(0, 6)],
    [Way.out, Way.back, Way.out, Way.foreign, Way.out, Way.foreign],
  )
  assert.equal(direction.foreign, 2)
  assert.equal(chunk.hasWays, true)
})

test('return traffic is written by the lane of the other direction, by hash, or in turn', () => {
  const same = new ReturnPath('same', 4, flows)
  const byHash = flows.get(back).hashSymmetric % 4
  assert.equal(same.laneOf(flows.get(back)), byHash)
  same.onChoice(out, 3)
  assert.equal(same.laneOf(flows.get(back)), 3)
  same.onChoice(out, 1)
  assert.equal(same.laneOf(flows.get(back)), 1)
  const hash = new ReturnPath('hash', 4, flows)
  hash.onChoice(out, (byHash + 1) % 4)
  assert.equal(hash.laneOf(flows.get(back)), byHash)
  const inTurn = new ReturnPath('round-robin', 3, flows)
  assert.deepEqual(
    [0, 0, 0, 0].map(() => inTurn.laneOf(flows.get(back))),
    [0, 1, 2, 0],
  )
})
