import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { PacketChunk } from '../../model/packets/chunk.ts'
import { openBytes } from '../../node/open-bytes.ts'
import { refill } from '../refill.testing.ts'
import { type CaptureTraffic, type CaptureTrafficOptions, captureTraffic } from './capture-traffic.ts'
import { ethernet, ipv4, type MadeRecord, pcap, tcp, udp } from './captures.testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'lanewise-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0

const frame = ethernet(0x0800, ipv4(17, udp(1, 2, 10)))
const at = (seconds: number, nanoseconds: number): MadeRecord => ({ seconds, fraction: nanoseconds, frame })

function fileOf(records: readonly MadeRecord[]): string {
  const path = join(folder, `${files++}.pcap`)
  writeFileSync(path, pcap(records, { magic: 0xa1b23c4d }))
  return path
}

/** Plays a capture of these packets to its end. */
async function arrivals(
  records: readonly MadeRecord[],
  options: Omit<CaptureTrafficOptions, 'path' | 'openBytes'> = {},
): Promise<{ arrivalNs: number[]; source: CaptureTraffic }> {
  const source = await captureTraffic({ openBytes, path: fileOf(records), ...options })
  const chunk = new PacketChunk()
  const arrivalNs: number[] = []
  try {
    for (;;) {
      await refill(source, chunk)
      if (chunk.count === 0) return { arrivalNs, source }
      arrivalNs.push(...chunk.arrivalNs.subarray(0, chunk.count))
    }
  } finally {
    await source.close()
    await source.close()
  }
}

const three = [at(1_700_000_000, 900_000_001), at(1_700_000_001, 0), at(1_700_000_002, 900_000_001)]

test('time zero is the whole second before the first packet, exact to the nanosecond', async () => {
  const { arrivalNs, source } = await arrivals(three)
  assert.deepEqual(arrivalNs, [900_000_001, 1_000_000_000, 2_900_000_001])
  assert.equal(source.clampedPackets, 0)
  assert.equal(source.stats.packets, 3)
  assert.deepEqual(source.problems, [])
})

test('columns hold flow, size, payload and TCP flags', async () => {
  const source = await captureTraffic({
    openBytes,
    path: fileOf([at(1, 0), { frame: ethernet(0x0800, ipv4(6, tcp(3, 4, 100, 0x11))) }, at(1, 0)]),
  })
  const chunk = new PacketChunk()
  await refill(source, chunk)
  await source.close()
  assert.deepEqual([...chunk.flow.subarray(0, 3)], [0, 1, 0])
  assert.deepEqual([...chunk.sizeBytes.subarray(0, 3)], [38, 140, 38])
  assert.deepEqual([...chunk.payloadBytes.subarray(0, 3)], [10, 100, 10])
  assert.deepEqual([...chunk.tcpFlags.subarray(0, 3)], [0, 0x11, 0])
  assert.equal(source.flows.get(1).toString(), '10.0.0.1:3 > 10.0.0.2:4/tcp')
})

test('frames before the first IP packet do not set time zero', async () => {
  const arp = { seconds: 5, frame: ethernet(0x0806, Buffer.alloc(28)) }
  assert.deepEqual((await arrivals([arp, at(9, 7)])).arrivalNs, [7])
})

test('a packet earlier than one before it arrives together with that one', async () => {
  const { arrivalNs, source } = await arrivals([at(5, 10), at(5, 30), at(5, 20), at(4, 0), at(5, 40)])
  assert.deepEqual(arrivalNs, [10, 30, 30, 30, 40])
  assert.equal(source.clampedPackets, 2)
})

test('packets that go back in time are warned about once, with the cure', async () => {
  const { source } = await arrivals([at(5, 10), at(5, 30), at(5, 20), at(4, 0), at(5, 40)], { loop: 3 })
  assert.equal(source.clampedPackets, 6)
  assert.match(
    source.problems.join('|'),
    /^\S+: 2 packets are earlier than one before, by up to 1 s; they count as arriving together with that one - put them in order: --set source.sort=true$/,
  )
  const { source: once } = await arrivals([at(5, 10), at(5, 30), at(5, 20)])
  assert.match(once.problems.join('|'), /: 1 packet is earlier .* by up to 10 ns; it counts as/)
})

test('with sort packets arrive in order of time, and nothing is clamped', async () => {
  const records = [at(5, 10), at(5, 30), at(5, 20), at(4, 7), at(5, 40)]
  const { arrivalNs, source } = await arrivals(records, { sort: true })
  assert.deepEqual(arrivalNs, [7, 1_000_000_010, 1_000_000_020, 1_000_000_030, 1_000_000_040])
  assert.equal(source.clampedPackets, 0)
  assert.deepEqual(source.problems, [])
  const rescaled = await arrivals(records, { sort: true, packetsPerSecond: 5 })
  assert.equal(rescaled.arrivalNs[4]! - rescaled.arrivalNs[0]!, 800_000_000)
})

test('a capture without usable times is warned about, unless it is given a clock', async () => {
  const cure = /, as if they arrived at once - give them a clock: --set source.packetsPerSecond=10000$/
  const { source } = await arrivals(timeless.slice(0, 3))
  assert.match(source.problems.join('|'), /\.pcap: all 3 packets have the same time, /)
  assert.match(source.problems.join('|'), cure)
  const { source: backward } = await arrivals([at(5, 9), at(5, 8)])
  assert.match(backward.problems.join('|'), /: all 2 packets are no later than the first one, /)
  assert.match(backward.problems.join('|'), cure)
  const { source: alone } = await arrivals([at(5, 9)])
  assert.deepEqual(alone.problems, [])
  const { source: clocked } = await arrivals(timeless.slice(0, 3), { packetsPerSecond: 1, clock: 'periodic' })
  assert.deepEqual(clocked.problems, [])
})

