/** The same questions to both kinds of devices, and some that only the real ones have to answer. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { UserError } from '../../errors.ts'
import { ipv4, ipv6, tcp, udp } from '../../traffic/capture/captures.testing.ts'
import { enterOwnNamespace, interfaceNames, skipWithoutTun } from '../live.testing.ts'
import { nowNs } from '../threads/clock.ts'
import {
  type DeviceSettings,
  openCollectEnd,
  openDevices,
  openReadEnd,
  openSender,
  openWriteEnd,
  type ReadEnd,
} from './device.ts'
import { markCases, marked } from './mark.testing.ts'
import { readMark } from './mark.ts'

const RUN = 0x51ab1e
const SETTINGS: DeviceSettings = { mtuBytes: 1500, queueLengthPackets: 500, queues: 1 }
const STRIDE_BYTES = 2048
const noTun = skipWithoutTun()
const kinds = [
  { kind: 'loopback', skip: false },
  { kind: 'tun', skip: noTun },
] as const

before(() => {
  if (noTun === false) enterOwnNamespace()
})

/** All ends on new devices, and a way to close everything. */
async function open(kind: 'tun' | 'loopback', settings: Partial<DeviceSettings> = {}) {
  const devices = await openDevices(kind, { ...SETTINGS, ...settings })
  const { handle } = devices
  const sender = openSender(handle)
  const readers = Array.from({ length: settings.queues ?? 1 }, (_, queue) => openReadEnd(handle, queue))
  const writer = openWriteEnd(handle)
  const collector = openCollectEnd(handle)
  return {
    devices,
    handle,
    sender,
    readers,
    reader: readers[0]!,
    writer,
    collector,
    close: () => devices.close(),
  }
}

/** Everything that can be read now. */
function readAll(reader: ReadEnd): Buffer[] {
  const into = Buffer.alloc(STRIDE_BYTES)
  const packets: Buffer[] = []
  for (
    let length = reader.read(into, 0, STRIDE_BYTES);
    length > 0;
    length = reader.read(into, 0, STRIDE_BYTES)
  ) {
    packets.push(Buffer.from(into.subarray(0, length)))
  }
  return packets
}

/** Everything that can be collected now. */
function collectAll(collector: ReturnType<typeof openCollectEnd>) {
  const into = Buffer.alloc(64 * STRIDE_BYTES)
  const lengthBytes = new Int32Array(64)
  const timesNs = new Float64Array(64)
  const packets: Array<{ bytes: Buffer; timeNs: number }> = []
  for (;;) {
    const count = collector.receive(into, STRIDE_BYTES, lengthBytes, timesNs)
    if (count === 0) return packets
    for (let i = 0; i < count; i++) {
      const start = i * STRIDE_BYTES
      packets.push({ bytes: Buffer.from(into.subarray(start, start + lengthBytes[i]!)), timeNs: timesNs[i]! })
    }
  }
}

