/**
 * What isn't a numbering: random payloads, and protocols whose headers look like one from afar. And what is
 * one only because it was asked for.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { UserError } from '../../errors.ts'
import { someMetricSettings } from '../../metrics/settings.testing.ts'
import { type Random, randomStream } from '../../sim/random.ts'
import { hex, ipv4, tcp, u16, u32 } from '../../traffic/capture/captures.testing.ts'
import type { Measured } from '../arrivals/arrivals.ts'
import { judge } from '../judge.ts'
import { MatchBench } from '../matching/match.testing.ts'
import { wantedKinds } from './kinds.ts'
import { madeKinds, madeTraffic, randomPayload, udpOf } from './numberings.testing.ts'
import { readNumbered } from './read-numbered.ts'

const bench = new MatchBench()
after(() => bench.remove())

function read(packets: readonly Buffer[], wanted: readonly string[] = [], gapNs = 1e6) {
  const timed = packets.map((packet, i) => ({ packet, ns: i * gapNs }))
  return readNumbered(bench.write('made.pcap', timed), wantedKinds(wanted), 'made.pcap')
}

const names = ({ flows }: Measured) => Array.from({ length: flows.count }, (_, flow) => flows.describe(flow))
const numbersOf = ({ arrivals: { sequence, flow, count } }: Measured, of = 0) =>
  Array.from(sequence.subarray(0, count)).filter((_, row) => flow[row] === of)

/** Random payloads that begin as one of the kinds does, so that only the numbers can tell. */
const beginnings: Readonly<Record<string, string>> = {
  nothing: '',
  'a WireGuard data message': '04000000',
  "OpenVPN's P_DATA_V2": '48',
  "OpenVPN's P_DATA_V1": '30',
  'RTP of version 2': '8060',
  'RTP with an SSRC': '8060 0001 00000001 c0ffee00',
  "iperf3's seconds and microseconds": '6553f100 000003e8',
  'QUIC, long header': 'c300000001 08',
  'QUIC, short header': '41',
  'DNS, all of one id': '8001 0100 0001 0000 0000 0001',
  STUN: '0001 0050 2112a442',
}
for (const [what, start] of Object.entries(beginnings)) {
  test(`random payloads behind ${what} are no numbering`, async () => {
    const random = randomStream(1, 0, what)
    for (let run = 0; run < 60; run++) {
      const many = 1 + Math.floor(random() * 60)
      const ports = 1 + Math.floor(random() * 4)
      const packets = Array.from({ length: many }, () => {
        const payload = Buffer.concat([hex(start), randomPayload(random, Math.floor(random() * 60))])
        const port = run % 3 === 0 ? 4500 : 3000 + Math.floor(random() * ports)
        return udpOf(payload, port, 9, Math.floor(random() * 65_536))
      })
      const found = await read(packets)
      assert.equal(found, undefined, `run ${run}: ${found?.numbering} ${found && names(found)}`)
    }
  })
}

/** Packets whose fields do count, but not as a number of packets. */
const alike: Readonly<Record<string, (i: number, random: Random) => Buffer>> = {
  'a clock in place of a packet id': (i) =>
    udpOf(Buffer.concat([hex('48000007'), u32(i * 90_000 + 5), Buffer.alloc(40)])),
  'one id in all': () => udpOf(hex('8060 0007 00000001 c0ffee00 00')),
  'IP-IDs of a sender that is busy elsewhere': (i, random) =>
    udpOf(Buffer.alloc(20), 1, 2, (i * 9 + Math.floor(random() * 8) + 1) & 0xffff),
  'no IP-ID': () => udpOf(Buffer.alloc(20)),
  'DNS queries with ids that count': (i) =>
    udpOf(Buffer.concat([u16(0x8000 + i), hex('0100 0001 0000 0000 0000 03777777 00 0001 0001')]), 5353, 53),
  'seconds and microseconds that stand still': (i) =>
    udpOf(Buffer.concat([hex('00000001 000003e8'), u32(i + 1), Buffer.alloc(20)])),
  'a field that counts where microseconds would be above a million': (i) =>
    udpOf(Buffer.concat([u32(i), hex('6553f100'), u32(i), Buffer.alloc(20)])),
  'TCP, whose numbers say something else': (i) => ipv4(6, tcp(1, 2, 100 + (i & 1))),
}
for (const [what, packet] of Object.entries(alike)) {
  test(`not a numbering: ${what}`, async () => {
    const random = randomStream(2, 0, what)
    const packets = Array.from({ length: 100 }, (_, i) => packet(i, random))
    assert.equal((await read(packets, [], 50e6))?.numbering, undefined)
  })
}

