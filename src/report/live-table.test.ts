import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveReport, ReplayRow, SubjectReport } from '../live/live-report.ts'
import { liveCsv } from './live-csv.ts'
import { liveMarkdown, liveTable } from './live-table.ts'
import { replayLine } from './live-words.ts'

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
  coresBusyNs: 1e9,
  wallSeconds: 2,
  policyCounters: {},
  endedEarly: false,
  laneLoad: 0.6,
}
const subject: SubjectReport = {
  label: 'round-robin',
  topology: 'dispatcher',
  replays: [row],
  measured: {
    reorderedRatio: estimate(0.1, 0.02),
    'laneShare[0]': estimate(0.4, 0),
    'laneShare[1]': estimate(0.6, 0),
  },
  bookkeeping: null,
  calibrated: null,
  asWritten: null,
  verdict: null,
  control: null,
  queueMapping: null,
  error: null,
}
const report = (...subjects: SubjectReport[]) =>
  ({
    title: 'Office',
    scenario: { source: { capture: 'office.pcap' } },
    device: 'tun',
    work: 'none',
    seed: 1,
    lanes: 2,
    cores: 2,
    packets: 1000,
    flows: 12,
    replaysPlanned: 1,
    subjects,
    ranks: null,
  }) as unknown as LiveReport

const predicted: SubjectReport = {
  ...subject,
  bookkeeping: { metrics: { reorderedRatio: estimate(0.101, 0.02) }, wrongFinishes: 0 },
  calibrated: { reorderedRatio: estimate(0.11, 0.015) },
  asWritten: { reorderedRatio: estimate(0.09, 0.01) },
  verdict: {
    isRight: false,
    metrics: [verdictOf('reorderedRatio', true, -0.09), verdictOf('extentMean', false, 0.2)],
  },
}

function verdictOf(metric: string, isRight: boolean, deviation: number) {
  const same = { isInInterval: isRight, isInTolerance: isRight, isRight }
  return { metric, measured: estimate(0.1, 0.02), predicted: estimate(0.11, 0.015), deviation, ...same }
}

test('what was not predicted takes no column and no line', () => {
  const text = liveTable(report(subject), { width: 80, colour: false })
  assert.match(text, /\nreordered +measured\nround-robin +10\.0% ±2\.0\n/)
  assert.match(text, /\nbusiest lane serves +measured\nround-robin +60% ±0\n/)
  assert.doesNotMatch(text, /predicted|calibrated/)
})

test('prediction stands beside measurement, with its verdict and what was missed', () => {
  const text = liveMarkdown(report(predicted))
  assert.match(text, /\| reordered \| measured \| \(a\) record \| \(b\) calibrated \| \(c\) as written \|/)
  assert.match(text, /\| round-robin \| 10\.0% ±2\.0 \| 10\.1% \| 11\.0% ±1\.5 \| 9% \| ok \|/)
  assert.match(text, /- round-robin: 1 of 2 metrics as predicted, not extentMean \+20 %\n/)
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
  const text = liveMarkdown(report({ ...subject, topology: 'multi-queue', queueMapping: mapping }))
  assert.ok(
    text.includes(
      "- round-robin (multi-queue): the kernel's queues are unlike linux-tun: 3 flows came through several queues; 2 of 50 flows have another queue than their reverse; 1 flows had another queue in a later replay; so uneven a spread has linux-tun with 0.1 % of all keys. 100, 300 of 400 flows per queue (linux-tun: 180 to 220 with 95 % of its keys).",
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

test('live.csv has a row per replay, and unknown is empty', () => {
  const [header = '', line = ''] = liveCsv(report(subject)).split('\n')
  const cells = Object.fromEntries(header.split(',').map((name, i) => [name, line.split(',')[i]]))
  assert.deepEqual(
    [cells.policy, cells.isCalibration, cells['counts.tunDropped'], cells.reorderedRatio, cells.extentMean],
    ['round-robin', '1', '7', '0.1', ''],
  )
})
