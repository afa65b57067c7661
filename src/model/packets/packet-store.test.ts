import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketChunk } from './chunk.ts'
import { PacketStore } from './packet-store.ts'

const cases = [
  { hasDataNumbers: false, hasTags: false, expected: [0, 0] },
  { hasDataNumbers: true, hasTags: false, expected: [5, 0] },
  { hasDataNumbers: false, hasTags: true, expected: [0, 7] },
  { hasDataNumbers: true, hasTags: true, expected: [5, 7] },
]

for (const { expected, ...has } of cases) {
  test(`a row gets of its chunk what that has filled in: ${JSON.stringify(has)}`, () => {
    const chunk = Object.assign(new PacketChunk(), has, { count: 3 })
    chunk.dataNumber[2] = 5
    chunk.tag[2] = 7
    const store = new PacketStore()
    const row = store.add(chunk, 2)
    assert.deepEqual([store.dataNumber[row], store.tag[row]], expected, 'one by one')
    const ahead = new PacketStore()
    ahead.reserveBlock()
    ahead.load(chunk, 1, 3)
    assert.deepEqual([ahead.dataNumber[1], ahead.tag[1]], expected, 'as a block')
  })
}
