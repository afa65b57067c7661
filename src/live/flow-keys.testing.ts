/**
 * Test support: packets of many protocols through a real TUN device with four queues, for
 * flow-keys.slow.test.ts, which runs this in a network namespace. Prints for each kind of packets the queue
 * that the kernel gave each, and which packets linux-tun hashes alike, as JSON.
 */
import type { OtherKey } from '../model/packets/flow-key.ts'
import { FlowTable } from '../model/packets/flow-table.ts'
import { KeyedFlows } from '../model/packets/keyed-flows.ts'
import type { LaneView } from '../model/policy.ts'
import { planOf } from '../run/plan.ts'
import { ethernet, hex, ipv4, ipv6, tcp, u16, u32, udp } from '../traffic/capture/captures.testing.ts'
import { packetColumns } from '../traffic/capture/columns.ts'
import { PacketSink } from '../traffic/capture/packet-sink.ts'
import { openDevices, openReadEnd, openSender } from './device/device.ts'
import { resolved } from './threads/machine.testing.ts'

/** What came of the packets of one kind. */
export interface KindResult {
  readonly kind: string
  /** Of each packet: the queue it was read from, and what tells its hash by linux-tun from others. */
  readonly queues: readonly number[]
  readonly hashes: readonly string[]
}

const QUEUES = 4
const FLOWS = 16
const LANES_MANY = 30_000
const STRIDE_BYTES = 2048
const RAW_IP = 101
const WAIT_MS = 200

const numbers = Array.from({ length: FLOWS }, (_, i) => i)
const inner = (i: number) => ipv4(17, udp(7000 + i, 53, 20))
const inner6 = (i: number) => ipv6(6, tcp(7000 + i, 443, 20, 0x10, 0))
/** The packet to another address: the last byte of the destination. */
const to = (host: number, packet: Buffer) => {
  const at = packet[0]! >>> 4 === 4 ? 19 : 39
  packet[at] = 100 + host
  return packet
}
/** From 10.0.0.2 to 10.0.0.1. */
const reversed = (packet: Buffer) => {
  hex('0a000002 0a000001').copy(packet, 12)
  return packet
}
const body = (head: Buffer) => Buffer.concat([head, Buffer.alloc(32)])
const gre = (flags: number, protocol: number, options: number, carried: Buffer) =>
  Buffer.concat([u16(flags), u16(protocol), Buffer.alloc(4 * options, 9), carried])
const over = (port: number, content: Buffer) =>
  ipv4(17, Buffer.concat([udp(1000, port, content.length).subarray(0, 8), content]))
const fragment6 = (offset: number, content: Buffer) =>
  ipv6(44, Buffer.concat([Buffer.from([17, 0]), u16(offset), u32(7), content]))

const FIRST = 0x2000
const LATER = 0x2001
const FIRST_V6 = 1
const LATER_V6 = 9

