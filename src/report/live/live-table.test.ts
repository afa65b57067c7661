import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContenderReport, LiveReport, ReplayRow } from '../../live/verdict/live-report.ts'
import type { MetricVerdict } from '../../live/verdict/verdict.ts'
import { liveCsv } from './live-csv.ts'
import { liveFacts, noneValidTexts } from './live-facts.ts'
import { liveMarkdown, liveTable } from './live-table.ts'
import { lossTexts, ranksText, replayLine, verdictText } from './live-text.ts'

const estimate = (mean: number, half: number) => ({ mean, low95: mean - half, high95: mean + half, runs: 4 })
const counts = {
  packets: 1000,
  delivered: 990,
  tunDropped: 7,
  laneDropped: 3,
  collectorDropped: 0,
  sendFailed: 0,
  writeFailed: 0,
  notSent: 0,
  inFlight: 0,
  unaccounted: 0,
  duplicates: 0,
  unmarked: 0,
  padded: 0,
  foreign: 2,
} as ReplayRow['counts']
const row: ReplayRow = {
  replay: 1,
  invalid: [],
  isCalibration: true,
  metrics: { reorderedRatio: { count: 99, of: 990 }, latencyNsP50: 700_000, extentMean: null },
  counts,
  latenessNsP50: 200,
  latenessNsP99: 9_000,
  latenessNsMax: 1_500_000,
  packetsSent: 1000,
  bytesSent: 500_000,
  seconds: 2,
  packetsPerSecond: 500,
  megabitsPerSecond: 2,
  stealNs: 0,
  coresBusyNs: 1.28e9,
  othersBusyNs: 4.2e9,
  cpuPressureRatio: 0.5,
  runQueueWaitNs: { injector: 1e6, reader: null, lanes: 2e6, collector: 0 },
  runQueueWaitRatio: 0.052,
  wallSeconds: 2,
  policyCounters: {},
  endedEarly: false,
  laneLoad: 0.6,
}
const contender: ContenderReport = {
  label: 'round-robin',
  topology: 'dispatcher',
  replays: [row],
  measured: {
    reorderedRatio: estimate(0.1, 0.02),
    'laneShare[0]': estimate(0.45, 0),
    'laneShare[1]': estimate(0.55, 0),
    laneShareMax: estimate(0.6, 0),
  },
  bookkeeping: null,
  calibrated: null,
  asWritten: null,
  verdict: null,
  control: null,
  queueMapping: null,
  error: null,
}
const report = (...subjects: ContenderReport[]) =>
  ({
    title: 'Office',
    scenario: { source: { capture: 'office.pcap' } },
    device: 'tun',
    work: 'none',
    seed: 1,
    lanes: 2,
    cores: 2,
    packets: 1000,
    packetsJudged: 1000,
    flows: 12,
    replaysPlanned: 1,
    subjects,
    ranks: null,
  }) as unknown as LiveReport

const predicted: ContenderReport = {
  ...contender,
  replays: [row, ...[2, 3].map((replay) => ({ ...row, replay, isCalibration: false }))],
  bookkeeping: { metrics: { reorderedRatio: estimate(0.101, 0.02) }, wrongFinishes: 0 },
  calibrated: { reorderedRatio: estimate(0.11, 0.015) },
  asWritten: { reorderedRatio: estimate(0.09, 0.01) },
  verdict: {
    isRight: false,
    verdict: 'no',
    metrics: [verdictOf('reorderedRatio', true, -0.09), verdictOf('extentMean', false, 0.2)],
  },
}

function verdictOf(metric: string, isRight: boolean, deviation: number): MetricVerdict {
  const same = { isInInterval: isRight, isInTolerance: isRight, isRight }
  const difference = { ...estimate(-0.01, 0.02), runs: 3 }
  const told = { difference, verdict: isRight ? 'yes' : 'no', replaysToTell: null } as const
  return {
    metric,
    measured: estimate(0.1, 0.02),
    predicted: estimate(0.11, 0.015),
    deviation,
    ...same,
    ...told,
  }
}

test('what was not predicted takes no column and no line', () => {
  const text = liveTable(report(contender), { width: 80, colour: false })
  assert.match(text, /\nreordered packets +measured\nround-robin +10\.0% ±2\.0\n/)
  assert.match(text, /\nbusiest lane serves +measured\nround-robin +60% ±0\n/)
  assert.doesNotMatch(text, /predicted|calibrated/)
})