for (const { kind, skip } of kinds) {
  test(`${kind}: packets come out of the first device byte for byte and in order`, { skip }, async () => {
    const { sender, reader, devices, close } = await open(kind)
    const sent: Buffer[] = markCases.map((one, i) => marked(one, RUN, i).result)
    sent.push(ipv4(17, udp(1, 2, 1472)))
    const bytes = Buffer.concat(sent)
    let at = 0
    for (const { length } of sent) {
      assert.equal(sender.send(bytes, at, length), 0)
      at += length
    }
    assert.deepEqual(readAll(reader), sent)
    assert.deepEqual(devices.counters(), { tunDropped: 0, foreign: 0, writeErrors: 0 })
    close()
  })

  test(`${kind}: reading goes where it was told to, and no further`, { skip }, async () => {
    const { sender, reader, close } = await open(kind)
    const packet = ipv4(17, udp(1, 2, 72))
    const into = Buffer.alloc(300, 0xee)
    sender.send(packet, 0, packet.length)
    sender.send(packet, 0, packet.length)
    assert.equal(reader.read(into, 7, 200), 100)
    assert.ok(into.subarray(7, 107).equals(packet))
    assert.ok(into.subarray(0, 7).every((byte) => byte === 0xee))
    assert.ok(into.subarray(107).every((byte) => byte === 0xee))
    into.fill(0xee)
    assert.equal(reader.read(into, 0, 60), 60)
    assert.ok(into.subarray(60).every((byte) => byte === 0xee))
    assert.equal(reader.read(into, 0, 200), 0)
    close()
  })

  test(`${kind}: what is written is collected in order, stamped between before and after`, {
    skip,
  }, async () => {
    const { writer, collector, handle, close } = await open(kind)
    const count = 150
    const beforeNs: number[] = []
    const afterNs: number[] = []
    for (let i = 0; i < count; i++) {
      const { result } = marked({ packet: ipv4(6, tcp(1, 2, i)) }, RUN, i)
      beforeNs.push(nowNs(handle.baseNs))
      assert.equal(writer.write(result, 0, result.length), 0)
      afterNs.push(nowNs(handle.baseNs))
    }
    const collected = collectAll(collector)
    assert.equal(collected.length, count)
    collected.forEach(({ bytes, timeNs }, i) => {
      assert.equal(bytes.length, 40 + i)
      assert.equal(readMark(bytes, 0, bytes.length, RUN), i)
      // 100 us: how well two clocks can be compared on a machine that interrupts us.
      assert.ok(
        timeNs > beforeNs[i]! - 1e5 && timeNs < afterNs[i]! + 1e5,
        `${beforeNs[i]} ${timeNs} ${afterNs[i]}`,
      )
    })
    assert.equal(collector.dropped(), 0)
    close()
  })

  test(`${kind}: marks of every kind of packet survive the second device`, { skip }, async () => {
    const { writer, collector, devices, close } = await open(kind)
    markCases.forEach((one, i) => {
      const { bytes, at, result } = marked(one, RUN, i)
      assert.equal(writer.write(bytes, at, result.length), 0, one.name)
    })
    const numbers = collectAll(collector).map(({ bytes }) => readMark(bytes, 0, bytes.length, RUN))
    assert.deepEqual(numbers, [...markCases.keys()])
    assert.equal(devices.counters().foreign, 0)
    close()
  })

  test(`${kind}: what the queue has no room for is dropped last in, and counted exactly`, {
    skip,
  }, async () => {
    for (const queueLengthPackets of [500, 40]) {
      const { sender, reader, devices, close } = await open(kind, { queueLengthPackets })
      for (let i = 0; i < 1200; i++) {
        const { result } = marked({ packet: ipv4(17, udp(1, 2, 20)) }, RUN, i)
        assert.equal(sender.send(result, 0, result.length), 0)
      }
      const numbers = readAll(reader).map((bytes) => readMark(bytes, 0, bytes.length, RUN))
      // The kernel's ring gives slots back in batches of up to 16.
      const room = kind === 'tun' ? queueLengthPackets - 16 : queueLengthPackets
      assert.ok(numbers.length >= room && numbers.length <= queueLengthPackets, `${numbers.length} read`)
      assert.deepEqual(numbers, [...numbers.keys()])
      const tunDropped = 1200 - numbers.length
      assert.deepEqual(devices.counters(), { tunDropped, foreign: 0, writeErrors: 0 })
      close()
    }
  })

  test(`${kind}: what the collector has no room for is counted exactly, however often one asks`, {
    skip,
  }, async () => {
    const { writer, collector, close } = await open(kind, { receiveBufferBytes: 128 * 1024 })
    let collected = 0
    for (let round = 1; round <= 3; round++) {
      for (let i = 0; i < 1000; i++) {
        const { result } = marked({ packet: ipv4(17, udp(1, 2, 20)) }, RUN, i)
        writer.write(result, 0, result.length)
      }
      collected += collectAll(collector).length
      assert.ok(collector.dropped() >= round * 500, `${collector.dropped()} dropped`)
      assert.equal(collected + collector.dropped(), 1000 * round)
      assert.equal(collected + collector.dropped(), 1000 * round)
    }
    assert.ok(collected > 100, `${collected} collected`)
    close()
  })

  for (const [version, packetOf] of [
    [4, (port: number) => ipv4(17, udp(port, 53, 20))],
    [6, (port: number) => ipv6(17, udp(port, 53, 20))],
  ] as const) {
    const title = `${kind}: of several queues each IPv${version} flow has one, and keeps its order there`
    test(title, { skip }, async () => {
      const { sender, readers, devices, close } = await open(kind, { queues: 4 })
      const flows = 200
      for (let i = 0; i < 5 * flows; i++) {
        const { result } = marked({ packet: packetOf(1024 + (i % flows)) }, RUN, i)
        assert.equal(sender.send(result, 0, result.length), 0)
      }
      const queueOfFlow = new Map<number, number>()
      const lastOfFlow = new Map<number, number>()
      let read = 0
      readers.forEach((reader, queue) => {
        const packets = readAll(reader)
        assert.ok(packets.length > 0, `nothing on queue ${queue}`)
        for (const bytes of packets) {
          const number = readMark(bytes, 0, bytes.length, RUN)
          const flow = number % flows
          assert.equal(bytes.readUInt16BE(version === 4 ? 20 : 40), 1024 + flow)
          assert.equal(queueOfFlow.get(flow) ?? queue, queue)
          assert.ok(number > (lastOfFlow.get(flow) ?? -1))
          queueOfFlow.set(flow, queue)
          lastOfFlow.set(flow, number)
          read++
        }
      })
      assert.equal(queueOfFlow.size, flows)
      assert.equal(read + devices.counters().tunDropped, 5 * flows)
      close()
    })
  }

  test(`${kind}: a packet over the MTU is refused by the first device`, { skip }, async () => {
    const { sender, reader, devices, close } = await open(kind, { mtuBytes: 1000 })
    const packet = ipv4(17, udp(1, 2, 973))
    assert.equal(sender.send(packet, 0, 1001), 90)
    assert.equal(sender.send(packet, 0, 1000), 0)
    assert.equal(readAll(reader).length, 1)
    assert.deepEqual(devices.counters(), { tunDropped: 0, foreign: 0, writeErrors: 0 })
    close()
  })

  test(`${kind}: what isn't IP is refused by the second device, and counted`, { skip }, async () => {
    const { writer, collector, devices, close } = await open(kind)
    assert.equal(writer.write(Buffer.alloc(40), 0, 40), 22)
    assert.equal(devices.counters().writeErrors, 1)
    assert.equal(collectAll(collector).length, 0)
    close()
  })

  test(`${kind}: waiting ends with a packet, or with its time`, { skip }, async () => {
    const { sender, reader, writer, collector, handle, close } = await open(kind)
    const packet = ipv4(17, udp(1, 2, 20))
    for (const [end, put] of [
      [reader, () => sender.send(packet, 0, packet.length)],
      [collector, () => writer.write(packet, 0, packet.length)],
    ] as const) {
      const startNs = nowNs(handle.baseNs)
      end.wait(30)
      const waitedNs = nowNs(handle.baseNs) - startNs
      assert.ok(waitedNs >= 29e6, `${waitedNs} ns`)
      put()
      const againNs = nowNs(handle.baseNs)
      end.wait(20_000)
      assert.ok(nowNs(handle.baseNs) - againNs < 10e9)
    }
    close()
  })
}

