import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosing, happenings, inTurn, orderOf, timesOf } from '../pipeline.testing.ts'

const one = choosing(() => 0)

test('an order-keeping link lets nobody overtake, whatever the jitter', () => {
  const packets = [50, 0, 10].map((linkJitter, i) => ({ at: i, work: 1, linkJitter }))
  const log = happenings(packets, one, { lanes: 1, link: { delayNs: [100], hasJitter: true } })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 151, 1: 151, 2: 151 })
  assert.deepEqual(orderOf(log, 'delivery'), [0, 1, 2])
})

test('a link that keeps no order lets its own packets overtake each other', () => {
  const packets = [50, 0, 10].map((linkJitter, i) => ({ at: i, work: 1, linkJitter }))
  const log = happenings(packets, one, {
    lanes: 1,
    link: { delayNs: [100], hasJitter: true, keepsOrder: false },
  })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 151, 1: 102, 2: 113 })
})

test('a shared link keeps the order in which lanes gave it packets', () => {
  const packets = [
    { at: 0, work: 10, linkJitter: 90 },
    { at: 1, work: 10, linkJitter: 0 },
  ]
  const link = { perLane: false, delayNs: [5, 5], hasJitter: true }
  assert.deepEqual(timesOf(happenings(packets, inTurn(), { link }), 'delivery'), { 0: 105, 1: 105 })
  const own = { ...link, perLane: true }
  assert.deepEqual(timesOf(happenings(packets, inTurn(), { link: own }), 'delivery'), { 0: 105, 1: 16 })
})

test('a rate takes a packet after the other: 100 bytes at 1 Gbit/s are 800 ns', () => {
  const packets = [0, 0, 5000].map((at) => ({ at, work: 1 }))
  const log = happenings(packets, one, { lanes: 1, link: { rateBps: [1e9], delayNs: [1000] } })
  assert.deepEqual(timesOf(log, 'delivery'), { 0: 1801, 1: 2601, 2: 6801 })
})

test('a lost packet is lost behind its lane, and takes none of the rate', () => {
  const packets = [0.4, 0.6, 0.5].map((linkLossDraw, i) => ({ at: i * 10, work: 1, linkLossDraw }))
  const log = happenings(packets, one, { lanes: 1, link: { lossRatio: [0.5], rateBps: [1e9] } })
  assert.deepEqual(orderOf(log, 'link loss'), [0])
  assert.deepEqual(timesOf(log, 'delivery'), { 1: 811, 2: 1611 })
})
