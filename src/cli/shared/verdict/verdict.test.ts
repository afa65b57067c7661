/** What a verdict names next, and the verdict of a scan, from results of hand-made numbers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunResult } from '../../../metrics/result.ts'
import { compareRuns } from '../../../metrics/statistics/comparison.ts'
import { verdictTexts } from '../../../report/comparison/verdict-text.ts'
import { madeLoad, madePolicy } from '../../../report/made-results.testing.ts'
import type { ReportedPoint } from '../../../report/scan/scan-report.ts'
import type { Question } from './question.ts'
import { reportVerdict, scanVerdict } from './verdict.ts'

type Policy = RunResult['policies'][number]

/** Two runs alike, with these policies. */
function runsOf(policies: readonly Policy[], load = madeLoad): RunResult[] {
  return [0, 1].map((run) => ({ run, load, warnings: [], policies }))
}
const failed = (label: string): Policy => ({ ...madePolicy(label, 0), metrics: {}, error: 'it threw' })
const unjudged = (label: string): Policy => madePolicy(label, 0, { reorderedRatio: null })
const dropping = (label: string) => madePolicy(label, 0, { laneDropRatio: { count: 400, of: 1000 } })
const spray = madePolicy('any-idle', 200)
const hash = madePolicy('hash', 0)

const asked: Question = {
  input: ['a.pcap', 'b.pcap', '--as-one'],
  options: {
    set: ['lanes.count=8', 'source.packetsPerSecond=9'],
    duration: '2s',
    warmup: '1ms',
    seed: '7',
    runs: '3',
  },
}
const INPUT = 'a.pcap b.pcap --as-one'
const rateKey = 'source.packetsPerSecond'
const next = (policies: readonly Policy[], options: Partial<Question['options']> = {}, load = madeLoad) => {
  const question = { ...asked, options: { ...asked.options, ...options } }
  return reportVerdict(runsOf(policies, load), { question, rateKey }).next.map((words) => words.join(' '))
}
const SETS = '--set lanes.count=8 --set source.packetsPerSecond=9'
const REST = '-d 2s -w 1ms --seed 7'

const cases: ReadonlyArray<readonly [title: string, policies: Policy[], kind: string, next: string[]]> = [
  [
    'what keeps order is replayed, beside what it was compared with',
    [spray, hash],
    'order-kept',
    [`lanewise replay ${INPUT} -p hash -p any-idle ${SETS} --set warmup=1ms -d 2s --seed 7`],
  ],
  [
    'a flow table is tuned, without the TTL that tune looks for',
    [spray, madePolicy('flow-pinned:ttl=30s,key=address-pair', 0)],
    'order-kept',
    [`lanewise tune ${INPUT} -p flow-pinned:key=address-pair ${SETS} ${REST} -r 3`],
  ],
  [
    'chance is met with more runs of the same',
    [madePolicy('any-idle', 200), madePolicy('round-robin', 200)],
    'cannot-tell',
    [`lanewise compare ${INPUT} ${SETS} ${REST} -r 20`],
  ],
  [
    'a policy alone gets another one beside it',
    [spray],
    'cannot-tell',
    [`lanewise compare ${INPUT} -p any-idle -p hash ${SETS} ${REST} -r 3`],
  ],
  [
    'so does one whose rivals failed or are yardsticks',
    [madePolicy('hash:key=two-tuple', 3), failed('rss'), madePolicy('drained', 0)],
    'cannot-tell',
    [`lanewise compare ${INPUT} -p hash:key=two-tuple -p any-idle ${SETS} ${REST} -r 3`],
  ],
  [
    'a topology that has no policies is left for two of them',
    [madePolicy('shared', 9)],
    'cannot-tell',
    [`lanewise compare ${INPUT} -p any-idle -p hash ${SETS} --set topology=dispatcher ${REST} -r 3`],
  ],
  ['nothing helps where nothing was judged', [unjudged('any-idle'), unjudged('hash')], 'cannot-tell', []],
  [
    'where drops come first, what fits does',
    [spray, dropping('hash')],
    'drops-first',
    [`lanewise compare ${INPUT} ${SETS} ${REST} -r 3 --fits`],
  ],
  [
    'after failures the same again, with more words',
    [failed('any-idle'), failed('hash')],
    'failed',
    [`lanewise compare ${INPUT} ${SETS} ${REST} -r 3 -v`],
  ],
]

for (const [title, policies, kind, commands] of cases) {
  test(`next: ${title}`, () => {
    assert.equal(reportVerdict(runsOf(policies), { question: asked, rateKey }).kind, kind)
    assert.deepEqual(next(policies), commands)
  })
}