test('the kernel says nothing on our devices; made to speak IPv6, it is counted as foreign', {
  skip: noTun,
}, async () => {
  const { reader, collector, devices, handle, close } = await open('tun')
  assert.ok(handle.kind === 'tun')
  // Router solicitations begin within a second of an interface coming up.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  assert.deepEqual(readAll(reader), [])
  assert.deepEqual(collectAll(collector), [])
  assert.equal(devices.counters().foreign, 0)

  writeFileSync(`/proc/sys/net/ipv6/conf/${handle.first.name}/disable_ipv6`, '0')
  reader.wait(8000)
  const foreign = readAll(reader)
  assert.ok(foreign.length >= 1)
  const solicitation = foreign[0]!
  assert.equal(solicitation[0]! >>> 4, 6)
  assert.equal(readMark(solicitation, 0, solicitation.length, RUN), -1)
  assert.equal(devices.counters().foreign, foreign.length)
  close()
})

test('the first packet after opening is stamped when it arrives, not when it is collected', {
  skip: noTun,
}, async () => {
  for (let attempt = 0; attempt < 8; attempt++) {
    const { writer, collector, handle, close } = await open('tun')
    const packet = ipv4(17, udp(1, 2, 20))
    writer.write(packet, 0, packet.length)
    const afterNs = nowNs(handle.baseNs)
    await new Promise((resolve) => setTimeout(resolve, 5))
    const [first] = collectAll(collector)
    assert.ok(first!.timeNs < afterNs + 1e5, `${first!.timeNs - afterNs} ns late`)
    close()
  }
})

test('nothing is answered: no RST, no ICMP, nothing delivered to this machine', { skip: noTun }, async () => {
  const { writer, reader, collector, devices, close } = await open('tun')
  for (const packet of [
    ipv4(6, tcp(1, 2, 0, 0x02)),
    ipv4(17, udp(1, 9, 20)),
    ipv4(1, Buffer.from('0800f7ff00000000', 'hex')),
  ]) {
    for (const destination of [0x0a000002, 0x7f000001, 0xffffffff, 0xe0000001]) {
      const { result } = marked({ packet }, RUN, 0)
      result.writeUInt32BE(destination, 16)
      assert.equal(writer.write(result, 0, result.length), 0)
    }
  }
  reader.wait(50)
  assert.equal(collectAll(collector).length, 12)
  assert.equal(devices.counters().foreign, 0)
  assert.equal(readAll(reader).length, 0)
  close()
})

test('devices end when they are closed, and a failed opening leaves none behind', {
  skip: noTun,
}, async () => {
  const namesBefore = interfaceNames()
  const { handle, devices } = await open('tun', { queues: 3 })
  assert.ok(handle.kind === 'tun')
  assert.deepEqual(interfaceNames().sort(), [...namesBefore, handle.first.name, handle.second.name].sort())
  devices.close()
  assert.deepEqual(interfaceNames(), namesBefore)
  await assert.rejects(openDevices('tun', { ...SETTINGS, mtuBytes: 70_000 }), (error) => {
    assert.ok(error instanceof UserError)
    assert.match(error.message, /^replay: setting up the TUN device .* failed with EINVAL - /)
    return true
  })
  assert.deepEqual(interfaceNames(), namesBefore)
})