test('a minority of packets that count do not make a flow a numbering', async () => {
  const rtp = madeKinds.find(({ name }) => name === 'rtp')!
  const random = randomStream(5, 0, 'minority')
  const others: Readonly<Record<string, () => Buffer>> = {
    'of another protocol': () => udpOf(Buffer.concat([hex('41'), randomPayload(random, 40)]), 6000, 6000),
    'of random streams': () => udpOf(Buffer.concat([hex('8060'), randomPayload(random, 40)]), 6000, 6000),
  }
  for (const [what, other] of Object.entries(others)) {
    const packets = Array.from({ length: 120 }, (_, i) => (i % 3 === 0 ? rtp.packet(0, i / 3, 0) : other()))
    assert.equal((await read(packets))?.numbering, undefined, what)
  }
})

test('several numberings in one capture are found flow by flow, and the rest is counted', async () => {
  const some = ['wireguard', 'rtp', 'icmp-echo'].flatMap(
    (name, i) => madeTraffic(madeKinds.find((kind) => kind.name === name)!, i, { packets: 60 }).arrivals,
  )
  const random = randomStream(3, 0, 'rest')
  const rest = Array.from({ length: 40 }, (_, i) =>
    i % 4 === 0 ? ipv4(6, tcp(1, 2, 100)) : udpOf(randomPayload(random, 50), 8000),
  )
  const mixed = [...some.map(({ packet }) => packet), ...rest].toSorted(() => random() - 0.5)
  // Shuffled packets don't count any more.
  assert.equal(await read(mixed), undefined)
  const kept = [...some.map(({ packet }) => packet), ...rest]
  const found = (await read(kept))!
  assert.equal(found.numbering, 'wireguard,rtp,icmp-echo')
  assert.equal(found.counts.received, some.length)
  assert.match(
    found.notes[0]!,
    new RegExp(`^made\\.pcap: 40 of ${kept.length} packets have no number .*: TCP 10, UDP 30$`),
  )
  assert.match(found.notes[1]!, /^made\.pcap: TCP: segments 10, /)
})

test('handshakes, RTCP and IKE stand beside numbers without speaking against them', async () => {
  const wireguard = madeKinds.find(({ name }) => name === 'wireguard')!
  const initiation = udpOf(Buffer.concat([hex('01000000'), Buffer.alloc(144, 7)]), 51820, 51820)
  const rtp = madeKinds.find(({ name }) => name === 'rtp')!
  const rtcp = udpOf(Buffer.concat([hex('80c8 0006'), Buffer.alloc(24, 9)]), 6000, 6000)
  const esp = madeKinds.find(({ flows }) => flows[0]!.includes(':4500'))!
  const ike = udpOf(Buffer.concat([hex('00000000'), Buffer.alloc(60, 9)]), 4500, 4500)
  const keepalive = udpOf(hex('ff'), 4500, 4500)
  const packets = Array.from({ length: 8 }, (_, i) => [
    ...[initiation, initiation, wireguard.packet(0, i, 0)],
    ...[rtcp, rtcp, rtp.packet(0, i, 0), ike, keepalive, esp.packet(0, i, 0)],
  ]).flat()
  const found = (await read(packets))!
  assert.equal(found.numbering, 'wireguard,esp,rtp')
  assert.equal(found.counts.received, 24)
})

test('a rekey is a new flow, however short, and so is the way back', async () => {
  const [wireguard] = madeKinds
  const packets = [0, 1, 2, 3, 4].map((i) => wireguard!.packet(0, i, 0))
  packets.push(wireguard!.packet(1, 0, 0))
  const back = wireguard!.packet(2, 0, 0)
  back.set(hex('0a000002 0a000001'), 12)
  packets.push(back)
  const found = (await read(packets))!
  assert.deepEqual(names(found), [
    '10.0.0.1:51820 > 10.0.0.2:51820/udp receiver 0xdeadbee0',
    '10.0.0.1:51820 > 10.0.0.2:51820/udp receiver 0xdeadbee1',
    '10.0.0.2:51820 > 10.0.0.1:51820/udp receiver 0xdeadbee2',
  ])
})

