import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RowHeap } from './row-heap.ts'

test('rows come out by time, equal times in the order of being added, through any mix of adding and taking', () => {
  const steps = fc.array(fc.option(fc.nat(10), { freq: 3 }), { maxLength: 400 })
  fc.assert(
    fc.property(steps, (list) => {
      const heap = new RowHeap()
      const model: Array<{ row: number; timeNs: number }> = []
      list.forEach((timeNs, row) => {
        if (timeNs !== null) {
          heap.push(row, timeNs)
          model.push({ row, timeNs })
          model.sort((a, b) => a.timeNs - b.timeNs || a.row - b.row)
        } else if (model.length > 0) {
          assert.equal(heap.shift(), model.shift()!.row)
        }
        assert.equal(heap.count, model.length)
        if (model.length > 0) assert.equal(heap.head, model[0]!.row)
      })
    }),
    { seed: 5, numRuns: 300 },
  )
})
