/** The verdict of replays, and their gates, from what replays of hand-made numbers come to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContenderReport, LiveReport, ReplayRow } from '../../live/verdict/live-report.ts'
import { ratio } from '../../metrics/metric.ts'
import { estimate } from '../../metrics/statistics/statistics.ts'
import { choiceTexts } from '../../report/live/judged-replays.ts'
import { gateTexts } from '../shared/verdict/policy-gates.ts'
import { judged } from './verdict.ts'

/** A subject by its replays' packets of 1000 that were reordered, and dropped at lanes; null: invalid. */
function subject(
  label: string,
  reordered: readonly (number | null)[],
  {
    dropped = 0,
    p99Us = 1000,
    ...more
  }: Partial<ContenderReport> & { dropped?: number; p99Us?: number } = {},
): ContenderReport {
  const replays = reordered.map((count, i) => ({
    replay: i + 1,
    invalid: count === null ? ['others used the cores'] : [],
    endedEarly: false,
    metrics: {
      reorderedRatio: ratio(count ?? 1000, 1000),
      tunQueueDropRatio: ratio(0, 1000),
      laneDropRatio: ratio(dropped, 1000),
      latencyNsP99: (p99Us + i) * 1000,
      lateTimeNsMax: count === 0 ? null : 5e6,
    },
  })) as unknown as ReplayRow[]
  const known = reordered.flatMap((count) => (count === null ? [] : [count / 1000]))
  return {
    label,
    topology: 'dispatcher',
    replays,
    measured: {
      reorderedRatio: estimate(known),
      latencyNsP99: estimate(known.map((_, i) => (p99Us + i) * 1000)),
      laneDropRatio: estimate(known.map(() => dropped / 1000)),
    },
    calibrated: {},
    error: null,
    ...more,
  } as ContenderReport
}
const about = { question: { input: ['office.pcap'], options: {} }, folder: 'results/office-replay' }
const verdictOf = (...subjects: ContenderReport[]) =>
  judged({ subjects } as unknown as LiveReport, undefined, about)
const spray = subject('any-idle', [230, 228, 231])
const hash = subject('hash', [0, 0, 0], { p99Us: 4000 })

test('what keeps order is recommended, with its price and what that rests on', () => {
  const report = verdictOf(spray, hash)
  const { verdict } = report
  assert.equal(verdict!.kind, 'order-kept')
  assert.deepEqual(verdict!.policies, ['hash'])
  assert.equal(verdict!.price!.differenceNs, 3e6)
  assert.deepEqual(verdict!.restsOn, { lanes: 'measured', file: null, workNs: null, runs: 3 })
  assert.deepEqual(choiceTexts(report), [
    'hash keeps order: p99 4ms, 3 ms ±0 ns more than any-idle, which reorders 23%; it drops nothing.',
    'This rests on 3 valid replays of each, measured on this machine.',
    'Next: lanewise compare office.pcap --calibration results/office-replay/calibration-hash.json',
  ])
})

test('what is recommended and has a table is tuned next, on its own lanes', () => {
  const { verdict } = verdictOf(subject('flow-pinned:ttl=30s', [0, 0]), spray)
  assert.deepEqual(verdict!.next, [
    [
      ...['lanewise', 'tune', 'office.pcap', '-p', 'flow-pinned'],
      ...['--calibration', 'results/office-replay/calibration.json'],
    ],
  ])
})

test('without predictions there is no calibration to go on with', () => {
  const alone = { calibrated: null }
  const { verdict } = verdictOf(subject('hash', [0, 0], alone), subject('any-idle', [9, 9], alone))
  assert.deepEqual(verdict!.next, [['lanewise', 'compare', 'office.pcap']])
})

test('a single replay that counts tells nothing about the next one', () => {
  const report = verdictOf(subject('any-idle', [230, null, 231]), subject('hash', [null, 0, null]))
  assert.deepEqual([report.verdict!.kind, report.verdict!.policies], ['cannot-tell', []])
  assert.deepEqual(choiceTexts(report), [
    "Can't tell who reorders least: the differences may be chance (1 valid replay of each).",
    'This rests on 1 valid replay of each, measured on this machine.',
    'Next: lanewise replay office.pcap -p any-idle -p hash --repeat 8',
  ])
})

test('who drops is not recommended; fewer packets that fit come first', () => {
  const { verdict } = verdictOf(spray, subject('hash', [0, 0, 0], { dropped: 470 }))
  assert.equal(verdict!.kind, 'drops-first')
  assert.deepEqual(verdict!.drops, { 'any-idle': 0, hash: 0.47 })
  assert.deepEqual(verdict!.next[0]!.slice(-1), ['--fits'])
})

test('what failed, or has no replay that counts, takes nothing from the others', () => {
  const failed = subject('mine', [], { error: 'policy mine: create threw' })
  const { verdict } = verdictOf(failed, subject('hash', [0, 0]), spray, subject('rss', [null, null]))
  assert.deepEqual([verdict!.kind, verdict!.policies], ['order-kept', ['hash']])
  const none = verdictOf(failed, subject('rss', [null]))
  assert.equal(none.verdict!.kind, 'failed')
  assert.deepEqual([none.verdict!.next, choiceTexts(none)], [[], []])
})

test('gates judge measured policies: those given, or those recommended', () => {
  const subjects = [spray, hash]
  const gates = (limits: [string, number][], arePoliciesGiven: boolean, labels: string[] = []) => {
    const asked = { limits: new Map(limits), labels, arePoliciesGiven }
    return gateTexts(judged({ subjects } as unknown as LiveReport, asked, about).gates!)
  }
  const limit: [string, number][] = [['reordered', 0.01]]
  const all = gates(limit, true)
  assert.equal(all.areKept, false)
  assert.match(all.lines[0]!, /^gate reordered, any-idle: 23\.\d+ % <= 1 %: FAILED$/)
  assert.equal(all.lines[1], 'gate reordered, hash: 0.1 % <= 1 %: ok')
  assert.deepEqual(gates(limit, false), { lines: [all.lines[1]], areKept: true })
  assert.deepEqual(gates([['drops', 0.001]], true, ['any-idle']).lines, [
    'gate drops, any-idle: 0 % <= 0.1 %: ok',
  ])
})
