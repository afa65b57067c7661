/** Fragments, tunnels and ESP from a capture's bytes to the lanes that policies choose by their keys. */
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PolicyEntry } from '../scenario/policy-specs.ts'
import { ethernet, hex, ipv4, pcap, u32, udp } from '../traffic/capture/captures.testing.ts'
import { simulate } from './simulate.testing.ts'

const LANES = 4
const FLOWS = 24
const ROUNDS = 5
const flowNumbers = Array.from({ length: FLOWS }, (_, i) => i)
const inner = (i: number) => ipv4(17, udp(7000 + i, 53, 20))
const vxlan = (i: number) =>
  ipv4(17, Buffer.concat([udp(5000, 4789, 0), hex('0800000000000500'), ethernet(0x0800, inner(i))]))

function captureOf(packets: readonly Buffer[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'lanewise-keys-')), 'made.pcap')
  const frames = packets.map((packet, i) => ({ fraction: i * 10, frame: ethernet(0x0800, packet) }))
  writeFileSync(path, pcap(frames))
  return path
}

/** The lane of each packet, in the order of the capture, and what is said of the run. */
async function lanesOf(packets: readonly Buffer[], policy: PolicyEntry, perPacket?: string) {
  const lanes: number[] = []
  const { warnings } = await simulate(
    {
      source: { capture: captureOf(packets) },
      lanes: { count: LANES },
      policies: [policy],
      runs: 1,
      ...(perPacket === undefined ? {} : { reader: { perPacket } }),
    },
    {
      observe: (_label, store) => ({
        onDelivery(row) {
          lanes[store.index[row]!] = store.lane[row]!
        },
      }),
    },
  )
  assert.equal(lanes.length, packets.length)
  return { lanes, warnings }
}

/** Five packets of each of 24 flows. */
const interleaved = (packet: (i: number) => Buffer) =>
  Array.from({ length: ROUNDS }, () => flowNumbers.map(packet)).flat()

/** Each flow has one lane, and all lanes are used. */
function assertSpread(lanes: readonly number[]): void {
  for (const [packet, lane] of lanes.entries()) assert.equal(lane, lanes[packet % FLOWS], `packet ${packet}`)
  assert.equal(new Set(lanes).size, LANES)
}

const spreads: readonly (readonly [name: string, packet: (i: number) => Buffer, policy: PolicyEntry])[] = [
  ['SPIs', (i) => ipv4(50, Buffer.concat([u32(0xabc00000 + i), Buffer.alloc(32)])), 'linux-tun'],
  ['flows inside GRE', (i) => ipv4(47, Buffer.concat([hex('00000800'), inner(i)])), 'linux-tun'],
  ['SCTP associations', (i) => ipv4(132, udp(1000 + i, 36412, 30)), { rss: { sctp: '4-tuple' } }],
  ['flows inside VXLAN', vxlan, { hash: { key: 'inner' } }],
  ['flows inside VXLAN', vxlan, { 'flow-pinned': { key: 'inner' } }],
]
for (const [name, packet, policy] of spreads) {
  // With a reader that takes time packets go the general path.
  for (const perPacket of [undefined, '1us']) {
    const path = perPacket === undefined ? 'the fast path' : 'the general path'
    test(`${name} spread over lanes with ${JSON.stringify(policy)} on ${path}`, async () => {
      const { lanes, warnings } = await lanesOf(interleaved(packet), policy, perPacket)
      assertSpread(lanes)
      assert.deepEqual(
        warnings.filter((line) => line.includes('keepsFlowOrder')),
        [],
      )
    })
  }
}

test('all fragments of an address pair share a lane, and whole packets of the flows have others', async () => {
  const packets = flowNumbers.flatMap((i) => [
    ipv4(17, udp(1000 + i, 53, 24), { fragment: 0x2000 }),
    ipv4(17, Buffer.alloc(24, i), { fragment: 0x0004 }),
    ipv4(17, udp(1000 + i, 53, 24)),
  ])
  for (const policy of ['linux-tun', 'rss']) {
    const { lanes } = await lanesOf(packets, policy)
    assert.equal(new Set(lanes.filter((_, packet) => packet % 3 < 2)).size, 1, policy)
    assert.equal(new Set(lanes.filter((_, packet) => packet % 3 === 2)).size, LANES, policy)
  }
})

test('the largest flow being a tunnel of several is said once, unless a policy goes by them', async () => {
  const packets = [...interleaved(vxlan), ...flowNumbers.map(inner)]
  const said = async (policy: PolicyEntry, of = packets) =>
    (await lanesOf(of, policy)).warnings.filter((line) => line.includes('tunnel'))
  assert.deepEqual(await said('hash'), [
    'the largest flow, 10.0.0.1:5000 > 10.0.0.2:4789/udp, is a VXLAN tunnel of 24 flows: hash:key=inner spreads them',
  ])
  assert.deepEqual(await said({ hash: { key: 'inner' } }), [])
  assert.deepEqual(
    await said(
      'hash',
      interleaved(() => vxlan(3)),
    ),
    [],
  )
  assert.deepEqual(await said('hash', interleaved(inner)), [])
})
