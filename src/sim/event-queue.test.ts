import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventQueue } from './event-queue.ts'

test('events come in order of time, then rank, then of being scheduled', () => {
  const queue = new EventQueue([0, 0, 0, 1, 2])
  queue.schedule(4, 10)
  queue.schedule(3, 10)
  queue.schedule(2, 10)
  queue.schedule(0, 10)
  queue.schedule(1, 5)
  const order: number[] = []
  while (queue.nextTimeNs < Number.POSITIVE_INFINITY) {
    order.push(queue.nextComponent)
    queue.cancel(queue.nextComponent)
  }
  assert.deepEqual(order, [1, 2, 0, 3, 4])
})

test('an empty queue has no next time', () => {
  const queue = new EventQueue([0])
  assert.equal(queue.nextTimeNs, Number.POSITIVE_INFINITY)
  queue.schedule(0, 3)
  assert.equal(queue.timeOf(0), 3)
  queue.cancel(0)
  assert.equal(queue.nextTimeNs, Number.POSITIVE_INFINITY)
})

test('it agrees with a sorted list through any sequence of scheduling and cancelling', () => {
  const steps = fc.array(fc.record({ component: fc.nat(10), timeNs: fc.nat(20), cancels: fc.boolean() }), {
    maxLength: 200,
  })
  fc.assert(
    fc.property(steps, (list) => {
      const ranks = [0, 0, 1, 0, 2, 1, 0, 0, 3, 0, 1]
      const queue = new EventQueue(ranks)
      const pending = new Map<number, { timeNs: number; sequence: number }>()
      list.forEach(({ component, timeNs, cancels }, sequence) => {
        if (cancels) {
          queue.cancel(component)
          pending.delete(component)
        } else {
          queue.schedule(component, timeNs)
          pending.set(component, { timeNs, sequence })
        }
        const [first] = [...pending].toSorted(
          ([a, x], [b, y]) => x.timeNs - y.timeNs || ranks[a]! - ranks[b]! || x.sequence - y.sequence,
        )
        assert.equal(queue.nextTimeNs, first?.[1].timeNs ?? Number.POSITIVE_INFINITY)
        if (first !== undefined) assert.equal(queue.nextComponent, first[0])
      })
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('a loop that keeps times itself leaves the tree as if it had scheduled them', () => {
  const steps = fc.array(fc.tuple(fc.nat(10), fc.oneof(fc.nat(20), fc.constant(Number.POSITIVE_INFINITY))), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(steps, (list) => {
      const ranks = [0, 0, 1, 0, 2, 1, 0, 0, 3, 0, 1]
      const scheduled = new EventQueue(ranks)
      const kept = new EventQueue(ranks)
      for (const [component, timeNs] of list) {
        scheduled.schedule(component, timeNs)
        kept.timeNs[component] = timeNs
        kept.stamp(component)
        assert.equal(
          kept.onlyBelow(5),
          ranks.every((_, i) => i < 5 || scheduled.timeOf(i) === Number.POSITIVE_INFINITY),
        )
      }
      const inOrder = (queue: EventQueue) =>
        ranks.map((rank, i) => [rank, queue.orderOf(i), i]).sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!)
      assert.deepEqual(
        inOrder(kept).map((entry) => entry[2]),
        inOrder(scheduled).map((entry) => entry[2]),
      )
      kept.rebuild()
      assert.equal(kept.nextTimeNs, scheduled.nextTimeNs)
      if (kept.nextTimeNs < Number.POSITIVE_INFINITY)
        assert.equal(kept.nextComponent, scheduled.nextComponent)
    }),
    { seed: 2, numRuns: 300 },
  )
})
