/**
 * The key that linux-tun hashes, beside a real kernel's choice of queues for the same packets. The kernel's
 * hash has a key drawn at boot, so what is compared is whether packets share a queue: those of one flow by
 * our key must, and of 16 flows some must not (by chance alone they would in one run of 10^9).
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { builtFile, nodeOptions } from '../built.testing.ts'
import { reasonOf } from '../errors.ts'
import { simulate } from '../run/simulate.testing.ts'
import type { PolicyEntry } from '../scenario/policy-specs.ts'
import { ethernet, hex, ipv4, pcap, u32, udp } from '../traffic/capture/captures.testing.ts'
import { namespaceArguments } from './device/namespace.ts'
import type { KindResult } from './flow-keys.testing.ts'
import { inHandOf, replayOf } from './replay.testing.ts'

/** False, or why there are no real devices here. */
function obstacle(): string | false {
  try {
    namespaceArguments()
    return false
  } catch (error) {
    return reasonOf(error)
  }
}

/** How many flows the kernel tells apart in each kind, as measured on 6.12 and 6.18. */
const flowsOfKind: Readonly<Record<string, number>> = {
  TCP: 16,
  UDP: 16,
  'UDP-Lite': 16,
  SCTP: 16,
  DCCP: 16,
  ESP: 16,
  AH: 16,
  'AH, its first four bytes': 1,
  'ICMP identifiers': 1,
  GRE: 16,
  'GRE keys': 1,
  'GRE with checksum, key and sequence': 16,
  'GRE with Ethernet': 16,
  'GRE with source routing': 1,
  PPTP: 16,
  IPIP: 16,
  '6in4': 16,
  'IPv6 in IPv6': 16,
  'IPv6 options': 16,
  EtherIP: 1,
  'VXLAN, one port': 1,
  'GENEVE, one port': 1,
  'GTP-U': 1,
  'first fragments of one address pair': 1,
  'fragments and whole packets': 32,
  'fragments over IPv6': 32,
  'tunnels of the same flows': 16,
  'both directions': 16,
  'halves of an SPI': 16,
}

test('packets that are one flow to linux-tun share a queue of a real device, and others spread', {
  skip: obstacle(),
}, async (t) => {
  const script = builtFile('live/flow-keys.testing')
  const command = [...namespaceArguments(), process.execPath, ...nodeOptions, script]
  const { stdout } = await promisify(execFile)('unshare', command, { timeout: 120_000 })
  const results: KindResult[] = JSON.parse(stdout)
  assert.deepEqual(
    results.map(({ kind }) => kind),
    Object.keys(flowsOfKind),
  )
  for (const { kind, queues, hashes } of results) {
    await t.test(kind, () => {
      assert.equal(new Set(hashes).size, flowsOfKind[kind])
      const queueOf = new Map<string, number>()
      for (const [packet, hash] of hashes.entries()) {
        const queue = queueOf.get(hash) ?? queues[packet]!
        queueOf.set(hash, queue)
        assert.equal(queues[packet], queue, `packet ${packet} of ${queues}`)
      }
      if (flowsOfKind[kind]! > 1) assert.ok(new Set(queues).size > 1, `all in queue ${queues[0]}`)
    })
  }
  await t.test('whole packets of a flow leave its fragments', () => {
    const { queues } = results.find(({ kind }) => kind === 'fragments and whole packets')!
    const split = queues.slice(0, 16).filter((queue, i) => queue !== queues[32 + i])
    assert.ok(split.length > 0, `${queues}`)
  })
})

test("a replay's reader chooses the lanes that the simulator chooses, by every key", async () => {
  const inside = (i: number) => ipv4(17, udp(7000 + i, 53, 40))
  const packets = Array.from({ length: 24 }, (_, i) => [
    ipv4(47, Buffer.concat([hex('00000800'), inside(i)])),
    ipv4(50, Buffer.concat([u32(0xabc00000 + i), Buffer.alloc(64)])),
    ipv4(17, udp(1000 + i, 53, 40), { fragment: 0x2000 }),
    inside(i),
  ]).flat()
  const path = join(mkdtempSync(join(tmpdir(), 'lanewise-keys-')), 'made.pcap')
  writeFileSync(
    path,
    pcap(packets.map((packet, i) => ({ fraction: i * 100, frame: ethernet(0x0800, packet) }))),
  )
  const policies: PolicyEntry[] = ['linux-tun', 'rss', { hash: { key: 'inner' } }, 'hash']
  const input = { source: { capture: path }, policies, runs: 1 }
  const simulated: number[][] = []
  await simulate(input, {
    observe: (_label, store) => {
      const lanes: number[] = []
      simulated.push(lanes)
      return {
        onDelivery(row) {
          lanes[store.index[row]!] = store.lane[row]!
        },
      }
    },
  })
  for (const policy of policies.keys()) {
    const { record } = await replayOf(inHandOf(input), { policy })
    const replayed = Array.from(record.lane.subarray(0, record.packets))
    assert.deepEqual(replayed, simulated[policy], JSON.stringify(policies[policy]))
  }
  assert.notDeepEqual(simulated[2], simulated[3])
})
