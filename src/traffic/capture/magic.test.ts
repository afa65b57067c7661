/** Formats of other tools: told by their bytes, and the line that is given for them works. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ethernet, hex, pcap, readAll, u16, u32 } from './captures.testing.ts'
import { summedIpv4 } from './links.testing.ts'
import { isErf } from './magic.ts'

const hasEditcap = spawnSync('editcap', ['--version']).status === 0
const skip = hasEditcap ? false : 'editcap is not installed'
const frames = [2, 3, 4].map((host) => ethernet(0x0800, summedIpv4(host, 40)))

/** A record of an ERF file: time, type, flags, length, lost, length on the wire, two bytes, the frame. */
function erfRecord(seconds: number, frame: Buffer, type = 2, extensions: Buffer = Buffer.alloc(0)): Buffer {
  const padding = Buffer.alloc((8 - ((18 + extensions.length + frame.length) % 8)) % 8)
  const length = 18 + extensions.length + frame.length + padding.length
  const rest = [u16(length), u16(0), u16(frame.length + 4), extensions, u16(0), frame, padding]
  return Buffer.concat([u32(0, true), u32(seconds, true), Buffer.from([type, 4]), ...rest])
}

const erf = Buffer.concat(frames.map((frame, i) => erfRecord(1_700_000_000 + i, frame)))
const extended = Buffer.concat(
  frames.map((frame, i) =>
    erfRecord(1_700_000_000 + i, frame, 0x82, hex('8300000000000000 0400000000000000')),
  ),
)

function written(format: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'magic-'))
  try {
    const [from, to] = [join(folder, 'from.pcap'), join(folder, 'to')]
    writeFileSync(from, pcap(frames.map((frame, i) => ({ seconds: 1_700_000_000 + i, frame }))))
    assert.equal(spawnSync('editcap', ['-F', format, from, to]).status, 0)
    return readFileSync(to)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function converted(bytes: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'magic-'))
  try {
    const [from, to] = [join(folder, 'FILE'), join(folder, 'out.pcap')]
    writeFileSync(from, bytes)
    assert.equal(spawnSync('editcap', ['-F', 'pcap', from, to]).status, 0)
    return readFileSync(to)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const foreign: readonly (readonly [name: string, is: string, bytes: () => Buffer])[] = [
  ['snoop', 'a snoop file', () => written('snoop')],
  ['Network Monitor 1', 'a Network Monitor file', () => written('netmon1')],
  ['Network Monitor 2', 'a Network Monitor file', () => written('netmon2')],
  ['Sniffer', 'a Sniffer file', () => written('ngsniffer')],
  ['Sniffer for Windows 1.1', 'a Sniffer or NetXRay file', () => written('ngwsniffer_1_1')],
  ['Sniffer for Windows 2.0', 'a Sniffer or NetXRay file', () => written('ngwsniffer_2_0')],
  ['Visual Networks', 'a Visual Networks file', () => written('visual')],
  ['5View', 'a 5View file', () => written('5views')],
  ['LANalyzer', 'a LANalyzer file', () => written('lanalyzer')],
  ['ERF', 'an ERF file', () => erf],
  ['ERF with extensions', 'an ERF file', () => extended],
]
for (const [name, is, bytes] of foreign) {
  test(`a file of ${name} is told, and what editcap makes of it is read`, { skip }, async () => {
    const made = bytes()
    await assert.rejects(readAll(made), {
      name: 'UserError',
      message: `made.pcap: this is ${is} - convert it first: editcap -F pcap FILE out.pcap`,
    })
    const { packets, reader } = await readAll(converted(made))
    assert.deepEqual(
      packets.map((line) => line.replace(/^\S+ /, '')),
      [2, 3, 4].map((host) => `10.0.0.1:100${host} > 10.0.0.${host}:2000/udp size 68 payload 40 flags 0`),
    )
    assert.deepEqual(reader.problems, [])
  })
}

test('an ERF file is told by its first records, and hardly anything else is', () => {
  const is = (bytes: Uint8Array) => isErf(new DataView(new Uint8Array(bytes).buffer), 0, bytes.length)
  assert.ok(is(erf))
  assert.ok(is(extended))
  assert.ok(is(erfRecord(5, frames[0]!)))
  assert.ok(!is(erf.subarray(0, 17)))
  assert.ok(!is(Buffer.concat([erfRecord(5, frames[0]!), erfRecord(5 + 86_401, frames[0]!)])))
  assert.ok(!is(erfRecord(5, frames[0]!, 0)))
  assert.ok(!is(Buffer.from('a text of some length, with lines\n'.repeat(100))))
  assert.ok(!is(Buffer.alloc(4096)))
  assert.ok(!is(Buffer.alloc(4096, 0xff)))
  assert.ok(!is(hex('00')))
})
