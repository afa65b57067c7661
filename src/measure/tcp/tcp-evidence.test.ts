/** That a capture's TCP numbers and SACK options are read as the RFCs have them, and as tshark does. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { TCP } from '../../model/packets/flow-table.ts'
import { CaptureWriter } from '../../node/pcap-writer.ts'
import { sharedPath, skipWithout } from '../../shared.testing.ts'
import { randomStream } from '../../sim/random.ts'
import { IpHeaders } from '../../traffic/capture/ip.ts'
import { matchCaptures } from '../matching/match.ts'
import { measuredTcp, TcpEvidence } from './tcp-evidence.ts'

interface Segment {
  readonly sequence: number
  readonly acknowledged?: number
  readonly payloadBytes?: number
  readonly blocks?: readonly (readonly [number, number])[]
  /** Options in front of the SACK. */
  readonly before?: readonly number[]
  readonly flags?: number
}

/** A TCP header with its options; the payload is only counted. */
function headerOf({ sequence, acknowledged = 0, blocks = [], before = [], flags = 0x10 }: Segment): Buffer {
  const sack = blocks.length === 0 ? [] : [5, 2 + 8 * blocks.length]
  const options = Buffer.alloc(Math.ceil((before.length + sack.length + 8 * blocks.length) / 4) * 4)
  options.set([...before, ...sack])
  blocks.flat().forEach((edge, i) => {
    options.writeUInt32BE(edge >>> 0, before.length + 2 + 4 * i)
  })
  const header = Buffer.alloc(20)
  header.writeUInt16BE(1, 0)
  header.writeUInt16BE(2, 2)
  header.writeUInt32BE(sequence >>> 0, 4)
  header.writeUInt32BE(acknowledged >>> 0, 8)
  header[12] = ((20 + options.length) / 4) << 4
  header[13] = flags
  return Buffer.concat([header, options])
}

/** @param keptBytes of the TCP header */
function evidenceOf(segments: readonly Segment[], keptBytes = 60) {
  const evidence = new TcpEvidence()
  for (const segment of segments) {
    const bytes = headerOf(segment)
    const headers = Object.assign(new IpHeaders(), {
      protocol: TCP,
      transportAt: 0,
      payloadBytes: segment.payloadBytes ?? 0,
    })
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    evidence.packet(view, Math.min(bytes.length, keptBytes), headers, 3)
  }
  return evidence.of(3)
}

const NONE = { segments: 0, repeated: 0, belowOthers: 0, acknowledgements: 0, dsacks: 0, cutBlocks: 0 }

test('a segment is new, below others or a repetition, across the wrap of its numbers', () => {
  const start = 2 ** 32 - 150
  const at = [0, 100, 300, 200, 100, 400, 350].map((offset) => ({
    sequence: start + offset,
    payloadBytes: 100,
    flags: 0,
  }))
  assert.deepEqual(evidenceOf(at), { ...NONE, segments: 7, belowOthers: 1, repeated: 2 })
  const opened = [{ sequence: start - 1, flags: 0x02 }, ...at, { sequence: start - 1, flags: 0x02 }, ...at]
  assert.deepEqual(evidenceOf(opened), { ...NONE, segments: 14, belowOthers: 2, repeated: 4 })
})

// RFC 2883 section 4, the examples of 4.1 and 4.2: a block below what is acknowledged, or within the second.
test('a DSACK is a first block that repeats', () => {
  const one = (acknowledged: number, blocks: Segment['blocks']) =>
    evidenceOf([{ sequence: 1, acknowledged, blocks: blocks! }]).dsacks
  assert.equal(one(4000, [[3000, 3500]]), 1)
  assert.equal(
    one(4000, [
      [3500, 4000],
      [4500, 5000],
    ]),
    1,
  )
  assert.equal(
    one(4000, [
      [5000, 5500],
      [4500, 5500],
    ]),
    1,
  )
  assert.equal(one(4000, [[4500, 5000]]), 0)
  assert.equal(
    one(4000, [
      [4500, 5000],
      [6000, 6500],
    ]),
    0,
  )
  assert.equal(one(100, [[2 ** 32 - 500, 2 ** 32 - 100]]), 1)
  assert.equal(one(2 ** 32 - 100, [[50, 150]]), 0)
})

test('blocks that were not captured are told, unless what was captured tells already', () => {
  const blocks = [
    [4500, 5000],
    [6000, 6500],
  ] as const
  const before = [1, 1]
  const cut = (acknowledged: number, keptBytes: number) => {
    const { dsacks, cutBlocks } = evidenceOf([{ sequence: 1, acknowledged, blocks, before }], keptBytes)
    return [dsacks, cutBlocks]
  }
  assert.deepEqual(cut(4000, 60), [0, 0])
  assert.deepEqual(cut(4000, 32), [0, 1])
  assert.deepEqual(cut(5500, 32), [1, 0])
  assert.deepEqual(cut(5500, 31), [0, 1])
  assert.deepEqual(cut(5500, 23), [0, 1])
  assert.deepEqual(cut(5500, 20), [0, 1])
})

