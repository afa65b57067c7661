/** The verdict of replays, and their gates, from what replays of hand-made numbers come to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContenderReport, LiveReport, ReplayRow } from '../../live/verdict/live-report.ts'
import { ratio } from '../../metrics/metric.ts'
import { estimate } from '../../metrics/statistics/statistics.ts'
import { choiceTexts } from '../../report/live/judged-replays.ts'
import { scenarioSchema } from '../../scenario/schema/schema.ts'
import { gateTexts } from '../shared/verdict/policy-gates.ts'
import { judged, type ReplaysAbout, setsOf } from './verdict.ts'

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
const about: ReplaysAbout = {
  question: { input: ['office.pcap'], options: {} },
  sets: [],
  folder: 'results/office-replay',
}
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

/** The one command after replays of these that were asked so. */
function nextOf(options: ReplaysAbout['question']['options'], ...subjects: ContenderReport[]): string {
  const question = { input: ['office.pcap'], options }
  const sets = setsOf(options, scenarioOf({ capture: 'office.pcap' }))
  const { verdict } = judged({ subjects } as unknown as LiveReport, undefined, { ...about, question, sets })
  return verdict!.next[0]!.join(' ')
}
const scenarioOf = (source: object) => scenarioSchema.parse({ source })

test('a replay that is to be repeated is asked as it was', () => {
  const chance = [subject('any-idle', [9]), subject('shared', [9], { topology: 'shared' })]
  const again = 'lanewise replay office.pcap -p any-idle'
  for (const [options, words] of [
    [{ pps: '4000', limit: '200', duration: '3s' }, '-d 3s --pps 4000 --limit 200'],
    [{ mbps: '8', loop: '3' }, '--mbps 8 --loop 3'],
    [{ multiplier: '20', set: ['lanes.count=2'] }, '--set lanes.count=2 -x 20'],
    [{ topspeed: true, seed: '7', work: 'none' }, '--seed 7 --topspeed --work none'],
    [{ loopback: true, work: 'model', predict: true }, '--loopback'],
    [{ host: true, predict: false }, '--host --no-predict'],
    [{ predictRuns: '9', allowModules: true }, '--predict-runs 9 --allow-modules'],
  ] as const) {
    assert.equal(nextOf(options as object, ...chance), `${again} ${words} --topology shared --repeat 8`)
  }
})

test('what lanes were calibrated on is named again, and stands in what the verdict rests on', () => {
  const chance = [subject('any-idle', [9]), subject('hash', [9])]
  assert.equal(
    nextOf({ calibration: 'machine', loopback: true }, ...chance),
    'lanewise replay office.pcap -p any-idle -p hash --loopback --calibration machine --repeat 8',
  )
  const calibratedOn = { file: 'machine', sha256: 'a1', form: 'scenario', missRatioMax: null } as const
  const report = { subjects: [spray, hash] } as unknown as LiveReport
  const { verdict } = judged(report, undefined, { ...about, calibratedOn })
  const calibration = { sha256: 'a1', missRatioMax: null }
  assert.deepEqual(verdict!.restsOn, {
    lanes: 'measured',
    file: 'machine',
    calibration,
    workNs: null,
    runs: 3,
  })
})

test('a simulation after a replay has its pace and repetitions, as far as a scenario has words for them', () => {
  const lanes = '--calibration results/office-replay/calibration'
  const dropping = [spray, subject('hash', [0, 0], { dropped: 470 })]
  const options = { pps: '4000', loop: '3', duration: '3s', set: ['source.packetsPerSecond=9'], limit: '9' }
  const sets = '--set source.packetsPerSecond=4000 --set source.loop=3 -d 3s'
  assert.equal(nextOf(options, ...dropping), `lanewise compare office.pcap ${sets} ${lanes}.json --fits`)
  assert.equal(
    nextOf({ multiplier: '20' }, spray, hash),
    `lanewise compare office.pcap --set source.speed=20 ${lanes}-hash.json`,
  )
  assert.equal(
    nextOf({ multiplier: '20' }, spray, subject('flow-pinned', [0, 0])),
    `lanewise tune office.pcap -p flow-pinned --set source.speed=20 ${lanes}-flow-pinned.json`,
  )
})

test("a replay's pace is the scenario's own times the factor", () => {
  const capture = 'a.pcap'
  for (const [given, source, sets] of [
    [{}, { capture }, []],
    [{ multiplier: '1' }, { capture, speed: 3 }, []],
    [{ multiplier: '20' }, { capture, speed: 3 }, ['source.speed=60']],
    [{ multiplier: '20' }, { capture, packetsPerSecond: 50 }, ['source.packetsPerSecond=1000']],
    [{ pps: '7' }, { synthetic: { packetsPerSecond: 50 } }, ['source.synthetic.packetsPerSecond=7']],
    [{ pps: '7' }, { capture, speed: 3 }, ['source.packetsPerSecond=7', 'source.speed=1']],
    [{ mbps: '7' }, { capture }, []],
  ] as const) {
    assert.deepEqual(setsOf(given, scenarioOf(source)), sets)
  }
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
