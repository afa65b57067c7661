/** Which packet a policy's failure is reported with. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './index.ts'

test('an error in onPass names the packet that the policy was asked of last', async () => {
  let passes = 0
  const create = () => ({
    name: 'fails',
    keepsFlowOrder: false,
    choose: () => 0,
    onPass() {
      if (++passes === 513) throw new Error('broken')
    },
  })
  const { policies } = await simulate(
    {
      source: { synthetic: { packetsPerSecond: 1000 } },
      policies: [],
      duration: '2s',
      warmup: '0s',
      runs: 1,
    },
    { policies: [{ plugin: { name: 'fails', description: 'fails', create } }] },
  )
  assert.equal(policies[0]?.error, 'policy fails: threw at packet 511, broken')
})
