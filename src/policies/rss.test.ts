import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Flow, FlowTable, NO_PORT } from '../model/packets/flow-table.ts'
import { readSharedJson, skipWithout } from '../shared.testing.ts'
import { toeplitzOf } from './parts/toeplitz.ts'
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
    assert.equal(hex(toeplitzOf(flow, { key, input: '5-tuple' })), one.hashAddressesAndPorts)
    assert.equal(hex(toeplitzOf(flow, { key, input: 'address-pair' })), one.hashAddresses)
    const withoutPorts = flowOf(source, destination, NO_PORT, NO_PORT)
    assert.equal(hex(toeplitzOf(withoutPorts, { key, input: '5-tuple' })), one.hashAddresses)
  }
})

test('two tuples of the suite by hand, with both keys', () => {
  const v4 = flowOf('66.9.149.187', '161.142.100.80', 2794, 1766)
  const v6 = flowOf('3ffe:501:8::260:97ff:fe40:efab', 'ff02::1', 14230, 4739)
  assert.equal(hex(toeplitzOf(v4, { key: 'microsoft', input: '5-tuple' })), '51ccc178')
  assert.equal(hex(toeplitzOf(v6, { key: 'microsoft', input: '5-tuple' })), 'dde51bbf')
  assert.equal(hex(toeplitzOf(v4, { key: 'symmetric', input: '5-tuple' })), '9fcc9fcc')
  assert.equal(hex(toeplitzOf(v6, { key: 'symmetric', input: '5-tuple' })), '36913691')
  assert.equal(hex(toeplitzOf(v4, { key: 'symmetric', input: 'address-pair' })), '0a590a59')
  assert.equal(hex(toeplitzOf(v6, { key: 'symmetric', input: 'address-pair' })), '2def2def')
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
        toeplitzOf(flowOf(...ends), { key: 'symmetric', input: '5-tuple' })
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
  const expected = flows.map(
    ({ flow }) => (toeplitzOf(flow, { key: 'microsoft', input: '5-tuple' }) & 127) % 5,
  )
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
