/**
 * What the metrics keep doesn't grow with packets, and little with flows: measured in bytes, after
 * collection.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Deliveries } from '../model/packets/deliveries.ts'
import { FlowTable } from '../model/packets/flow-table.ts'
import { recordDelay, recordOne } from './arrivals.testing.ts'
import { Delays } from './delay/delays.ts'
import { OrderTracker } from './order/order.ts'
import { FlowReordering } from './order/reordering.ts'
import { someMetricSettings } from './settings.testing.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of objects and bytes of typed arrays, once nothing more can be collected. */
function heldBytes(): { objects: number; arrays: number } {
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { objects: heapUsed, arrays: arrayBuffers }
}

const TCP = 6
const GAP_NS = 1000
const DELAY_NS = 2e6
/** A late packet comes after up to so many later ones; also the slots that hold late packets back. */
const LATE_MAX = 32

/**
 * One stream: of a hundred packets one is lost and twenty are held back, so that later ones overtake them.
 */
class Disordered {
  readonly tracker = new OrderTracker(1, someMetricSettings)
  /** The play-out depths are above and below all delays: no packet is sure to be in time for the second. */
  readonly delays = new Delays(1, [20e6, 1e6], someMetricSettings.smallestDelayNs)
  sent = 0
  private clockNs = 0
  private state = 1
  private readonly slots = new Int32Array(LATE_MAX).fill(-1)

  send(packets: number): void {
    for (const end = this.sent + packets; this.sent < end; this.sent++) {
      const draw = this.draw(100)
      if (draw >= 21) this.arrive(this.sent)
      const slot = this.sent % LATE_MAX
      const held = this.slots[slot]!
      this.slots[slot] = -1
      if (held >= 0) this.arrive(held)
      if (draw > 0 && draw < 21) this.holdBack(this.sent)
    }
  }

  private holdBack(number: number): void {
    let slot = (number + 2 + this.draw(LATE_MAX - 2)) % LATE_MAX
    while (this.slots[slot]! >= 0) slot = (slot + 1) % LATE_MAX
    this.slots[slot] = number
  }

  private arrive(number: number): void {
    const sentNs = number * GAP_NS
    this.clockNs = Math.max(this.clockNs + 1, sentNs)
    const nowNs = this.clockNs + DELAY_NS
    recordOne(this.tracker, 0, number, sentNs, nowNs, 1400)
    recordDelay(this.delays, nowNs - sentNs, true)
  }

  /** Numerical Recipes' generator: 0 .. below - 1. */
  private draw(below: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.state / 2 ** 32) * below)
  }
}

test('ten million packets, 1 % lost and 20 % late, take no more memory than two million', () => {
  const stream = new Disordered()
  stream.send(2e6)
  const before = heldBytes()
  stream.send(8e6)
  const after = heldBytes()
  const { tracker } = stream
  const [lost, reordered] = [1 - tracker.received / stream.sent, tracker.reordered / tracker.received]
  assert.ok(lost > 0.009 && lost < 0.011, `${lost} lost`)
  assert.ok(reordered > 0.17 && reordered < 0.21, `${reordered} reordered`)
  assert.equal(tracker.duplicates + tracker.lateBeyondWindow, 0)
  const arrays = after.arrays - before.arrays
  const objects = after.objects - before.objects
  assert.ok(arrays <= 0, `${arrays} bytes more in arrays`)
  assert.ok(objects < 100e3, `${objects} bytes more in objects`)
  stream.send(1)
})

test('a million flows in order cost at most 128 bytes each', () => {
  const FLOWS = 1e6
  const flows = new FlowTable()
  flows.protocol = new Uint8Array(FLOWS).fill(TCP)
  const one = new Deliveries(1)
  const before = heldBytes()
  const reordering = new FlowReordering(flows, someMetricSettings)
  for (let number = 0; number < 2; number++) {
    one.flowNumber[0] = number
    one.arrivalNs[0] = number * 1e6
    one.departureNs[0] = number * 1e6 + 1000
    one.payloadBytes[0] = 1400
    one.dataNumber[0] = number
    one.count = 1
    for (let flow = 0; flow < FLOWS; flow++) {
      one.flow[0] = flow
      reordering.record(one)
    }
  }
  const after = heldBytes()
  assert.equal(reordering.tracker.received, 2 * FLOWS)
  assert.equal(reordering.segments.received, 2 * FLOWS)
  const bytes = after.arrays - before.arrays + after.objects - before.objects
  assert.ok(bytes / FLOWS <= 128, `${bytes / FLOWS} bytes per flow`)
})
