/**
 * The collector thread: sees what is written to the second device, in the kernel's order and with its time
 * stamps. It sleeps between looks, so that no packet wakes it; the socket's buffer holds what comes
 * meanwhile, and what the buffer couldn't hold is counted.
 */

import { openCollectEnd } from '../device/device.ts'
import { readMark } from '../device/mark.ts'
import { ReplayRecord } from './record.ts'
import { type ReplaySetup, waitForStart } from './setup.ts'
import { Cell } from './shared-counters.ts'

const BATCH_PACKETS = 64
const SLEEP_MS = 3

export function collect(setup: ReplaySetup, ready: () => void): void {
  const { cells, runId, collectedBytes } = setup
  const record = new ReplayRecord(setup.packets, setup.record)
  const end = openCollectEnd(setup.device)
  const bytes = Buffer.alloc(BATCH_PACKETS * collectedBytes)
  const lengthBytes = new Int32Array(BATCH_PACKETS)
  const timesNs = new Float64Array(BATCH_PACKETS)
  let arrived = 0

  function take(received: number, startNs: number): void {
    for (let i = 0; i < received; i++) {
      const length = Math.min(lengthBytes[i]!, collectedBytes)
      const row = readMark(bytes, i * collectedBytes, length, runId)
      if (row < 0 || row >= record.packets) Atomics.add(cells, Cell.foreignCollected, 1)
      else if (record.arrivalOrder[row] !== -1) Atomics.add(cells, Cell.duplicates, 1)
      else {
        record.arrivalOrder[row] = arrived++
        record.collectedNs[row] = timesNs[i]! - startNs
        Atomics.store(cells, Cell.collected, arrived)
      }
    }
  }

  ready()
  if (!waitForStart(cells)) return
  const startNs = setup.startNs[0]!
  for (let isLast = false; !isLast; ) {
    isLast = Atomics.load(cells, Cell.stopped) !== 0
    let received: number
    do {
      received = end.receive(bytes, collectedBytes, lengthBytes, timesNs)
      take(received, startNs)
    } while (received === BATCH_PACKETS)
    Atomics.store(cells, Cell.collectorDropped, end.dropped())
    if (!isLast) Atomics.wait(cells, Cell.stopped, 0, SLEEP_MS)
  }
}
