/**
 * The injector thread: marks each packet and sends it into the first device at its planned time. The times
 * are absolute, so it never drifts; late, it sends at once and catches up. It never waits for anybody: what
 * the device has no room for is lost there, and counted.
 */

import { openSender } from '../device/device.ts'
import { MarkPlace, PADDING_BYTES_MAX, prepareMark, writeMark } from '../device/mark.ts'
import { Pause } from './pause.ts'
import { Fate, ReplayRecord } from './record.ts'
import { type ReplaySetup, waitForStart } from './setup.ts'
import { Cell } from './shared-counters.ts'

const IP_BYTES_MAX = 65_535

export function inject(setup: ReplaySetup, ready: () => void): void {
  const { cells, columns, device } = setup
  const { bytesAt, bytesKept, sizeBytes } = columns
  const record = new ReplayRecord(setup.packets, setup.record)
  const sender = openSender(device)
  const bytes = Buffer.from(columns.bytes.buffer)
  const place = new MarkPlace()
  const packet = Buffer.alloc(IP_BYTES_MAX + PADDING_BYTES_MAX)

  /** Makes packet `row` ready to be sent; returns its length, 0 when it can't be marked. */
  function prepare(row: number): number {
    const at = bytesAt[row]!
    const kept = bytesKept[row]!
    bytes.copy(packet, 0, at, at + kept)
    if (!prepareMark(packet, 0, kept, sizeBytes[row]!, place)) {
      Atomics.add(cells, Cell.unmarked, 1)
      return 0
    }
    writeMark(packet, 0, place, setup.runId, row)
    if (place.paddedBytes > 0) Atomics.add(cells, Cell.padded, 1)
    return place.lengthBytes
  }

  try {
    ready()
    if (!waitForStart(cells)) return
    const clock = { baseNs: device.baseNs, startNs: setup.startNs[0]! }
    const pause = new Pause(clock, setup.injectorSpinNs, cells, Cell.stopSending)
    for (let row = 0; row < setup.packets; row++) {
      const length = prepare(row)
      if (!pause.until(record.plannedNs[row]!) || Atomics.load(cells, Cell.stopSending) !== 0) break
      record.sentNs[row] = pause.now()
      if (length === 0 || sender.send(packet, 0, length) !== 0) {
        record.fate[row] = Fate.sendFailed
        Atomics.add(cells, Cell.sendFailed, 1)
      }
      Atomics.add(cells, Cell.attempted, 1)
    }
  } finally {
    Atomics.store(cells, Cell.allSent, 1)
  }
}
