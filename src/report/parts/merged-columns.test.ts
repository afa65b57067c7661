import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MergedColumns } from './merged-columns.ts'

test('a name that only some rows have stands behind the one that it follows there', () => {
  const columns = new MergedColumns()
  columns.add({ packets: 3, 'lane[0]': 1, 'lane[1]': 1, drops: null })
  columns.add({ packets: 3, 'lane[0]': 1, 'lane[1]': 1, 'lane[2]': 1, drops: { count: 1, of: 3 }, own: 7 })
  columns.add({ first: 1, packets: 3 })
  columns.add({ packets: 3, 'lane[0]': 1, 'lane[1]': 1, drops: null })
  assert.deepEqual(columns.names, ['first', 'packets', 'lane[0]', 'lane[1]', 'lane[2]', 'drops', 'own'])
  assert.deepEqual([...columns.ratios], ['drops'])
})