/** Kinds in which the number says which flow it is; several packets of a kind may be one flow. */
const kinds: Readonly<Record<string, readonly Buffer[]>> = {
  TCP: numbers.map((i) => ipv4(6, tcp(1000 + i, 443, 20, 0x10, 0))),
  UDP: numbers.map((i) => ipv6(17, udp(1000 + i, 53, 20))),
  'UDP-Lite': numbers.map((i) => ipv4(136, udp(1000 + i, 53, 20))),
  SCTP: numbers.map((i) => ipv4(132, udp(1000 + i, 53, 20))),
  DCCP: numbers.map((i) => ipv4(33, udp(1000 + i, 53, 20))),
  ESP: numbers.map((i) => ipv4(50, body(u32(0xc0de0000 + i)))),
  AH: numbers.map((i) => ipv4(51, body(Buffer.concat([u32(0x32040000), u32(0xc0de0000 + i)])))),
  'AH, its first four bytes': numbers.map((i) => ipv4(51, body(Buffer.concat([u32(i), u32(5)])))),
  'ICMP identifiers': numbers.map((i) => ipv4(1, body(Buffer.concat([hex('08000000'), u16(i)])))),
  GRE: numbers.map((i) => ipv4(47, gre(0, 0x0800, 0, inner(i)))),
  'GRE keys': numbers.map((i) => ipv4(47, Buffer.concat([u16(0x2000), u16(0x0800), u32(i), inner(0)]))),
  'GRE with checksum, key and sequence': numbers.map((i) => ipv4(47, gre(0xb000, 0x86dd, 3, inner6(i)))),
  'GRE with Ethernet': numbers.map((i) => ipv4(47, gre(0, 0x6558, 0, ethernet(0x0800, inner(i))))),
  'GRE with source routing': numbers.map((i) => ipv4(47, gre(0x4000, 0x0800, 1, inner(i)))),
  PPTP: numbers.map((i) => ipv4(47, Buffer.concat([gre(0x3081, 0x880b, 3, hex('ff030021')), inner(i)]))),
  IPIP: numbers.map((i) => ipv4(4, inner(i))),
  '6in4': numbers.map((i) => ipv4(41, inner6(i))),
  'IPv6 in IPv6': numbers.map((i) => ipv6(41, inner6(i))),
  'IPv6 options': numbers.map((i) =>
    ipv6(0, Buffer.concat([hex('1100010400000000'), udp(1000 + i, 53, 20)])),
  ),
  EtherIP: numbers.map((i) => ipv4(97, Buffer.concat([hex('3000'), ethernet(0x0800, inner(i))]))),
  'VXLAN, one port': numbers.map((i) =>
    over(4789, Buffer.concat([hex('0800000000000500'), ethernet(0x0800, inner(i))])),
  ),
  'GENEVE, one port': numbers.map((i) =>
    over(6081, Buffer.concat([hex('0000655800000500'), ethernet(0x0800, inner(i))])),
  ),
  'GTP-U': numbers.map((i) => over(2152, Buffer.concat([hex('30ff002000000001'), inner(i)]))),
  'first fragments of one address pair': numbers.map((i) =>
    ipv4(17, udp(1000 + i, 53, 20), { fragment: FIRST }),
  ),
  // 16 first ones, the later ones of the same 16, and these flows' whole packets.
  'fragments and whole packets': [
    ...numbers.map((i) => to(i, ipv4(17, udp(1000, 53, 20), { fragment: FIRST }))),
    ...numbers.map((i) => to(i, ipv4(17, udp(9999, 99, 20), { fragment: LATER }))),
    ...numbers.map((i) => to(i, ipv4(17, udp(1000, 53, 20)))),
  ],
  'fragments over IPv6': [
    ...numbers.map((i) => to(i, fragment6(FIRST_V6, udp(1000, 53, 20)))),
    ...numbers.map((i) => to(i, fragment6(LATER_V6, udp(9999, 99, 20)))),
    ...numbers.map((i) => to(i, fragment6(0, udp(1000, 53, 20)))),
    ...numbers.map((i) => to(i, ipv6(17, udp(1000, 53, 20)))),
  ],
  // The same inner flow in whatever tunnel, and bare.
  'tunnels of the same flows': [
    ...numbers.map(inner),
    ...numbers.map((i) => ipv4(4, inner(i))),
    ...numbers.map((i) => ipv4(47, gre(0, 0x0800, 0, inner(i)))),
    ...numbers.map((i) => ipv4(47, gre(0xb000, 0x6558, 3, ethernet(0x0800, inner(i))))),
    ...numbers.map((i) => ipv4(47, gre(0, 0x0800, 0, ipv4(4, inner(i))))),
  ],
  // Addresses and ports are sorted, each for itself, and so are the halves of an SPI.
  'both directions': [
    ...numbers.map((i) => ipv4(17, udp(1000 + i, 53, 20))),
    ...numbers.map((i) => reversed(ipv4(17, udp(53, 1000 + i, 20)))),
    ...numbers.map((i) => reversed(ipv4(17, udp(1000 + i, 53, 20)))),
  ],
  'halves of an SPI': [
    ...numbers.map((i) => ipv4(50, body(u32(0x00010000 * (i + 2) + 1)))),
    ...numbers.map((i) => ipv4(50, body(u32(0x00010000 + i + 2)))),
  ],
}

const policy = planOf(
  resolved({ source: { synthetic: { packetsPerSecond: 1000 } }, duration: '1s', policies: ['linux-tun'] }),
).policies[0]!

/** What linux-tun hashes of each packet: its lanes of very many, with each of several keys. */
function hashesOf(packets: readonly Buffer[]): string[] {
  const flows = new FlowTable()
  const sink = new PacketSink(flows)
  sink.columns = packetColumns(packets.length)
  for (const packet of packets) {
    const bytes = new Uint8Array(packet)
    sink.frame(new DataView(bytes.buffer), 0, bytes.length, bytes.length, RAW_IP, 0, 0)
  }
  const lanes = { count: LANES_MANY } as LaneView
  const policies = [1, 2, 3, 4].map((key) => policy.create(lanes, key))
  const keyed = new KeyedFlows(flows, policies[0]!.flowKey as OtherKey)
  return packets.map((_, row) => {
    const flow = keyed.of(sink.columns.flow[row]!, sink.columns.variant[row]!)
    const packet = { flow, index: row, sizeBytes: 0, payloadBytes: 0, tcpFlags: 0, arrivalNs: 0 }
    return policies.map((one) => one.choose(packet, lanes, 0)).join(' ')
  })
}

const devices = await openDevices('tun', { mtuBytes: 1500, queueLengthPackets: 500, queues: QUEUES })
const sender = openSender(devices.handle)
const readers = Array.from({ length: QUEUES }, (_, queue) => openReadEnd(devices.handle, queue))
const into = Buffer.alloc(STRIDE_BYTES)

/** The queue in which the packet is found. */
function queueOf(packet: Buffer): number {
  const errno = sender.send(Buffer.from(packet), 0, packet.length)
  if (errno !== 0) throw new Error(`sending: errno ${errno}`)
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs++) {
    for (const [queue, reader] of readers.entries()) {
      const lengthBytes = reader.read(into, 0, STRIDE_BYTES)
      if (lengthBytes === packet.length && packet.equals(into.subarray(0, lengthBytes))) return queue
    }
    readers[0]!.wait(1)
  }
  throw new Error('a packet came through no queue')
}

const results: KindResult[] = Object.entries(kinds).map(([kind, packets]) => ({
  kind,
  queues: packets.map(queueOf),
  hashes: hashesOf(packets),
}))
devices.close()
process.stdout.write(JSON.stringify(results))