test('whatever the options hold, reading them ends', () => {
  const random = randomStream('options', 0, 'tcp')
  for (let i = 0; i < 5000; i++) {
    const before = Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 8))
    const { acknowledgements, dsacks, cutBlocks } = evidenceOf(
      [{ sequence: 1, before }],
      20 + Math.floor(random() * 41),
    )
    assert.equal(acknowledgements, 1)
    assert.ok(dsacks + cutBlocks <= 1)
  }
})

test('acknowledgements are taken where more of them were captured, and none are not known', () => {
  const nothing = new TcpEvidence().of(0)
  const none = { there: nothing, back: nothing }
  assert.deepEqual(measuredTcp(none, none), {
    retransmitted: 0,
    outOfOrder: 0,
    dsacks: null,
    cutBlocks: 0,
  })
  const some = { there: nothing, back: { ...nothing, acknowledgements: 3, dsacks: 2, cutBlocks: 1 } }
  for (const [one, other] of [
    [none, some],
    [some, none],
  ] as const) {
    const { dsacks, cutBlocks } = measuredTcp(one, other)
    assert.deepEqual([dsacks, cutBlocks], [2, 1])
  }
})

const hasTshark = spawnSync('tshark', ['--version']).status === 0
test('SACK blocks are where tshark finds them', {
  skip: hasTshark ? false : 'tshark is not installed',
}, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-sacks-'))
  try {
    const file = path.join(folder, 'sacks.pcap')
    const writer = new CaptureWriter(file)
    const random = randomStream('sacks', 0, 'tcp')
    const segments: Segment[] = Array.from({ length: 300 }, () => {
      const acknowledged = Math.floor(random() * 10_000)
      const edge = () => Math.floor(random() * 10_000)
      const count = Math.floor(random() * 4)
      const blocks = Array.from(
        { length: count },
        () => [edge(), edge()].sort((a, b) => a - b) as [number, number],
      )
      return { sequence: 1, acknowledged, blocks, before: random() < 0.5 ? [1, 1] : [] }
    })
    for (const segment of segments) {
      const header = headerOf(segment)
      const ip = Buffer.alloc(20)
      ip[0] = 0x45
      ip.writeUInt16BE(20 + header.length, 2)
      ip.set([64, 6], 8)
      ip.set([10, 0, 0, 1, 10, 0, 0, 2], 12)
      writer.write(0, 0, Buffer.concat([ip, header]))
    }
    writer.close()
    const fields = ['tcp.ack_raw', 'tcp.options.sack_le', 'tcp.options.sack_re'].flatMap((name) => [
      '-e',
      name,
    ])
    const options = ['-o', 'tcp.relative_sequence_numbers:FALSE', '-T', 'fields', '-E', 'separator=;']
    const { stdout } = spawnSync('tshark', ['-r', file, ...options, ...fields], { encoding: 'utf8' })
    const dsacks = stdout
      .trimEnd()
      .split('\n')
      .filter((line) => {
        const [ack, lefts, rights] = line
          .split(';')
          .map((cell) => cell.split(',').filter(Boolean).map(Number))
        if (lefts!.length === 0) return false
        const isWithin = lefts!.length > 1 && lefts![1]! <= lefts![0]! && rights![0]! <= rights![1]!
        return rights![0]! <= ack![0]! || isWithin
      }).length
    assert.ok(dsacks > 50, `${dsacks}`)
    assert.equal(evidenceOf(segments).dsacks, dsacks)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

for (const [name, retransmitted, dsacks, cutBlocks] of [
  ['spray-iperf-tcp', 843, 606, 3076],
  ['wireguard-go-tcp-loss', 43, 1, 1],
] as const) {
  const file = (side: string) => `captures/vpn/${name}.${side}.pcap.gz`
  test(`${name}: what the kernel sent again is in its captures`, {
    skip: skipWithout(file('sent')),
  }, async () => {
    const { flows } = await matchCaptures(sharedPath(file('sent')), sharedPath(file('recv')))
    const found = Array.from({ length: flows.count }, (_, flow) => flows.tcp?.(flow))
    const sum = (of: (one: NonNullable<(typeof found)[0]>) => number) =>
      found.reduce((total, one) => total + (one === undefined ? 0 : of(one)), 0)
    assert.equal(
      sum((one) => one.retransmitted),
      retransmitted,
    )
    assert.equal(
      sum((one) => one.dsacks ?? 0),
      dsacks,
    )
    assert.equal(
      sum((one) => one.cutBlocks),
      cutBlocks,
    )
  })
}