test('a policy of a user is named by its module, and the permission to run modules goes along', () => {
  const modules = {
    mine: { path: '../there/mine.mjs', ttl: null },
    sticky: { path: './sticky.ts', ttl: 'ttl' },
  }
  const question: Question = { input: ['s.yaml'], options: { allowModules: true }, modules }
  const nextOf = (...policies: Policy[]) =>
    reportVerdict(runsOf(policies), { question, rateKey }).next.map((words) => words.join(' '))
  assert.deepEqual(nextOf(spray, madePolicy('mine:lane=3,key=a', 0)), [
    'lanewise replay s.yaml -p ../there/mine.mjs:lane=3,key=a -p any-idle --allow-modules',
  ])
  assert.deepEqual(nextOf(spray, madePolicy('sticky:ttl=30s,lane=3', 0)), [
    'lanewise tune s.yaml -p ./sticky.ts:lane=3 --allow-modules',
  ])
  assert.deepEqual(nextOf(spray, dropping('mine')), ['lanewise compare s.yaml --allow-modules --fits'])
})

test('what only a replay takes is in no other command', () => {
  const shape = { pps: '9', multiplier: '2', limit: '3', loopback: true, predict: false } as const
  for (const policies of [
    [spray, dropping('hash')],
    [spray, madePolicy('flow-pinned', 0)],
  ]) {
    assert.doesNotMatch(next(policies, shape)[0]!, /pps|-x|limit|loopback|predict/)
  }
})

test('where nothing overlaps a busier rate comes next, in place of the one that was set', () => {
  const idle = { ...madeLoad, overlappingRatio: 0 }
  assert.deepEqual(next([madePolicy('any-idle', 0), hash], {}, idle), [
    `lanewise compare ${INPUT} --set lanes.count=8 --set source.packetsPerSecond=93000 ${REST} -r 3`,
  ])
})

test('policies that were named are named again, calibrated lanes too', () => {
  const given = { policy: ['rss', 'any-idle'], calibration: 'mine.json' }
  assert.deepEqual(next([failed('rss'), failed('any-idle')], given), [
    `lanewise compare ${INPUT} -p rss -p any-idle ${SETS} ${REST} --calibration mine.json -r 3 -v`,
  ])
})

test('a replay sleeps the work of a calibration that is a part of a scenario, not of one of lanes measured', () => {
  const question = { ...asked, options: { ...asked.options, calibration: 'mine.json' } }
  const of = (form: 'scenario' | 'measured') => {
    const calibratedOn = { file: 'mine.json', sha256: 'a1', form, missRatioMax: 0.123 }
    const { next, restsOn } = reportVerdict(runsOf([spray, hash]), { question, rateKey, calibratedOn })
    const { lanes, file, calibration } = restsOn
    assert.deepEqual(
      [lanes, file, calibration],
      ['calibrated', 'mine.json', { sha256: 'a1', missRatioMax: 0.123 }],
    )
    return [next[0]!.slice(0, 2).join(' '), next[0]!.slice(-2)]
  }
  assert.deepEqual(of('scenario'), ['lanewise replay', ['--calibration', 'mine.json']])
  assert.deepEqual(of('measured'), ['lanewise replay', ['--seed', '7']])
})

const saying = (policies: readonly Policy[]) => {
  const results = runsOf(policies)
  const verdict = reportVerdict(results, { question: asked, rateKey })
  const records = compareRuns(results, policies[0]!.label).map(({ label, ...rest }) => ({
    policy: label,
    ...rest,
  }))
  return verdictTexts({ verdict, records, labels: policies.map(({ label }) => label) })[0]
}

test('why nobody can tell is said as it is: chance, nothing to compare with, or nothing judged', () => {
  assert.match(
    saying([spray, madePolicy('round-robin', 200)])!,
    /^Can't tell who reorders least: .* \(2 runs\)/,
  )
  const alone = "Can't tell: there is nothing to compare with. Name another policy (-p)."
  assert.equal(saying([spray]), alone)
  assert.equal(saying([spray, madePolicy('drained', 0), failed('rss')]), alone)
  assert.match(saying([madePolicy('drained', 0)])!, /only a yardstick has been judged/)
  assert.equal(saying([unjudged('any-idle'), unjudged('hash')]), "Can't tell: no packet was judged.")
})

test('the verdict of a scan is what holds at all its points', () => {
  const kindOf = (...points: Policy[][]) => {
    const reported = points.map((policies, point) => ({
      point,
      verdict: reportVerdict(runsOf(policies), { question: asked, rateKey }),
    })) as unknown as ReportedPoint[]
    const { kind, policies, changes } = scanVerdict(reported, { question: asked, rateKey })
    return [kind, policies, changes.length]
  }
  const still = madePolicy('any-idle', 0)
  const pinned = madePolicy('flow-pinned', 0)
  assert.deepEqual(kindOf([spray, hash], [spray, hash]), ['order-kept', ['hash'], 0])
  assert.deepEqual(kindOf([still, hash], [spray, hash]), ['order-kept', ['hash'], 1])
  assert.deepEqual(kindOf([spray, hash, pinned], [spray, dropping('hash'), pinned]), [
    ...['order-kept', ['flow-pinned'], 1],
  ])
  assert.deepEqual(kindOf([spray, hash], [spray, dropping('hash')]), ['cannot-tell', [], 1])
  assert.deepEqual(kindOf([spray, hash], [madePolicy('any-idle', 9), madePolicy('hash', 300)]), [
    ...['cannot-tell', [], 1],
  ])
  assert.deepEqual(kindOf(), ['failed', [], 0])
})
