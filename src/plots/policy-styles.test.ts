import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../policies/index.ts'
import { policyStyles } from './policy-styles.ts'

const text = (style: unknown) => JSON.stringify(style)

test('a known policy looks the same whoever stands beside it', () => {
  const alone = policyStyles(['hash']).get('hash')
  assert.deepEqual(policyStyles(['mine', 'flow-pinned:ttl=5s', 'hash', 'any-idle']).get('hash'), alone)
  assert.deepEqual(policyStyles(['hash:key=address-pair']).get('hash:key=address-pair'), alone)
})

test('all built-in policies differ, the most compared ones in colour alone', () => {
  const styles = policyStyles([...policies.keys()])
  assert.equal(new Set([...styles.values()].map(text)).size, policies.size)
  const most = ['flow-pinned', 'any-idle', 'hash', 'round-robin', 'openvpn-fork', 'drained', 'random']
  const chosen = policyStyles(most)
  assert.equal(new Set([...chosen.values()].map(({ colour }) => colour)).size, 7)
  assert.deepEqual(
    [...chosen.values()].map(({ dash }) => dash),
    most.map(() => [1, 0]),
  )
})

test('policies of one name differ too, and the plain one keeps its style', () => {
  const labels = ['flow-pinned:ttl=1ms', 'flow-pinned', 'flow-pinned:ttl=1s', 'mine']
  const styles = policyStyles(labels)
  assert.equal(new Set([...styles.values()].map(text)).size, 4)
  assert.deepEqual(styles.get('flow-pinned'), policyStyles(['flow-pinned']).get('flow-pinned'))
})

test('forty policies differ, a hundred have styles all the same', () => {
  const labels = (count: number) => Array.from({ length: count }, (_, i) => `mine-${i}`)
  assert.equal(new Set([...policyStyles(labels(40)).values()].map(text)).size, 40)
  assert.equal(policyStyles(labels(100)).size, 100)
  assert.ok([...policyStyles(labels(100)).values()].every(({ colour }) => colour.startsWith('#')))
})
