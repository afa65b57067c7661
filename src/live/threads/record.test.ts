import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fate, ReplayRecord } from './record.ts'

test('in a new record nothing has happened', () => {
  const record = new ReplayRecord(3)
  for (const times of [record.sentNs, record.readNs, record.startNs, record.finishNs, record.collectedNs]) {
    assert.deepEqual([...times], [Number.NaN, Number.NaN, Number.NaN])
  }
  for (const numbers of [record.lane, record.readOrder, record.arrivalOrder])
    assert.deepEqual([...numbers], [-1, -1, -1])
  assert.deepEqual([...record.fate], [Fate.notSent, Fate.notSent, Fate.notSent])
})

test('columns over the same memory are the same columns, and none lies over another', () => {
  const record = new ReplayRecord(5)
  const columns = (of: ReplayRecord) =>
    Object.values(of).filter((value) => ArrayBuffer.isView(value)) as Float64Array[]
  assert.equal(columns(record).length, 17)
  for (const [i, column] of columns(record).entries()) column.fill(i + 1)
  const other = new ReplayRecord(5, record.buffer)
  for (const [i, column] of columns(other).entries()) assert.deepEqual([...column], new Array(5).fill(i + 1))
  assert.equal(
    columns(record).reduce((sum, column) => sum + column.byteLength, 0),
    record.buffer.byteLength,
  )
})