test('nothing is a yardstick in a replay', () => {
  const drained = report({ ...contender, label: 'drained' })
  for (const text of [liveTable(drained, { width: 80, colour: false }), liveMarkdown(drained)]) {
    assert.match(text, /drained/)
    assert.doesNotMatch(text, /yardstick/)
  }
})

test('prediction stands beside measurement, with its verdict and what was missed', () => {
  const text = liveMarkdown(report(predicted))
  assert.match(
    text,
    /\| reordered packets \| measured \| \(a\) record \| \(b\) calibrated \| \(c\) as written \| \(b\) holds \|/,
  )
  assert.match(text, /\| round-robin \| 10\.0% ±2\.0 \| 10\.1% \| 11\.0% ±1\.5 \| 9% \| yes \|/)
  assert.match(
    text,
    /- round-robin: 1 of 2 metrics as predicted, judged by 2 replays; not mean extent \(others 0\.1, predicted 0\.11\)\n/,
  )
})

test('a verdict gives both numbers by the names of the table, and says what the control came to', () => {
  const metrics = ['reorderedRatio', 'latencyNsP99', 'laneShare[2]', 'laneShareMax']
  const wrong = metrics.map((metric) => verdictOf(metric, false, 0.2))
  const right = metrics.map((metric) => verdictOf(metric, true, 0))
  const others = { ...row, isCalibration: false }
  const judged: ContenderReport = {
    ...predicted,
    replays: [row, others, { ...others, invalid: ['disturbed'] }, { ...others, endedEarly: true }, others],
    verdict: { isRight: false, verdict: 'no', metrics: wrong },
    control: { isRight: false, verdict: 'no', metrics: [...wrong.slice(0, 3), right[3]!] },
  }
  assert.equal(
    verdictText(judged),
    'round-robin: 0 of 4 metrics as predicted, judged by 2 replays; not reordered packets (others 10%, predicted 11%); ' +
      'not p99 latency (others 0.1ns, predicted 0.11ns); not lane 2 serves (others 10%, predicted 11%); ' +
      'not busiest lane serves (others 10%, predicted 11%); ' +
      'control: with half the jitter 3 of 4 would fail, so the test can tell',
  )
  const isRight = { isRight: true, verdict: 'yes', metrics: right } as const
  const blind = { ...judged, verdict: isRight }
  assert.match(
    verdictText({ ...blind, control: isRight }),
    /^round-robin: 4 of 4 metrics as predicted, judged by 2 replays; control: with half the jitter none would fail: the test can't tell$/,
  )
})

