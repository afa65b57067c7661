import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplayWindows } from './replay-windows.ts'

test('a window drops what is its size or more behind the highest number', () => {
  const windows = new ReplayWindows([64, 4, 1024])
  for (const distance of [1, 3, 4, 63, 64, 1023, 5000]) windows.judge(distance)
  assert.deepEqual([...windows.dropped], [3, 5, 1])
})

test('without windows nothing is dropped', () => {
  const windows = new ReplayWindows([])
  windows.judge(8128)
  assert.deepEqual([...windows.dropped], [])
})
