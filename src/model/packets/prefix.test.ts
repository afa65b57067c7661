import assert from 'node:assert/strict'
import { BlockList, isIP } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { contains, parsePrefix } from './prefix.ts'

const v4 = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.'))
const v6 = fc.ipV6().filter((text) => isIP(text) === 6)

function words(address: string): Uint32Array {
  const prefix = parsePrefix(`${address}/${address.includes(':') ? 128 : 32}`)!
  const groups = address.includes(':') ? prefix.groups : prefix.groups.slice(6)
  return Uint32Array.from(
    { length: groups.length / 2 },
    (_, i) => (groups[2 * i]! << 16) | groups[2 * i + 1]!,
  )
}

test('a text is an address exactly where node:net says so', () => {
  const texts = fc.oneof(v4, fc.ipV6(), fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,20}$/))
  fc.assert(
    fc.property(texts, (text) => {
      const family = text.includes('%') ? 0 : isIP(text)
      const bits = family === 6 ? 128 : 32
      assert.equal(parsePrefix(`${text}/${bits}`) !== undefined, family > 0)
    }),
    { seed: 1, numRuns: 3000 },
  )
  for (const text of ['::', '::1', '1::', '::ffff:1.2.3.4', '1:2:3:4:5:6:7::', '1:2:3:4:5:6:1.2.3.4']) {
    assert.ok(parsePrefix(`${text}/128`), text)
  }
  for (const text of [
    '1.2.3.4/33',
    'fd08::/129',
    '1.2.3.4',
    '1.2.3.4/',
    '1.2.3.4/8/8',
    '/8',
    ':::/8',
    '01.2.3.4/8',
  ]) {
    assert.equal(parsePrefix(text), undefined, text)
  }
})

test('an address is in a prefix exactly where BlockList has it, mapped addresses included', () => {
  const near = fc.tuple(fc.oneof(v4, v6), fc.oneof(v4, v6), fc.nat(128), fc.boolean(), v4)
  fc.assert(
    fc.property(near, ([base, other, length, isSame, inside]) => {
      const mapped = `::ffff:${inside}`
      for (const address of [isSame ? base : other, base.includes(':') ? mapped : inside, mapped]) {
        const bits = Math.min(length, base.includes(':') ? 128 : 32)
        const list = new BlockList()
        list.addSubnet(base, bits, base.includes(':') ? 'ipv6' : 'ipv4')
        const family = address.includes(':') ? 'ipv6' : 'ipv4'
        const found = contains(parsePrefix(`${base}/${bits}`)!, family === 'ipv4' ? 4 : 6, words(address), 0)
        assert.equal(found, list.check(address, family), `${address} in ${base}/${bits}`)
      }
    }),
    { seed: 2, numRuns: 3000 },
  )
})
