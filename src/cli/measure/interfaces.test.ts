/**
 * Several interfaces in one capture through the command line: `both.pcapng#tun0`, `any.pcap#3`, `#in`,
 * `#out`, and one capture that holds both sides. Made with generated packets whose order is known.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  block,
  enhancedPacket,
  ethernet,
  ipv4,
  networkInterface,
  pcap,
  section,
  u16,
  u32,
  udp,
} from '../../traffic/capture/captures.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'
import { measure, report, values } from './command.testing.ts'

ownFolder('interfaces')

/** A UDP packet with its number in the payload. */
function numbered(number: number, ports: readonly [number, number] = [1000, 2000]): Buffer {
  const datagram = udp(...ports, 24)
  datagram.writeUInt32BE(number, 8)
  return ipv4(17, datagram)
}

const named = (linkType: number, name: string) => networkInterface(linkType, [[2, Buffer.from(`${name}\0`)]])

/** 60 packets in on tun0, 1 ms later out on eth1: six of them behind three later ones, one lost. */
const SENT = 60
const arrivals = Array.from({ length: SENT }, (_, i) => i)
  .filter((i) => i !== 33)
  .sort((a, b) => placeOf(a) - placeOf(b))
function placeOf(i: number): number {
  return i % 10 === 5 ? i + 3.5 : i
}

function both(): Buffer {
  const sent = Array.from({ length: SENT }, (_, i) => [1e6 + i * 20, 0, numbered(i)] as const)
  const received = arrivals.map(
    (i, place) => [1e6 + 1000 + place * 20, 1, ethernet(0x0800, numbered(i))] as const,
  )
  const packets = [...sent, ...received].sort((a, b) => a[0] - b[0])
  return Buffer.concat([
    section(),
    named(101, 'tun0'),
    named(1, 'eth1'),
    ...packets.map(([time, from, frame]) => enhancedPacket(from, BigInt(time), frame)),
  ])
}

writeFileSync('both.pcapng', both())

test('each interface of a pcapng is a side, by name or number', async () => {
  for (const [sent, received] of [
    ['tun0', 'eth1'],
    ['0', '1'],
    ['tun0', '1'],
  ]) {
    const found = await report(`--sent both.pcapng#${sent} --received both.pcapng#${received}`)
    assert.deepEqual(
      [found.packets.sent, found.packets.arrived, found.packets.lost, values(found, 'reorderedRatio')],
      [60, 59, 1, [[6, 59]]],
    )
  }
})

