/** Whole captures through whole simulations: nothing is lost on the way, and what keeps order keeps it. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSharedJson, sharedPath, skipWithout } from '../shared.testing.ts'
import { simulate } from './simulate.testing.ts'

const bundled = fileURLToPath(new URL('../../scenarios/captures/', import.meta.url))
const bundledCaptures = readdirSync(bundled).filter((name) => name.includes('.pcap'))

test('three captures and a made one are bundled', () => {
  assert.deepEqual(bundledCaptures.toSorted(), [
    'full-queues.pcap.gz',
    'office.pcap.gz',
    'ten-net.pcap.gz',
    'voice.pcap.gz',
  ])
})

for (const name of bundledCaptures) {
  test(`hash and flow-pinned:ttl=never reorder nothing of ${name}, and round-robin does`, async () => {
    // At a load of 0.9, with heavy tails: a spray reorders a lot there.
    const { policies } = await simulate({
      source: { capture: bundled + name, packetsPerSecond: 90_000 },
      lanes: { service: { fixed: '10us', perByte: '0ns', jitter: { exponential: { mean: '30us' } } } },
      policies: [
        'round-robin',
        'hash',
        { hash: { key: 'symmetric' } },
        { hash: { key: 'address-pair' } },
        { 'flow-pinned': { ttl: 'never' } },
        { 'flow-pinned': { ttl: 'never', key: '3-tuple', assign: 'least-loaded' } },
        { 'flow-pinned': { ttl: 'never', key: 'address-pair' } },
      ],
      runs: 1,
    })
    const reordered = policies.map(({ metrics }) => (metrics.reorderedRatio as { count: number }).count)
    assert.ok(reordered[0]! > 10, `round-robin reordered ${reordered[0]}`)
    assert.deepEqual(reordered.slice(1), [0, 0, 0, 0, 0, 0])
    for (const { metrics } of policies.slice(1)) {
      assert.equal((metrics.unsafeMoves as { count: number }).count, 0)
    }
  })
}

interface Truth {
  readonly ipv4: number
  readonly ipv6: number
  readonly flows_uni: number
  readonly flows_uni_noport: number
}

const skip = skipWithout('captures/truth.json')
test('every capture of ../shared/captures/real runs, with the packets and flows that tshark sees', {
  skip,
}, async () => {
  const truth = readSharedJson<Record<string, Truth>>('captures/truth.json')
  const names = Object.keys(truth).filter((name) => name.startsWith('real/'))
  assert.ok(names.length >= 20, `${names.length} captures`)
  for (const name of names) {
    const { ipv4, ipv6, flows_uni, flows_uni_noport } = truth[name]!
    let version4 = 0
    const result = await simulate(
      { source: { capture: sharedPath(`captures/${name}`) }, policies: ['hash'], runs: 1 },
      {
        observe: (_label, store, { flows }) => ({
          onArrival(row) {
            if (flows.version[store.flow[row]!] === 4) version4++
          },
        }),
      },
    )
    assert.equal(result.load.packets, ipv4 + ipv6, `${name}: packets`)
    assert.equal(version4, ipv4, `${name}: IPv4`)
    assert.equal(result.load.flows, flows_uni + flows_uni_noport, `${name}: flows`)
    const { metrics } = result.policies[0]!
    const { count } = metrics.laneDropRatio as { count: number }
    assert.equal((metrics.delivered as number) + count, result.load.packets, `${name}: conservation`)
  }
})

test('only packets from the inside are judged, and linux-tun learns from the others', async () => {
  const inside = ['10.8.0.2/32']
  const one = (returnLane: 'same' | 'hash' | 'round-robin') =>
    simulate({
      source: {
        capture: `${bundled}ten-net.pcap.gz`,
        packetsPerSecond: 90_000,
        direction: { inside, returnLane },
      },
      policies: ['linux-tun', 'hash'],
      runs: 1,
    })
  const [same, inTurn] = [await one('same'), await one('round-robin')]
  const both = await simulate({
    source: { capture: `${bundled}ten-net.pcap.gz` },
    policies: ['hash'],
    runs: 1,
  })
  assert.equal(same.load.flows, both.load.flows / 2)
  assert.ok(same.load.packets < both.load.packets)
  assert.deepEqual(
    same.warnings.filter((warning) => warning.includes('direction')),
    [],
  )
  const reordered = (result: typeof same, policy: number) =>
    (result.policies[policy]!.metrics.reorderedRatio as { count: number }).count
  // Answers on the same lane leave each flow where it is; answers on any lane re-point the entry again and
  // again.
  assert.equal(reordered(same, 0), 0)
  assert.ok(reordered(inTurn, 0) > 100, `${reordered(inTurn, 0)}`)
  assert.deepEqual([reordered(same, 1), reordered(inTurn, 1)], [0, 0])
})

test('packets that are neither from nor to the inside are left out and said', async () => {
  const { load, warnings } = await simulate({
    source: { capture: `${bundled}office.pcap.gz`, sort: true, direction: { inside: ['10.8.0.5/32'] } },
    policies: ['hash'],
    runs: 1,
  })
  assert.ok(load.packets > 100)
  assert.match(
    warnings.join('|'),
    /^source.direction: \d+ packets are neither from nor to the inside and were left out/,
  )
})
