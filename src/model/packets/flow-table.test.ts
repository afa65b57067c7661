import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FlowTable, NO_PORT } from './flow-table.ts'
import { hashWords } from './hash.ts'

type Key = readonly [
  source: number,
  destination: number,
  protocol: number,
  sourcePort: number,
  destinationPort: number,
]

function add(table: FlowTable, [source, destination, protocol, sourcePort, destinationPort]: Key): number {
  table.key.fill(0)
  table.key[0] = source
  table.key[4] = destination
  return table.intern(4, protocol, sourcePort, destinationPort)
}

const keys: fc.Arbitrary<Key> = fc.tuple(
  fc.nat(5),
  fc.nat(5),
  fc.constantFrom(6, 17),
  fc.constantFrom(NO_PORT, 80, 443),
  fc.constantFrom(NO_PORT, 80, 443),
)

test('equal keys have one number, other keys others, in order of appearance', () => {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 200 }), (list) => {
      const table = new FlowTable()
      const numbers = new Map<string, number>()
      for (const key of list) {
        const expected = numbers.get(key.join()) ?? numbers.size
        numbers.set(key.join(), expected)
        assert.equal(add(table, key), expected)
      }
      assert.equal(table.count, numbers.size)
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('pairs are unordered, triples directed, and hashes follow them', () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const table = new FlowTable()
      const x = table.get(add(table, a))
      const y = table.get(add(table, b))
      const pair = ([source, destination]: Key) => [source, destination].toSorted((p, q) => p - q).join()
      const triple = ([source, destination, protocol]: Key) => [source, destination, protocol].join()
      assert.equal(x.pairIndex === y.pairIndex, pair(a) === pair(b))
      assert.equal(x.hashAddressPair === y.hashAddressPair, pair(a) === pair(b))
      assert.equal(x.tripleIndex === y.tripleIndex, triple(a) === triple(b))
      assert.equal(x.hash3Tuple === y.hash3Tuple, triple(a) === triple(b))
      assert.equal(x.hash5Tuple === y.hash5Tuple, x === y)
    }),
    { seed: 2, numRuns: 1000 },
  )
})

test('both directions of a conversation have one symmetric hash', () => {
  fc.assert(
    fc.property(keys, ([source, destination, protocol, sourcePort, destinationPort]) => {
      const table = new FlowTable()
      const there = table.get(add(table, [source, destination, protocol, sourcePort, destinationPort]))
      const back = table.get(add(table, [destination, source, protocol, destinationPort, sourcePort]))
      assert.equal(there.hashSymmetric, back.hashSymmetric)
    }),
    { seed: 3, numRuns: 1000 },
  )
})

test('the other direction of a flow is found, or -1, and nothing is added', () => {
  fc.assert(
    fc.property(fc.array(keys, { maxLength: 60 }), (list) => {
      const table = new FlowTable()
      const numbers = new Map(list.map((key) => [key.join(), add(table, key)]))
      for (const [source, destination, protocol, sourcePort, destinationPort] of list) {
        const there = numbers.get([source, destination, protocol, sourcePort, destinationPort].join())!
        const back = numbers.get([destination, source, protocol, destinationPort, sourcePort].join()) ?? -1
        assert.equal(table.reverseOf(there), back)
      }
      assert.equal(table.count, numbers.size)
      const pairs = new Set(list.map(([a, b]) => [a, b].toSorted((p, q) => p - q).join()))
      const triples = new Set(list.map(([a, b, protocol]) => [a, b, protocol].join()))
      assert.deepEqual([table.pairCount, table.tripleCount], [pairs.size, triples.size])
    }),
    { seed: 4, numRuns: 300 },
  )
})

test('IPv6 addresses that differ in any one word are different flows', () => {
  const table = new FlowTable()
  for (let word = 0; word < 8; word++) {
    table.key.fill(7)
    table.key[word] = 8
    assert.equal(table.intern(6, 17, 9, 9), word)
  }
  table.key.fill(7)
  table.key[5] = 8
  assert.equal(table.intern(6, 17, 9, 9), 5)
  assert.equal(table.reverseOf(5), 1)
})

test('the hash that policies see is MurmurHash3 of addresses, ports, protocol and version', () => {
  const table = new FlowTable()
  const flow = table.get(add(table, [0x0a000001, 0x0a000002, 6, 80, 443]))
  const words = Uint32Array.of(0x0a000001, 0, 0, 0, 0x0a000002, 0, 0, 0)
  assert.equal(flow.hash5Tuple, hashWords(words, 8, (80 << 16) ^ 443 ^ (6 << 8) ^ 4))
})

test('a hundred thousand flows are all found again', () => {
  const table = new FlowTable()
  const key = (i: number): Key => [0x0a000000 + i, 0xc0a80000 + (i >> 3), i % 2 ? 6 : 17, i & 0xffff, 443]
  for (let i = 0; i < 100_000; i++) assert.equal(add(table, key(i)), i)
  for (let i = 0; i < 100_000; i++) assert.equal(add(table, key(i)), i)
})

test('flows are written as people read them', () => {
  const table = new FlowTable()
  const v4 = add(table, [0x0a000001, 0xc0a80102, 6, 80, 40000])
  assert.equal(table.describe(v4), '10.0.0.1:80 > 192.168.1.2:40000/tcp')
  assert.equal(table.describe(add(table, [1, 2, 1, NO_PORT, NO_PORT])), '0.0.0.1 > 0.0.0.2/icmp')
  table.key.set([0x20010db8, 0, 0, 1, 0xfe800000, 0, 0x00010000, 0])
  assert.equal(table.describe(table.intern(6, 17, 53, 5353)), '[2001:db8::1]:53 > [fe80::1:0:0:0]:5353/udp')
  table.key.set([0, 0, 0, 0, 0x00010002, 0x00030004, 0x00050006, 0x00070008])
  assert.equal(table.describe(table.intern(6, 58, NO_PORT, NO_PORT)), ':: > 1:2:3:4:5:6:7:8/proto-58')
})

test('the hash is MurmurHash3', () => {
  // Reference: the x86 32-bit variant over the same 8 bytes, seed 0.
  assert.equal(hashWords(Uint32Array.of(0), 1, 0), 0x63852afc)
  assert.equal(hashWords(Uint32Array.of(0x64636261), 1, 0x68676665), 0x49ddccc4)
})
