import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Flow, FlowTable, NO_PORT } from '../model/packets/flow-table.ts'
import { readSharedJson, skipWithout } from '../shared.testing.ts'
import { hashingOf, toeplitzOf } from './parts/toeplitz.ts'
import { ask, packetBetween, packetOf } from './policies.testing.ts'
import { rss } from './rss.ts'

interface Vector {
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly hashAddresses: string
  readonly hashAddressesAndPorts: string
}

const table = new FlowTable()

/** Words of "1.2.3.4" or "3ffe::1". */
function words(address: string): number[] {
  if (address.includes('.')) return [address.split('.').reduce((word, byte) => word * 256 + Number(byte), 0)]
  const [head, tail] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = new Array<string>(8 - head!.length - (tail?.length ?? 0)).fill('0')
  const groups = [...head!, ...zeros, ...(tail ?? [])].map((group) => Number.parseInt(group, 16))
  return [0, 2, 4, 6].map((i) => groups[i]! * 65536 + groups[i + 1]!)
}

function flowOf(source: string, destination: string, sourcePort: number, destinationPort: number): Flow {
  table.key.fill(0)
  table.key.set(words(source), 0)
  table.key.set(words(destination), 4)
  return table.get(table.intern(source.includes('.') ? 4 : 6, 6, sourcePort, destinationPort))
}

const hashOf = (flow: Flow, parameters: object) =>
  toeplitzOf(
    flow,
    hashingOf(rss.parameters.parse(parameters), () => 0.5),
  )
const hex = (hash: number) => hash.toString(16).padStart(8, '0')

const vectors = 'models/toeplitz-vectors.json'
test("Microsoft's verification suite gives its hashes, with ports and without", {
  skip: skipWithout(vectors),
}, () => {
  const suite = readSharedJson<{ vectors: Vector[] }>(vectors).vectors
  assert.equal(suite.length, 8)
  for (const one of suite) {
    const { source, destination, sourcePort, destinationPort } = one
    const flow = flowOf(source, destination, sourcePort, destinationPort)
    const key = 'microsoft'
    assert.equal(hex(hashOf(flow, { key, input: '5-tuple' })), one.hashAddressesAndPorts)
    assert.equal(hex(hashOf(flow, { key, input: 'address-pair' })), one.hashAddresses)
    const withoutPorts = flowOf(source, destination, NO_PORT, NO_PORT)
    assert.equal(hex(hashOf(withoutPorts, { key, input: '5-tuple' })), one.hashAddresses)
  }
})

test('two tuples of the suite by hand, with both keys', () => {
  const v4 = flowOf('66.9.149.187', '161.142.100.80', 2794, 1766)
  const v6 = flowOf('3ffe:501:8::260:97ff:fe40:efab', 'ff02::1', 14230, 4739)
  assert.equal(hex(hashOf(v4, { key: 'microsoft', input: '5-tuple' })), '51ccc178')
  assert.equal(hex(hashOf(v6, { key: 'microsoft', input: '5-tuple' })), 'dde51bbf')
  assert.equal(hex(hashOf(v4, { key: 'symmetric', input: '5-tuple' })), '9fcc9fcc')
  assert.equal(hex(hashOf(v6, { key: 'symmetric', input: '5-tuple' })), '36913691')
  assert.equal(hex(hashOf(v4, { key: 'symmetric', input: 'address-pair' })), '0a590a59')
  assert.equal(hex(hashOf(v6, { key: 'symmetric', input: 'address-pair' })), '2def2def')
})

test('the symmetric key has equal halves, and forgets the direction and which side has which port', () => {
  const address = fc.ipV4()
  const port = fc.integer({ min: 0, max: 65535 })
  const addressV6 = fc.tuple(...Array.from({ length: 8 }, () => port))
  const pair = fc.oneof(
    fc.tuple(address, address),
    fc.tuple(addressV6, addressV6).map((two) => two.map((groups) => groups.map(hexGroup).join(':'))),
  )
  fc.assert(
    fc.property(pair, port, port, ([a, b], p, q) => {
      const hash = (...ends: [string, string, number, number]) =>
        hashOf(flowOf(...ends), { key: 'symmetric', input: '5-tuple' })
      const there = hash(a!, b!, p, q)
      assert.equal(there >>> 16, there & 0xffff)
      assert.equal(hash(b!, a!, q, p), there)
      assert.equal(hash(a!, b!, q, p), there)
    }),
    { seed: 5, numRuns: 500 },
  )
})
const hexGroup = (group: number) => group.toString(16)

test("the low bits of the hash pick the table's entry, and entry i is lane i mod lanes", () => {
  // 51ccc178 & 127 = 120, 120 mod 7 = 1; & 3 = 0; & 1023 = 376, 376 mod 7 = 5.
  const packet = packetOf(flowOf('66.9.149.187', '161.142.100.80', 2794, 1766))
  assert.equal(ask('rss', {}, 7).lane(packet, 0), 1)
  assert.equal(ask('rss', { tableSize: 4 }, 7).lane(packet, 0), 0)
  assert.equal(ask('rss', { tableSize: 1024 }, 7).lane(packet, 0), 5)
  // 323e8fc2 & 127 = 66, 66 mod 7 = 3.
  assert.equal(ask('rss', { input: 'address-pair' }, 7).lane(packet, 0), 3)
})

