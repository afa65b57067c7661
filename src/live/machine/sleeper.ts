/** The thread that is woken: a lane that notes when it begins with a packet, and does nothing with it. */
import { parentPort, workerData } from 'node:worker_threads'
import { type RunClock, runClock } from '../threads/pause.ts'
import { RingOutput } from '../threads/ring.ts'

export interface SleeperSetup {
  readonly clock: RunClock
  readonly cells: Int32Array
  readonly places: Int32Array
  /** By slot: when the lane began with it. */
  readonly begunNs: Float64Array
}

const { clock, cells, places, begunNs } = workerData as SleeperSetup
const now = runClock(clock)
const output = new RingOutput(places, cells, 0)
// The first reading loads what it needs.
now()
parentPort!.postMessage('ready')
for (let slot = output.take(); slot >= 0; slot = output.take()) {
  begunNs[slot] = now()
  output.finish()
}
