import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LiveLanes } from './live-lanes.ts'
import { RingInput, RingOutput, ringPlaces } from './ring.ts'
import { Cell, newCells } from './shared-counters.ts'

function lane(capacityPackets: number) {
  const cells = newCells(2)
  const places = ringPlaces(capacityPackets)
  const input = new RingInput(places, cells, 1)
  return { cells, places, input, output: new RingOutput(places, cells, 1) }
}

test('slots come out in the order in which they went in, over many rounds of the ring', () => {
  const { input, output, places } = lane(3)
  assert.equal(places.length, 8)
  for (let slot = 0; slot < 100; slot += 4) {
    for (let i = 0; i < 4; i++) input.push(slot + i)
    for (let i = 0; i < 4; i++) {
      assert.equal(output.take(), slot + i)
      assert.equal(output.take(), slot + i, 'a packet stays until it is finished')
      output.finish()
      assert.equal(input.departures, 1)
      assert.equal(input.firstDeparture, slot + i)
      input.departed++
    }
    assert.equal(input.departures, 0)
  }
})

test('a lane that waits is let go when the replay is ended', () => {
  const { cells, output } = lane(3)
  Atomics.store(cells, Cell.stopped, 1)
  assert.equal(output.take(), -1)
})

test("the reader's bell rings at a departure, if the reader waits", () => {
  const { cells, input, output } = lane(3)
  for (const [waits, rings] of [
    [0, 0],
    [1, 1],
  ] as const) {
    Atomics.store(cells, Cell.readerWaits, waits)
    input.push(5)
    output.take()
    output.finish()
    assert.equal(Atomics.load(cells, Cell.bell), rings)
  }
})

test('the view counts a packet given to an idle lane as in service, and a departure once it was told', () => {
  const { input, output } = lane(3)
  const times = { servedNs: Float64Array.of(700), servingSinceNs: Float64Array.of(Number.NaN) }
  const lanes = new LiveLanes([input], 3, times)
  const seen = () => [
    lanes.queued(0),
    lanes.inService(0),
    lanes.isIdle(0),
    lanes.freeSlots(0),
    lanes.finished(0),
  ]
  assert.deepEqual(seen(), [0, 0, true, 3, 0])
  input.push(1)
  assert.deepEqual(seen(), [0, 1, false, 3, 0])
  input.push(2)
  assert.deepEqual(seen(), [1, 1, false, 2, 0])
  output.take()
  output.finish()
  assert.deepEqual(seen(), [1, 1, false, 2, 0])
  input.departed++
  assert.deepEqual(seen(), [0, 1, false, 3, 1])
  assert.equal(lanes.busyNs(0), 700)
  times.servingSinceNs[0] = 1000
  lanes.nowNs = 1250
  assert.equal(lanes.busyNs(0), 950)
})
