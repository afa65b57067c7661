/** Which policies gates judge, and what is said of them; how they are bounded is in metrics/statistics. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunResult } from '../../../metrics/result.ts'
import type { Verdict } from '../../../metrics/statistics/verdict.ts'
import { madeLoad, madePolicy } from '../../../report/made-results.testing.ts'
import { askedGates, checkGateLabels, gateTexts, judgedGates } from './policy-gates.ts'

const policies = [
  madePolicy('any-idle', 200),
  madePolicy('flow-pinned:ttl=1ms', 5),
  madePolicy('flow-pinned:ttl=1s', 0),
  madePolicy('drained', 0),
]
const runs: RunResult[] = [0, 1].map((run) => ({ run, load: madeLoad, warnings: [], policies }))
const verdict = { kind: 'order-kept', policies: ['flow-pinned:ttl=1s'] } as unknown as Verdict
const said = (options: Parameters<typeof askedGates>[0]) =>
  gateTexts(judgedGates(askedGates({ maxReordered: '1%', ...options })!, runs, verdict))

test('of a scenario, the recommended policies are judged', () => {
  assert.deepEqual(said({}), {
    lines: ['gate reordered, flow-pinned:ttl=1s: 0.15 % <= 1 %: ok'],
    areKept: true,
  })
})

test('policies of the command line are judged, all but a yardstick', () => {
  const { lines, areKept } = said({
    policy: ['any-idle', 'flow-pinned:ttl=1ms', 'flow-pinned:ttl=1s', 'drained'],
  })
  assert.deepEqual(lines, [
    'gate reordered, any-idle: 20 % <= 1 %: FAILED',
    'gate reordered, flow-pinned:ttl=1ms: 0.5 % <= 1 %: ok',
    'gate reordered, flow-pinned:ttl=1s: 0.15 % <= 1 %: ok',
  ])
  assert.equal(areKept, false)
})

test('--gate names policies by label, or all of a name; one that is not there keeps no limit', () => {
  assert.deepEqual(
    said({ gate: ['flow-pinned'] }).lines.map((line) => line.split(':')[1]),
    ['ttl=1ms', 'ttl=1s'],
  )
  assert.deepEqual(said({ gate: ['flow-pinned:ttl=1s'] }).lines.length, 1)
  assert.deepEqual(said({ gate: ['rss'] }), {
    lines: ['gate reordered, rss: unknown <= 1 %: FAILED'],
    areKept: false,
  })
})

test('where nobody is recommended no limit is kept', () => {
  const none = { kind: 'cannot-tell', policies: [] } as unknown as Verdict
  const { lines, areKept } = gateTexts(judgedGates(askedGates({ maxReordered: '1%' })!, runs, none))
  assert.match(lines[0]!, /^gate: no policy is recommended/)
  assert.equal(areKept, false)
})

test('mistakes are said before anything runs', () => {
  assert.equal(askedGates({}), undefined)
  assert.throws(
    () => askedGates({ gate: ['hash'] }),
    /^UserError: --gate hash: nothing to judge it by - add a limit/,
  )
  assert.throws(() => askedGates({ maxReordered: '1 apple' }), /--max-reordered 1 apple: expected a share/)
  assert.throws(() => askedGates({ maxP99: '5' }), /--max-p99/)
  const asked = askedGates({ maxDrops: '0', gate: ['flow-pined'] })
  assert.throws(
    () => checkGateLabels(asked, ['hash', 'flow-pinned']),
    /no such policy here - did you mean "flow-pinned"/,
  )
})
