/** The sentences of a diagnosis where there is much to say: made-up data with long names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrap } from '../parts/wrap.ts'
import { type Diagnosis, diagnosisTexts } from './diagnosis.ts'
import type { MeasuredPair } from './measured-text.ts'

const FLOW = '2001:db8:1234:5678:9abc:def0:1111:2222:50000 > 2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa:443/udp'
const LABELS = Array.from({ length: 12 }, (_, i) => `policy-${i}:ttl=${i + 1}s,key=address-pair`)
const lines = (texts: readonly string[]) => texts.reduce((sum, text) => sum + wrap(text, 80).length, 0)
const share = (mean: number) => ({ mean, low95: mean, high95: mean, runs: 5, count: 0, of: 20_000 })

const COUNTS: NonNullable<MeasuredPair['counts']> = {
  sent: 20_000,
  received: 19_000,
  matched: 19_000,
  lost: 1000,
  lostAtEdges: 100,
  lostWholeFlows: 0,
  duplicated: 0,
  corrupted: 3,
  rewritten: 0,
  unmatched: 0,
  identical: 0,
  returnSent: 1,
  returnReceived: 0,
  otherFramesSent: 0,
  otherFramesReceived: 0,
}

const MEASURED: MeasuredPair = {
  sent: 'a.pcap',
  received: 'b.pcap',
  isSameTraffic: false,
  problem: null,
  counts: COUNTS,
  metrics: {
    reorderedRatio: { mean: 0.1, low95: 0.09, high95: 0.11, runs: 1, count: 1900, of: 19_000 },
    sackLostRatio: { mean: 0.01, low95: null, high95: null, runs: 1, count: 1, of: 100 },
    quicLostRatio: { mean: 0.02, low95: null, high95: null, runs: 1, count: 2, of: 100 },
  },
  worstFlow: { flow: FLOW, reordered: 1, arrived: 8 },
  lostInside: 900,
  predictions: LABELS.map((policy) => ({
    policy,
    reorderedRatio: { mean: 0.2, low95: 0.19, high95: 0.21 },
    agrees: 'no',
  })),
  dropsMost: { policy: LABELS[0]!, dropRatio: 0.001, high95: 0.002 },
  contradictions: ['no-policy', 'reorders', 'loses'],
  notes: [],
}

const DIAGNOSIS: Diagnosis = {
  kind: 'lanewise diagnosis',
  schemaVersion: 1,
  capture: 'traffic.pcap',
  traffic: {
    packets: 20_000,
    flows: 300,
    spanNs: 10e9,
    packetsPerSecond: 2000,
    tcpRatio: 0.5,
    udpRatio: 0.5,
    load: 0.1,
    loadPeak10ms: 0.9,
    overlappingRatio: 0.5,
    largestFlow: FLOW,
    largestFlowRatio: 0.1,
    flowGapNsP50: 1e6,
    flowGapNsP99: 1e9,
    gapsFrom1sRatio: 0.01,
  },
  hurt: LABELS.slice(6).map((policy, i) => ({
    policy,
    reorderedRatio: 0.2 - i / 100,
    flows: 20,
    who: [{ flow: FLOW, reordered: 1, sent: 8 }],
  })),
  verdict: {
    kind: 'order-kept',
    policies: LABELS.slice(0, 6),
    price: { metric: 'latencyNsP99', than: LABELS[6]!, differenceNs: 1e6, low95: 9e5, high95: 1.1e6 },
    drops: {},
    fits: null,
    restsOn: { lanes: 'assumed', file: null, workNs: 30_000, runs: 5 },
    next: [['lanewise', 'replay', 'traffic.pcap', '-p', LABELS[0]!, '-p', LABELS[6]!]],
  },
  restsOn: { lanes: 'assumed', file: null, workNs: 30_000, runs: 5 },
  measured: null,
  ttl: { parameter: 'ttl', value: '5s', basis: 'floor' },
  records: LABELS.map((policy, i) => ({
    policy,
    metrics: { reorderedRatio: share(i < 6 ? 0 : 0.2), latencyNsP99: { ...share(3e6), of: 0 } },
    error: null,
  })),
  next: [['lanewise', 'replay', 'traffic.pcap', '-p', LABELS[0]!, '-p', LABELS[6]!]],
}

test('where there would be more than 25 lines, what matters least is left out', () => {
  const without = diagnosisTexts(DIAGNOSIS)
  assert.ok(lines(without) <= 25, `${lines(without)} lines`)
  const all = diagnosisTexts({ ...DIAGNOSIS, measured: MEASURED })
  assert.ok(lines(all) <= 25, `${lines(all)} lines`)
  assert.ok(all.length < without.length + 2, 'what was measured took the place of something')
  for (const part of [
    /^traffic\.pcap: /,
    /^Measured between /,
    /^Of the policies that keep /,
    /^Set ttl=5s /,
  ]) {
    assert.equal(all.filter((text) => part.test(text)).length, 1, String(part))
  }
  assert.match(all.at(-1)!, /^Next: lanewise replay /)
  assert.ok(!all.some((text) => text.startsWith('Silences ')))
})

test('where there is room, nothing is left out', () => {
  const few = { ...DIAGNOSIS, hurt: DIAGNOSIS.hurt.slice(0, 1), ttl: null }
  const records = DIAGNOSIS.records.slice(0, 7)
  const verdict = { ...DIAGNOSIS.verdict, policies: [LABELS[0]!] }
  const texts = diagnosisTexts({ ...few, records, verdict })
  assert.equal(texts.length, 8)
  assert.equal(texts.filter((text) => /^(It asks |The largest flow, |Silences )/.test(text)).length, 3)
})

test('what was measured is said in full: counts, order, senders, and each contradiction', () => {
  const [facts, says] = diagnosisTexts({ ...DIAGNOSIS, measured: MEASURED }).slice(-3)
  assert.equal(
    facts,
    `Measured between the two captures: 19,000 of 20,000 packets arrived, 3 corrupted, 1,000 lost (5%, 100 of them perhaps outside of the other capture); 10.0% ±1.0 reordered, worst ${FLOW} (12.5% of its packets). Senders would wrongly take for lost: TCP (SACK) 1% of its segments, QUIC 2% of its datagrams.`,
  )
  const four = LABELS.slice(0, 4).map((_, i) => `policy-${i} (19% to 21%)`)
  assert.deepEqual(says!.split(/(?<=\.) (?=[A-Z])/), [
    'The prediction is of traffic.pcap, the measurement of a.pcap: they may differ by their traffic.',
    'The prediction has the 1 packet on the way back too.',
    `That contradicts every policy: it is less than ${four.join(', ')} and 8 more.`,
    "The system dispatches in another way, its lanes aren't those assumed here, or something else reorders.",
    "The recommended policy-0 keeps order and the system doesn't: with policy-0 its lanes would reorder nothing.",
    'More is lost (4.5%) than policies drop here (at most 0.1%, policy-0): on the way, or since its lanes are slower or its queues shorter.',
  ])
})