test('OpenVPN counts anew behind a reset: of a session all keys, of a key that one', async () => {
  const openvpn = madeKinds.find(({ name }) => name === 'openvpn')!
  const data = [1, 2, 3, 4].flatMap((i) => [openvpn.packet(0, i, 0), openvpn.packet(1, i, 0)])
  const control = (first: string) => udpOf(Buffer.concat([hex(first), Buffer.alloc(30, 5)]), 1194, 1194)
  const read4 = async (first: string) => (await read([...data, control(first), control(first), ...data]))!
  const key = (peer: number) => `10.0.0.1:1194 > 10.0.0.2:1194/udp peer ${peer} key 1`
  const anew = [key(7), key(8), `${key(7)} (2)`, `${key(8)} (2)`]
  // Hard resets of a client and a server, a soft reset of key 1, one of key 2, a control packet.
  for (const first of ['38', '40', '50', '19']) assert.deepEqual(names(await read4(first)), anew, first)
  for (const first of ['1a', '21']) assert.deepEqual(names(await read4(first)), anew.slice(0, 2), first)
})

test("a WireGuard session counts on when its sender's address changes", async () => {
  const [wireguard] = madeKinds
  const packets = [0, 1, 2, 3, 5, 6].map((i) => wireguard!.packet(0, i, 0))
  const moved = [4, 7, 8].map((i) => wireguard!.packet(0, i, 0))
  for (const packet of moved) packet.set(hex('c0000209'), 12)
  const found = (await read([...packets, ...moved]))!
  assert.deepEqual([numbersOf(found), found.flows.count], [[0, 1, 2, 3, 5, 6, 4, 7, 8], 1])
})

test('IP-IDs that two flows share are those of their addresses', async () => {
  const ids = [1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11, 13, 14]
  const packets = ids.map((id) => udpOf(Buffer.alloc(20), 100 + ((id * 7) % 3), 9, id))
  const found = (await read(packets))!
  assert.deepEqual([found.numbering, names(found)], ['ip-id', ['10.0.0.1 > 10.0.0.2/udp']])
  assert.deepEqual(
    numbersOf(found),
    ids.map((id) => id - 1),
  )
  assert.match(found.notes.join('\n'), /judged by IP-ID, which other packets of the sender may have used/)
})

test("TCP's IP-IDs are taken only if they are asked for, and its own rules aren't judged by them", async () => {
  const packets = Array.from({ length: 30 }, (_, i) => {
    const packet = ipv4(6, tcp(1, 2, 100))
    packet.writeUInt16BE(i + 7, 4)
    return packet
  })
  assert.equal(await read(packets), undefined)
  const found = (await read(packets, ['ip-id']))!
  const { metrics } = judge(found, { worstFlows: 1, settings: () => someMetricSettings })
  assert.equal(found.counts.received, 30)
  assert.equal(metrics['tcptrace.retransmitted']!.mean, null)
  assert.equal(metrics['iperf3.lost']!.mean, null)
})

test('a place in the payload is read in its width and byte order', async () => {
  const asked: ReadonlyArray<readonly [option: string, payload: (i: number) => Buffer]> = [
    ['udp-offset=3:4:be', (i) => Buffer.concat([hex('aabbcc'), u32(1000 + i), hex('ff')])],
    ['udp-offset=3:4:le', (i) => Buffer.concat([hex('aabbcc'), u32(1000 + i, true), hex('ff')])],
    ['udp-offset=0:2:be', (i) => Buffer.concat([u16((65_530 + i) & 0xffff), hex('ff')])],
    ['udp-offset=1:1:le', (i) => Buffer.from([9, (250 + i) & 255])],
    ['udp-offset=2:3:be', (i) => Buffer.concat([hex('0909'), u32(70_000 + i).subarray(1)])],
    ['udp-offset=0:8:le', (i) => Buffer.concat([u32(5 + i, true), u32(1, true)])],
  ]
  for (const [option, payload] of asked) {
    const order = [0, 1, 3, 2, 4, 9, 8, 12]
    const found = (await read(
      order.map((i) => udpOf(payload(i))),
      [option],
    ))!
    assert.deepEqual([found.numbering, numbersOf(found)], [option, order], option)
  }
})

test('a kind that was asked for and counts in some flow is taken only where it counts', async () => {
  const rtp = madeKinds.find(({ name }) => name === 'rtp')!
  const numbers = [0, 1, 2, 4, 3, 5].map((number) => rtp.packet(0, number, 0))
  const alike = udpOf(Buffer.concat([hex('8060 0007 00000001 00000000'), Buffer.alloc(9)]), 53, 53)
  const found = (await read([...numbers, alike, alike], ['rtp']))!
  assert.equal(found.flows.count, 1)
  assert.equal((await read([alike, alike], ['rtp']))!.counts.received, 2)
})

