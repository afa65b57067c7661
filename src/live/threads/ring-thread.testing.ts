/**
 * For tests, the body of a thread: pushes numbered packets to a ring, or pops until it has seen all there
 * will be.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { PacketRing, type RingMemory } from '../device/loopback.ts'

export interface RingTask {
  readonly memory: RingMemory
  readonly role: 'push' | 'pop'
  /** Of the pushing thread; stands in its packets. */
  readonly thread: number
  readonly packets: number
  /** Int32: packets popped by all threads, threads ready. */
  readonly shared: SharedArrayBuffer
  /** How many start together. */
  readonly threads: number
  /** Of all threads. */
  readonly total: number
}

const { memory, role, thread, packets, shared, threads, total } = workerData as RingTask
const ring = new PacketRing(memory)
const bytes = Buffer.alloc(64)
const count = new Int32Array(shared)
// Threads that don't overlap prove nothing.
Atomics.add(count, 1, 1)
while (Atomics.load(count, 1) < threads) Atomics.wait(count, 0, 0, 1)
if (role === 'push') {
  for (let number = 0; number < packets; number++) {
    const length = 8 + (number % 50)
    bytes.fill(number & 255)
    bytes.writeUInt32LE(thread, 0)
    bytes.writeUInt32LE(number, 4)
    while (!ring.push(bytes, 0, length, 0n));
  }
  parentPort!.postMessage([])
} else {
  const seen: number[] = []
  while (Atomics.load(count, 0) < total) {
    const length = ring.pop(bytes, 0, bytes.length)
    if (length === 0) {
      ring.wait(2)
      continue
    }
    const number = bytes.readUInt32LE(4)
    const whole = length === 8 + (number % 50) && bytes.subarray(8, length).every((b) => b === (number & 255))
    seen.push(whole ? bytes.readUInt32LE(0) * packets + number : -1)
    Atomics.add(count, 0, 1)
  }
  parentPort!.postMessage(seen)
}
