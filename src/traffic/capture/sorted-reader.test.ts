import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { namesOf } from '../../model/packets/columns.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { captureOf } from '../../node/open-capture.ts'
import { ArrivalClock } from './arrival-clock.ts'
import { bytesOf, ethernet, ipv4, pcap, udp } from './captures.testing.ts'
import { captureColumns, type PacketColumns, packetColumns } from './columns.ts'
import type { PacketReader } from './packet-reader.ts'
import { SortedReader } from './sorted-reader.ts'

/** Reads a capture whose packet i has time times[i] ns and source port i; gives the ports as they come. */
async function sorted(
  times: readonly number[],
  windowPackets: number,
  capacity = 3,
): Promise<{ ports: number[]; clock: ArrivalClock }> {
  const records = times.map((ns, i) => ({
    seconds: Math.floor(ns / 1e9),
    fraction: ns % 1e9,
    frame: ethernet(0x0800, ipv4(17, udp(i, 9, 0))),
  }))
  const source = await captureOf(bytesOf(pcap(records, { magic: 0xa1b23c4d })), 'made.pcap', new FlowTable())
  const reader = new SortedReader(source, windowPackets)
  const columns = packetColumns(capacity)
  const arrivalNs = new Float64Array(capacity)
  const clock = new ArrivalClock()
  const ports: number[] = []
  while ((await reader.read(columns)) > 0) {
    clock.read(columns, arrivalNs)
    for (let i = 0; i < columns.count; i++) ports.push(reader.flows.sourcePort[columns.flow[i]!]!)
  }
  await reader.close()
  assert.equal(reader.stats.packets, times.length)
  return { ports, clock }
}

test('packets within the window come out in order of time, equal ones in file order', async () => {
  const { ports, clock } = await sorted([50, 20, 3_000_000_000, 20, 10, 999_999_999], 6)
  assert.deepEqual(ports, [4, 1, 3, 0, 5, 2])
  assert.equal(clock.clampedPackets, 0)
})

test('a packet that is more than a window late comes behind later ones, and the clock counts it', async () => {
  const { ports, clock } = await sorted([100, 200, 300, 400, 150], 3)
  assert.deepEqual(ports, [0, 1, 4, 2, 3])
  assert.equal(clock.clampedPackets, 1)
  assert.equal(clock.backwardNsMax, 50)
  assert.equal(clock.spanNs, 300)
})

test('a capture that is in order comes out as it is', async () => {
  const times = Array.from({ length: 10_000 }, (_, i) => i >> 1)
  const { ports, clock } = await sorted(times, 16, 1000)
  assert.deepEqual(
    ports,
    times.map((_, i) => i),
  )
  assert.equal(clock.clampedPackets, 0)
})

test('any order is sorted where the window holds the capture, and no packet is lost where it does not', async () => {
  const times = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 })
  const property = fc.asyncProperty(times, fc.integer({ min: 1, max: 70 }), async (list, windowPackets) => {
    const { ports } = await sorted(list, windowPackets)
    const expected = list.map((_, i) => i).sort((a, b) => list[a]! - list[b]! || a - b)
    if (windowPackets >= list.length) assert.deepEqual(ports, expected)
    else
      assert.deepEqual(
        [...ports].sort((a, b) => a - b),
        list.map((_, i) => i),
      )
  })
  await fc.assert(property, { numRuns: 150, seed: 3 })
})

test('every column of a capture survives sorting', async () => {
  const names = namesOf(captureColumns)
  const given = packetColumns(2)
  // The later packet first; a number of its own in each other cell.
  given.seconds.set([2, 1])
  for (const [k, name] of names.entries()) if (name !== 'seconds') given[name].set([10 * k + 2, 10 * k + 1])
  let isRead = false
  const source = {
    flows: new FlowTable(),
    async read(columns: PacketColumns) {
      for (const name of names) columns[name].set(given[name])
      columns.count = isRead ? 0 : 2
      isRead = true
      return columns.count
    },
  } as Partial<PacketReader> as PacketReader
  const sorted = packetColumns(2)
  assert.equal(await new SortedReader(source, 8).read(sorted), 2)
  for (const name of names) assert.deepEqual([...sorted[name]], [given[name][1], given[name][0]], name)
})
