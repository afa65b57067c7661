import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { builtFile, nodeOptions } from '../../built.testing.ts'
import { hex, ipv4, ipv6, tcp, udp } from '../../traffic/capture/captures.testing.ts'
import type { RingTask } from '../threads/ring-thread.testing.ts'
import { PacketRing, queueOf, ringMemory } from './loopback.ts'

test('a ring holds its capacity, not the power of two above, and says how many it refused', () => {
  const ring = new PacketRing(ringMemory(5, 16))
  const packet = Buffer.from([1, 2, 3])
  const into = Buffer.alloc(16)
  const pushes = Array.from({ length: 8 }, () => ring.push(packet, 0, 3, 0n))
  assert.deepEqual(pushes, [true, true, true, true, true, false, false, false])
  assert.equal(ring.dropped(), 3)
  assert.equal(ring.pop(into, 0, 16), 3)
  assert.equal(ring.push(packet, 0, 3, 0n), true)
  assert.equal(ring.push(packet, 0, 3, 0n), false)
  assert.equal(ring.dropped(), 4)
})

test('packets come out in order, many times around', () => {
  const ring = new PacketRing(ringMemory(3, 8))
  const bytes = Buffer.alloc(8)
  const into = Buffer.alloc(8)
  let next = 0
  for (let number = 0; number < 1000; number++) {
    bytes.writeUInt32LE(number)
    assert.ok(ring.push(bytes, 0, 4, 0n))
    if (number % 3 !== 2) continue
    for (; ring.pop(into, 0, 8) === 4; next++) assert.equal(into.readUInt32LE(), next)
  }
  assert.equal(next, 999)
})

/** A thread can't begin with TypeScript on Node 20. */
function threadOf(name: string, workerData: RingTask): Worker {
  const file = builtFile(name)
  if (nodeOptions.length === 0) return new Worker(file, { workerData })
  const argument = JSON.stringify(file)
  const boot = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ tsImport }) => tsImport(${argument}, ${argument}))`
  return new Worker(boot, { eval: true, workerData })
}

for (const capacity of [4, 300]) {
  test(`2 threads push and 2 pop through ${capacity} slots: each packet once, whole, in its thread's order`, {
    timeout: 60_000,
  }, async (t) => {
    const memory = ringMemory(capacity, 64)
    const shared = new SharedArrayBuffer(8)
    const packets = 20_000
    const start = (role: RingTask['role'], thread: number) => {
      const task: RingTask = { memory, role, thread, packets, shared, threads: 4, total: 2 * packets }
      const worker = threadOf('live/threads/ring-thread.testing', task)
      t.after(() => worker.terminate())
      return once(worker, 'message') as Promise<[number[]]>
    }
    const results = await Promise.all([start('pop', 0), start('pop', 0), start('push', 0), start('push', 1)])
    const seen = results.map(([numbers]) => numbers)
    const all = seen.flat().sort((a, b) => a - b)
    assert.deepEqual(all, [...Array(2 * packets).keys()])
    for (const one of seen) {
      for (const mine of [one.filter((n) => n < packets), one.filter((n) => n >= packets)]) {
        assert.ok(mine.every((n, i) => i === 0 || n > mine[i - 1]!))
      }
    }
  })
}

test('a flow and its way back have one queue; flows spread over all of them', () => {
  const reversed = (packet: Buffer) => {
    const back = Buffer.from(packet)
    const [address, bytes, ports] = packet[0]! >>> 4 === 6 ? [8, 16, 40] : [12, 4, 20]
    packet.copy(back, address, address + bytes, address + 2 * bytes)
    packet.copy(back, address + bytes, address, address + bytes)
    packet.copy(back, ports, ports + 2, ports + 4)
    packet.copy(back, ports + 2, ports, ports + 2)
    return back
  }
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 400; i++) {
    for (const packet of [ipv4(17, udp(1024 + i, 53, 8)), ipv6(6, tcp(1024 + i, 443, 8))]) {
      const queue = queueOf(packet, 0, packet.length, 4)
      counts[queue]!++
      assert.equal(queueOf(reversed(packet), 0, packet.length, 4), queue)
    }
  }
  // 200 each but for chance: 5 standard deviations are 61.
  for (const count of counts) assert.ok(Math.abs(count - 200) < 61, `${counts}`)
})

test('fragments of a datagram have one queue, whatever stands where ports would be', () => {
  const queues = [1, 2, 3, 4, 5].map((byte) => {
    const packet = ipv4(17, Buffer.alloc(40, byte), { fragment: 0x2000 + byte - 1 })
    return queueOf(packet, 0, packet.length, 64)
  })
  assert.equal(new Set(queues).size, 1)
})

test('packets that are cut short have a queue too', () => {
  for (const packet of [hex('45'), hex(`60${'00'.repeat(19)}`), ipv4(6, Buffer.alloc(0))]) {
    const queue = queueOf(packet, 0, packet.length, 8)
    assert.ok(queue >= 0 && queue < 8)
  }
})