test("what can't be told is said with both spreads and what would help", () => {
  const untold = (metric: string, replaysToTell: number | null): MetricVerdict => ({
    ...verdictOf(metric, false, -0.13),
    measured: { ...estimate(0.071, 0.045), runs: 3 },
    predicted: { ...estimate(0.082, 0.011), runs: 20 },
    verdict: 'cannot-tell',
    replaysToTell,
  })
  const others = [2, 3, 4].map((replay) => ({ ...row, replay, isCalibration: false }))
  const right = verdictOf('latencyNsP50', true, 0)
  const of = (...metrics: MetricVerdict[]) => ({ isRight: false, verdict: 'cannot-tell' as const, metrics })
  const said = (verdict: ContenderReport['verdict'], replays = [row, ...others]) =>
    verdictText({ ...predicted, label: 'hash', replays, verdict })
  const one = of(untold('reorderedRatio', 7), right)
  const line =
    "hash: 1 of 2 metrics as predicted, judged by 3 replays; can't tell: reordered packets (7.1% ±4.5 measured over 3 replays, " +
    'predicted 8.2% ±1.1); more replays (--repeat 7) or an idle machine would'
  assert.equal(said(one), line)
  assert.match(
    said(of(untold('reorderedRatio', 7), untold('laneShareMax', 9))),
    /; can't tell: reordered .*, busiest lane serves \(7\.1% ±4\.5, predicted 8\.2% ±1\.1\); more replays \(--repeat 9\) /,
  )
  assert.match(said(of(untold('reorderedRatio', null))), /; longer replays or an idle machine would$/)
  assert.equal(
    said(of(untold('reorderedRatio', 4)), [row, others[0]!]),
    "hash: can't tell, the prediction is judged by 1 replay only; more replays (--repeat 4) would",
  )
  const table = liveMarkdown(report({ ...predicted, verdict: one }))
  assert.match(table, /\| round-robin \| 10\.0% ±2\.0 .* \| can't tell \|/)
  assert.match(
    verdictText({ ...predicted, verdict: of(right), control: one }),
    /; control: with half the jitter none would fail and 1 couldn't be told: the test can't tell$/,
  )
})

test('a mean of two replays has no interval, and beside a wide one it keeps two digits', () => {
  const cellOf = (measured: ContenderReport['measured'][string]) =>
    /^round-robin +(\S.*)$/m.exec(
      liveTable(report({ ...contender, measured: { reorderedRatio: measured } }), {
        width: 80,
        colour: false,
      }),
    )?.[1]
  assert.equal(cellOf({ ...estimate(0.1, 0.02), runs: 2 }), '10%')
  assert.equal(cellOf({ ...estimate(0.1, 0.02), runs: 3 }), '10.0% ±2.0')
  assert.equal(cellOf(estimate(0.000749, 0.0032)), '0.075% ±0.32')
})

test('one pair of policies is told as one', () => {
  const ranks = (pairs: number) => ranksText({ ...report(contender), ranks: { pairs, wrong: [] } })
  assert.equal(
    ranks(1),
    'The order of the one pair of policies that measurement tells apart is as predicted.',
  )
  assert.match(ranks(3)!, /^The order of all 3 pairs of policies /)
})

test('a kernel that chooses otherwise than linux-tun is told with how', () => {
  const mapping = {
    replays: 4,
    flows: 400,
    flowsPerQueue: [100, 300],
    flowsOnSeveralQueues: 3,
    reversePairs: 50,
    reversePairsSplit: 2,
    flowsMovedBetweenReplays: 1,
    predictedFlowsLow95: 180,
    predictedFlowsHigh95: 220,
    asUnevenRatio: 0.001,
  }
  const text = liveMarkdown(report({ ...contender, topology: 'multi-queue', queueMapping: mapping }))
  assert.ok(
    text.includes(
      "- round-robin (multi-queue): the kernel's queues are unlike linux-tun: 3 flows came through several queues; 2 of 50 flows have another queue than their reverse; 1 flow had another queue in a later replay; so uneven a spread has linux-tun with 0.1 % of all keys. 100, 300 of 400 flows per queue (linux-tun: 180 to 220 with 95 % of its keys).",
    ),
    text,
  )
})

test("a replay's line says every packet's fate, in tcpreplay's form", () => {
  assert.equal(
    replayLine(row),
    "replay 1: Actual: 1000 packets (500000 bytes) sent in 2.00 seconds. Rated: 250000 Bps, 2 Mbps, 500 pps. 990 of 1,000 delivered, 7 dropped at the TUN queue, 3 dropped at a lane; 2 packets of the kernel's own ignored",
  )
})

const disturbed: ReplayRow = {
  ...row,
  replay: 2,
  invalid: ['1 % of the packets were sent more than 30 ms late, bound 5 ms - repeat it, or replay slower'],
  packetsPerSecond: 100,
  latenessNsP50: 9e6,
  latenessNsMax: 70e6,
}
const facts = (...replays: ReplayRow[]) => Object.fromEntries(liveFacts(report({ ...contender, replays })))

test('the head is of the replays that count, and says why others were disturbed', () => {
  const { source, runs, machine } = facts(row, disturbed)
  assert.equal(source, 'office.pcap: 1,000 packets of 12 flows, 500 packets/s')
  assert.equal(
    runs,
    '1 of 1 replay valid, 1 disturbed and not counted (1 % of the packets were sent more than 30 ms late, bound 5 ms), seed 1',
  )
  assert.equal(
    machine,
    'cores busy: 0.64 by the replay, 2.1 by others, its threads had none 5.2 % of the time that they wanted one; ' +
      '0 % of one taken by the host; sent late by 200 ns (median), 9 us (99 %), 1.5 ms (most)',
  )
  const silent = facts({ ...row, othersBusyNs: null, runQueueWaitRatio: null })
  assert.match(silent.machine!, /^cores busy: 0\.64 by the replay; 0 % of one taken by the host; /)
})

test('where no replay counts the head is of all, and says so; each such contender is told', () => {
  const none = report({ ...contender, measured: {}, replays: [disturbed, { ...disturbed, replay: 3 }] })
  const { source, runs } = Object.fromEntries(liveFacts(none))
  assert.match(source!, /, 100 packets\/s$/)
  assert.match(
    runs!,
    /^0 of 1 replay valid, 2 disturbed and not counted \(the first: .*\), packets\/s and machine are of those, /,
  )
  const said =
    'round-robin: none of its 2 replays is valid, 1 % of the packets were sent more than 30 ms late, bound 5 ms - repeat it, or replay slower'
  assert.deepEqual(noneValidTexts(none), [said])
  assert.ok(liveMarkdown(none).includes(said))
})

test('one packet has no rate: it is left out, never NaN', () => {
  const single = {
    ...row,
    packetsSent: 1,
    bytesSent: 60,
    seconds: 0,
    packetsPerSecond: null,
    megabitsPerSecond: null,
  }
  assert.equal(facts(single).source, 'office.pcap: 1,000 packets of 12 flows')
  assert.match(replayLine(single), /Rated: - Bps, - Mbps, - pps\./)
})

test('losses are told per contender, only where something was lost', () => {
  const lossy = { ...counts, delivered: 75, tunDropped: 920, laneDropped: 5 }
  const whole = { ...counts, delivered: 1000, tunDropped: 0, laneDropped: 0 }
  const two = report(
    { ...contender, replays: [{ ...row, counts: lossy }, disturbed] },
    { ...contender, label: 'hash', replays: [{ ...row, counts: whole }] },
  )
  const text =
    'round-robin: 7.5% of its packets delivered; 92% dropped at the TUN queue, 0.5% dropped at a lane.'
  assert.deepEqual(lossTexts(two), [text])
  assert.ok(liveMarkdown(two).includes(`- ${text}\n`))
  assert.ok(liveTable(two, { width: 200, colour: false }).includes(text))
})

test('shares of what was lost add up as they are shown', () => {
  const lossy = { ...counts, packets: 100_000, delivered: 71_548, tunDropped: 28_449, laneDropped: 3 }
  assert.deepEqual(lossTexts(report({ ...contender, replays: [{ ...row, counts: lossy }] })), [
    'round-robin: 71.5% of its packets delivered; 28.5% dropped at the TUN queue, <0.01% dropped at a lane.',
  ])
})

test('packets of the warm-up are said to be not judged', () => {
  const [[, source]] = liveFacts({ ...report(contender), packetsJudged: 900 }) as [[string, string]]
  assert.match(source, /; 900 of them are behind the warm-up and judged$/)
})

test('a table of verdicts alone is left out, and the legend explains the columns that are shown', () => {
  const nothing = { mean: null, low95: null, high95: null, runs: 4 }
  const quiet: ContenderReport = {
    ...predicted,
    measured: { ...contender.measured, extentMean: nothing },
    calibrated: { ...predicted.calibrated, extentMean: nothing },
    asWritten: null,
  }
  const text = liveTable(report(quiet), { width: 100, colour: false })
  assert.doesNotMatch(text, /^extent/m)
  assert.match(text, /^\(b\) calibrated on the first replay/m)
  assert.doesNotMatch(text, /\(c\)/)
  const single = liveTable(report(contender), { width: 100, colour: false })
  assert.match(single, /^measured: mean/m)
  assert.doesNotMatch(single, /^\(a\)|^\(b\)/m)
})

test('long labels break at commas', () => {
  const label = 'flow-pinned:ttl=5ms,key=address-pair,assign=least-loaded'
  const text = liveTable(report({ ...predicted, label }), { width: 80, colour: false })
  for (const line of text.split('\n')) assert.ok(line.length <= 80, line)
  assert.match(
    text,
    /^ +\(a\) +\(b\) +\(c\) +\(b\)\nreordered packets +measured +record +calibrated +as written +holds\n/m,
  )
  assert.match(text, /^flow-pinned:ttl=5ms, +10\.0%.*\nkey=address-pair,\nassign=least-loaded\n/m)
})

test('live.csv has a row per replay, and unknown is empty', () => {
  const [header = '', line = ''] = liveCsv(report(contender)).split('\n')
  const cells = Object.fromEntries(header.split(',').map((name, i) => [name, line.split(',')[i]]))
  assert.deepEqual(
    [
      cells.policy,
      cells.isCalibration,
      cells.endedEarly,
      cells['counts.tunDropped'],
      cells.reorderedRatio,
      cells.extentMean,
      cells['runQueueWaitNs.lanes'],
      cells['runQueueWaitNs.reader'],
      cells.cpuPressureRatio,
    ],
    ['round-robin', '1', '0', '7', '0.1', '', '2000000', '', '0.5'],
  )
})
