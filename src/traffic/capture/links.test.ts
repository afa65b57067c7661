/** Frames of every link type that is read, made here, against their packets and against tshark. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  enhancedPacket,
  ethernet,
  hex,
  ipv6,
  networkInterface,
  pcap,
  readAll,
  section,
  udp,
} from './captures.testing.ts'
import { NO_IP } from './ether-types.ts'
import { ipHeaderAt } from './link-layers.ts'
import { madeLinks, summedIpv4 } from './links.testing.ts'

const packets = [summedIpv4(2, 20), summedIpv4(3, 33), ipv6(17, udp(9, 10, 12)), summedIpv4(4, 0)]
const lines = [
  '0.000000000 10.0.0.1:1002 > 10.0.0.2:2000/udp size 48 payload 20 flags 0',
  '1.000000000 10.0.0.1:1003 > 10.0.0.3:2000/udp size 61 payload 33 flags 0',
  '2.000000000 [2001:db8::1]:9 > [2001:db8::2]:10/udp size 60 payload 12 flags 0',
  '3.000000000 10.0.0.1:1004 > 10.0.0.4:2000/udp size 28 payload 0 flags 0',
]
const ends = packets.map((packet) =>
  packet[0]! >>> 4 === 4 ? `10.0.0.1 10.0.0.${packet[19]}` : '2001:db8::1 2001:db8::2',
)
/** Link types that tshark lets its user define. */
const USERS = [147, 148, 150, 151]
const hasTshark = spawnSync('tshark', ['--version']).status === 0
const noTshark = hasTshark ? false : 'tshark is not installed'

for (const { name, linkType, frame, isBigEndian } of madeLinks) {
  const file = pcap(
    packets.map((packet, seconds) => ({ seconds, frame: frame(packet) })),
    { linkType, little: isBigEndian !== true },
  )

  test(`every packet is read in ${name}`, async () => {
    const { packets: read, reader } = await readAll(file)
    assert.deepEqual(read, lines)
    assert.deepEqual(reader.problems, [])
  })

  const looksLikeIp = / looks like /.test(name)
  test(`however little is captured of ${name}, no byte behind it counts`, () => {
    for (const packet of packets) {
      const whole = frame(packet)
      const view = new DataView(new Uint8Array([...whole, 0x45, 0x45]).buffer)
      const at = whole.indexOf(packet)
      for (let end = 0; end <= whole.length; end++) {
        const found = ipHeaderAt(linkType, view, 0, end)
        assert.ok(found < 0 || found < end)
        if (end <= at && !looksLikeIp && found >= NO_IP) assert.equal(found, NO_IP)
        if (end > at + 40) assert.equal(found, at)
      }
    }
  })
}

test('tshark reads the same in each of them', { skip: noTshark }, () => {
  const known = madeLinks.filter(({ notInTshark }) => notInTshark === undefined)
  const users: string[] = []
  const blocks = known.flatMap(({ linkType, frame, isBigEndian, dissector }) => {
    const little = isBigEndian !== true
    let type = linkType
    if (dissector !== undefined) {
      type = USERS[users.length]!
      const [name, headerBytes] = dissector
      users.push(`uat:user_dlts:"User ${type - 147} (DLT=${type})","${name}","${headerBytes}","","0",""`)
    }
    const made = packets.map((packet, i) => enhancedPacket(0, BigInt(i), frame(packet), little))
    return [section(little), networkInterface(type, [], little), ...made]
  })
  const folder = mkdtempSync(join(tmpdir(), 'links-'))
  try {
    const path = join(folder, 'made.pcapng')
    writeFileSync(path, Buffer.concat(blocks))
    const options = users.flatMap((user) => ['-o', user])
    const fields = ['ip.src', 'ip.dst', 'ipv6.src', 'ipv6.dst'].flatMap((field) => ['-e', field])
    const { stdout } = spawnSync('tshark', ['-r', path, ...options, '-T', 'fields', ...fields], {
      encoding: 'utf8',
    })
    const read = stdout.split('\n').slice(0, -1)
    const named = read.map((line, i) => `${known[i >> 2]?.name}: ${line.trim().replace(/\t+/, ' ')}`)
    assert.deepEqual(
      named,
      known.flatMap(({ name }) => ends.map((end) => `${name}: ${end}`)),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a stack of tags as long as a frame, SNAP within, needs no stack of calls', () => {
  const tags = Buffer.concat(Array.from({ length: 30_000 }, () => hex('0007 8100')))
  const frame = ethernet(0x8100, Buffer.concat([tags, hex('0007 0800'), summedIpv4(2, 1)]))
  const view = new DataView(new Uint8Array(frame).buffer)
  assert.equal(ipHeaderAt(1, view, 0, frame.length), frame.length - 29)
  const snaps = Buffer.concat(Array.from({ length: 20_000 }, () => hex('aaaa0300 00008100 00070020')))
  const deep = new Uint8Array(ethernet(0x0020, snaps))
  assert.equal(ipHeaderAt(1, new DataView(deep.buffer), 0, deep.length), NO_IP)
})

test('pseudowires within pseudowires and headers within headers are not followed', () => {
  const label = hex('00010140')
  let frame = ethernet(0x0800, summedIpv4(2, 0))
  for (let i = 0; i < 2000; i++) frame = ethernet(0x8847, Buffer.concat([label, hex('00000000'), frame]))
  const view = new DataView(new Uint8Array(frame).buffer)
  assert.equal(ipHeaderAt(1, view, 0, frame.length), NO_IP)
})
