/** Names that users bring from other systems. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { policies } from '../policies/index.ts'
import { elsewhereKnown } from './known-policies.ts'
import { policyEntry } from './policy-specs.ts'

function messageOf(name: string): string {
  const { error } = policyEntry.safeParse(name)
  return error!.issues[0]!.message
}

test('a name that is known from Linux leads to the policy with its rule, and says why', () => {
  assert.equal(
    messageOf('rfs'),
    'unknown policy "rfs" - did you mean "drained"? (as RFS does, it moves a flow only when nothing of it is queued any more) (lanewise list policies)',
  )
  for (const name of ['accelerated-rfs', 'ARFS', 'receive_flow_steering'])
    assert.match(messageOf(name), /did you mean "drained"\?/)
  assert.match(messageOf('rps'), /did you mean "cpu"\? .*"drained"/)
  assert.match(messageOf('PACKET_FANOUT_ROLLOVER'), /did you mean "rollover"\?/)
  assert.match(messageOf('minrtt'), /did you mean "lowest-rtt"\?/)
})

test('a misspelling still leads to the name that is most like it', () => {
  assert.match(messageOf('hsah'), /did you mean "hash"\?/)
  assert.equal(elsewhereKnown('hsah'), undefined)
})

test('every name from elsewhere leads to a policy that there is, and is none itself', () => {
  const names = 'rfs rps automq toeplitz ecmp fanout-qm fanout-lb fanout-rnd mptcp jsq p2c letflow hrw'
  for (const name of names.split(' ')) {
    const [, policy] = /did you mean "(.+?)"/.exec(elsewhereKnown(name)!)!
    assert.ok(policies.has(policy!), name)
    assert.ok(!policies.has(name), name)
  }
})
