/**
 * Random damage to every kind of file, seeded: only a UserError may escape, columns stay within their
 * meaning, and the size of the pieces that a file comes in changes nothing.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { UserError } from '../../errors.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { captureOf } from '../../node/open-capture.ts'
import {
  block,
  bytesOf,
  enhancedPacket,
  ethernet,
  hex,
  ipv4,
  ipv6,
  networkInterface,
  pcap,
  section,
  tcp,
  u32,
  udp,
} from './captures.testing.ts'
import { packetColumns } from './columns.ts'
import { madeLinks } from './links.testing.ts'

const fragment = ipv6(44, Buffer.concat([hex('11000001 00000007'), udp(1, 2, 10)]))
const contents = [ipv4(17, udp(1, 2, 10)), ipv4(6, tcp(1, 2, 5, 2, 8), { optionBytes: 4 }), fragment]
const frames = contents.flatMap((content) => {
  const type = content[0]! >>> 4 === 4 ? 0x0800 : 0x86dd
  return [
    ethernet(type, content),
    ethernet(0x8100, Buffer.concat([hex('0007'), hex(type.toString(16).padStart(4, '0')), content])),
    ethernet(0x8847, Buffer.concat([hex('00010040 00020140'), content])),
    ethernet(0x8864, Buffer.concat([hex('110000010030'), hex(type === 0x0800 ? '0021' : '0057'), content])),
  ]
})
const classic = (linkType: number, magic = 0xa1b2c3d4, little = true) =>
  pcap(
    frames.map((frame, seconds) => ({ seconds, frame })),
    { linkType, magic, little, recordHeaderBytes: magic === 0xa1b2cd34 ? 24 : 16 },
  )
const sections = (little: boolean) => [
  section(little),
  networkInterface(1, [[9, Buffer.from([9])]], little),
  networkInterface(101, [[9, Buffer.from([0xa4])]], little),
  ...frames.map((frame, i) => enhancedPacket(i % 2, BigInt(i) << 33n, frame, little)),
  block(3, Buffer.concat([u32(1500, little), frames[0]!]), little),
  block(0x0bad, Buffer.alloc(20), little),
]
const next = Buffer.concat([...sections(true), ...sections(false)])
const seeds = [
  ...[0, 1, 9, 12, 101, 108, 113, 228, 229, 276].map((linkType) => classic(linkType)),
  classic(1, 0xa1b23c4d, false),
  classic(1, 0xa1b2cd34),
  ...madeLinks.map(({ linkType, frame }) =>
    pcap(
      contents.map((content, seconds) => ({ seconds, frame: frame(content) })),
      { linkType },
    ),
  ),
  next,
  gzipSync(next),
  gzipSync(classic(1)),
]

/** A file with some bytes replaced, inserted or removed, and perhaps its end. */
const damaged = fc
  .record({
    seed: fc.constantFrom(...seeds),
    edits: fc.array(
      fc.record({
        at: fc.nat(3000),
        removed: fc.constantFrom(0, 1, 1, 2, 4, 4, 16),
        inserted: fc.oneof(
          fc.uint8Array({ maxLength: 4 }),
          fc.constantFrom(
            hex('ffffffff'),
            hex('00000000'),
            hex('7fffffff'),
            hex('00000080'),
            hex('00'),
            hex('ff'),
          ),
        ),
      }),
      { maxLength: 4 },
    ),
    end: fc.oneof(
      { weight: 3, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
      { weight: 1, arbitrary: fc.nat(3000) },
    ),
  })
  .map(({ seed, edits, end }) => {
    let bytes = Buffer.from(seed)
    for (const { at, removed, inserted } of edits) {
      bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)])
    }
    return bytes.subarray(0, end)
  })

/** Everything that reading gives, as text. */
async function outcome(bytes: Uint8Array, pieceBytes: number, capacity: number): Promise<string> {
  const rows: string[] = []
  const flows = new FlowTable()
  let problems: readonly string[]
  try {
    const reader = await captureOf(bytesOf(bytes, pieceBytes), 'fuzz.pcap', flows)
    const columns = packetColumns(capacity)
    try {
      while ((await reader.read(columns)) > 0) {
        for (let i = 0; i < columns.count; i++) {
          assert.ok(columns.nanoseconds[i]! >= 0 && columns.nanoseconds[i]! <= 999_999_999)
          assert.ok(Number.isInteger(columns.seconds[i]))
          assert.ok(columns.flow[i]! < flows.count)
          assert.ok(columns.sizeBytes[i]! >= 20 && columns.sizeBytes[i]! <= 1 << 20)
          assert.ok(columns.payloadBytes[i]! >= 0 && columns.payloadBytes[i]! < columns.sizeBytes[i]!)
          rows.push(
            `${columns.seconds[i]}.${columns.nanoseconds[i]} ${columns.flow[i]} ${columns.sizeBytes[i]}`,
          )
        }
      }
      assert.equal(reader.stats.packets, rows.length)
      problems = reader.problems
    } finally {
      await reader.close()
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    assert.equal(error.lines.length, 1)
    problems = error.lines
  }
  for (const line of problems) assert.doesNotMatch(line, /\n|undefined|NaN/)
  return [...rows, ...problems].join('\n')
}

test('damaged files give packets or one line, the same in pieces of any size', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(damaged, fc.integer({ min: 1, max: 200 }), async (bytes, pieceBytes) => {
      const whole = await outcome(bytes, 65_536, 100)
      // A damaged gzip loses what zlib had in hand, which depends on the pieces.
      if (bytes[0] !== 0x1f) assert.equal(await outcome(bytes, pieceBytes, 1), whole)
    }),
    { seed: 20_240_607, numRuns: 1500 },
  )
})

test('random bytes behind every magic number give packets or one line', { timeout: 60_000 }, async () => {
  const magics = [
    'a1b2c3d4',
    'd4c3b2a1',
    'a1b23c4d',
    '4d3cb2a1',
    'a1b2cd34',
    '34cdb2a1',
    '0a0d0d0a',
    '1f8b08',
    '',
  ]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 300 }), async (magic, rest) => {
      await outcome(Buffer.concat([hex(magic), rest]), 65_536, 10)
    }),
    { seed: 7, numRuns: 1000 },
  )
})