test('what was asked for and does not count is said', async () => {
  const random = randomStream(4, 0, 'asked')
  const packets = Array.from({ length: 50 }, () => udpOf(Buffer.concat([u16(random() * 65_536), u32(0)])))
  const found = (await read(packets, ['udp-offset=0:2:be']))!
  assert.match(
    found.notes.join('\n'),
    /numbers asked for don't count up in 1 flow - is it the right --numbering\?/,
  )
  assert.equal(await read(packets, ['wireguard']), undefined)
})

test('a counter that begins anew is a new flow, and one stray number is left out', async () => {
  const rtp = madeKinds.find(({ name }) => name === 'rtp')!
  const numbers = [1, 2, 3, 4, 40_000, 5, 6, 30_000, 30_001, 30_002]
  const found = (await read(
    numbers.map((number) => rtp.packet(0, number, 0)),
    ['rtp'],
  ))!
  const first = '10.0.0.1:6000 > 10.0.0.2:6000/udp ssrc 0xc0ffee00'
  assert.deepEqual(names(found), [first, `${first} (2)`])
  assert.deepEqual(
    [numbersOf(found), numbersOf(found, 1)],
    [
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2],
    ],
  )
  assert.match(found.notes.join('\n'), /made\.pcap: 1 packet.* numbers? far from all others/)
})

test('iperf3 run twice over the same ports is two flows, and delays are known up to a constant', async () => {
  const iperf3 = madeKinds.find(({ name }) => name === 'iperf3-udp')!
  const runs = [1, 2, 3, 5, 4, 1, 2, 3, 4, 5, 6, 7]
  const sentMs = [0, 1, 2, 4, 3, 5, 6, 7, 8, 9, 10, 11]
  const found = (await read(runs.map((number, i) => iperf3.packet(0, number, sentMs[i]! * 1e6))))!
  assert.equal(found.flows.count, 2)
  assert.deepEqual(Array.from(found.arrivals.sentNs.subarray(0, 5)), [0, 1e6, 2e6, 4e6, 3e6])
  assert.equal(found.clock.kind, 'offset')
})

test("senders' clocks that disagree are moved each for itself", async () => {
  const iperf3 = madeKinds.find(({ name }) => name === 'iperf3-udp')!
  const packets = Array.from({ length: 20 }, (_, i) => {
    const packet = iperf3.packet(i % 2, 1 + (i >> 1), i * 1e6 + (i % 2) * 5000e9)
    if (i % 2 === 1) packet.set(hex('0a000009'), 12)
    return packet
  })
  const { clock, arrivals } = (await read(packets))!
  assert.match(clock.text, /^2 senders' clocks: /)
  for (let row = 0; row < 20; row++) assert.equal(arrivals.receivedNs[row], arrivals.sentNs[row])
})

test('numbers that leap are lost or begin anew, and never take long', async () => {
  const esp = madeKinds.find(({ name }) => name === 'esp')!
  const packets = Array.from({ length: 3000 }, (_, i) => esp.packet(0, i + Math.floor(i / 11) * 2 ** 23, 0))
  const started = process.cpuUsage().user
  const found = (await read(packets, ['esp']))!
  judge(found, { worstFlows: 1000, settings: () => someMetricSettings })
  assert.ok(process.cpuUsage().user - started < 5e6)
  assert.equal(found.flows.count, Math.ceil(3000 / 11))
})

const wrong: ReadonlyArray<readonly [words: readonly string[], message: RegExp]> = [
  [['wiregard'], /^--numbering wiregard: unknown - did you mean "wireguard"\?$/],
  [['quic'], /^--numbering quic: unknown - one of auto, wireguard, .*, udp-offset=N:BYTES:be\|le$/],
  [['auto', 'rtp'], /^--numbering auto, rtp: auto finds all of them - give names, or auto alone$/],
  [
    ['udp-offset=4'],
    /^--numbering udp-offset=4: expected a byte from 0 to 65507, 1 to 8 bytes, and their order - /,
  ],
  [['udp-offset=0:9:be'], /expected a byte/],
  [['udp-offset=70000:4:be'], /expected a byte/],
  [['udp-offset'], /expected a byte/],
]
for (const [words, message] of wrong) {
  test(`--numbering ${words.join(' ')} is one line`, () => {
    assert.throws(
      () => wantedKinds(words),
      (error) => error instanceof UserError && error.exitCode === 2 && message.test(error.message),
    )
  })
}
