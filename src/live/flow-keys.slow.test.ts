/**
 * The key that linux-tun hashes, beside a real kernel's choice of queues for the same packets. The kernel's
 * hash has a key drawn at boot, so what is compared is whether packets share a queue: those of one flow by
 * our key must, and of 16 flows some must not (by chance alone they would in one run of 10^9).
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { builtFile, nodeOptions } from '../built.testing.ts'
import { reasonOf } from '../errors.ts'
import { namespaceArguments } from './device/namespace.ts'
import type { KindResult } from './flow-keys.testing.ts'

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