test('one seen flow after the other, a hash is remembered and never mixed up', () => {
  const policy = ask('rss', {}, 5)
  const flows = Array.from({ length: 3000 }, (_, i) => packetBetween(0x0a000000 + i, 0xc6120001, 17, i, 443))
  const lanes = flows.map((packet) => policy.lane(packet, 0))
  const expected = flows.map(({ flow }) => (hashOf(flow, {}) & 127) % 5)
  assert.deepEqual(lanes, expected)
  assert.deepEqual(
    flows.map((packet) => policy.lane(packet, 0)),
    expected,
  )
})

test("a table's size that is no power of two is refused with the neighbours that are", () => {
  const { error } = rss.parameters.safeParse({ tableSize: 100 })
  assert.match(error!.issues[0]!.message, /give 64 or 128/)
})

/** The Toeplitz hash by its definition, bit by bit in a big number: independent of the policy's words. */
function toeplitzByBits(key: string, bytes: readonly number[]): number {
  const bits = BigInt(`0x${key}`)
  const length = BigInt(key.length * 4)
  let hash = 0n
  for (const [i, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) {
      if (((byte >> (7 - bit)) & 1) === 0) continue
      hash ^= (bits >> (length - 32n - BigInt(i * 8 + bit))) & 0xffffffffn
    }
  }
  return Number(hash)
}

const KEY_40 = Array.from({ length: 40 }, (_, i) => ((i * 73 + 29) & 255).toString(16).padStart(2, '0'))
const KEY_52 = Array.from({ length: 52 }, (_, i) => ((i * 151 + 7) & 255).toString(16).padStart(2, '0'))

test('keys of 40 and 52 bytes, with colons or without, hash as the definition says', () => {
  const address = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })))
  const port = fc.integer({ min: 0, max: 65535 })
  fc.assert(
    fc.property(address, address, port, port, (from, to, p, q) => {
      const flow = flowOf(from.join('.'), to.join('.'), p, q)
      const bytes = [...from, ...to, p >> 8, p & 255, q >> 8, q & 255]
      for (const key of [KEY_40, KEY_52]) {
        const wanted = toeplitzByBits(key.join(''), bytes)
        assert.equal(hashOf(flow, { key: key.join('') }), wanted)
        assert.equal(hashOf(flow, { key: key.join(':').toUpperCase() }), wanted)
        assert.equal(
          hashOf(flow, { key: key.join(':'), tcp: '2-tuple' }),
          toeplitzByBits(key.join(''), bytes.slice(0, 8)),
        )
      }
    }),
    { seed: 6, numRuns: 100 },
  )
})

test('a key that is none is refused with what a key may be', () => {
  const colons = KEY_40.join(':')
  for (const key of [
    '',
    'toString',
    'ab',
    KEY_40.join('').slice(2),
    `${colons}:`,
    colons.replace(':', ''),
    KEY_52.join(' '),
  ]) {
    const { error } = rss.parameters.safeParse({ key })
    assert.match(error!.issues[0]!.message, /^is no key - give microsoft, symmetric, random, or the 40 or 52/)
  }
})

test('ports are hashed by protocol, as ethtool -n rx-flow-hash shows it', () => {
  const flow = (protocol: number, ports: readonly [number, number]) =>
    packetBetween(0x0a000001, 0x0a000002, protocol, ...ports).flow
  const goesByPorts = (protocol: number, parameters: object) =>
    hashOf(flow(protocol, [1, 2]), parameters) !== hashOf(flow(protocol, [3, 4]), parameters)
  const [TCP, UDP, SCTP] = [6, 17, 132]
  const byPorts = (parameters: object) =>
    [TCP, UDP, SCTP].map((protocol) => goesByPorts(protocol, parameters))
  assert.deepEqual(byPorts({}), [true, true, false])
  assert.deepEqual(byPorts({ udp: '2-tuple' }), [true, false, false])
  assert.deepEqual(byPorts({ input: 'address-pair', tcp: '4-tuple' }), [true, false, false])
  assert.deepEqual(byPorts({ tcp: '2-tuple', sctp: '4-tuple' }), [false, true, true])
})

test('a random key is drawn for each run, and only then anything is', () => {
  const { usesRandom } = rss
  assert.ok(typeof usesRandom === 'function')
  const isRandom = (parameters: object) => usesRandom(rss.parameters.parse(parameters))
  assert.deepEqual([isRandom({}), isRandom({ key: 'random' })], [false, true])
  const { flow } = packetBetween(0x0a000001, 0x0a000002, 17, 1, 2)
  const drawn = (random: () => number) =>
    toeplitzOf(flow, hashingOf(rss.parameters.parse({ key: 'random' }), random))
  const word = (hex: number) => () => hex / 2 ** 32
  const key = (hex: string) => hex.repeat(10)
  const bytes = [10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2]
  assert.equal(drawn(word(0x12345678)), toeplitzByBits(key('12345678'), bytes))
  assert.equal(drawn(word(0x9abcdef1)), toeplitzByBits(key('9abcdef1'), bytes))
})