test('one capture with both sides is judged from where packets are first', async () => {
  const { exitCode, stdout, stderr } = await measure('both.pcapng -f json -o one')
  assert.equal(exitCode, 0)
  const found = JSON.parse(stdout)
  assert.deepEqual([found.packets.sent, found.packets.lost], [60, 1])
  assert.equal(found.title, 'both.pcapng#tun0 to both.pcapng#eth1')
  assert.match(
    stderr,
    /^both\.pcapng: judged from tun0 \(#0\), where packets are first, to eth1 \(#1\): lanewise measure --sent both\.pcapng#tun0 --received both\.pcapng#eth1$/m,
  )
  assert.equal((await measure('both.pcapng -q --max-reordered 5%')).exitCode, 1)
  assert.equal((await measure('both.pcapng -q --max-reordered 20%')).exitCode, 0)
})

test('the interface that is described first need not be the sender', async () => {
  const parts = [section(), named(1, 'eth1'), named(101, 'tun0')]
  const packets = Array.from({ length: 20 }, (_, i) => numbered(i))
  for (const [i, packet] of packets.entries()) {
    parts.push(enhancedPacket(1, BigInt(1000 + i * 10), packet))
    parts.push(enhancedPacket(0, BigInt(1005 + i * 10), ethernet(0x0800, packet)))
  }
  writeFileSync('swapped.pcapng', Buffer.concat(parts))
  const found = await report('swapped.pcapng')
  assert.equal(found.title, 'swapped.pcapng#tun0 to swapped.pcapng#eth1')
  assert.equal(found.packets.arrived, 20)
})

test('interfaces with different packets are named, with what to type', async () => {
  const parts = [section(), named(101, 'tun0'), named(101, 'wlan 0')]
  for (let i = 0; i < 20; i++) parts.push(enhancedPacket(i % 2, BigInt(i), numbered(i)))
  writeFileSync('apart.pcapng', Buffer.concat(parts))
  const { exitCode, stdout, stderr } = await measure('apart.pcapng')
  assert.equal(exitCode, 0)
  assert.match(stdout, /one capture does not tell/)
  assert.match(
    stderr,
    /apart\.pcapng: holds two sides, tun0 \(#0\) and interface 1 - to judge one against the other: lanewise measure --sent apart\.pcapng#tun0 --received apart\.pcapng#1\n/,
  )
})

test('every verb reads the part, and says what there is instead of one that is not there', async () => {
  const counts = []
  for (const part of ['', '#tun0', '#eth1']) {
    const { stdout } = await runProgram(['inspect', `both.pcapng${part}`, '-f', 'json'])
    counts.push(JSON.parse(stdout).packets)
  }
  assert.deepEqual(counts, [119, 60, 59])
  const compared = await runProgram([
    'compare',
    'both.pcapng#eth1',
    '-p',
    'hash',
    '-r',
    '1',
    '-f',
    'json',
    '-q',
  ])
  assert.equal(compared.exitCode, 0)
  const scenario = 'source: { capture: "both.pcapng#0", speed: 2 }\npolicies: [hash]\nruns: 1\n'
  writeFileSync('part.yaml', scenario)
  const run = await runProgram(['compare', 'part.yaml', '-f', 'json', '-q'])
  assert.equal(run.exitCode, 0, run.stderr)
  for (const words of [
    ['inspect', 'both.pcapng#eth9'],
    ['compare', 'both.pcapng#eth9', '-p', 'hash'],
    ['tune', 'both.pcapng#eth9', '-p', 'flow-pinned'],
    ['measure', '--sent', 'both.pcapng#eth9', '--received', 'both.pcapng#1'],
  ]) {
    const { exitCode, stderr } = await runProgram(words)
    assert.deepEqual(
      [exitCode, stderr],
      [1, 'both.pcapng#eth9: no packet of #eth9 - there is #tun0, #eth1\n'],
    )
  }
  const yaml = await runProgram(['compare', 'part.yaml#0'])
  assert.deepEqual(
    [yaml.exitCode, yaml.stderr],
    [2, 'part.yaml#0: is a scenario, and only captures have interfaces - leave out #0\n'],
  )
})

test('results of a part are named by it', async () => {
  const { exitCode } = await runProgram(['compare', 'both.pcapng#eth1', '-p', 'hash', '-r', '1', '-q'])
  assert.equal(exitCode, 0)
  assert.equal(JSON.parse(readFileSync('results/both-eth1/report.json', 'utf8')).schemaVersion > 0, true)
})

test('a file whose name has a # is that file', async () => {
  writeFileSync('both.pcapng#file', pcap([{ frame: ethernet(0x0800, numbered(1)) }]))
  const { stdout } = await runProgram(['inspect', 'both.pcapng#file', '-f', 'json'])
  assert.equal(JSON.parse(stdout).packets, 1)
  writeFileSync('a#b.pcapng', both())
  const part = await runProgram(['inspect', 'a#b.pcapng#tun0', '-f', 'json'])
  assert.equal(JSON.parse(part.stdout).packets, 60)
})

/** A frame of the `any` interface: LINUX_SLL2 with an index, or LINUX_SLL where that is 0. */
function cooked(packet: Buffer, way: 'in' | 'out', index: number): Buffer {
  const type = way === 'out' ? 4 : 0
  const address = Buffer.alloc(8)
  if (index === 0) return Buffer.concat([u16(type), u16(1), u16(6), address, u16(0x0800), packet])
  const types = Buffer.concat([u16(1), Buffer.from([type, 6])])
  return Buffer.concat([u16(0x0800), u16(0), u32(index), types, address, packet])
}

test('a capture of the any interface is split by interface and by direction', async () => {
  const there = [2000, 1000] as const
  for (const linkType of [276, 113]) {
    const [a, b] = linkType === 276 ? [2, 3] : [0, 0]
    const records = Array.from({ length: 40 }, (_, i) => {
      const packet = i % 2 === 0 ? numbered(i) : numbered(i, [...there])
      const [from, to] = i % 2 === 0 ? [a, b] : [b, a]
      return [
        { seconds: 5, fraction: i * 100, frame: cooked(packet, 'in', from) },
        { seconds: 5, fraction: i * 100 + 30, frame: cooked(packet, 'out', to) },
      ]
    })
    const file = `any${linkType}.pcap`
    writeFileSync(file, pcap(records.flat(), { linkType }))
    const parts = linkType === 276 ? ['#2', '#3', '#in', '#out', '#2,in'] : ['#in', '#out']
    const counts = []
    for (const part of parts) {
      const { stdout } = await runProgram(['inspect', file + part, '-f', 'json'])
      counts.push(JSON.parse(stdout).packets)
    }
    assert.deepEqual(counts, linkType === 276 ? [40, 40, 40, 40, 20] : [40, 40])
    const found = await report(file)
    assert.deepEqual([found.title, found.packets.lost], [`${file}#in to ${file}#out`, 0])
  }
  const { stderr } = await runProgram(['inspect', 'any276.pcap#7'])
  assert.equal(stderr, 'any276.pcap#7: no packet of #7 - there is #2, #3\n')
})

test('a pcapng packet goes where its flags say', async () => {
  const withFlags = (flags: number, number: number) => {
    const frame = numbered(number)
    const fields = [0, 0, number, frame.length, frame.length].map((one) => u32(one, true))
    return block(6, Buffer.concat([...fields, frame, u16(2, true), u16(4, true), u32(flags, true), u32(0)]))
  }
  const packets = [1, 2, 2, 0, 1].map((flags, i) => withFlags(flags, i))
  writeFileSync('flags.pcapng', Buffer.concat([section(), networkInterface(101), ...packets]))
  const counts = []
  for (const part of ['#in', '#out', '#0']) {
    const { stdout } = await runProgram(['inspect', `flags.pcapng${part}`, '-f', 'json'])
    counts.push(JSON.parse(stdout).packets)
  }
  assert.deepEqual(counts, [2, 2, 5])
})

test('inspect lists the interfaces', async () => {
  const { stdout } = await runProgram(['inspect', 'both.pcapng', '-f', 'json'])
  assert.deepEqual(JSON.parse(stdout).interfaces, [
    { number: 0, name: 'tun0', linkType: 101, linkTypeName: 'raw IP (link type 101)', frames: 60 },
    { number: 1, name: 'eth1', linkType: 1, linkTypeName: 'Ethernet (link type 1)', frames: 59 },
  ])
  const text = await runProgram(['inspect', 'both.pcapng'])
  assert.match(
    text.stdout.replaceAll(/\s+/g, ' '),
    /interfaces tun0 \(#0\) 60 frames of raw IP \(link type 101\), eth1 \(#1\) 59 frames of Ethernet/,
  )
  const plain = await runProgram(['inspect', 'both.pcapng#file', '-f', 'json'])
  assert.equal('interfaces' in JSON.parse(plain.stdout), false)
})

test('whatever two interfaces interleave, each part holds its own packets in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 40 }), async (owners) => {
      const parts = [section(), named(101, 'a'), named(101, 'b'), named(1, 'c')]
      for (const [i, owner] of owners.entries()) {
        const packet = numbered(i)
        parts.push(enhancedPacket(owner, BigInt(i), owner === 2 ? ethernet(0x0800, packet) : packet))
      }
      writeFileSync('mixed.pcapng', Buffer.concat(parts))
      for (const [owner, name] of ['a', 'b', 'c'].entries()) {
        const count = owners.filter((one) => one === owner).length
        const { exitCode, stdout } = await runProgram(['inspect', `mixed.pcapng#${name}`, '-f', 'json'])
        assert.equal(exitCode, count === 0 ? 1 : 0)
        if (count > 0) assert.equal(JSON.parse(stdout).packets, count)
      }
    }),
    { seed: 18, numRuns: 20 },
  )
})

test('an interface is never the wrong one, however it is called', async () => {
  const names = ['in', '1', 'x,out', 'naïve tun']
  const parts = [section(), ...names.map((name) => named(101, name))]
  for (let i = 0; i < names.length; i++) {
    for (let n = 0; n <= i; n++) parts.push(enhancedPacket(i, BigInt(10 * i + n), numbered(10 * i + n)))
  }
  writeFileSync('names.pcapng', Buffer.concat(parts))
  const counts: Record<string, number> = {}
  for (const part of ['in', 'x,out', 'naïve tun', '2', '3']) {
    const { stdout } = await runProgram(['inspect', `names.pcapng#${part}`, '-f', 'json'])
    counts[part] = JSON.parse(stdout).packets
  }
  assert.deepEqual(counts, { in: 1, 'x,out': 3, 'naïve tun': 4, '2': 3, '3': 4 })
})