test('a name stands for the path in what is thrown, another one in problems', async () => {
  const path = join(folder, 'missing.pcap')
  await assert.rejects(
    captureTraffic({ openBytes, path, name: 'standard input' }),
    /^UserError: standard input: no such/,
  )
  const { source } = await arrivals([at(5, 10), at(5, 0)], { name: 'standard input' })
  assert.match(source.problems.join('|'), /^standard input: all 2 packets/)
  const cut = join(folder, 'cut-twice.pcap')
  writeFileSync(cut, pcap([at(5, 10), at(5, 0), at(5, 0)]).subarray(0, -1))
  for (const loop of [1, 2]) {
    const written = await captureTraffic({ openBytes, path: cut, asWritten: '../a.pcap', loop })
    const chunk = new PacketChunk()
    do await refill(written, chunk)
    while (chunk.count > 0)
    await written.close()
    assert.equal(written.problems.length, 2)
    for (const problem of written.problems) assert.match(problem, /^\.\.\/a\.pcap: (cut off|all 2 packets)/)
  }
})

test('speed divides times', async () => {
  assert.deepEqual((await arrivals(three, { speed: 4 })).arrivalNs, [225_000_000, 250_000_000, 725_000_000])
})

test('a round starts one mean gap after the last packet of the one before', async () => {
  const { arrivalNs, source } = await arrivals([at(1, 100), at(1, 150), at(1, 120), at(1, 400)], { loop: 3 })
  assert.deepEqual(arrivalNs, [100, 150, 150, 400, 500, 550, 550, 800, 900, 950, 950, 1200])
  assert.equal(source.clampedPackets, 3)
  assert.equal(source.stats.packets, 4)
  assert.equal(source.flows.count, 1)
})

test('packetsPerSecond rescales time to that mean rate', async () => {
  // 3 packets in 2 s have gaps of 1 s; at 6 packets/s they are 6 times shorter.
  const { arrivalNs } = await arrivals(three, { packetsPerSecond: 6 })
  assert.deepEqual(arrivalNs, [150_000_000, 166_666_667, 483_333_334])
})

const timeless = Array.from({ length: 20_000 }, () => at(77, 5))

test('a capture whose packets share one time gets a periodic clock', async () => {
  const { arrivalNs } = await arrivals(timeless, { packetsPerSecond: 3000, clock: 'periodic' })
  assert.equal(arrivalNs.length, 20_000)
  assert.deepEqual(arrivalNs.slice(0, 4), [0, 333_333, 666_667, 1_000_000])
  assert.equal(arrivalNs[19_999], Math.round(19_999e9 / 3000))
})

test('a capture whose packets share one time gets a Poisson clock', async () => {
  let draws = 0
  // Low-discrepancy numbers in [0, 1): their exponential gaps have mean 1 and mean square 2.
  const random = () => (++draws * 0.6180339887498949) % 1
  const { arrivalNs } = await arrivals(timeless, { packetsPerSecond: 1000, random })
  const gaps = arrivalNs.map((ns, i) => (ns - (arrivalNs[i - 1] ?? 0)) / 1e6)
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
  const meanSquare = gaps.reduce((sum, gap) => sum + gap * gap, 0) / gaps.length
  assert.equal(draws, 20_000)
  assert.ok(Math.abs(mean - 1) < 0.005, `${mean}`)
  assert.ok(Math.abs(meanSquare - 2) < 0.05, `${meanSquare}`)
})

test('without packetsPerSecond the packets of such a capture arrive at once', async () => {
  assert.deepEqual((await arrivals(timeless.slice(0, 3))).arrivalNs, [5, 5, 5])
})

test('the clock goes on over all rounds', async () => {
  const options = { packetsPerSecond: 1e9, clock: 'periodic', loop: 2, speed: 0.5 } as const
  assert.deepEqual((await arrivals(timeless.slice(0, 3), options)).arrivalNs, [0, 2, 4, 6, 8, 10])
})

test('a gap that no run can hold is refused with the cure', async () => {
  await assert.rejects(arrivals([at(0, 0), at(1_639_650_442, 0)]), {
    name: 'UserError',
    message:
      /^\S+: a packet arrives 18,977 days after the first, a run can have 104 - fix the capture's times \(editcap -t\) or set source.speed$/,
  })
  const { arrivalNs } = await arrivals([at(0, 0), at(1_639_650_442, 0)], { packetsPerSecond: 1 })
  assert.deepEqual(arrivalNs, [0, 1_000_000_000])
})

test('what is wrong with a file is said when it is opened or surveyed, damage when it has ended', async () => {
  await assert.rejects(
    captureTraffic({ openBytes, path: join(folder, 'missing.pcap') }),
    /missing.pcap: no such file/,
  )
  const path = fileOf(three)
  const cut = join(folder, 'cut.pcap')
  const bytes = pcap(three, { magic: 0xa1b23c4d })
  writeFileSync(cut, bytes.subarray(0, bytes.length - 1))
  for (const options of [{ path: cut }, { path: cut, loop: 2 }]) {
    const source = await captureTraffic({ openBytes, ...options })
    const chunk = new PacketChunk()
    do await refill(source, chunk)
    while (chunk.count > 0)
    await source.close()
    assert.equal(source.problems.length, 1)
    assert.match(
      source.problems[0]!,
      /cut.pcap: cut off at byte 160, in the last record: .* the 2 frames before it/,
    )
    assert.equal(source.stats.packets, 2)
  }
  const surveyed = await captureTraffic({ openBytes, path, packetsPerSecond: 10 })
  assert.equal(surveyed.stats.packets, 3)
  await surveyed.close()
})
