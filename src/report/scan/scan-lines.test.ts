import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineNames } from './scan-lines.ts'

const labels = ['any-idle', 'flow-pinned:ttl=30s,key=address-pair']

test('a policy keeps one name over the values of its parameter, its other parameters in it', () => {
  for (const path of ['policies.1.ttl', 'policies.1.flow-pinned.ttl']) {
    const at = (ttl: string) =>
      lineNames(labels, [{ path }], ['any-idle', `flow-pinned:ttl=${ttl},key=address-pair`])
    assert.deepEqual(at('10us'), ['any-idle', 'flow-pinned:key=address-pair'])
    assert.deepEqual(at('30s'), at('10us'))
  }
  const weights = lineNames(['random:weights=[3,1],seed=2'], [{ path: 'policies.0.weights' }], ['random:weights=[1,1],seed=2']) // biome-ignore format: one line
  assert.deepEqual(weights, ['random:seed=2'])
})

test('what is scanned of one policy leaves the others their labels', () => {
  const names = lineNames(labels, [{ path: 'lanes.count' }, { path: 'policies.0.order' }], ['any-idle:order=longest', labels[1]!]) // biome-ignore format: one line
  assert.deepEqual(names, labels)
})

test('policies that differ in nothing else have their places in their names', () => {
  const two = ['flow-pinned:ttl=1s', 'flow-pinned:ttl=2s']
  const scan = [{ path: 'policies.0.ttl' }, { path: 'policies.1.ttl' }]
  assert.deepEqual(lineNames(two, scan, ['flow-pinned:ttl=5s', 'flow-pinned:ttl=9s']), [
    'flow-pinned (policies.0)',
    'flow-pinned (policies.1)',
  ])
})

test('a scan of the policy itself, of the whole list, or of the topology goes by the labels of each point', () => {
  const other = ['any-idle', 'flow-pinned:ttl=1s']
  for (const path of ['policies.1', 'policies'])
    assert.equal(lineNames(labels, [{ path }], other)[1], other[1])
  assert.deepEqual(lineNames(labels, [{ path: 'topology' }], ['shared']), ['shared'])
})
