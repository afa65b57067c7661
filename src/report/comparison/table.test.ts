import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters, styleText } from 'node:util'
import type { RunResult } from '../../metrics/result.ts'
import { madeLoad, madePolicy, madeReport, madeResults } from '../made-results.testing.ts'
import { tableText } from './table.ts'

const plain = { width: 80, colour: false }

test('the table of three runs at 80 columns', () => {
  const expected = `
Made by hand
  source made.pcap: 1,000 packets of 10 flows, 9,990 packets/s over 100 ms,
         direction both
  lanes  4, 30 us of work per packet (assumed: set yours)
  load   7.5% of what the lanes can do, 20% in the busiest 10 ms; 25% of packets
         overlap another
  runs   3 (same arrivals, other service times), seed 1

                                 flows SACK QUIC latency              lanes
policy                 reordered   hit lost lost     p50    p99 drops  even
───────────────────────────────────────────────────────────────────────────
any-idle             20.0% ±2.5   100%   2%    -  42.3us 1.23ms     0 0.875
flow-pinned:ttl=30s,  0 (<0.1%)*     0    0    -  42.3us 1.23ms     0 0.875
key=address-pair

flow-pinned keeps order: p99 1.23ms, as quick as any-idle, which reorders 20%;
it drops nothing.
This rests on lanes of 30 us of work per packet that are assumed, not measured,
and on 3 runs.
Next: lanewise tune made.yaml -p flow-pinned:key=address-pair
`
  assert.equal(tableText(madeReport(), plain).split('\n\nreordered:')[0], expected.trim())
})

test('the legend names the mark, the interval, and what is not modelled', () => {
  const legend = tableText(madeReport(), plain).split('\n\n').at(-1)!.replaceAll('\n', ' ')
  assert.match(legend, /±: half of the 95 % interval over 3 runs\./)
  assert.match(legend, /\* reordered differs from any-idle \(pairs of 3 runs, 95 % interval without 0\)\./)
  assert.match(legend, /Not modelled: senders that slow down/)
})

test('one run has neither intervals nor marks', () => {
  const text = tableText(madeReport(madeResults.slice(0, 1)), plain)
  assert.match(text, /^any-idle +19% /m)
  assert.doesNotMatch(text, /±|\*/)
})

test('a wider terminal shows intervals and bounds in every column', () => {
  const text = tableText(madeReport(), { width: 140, colour: false })
  assert.match(
    text,
    /^flow-pinned:ttl=30s,key=address-pair +0 \(<0\.1%\)\* +0 \(<10%\) +0 \(<0\.1%\) +- +42\.3us ±0/m,
  )
})

test('no line is wider than the terminal, at any usual width', () => {
  for (let width = 80; width <= 200; width++) {
    for (const line of tableText(madeReport(), { width, colour: false }).split('\n')) {
      assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`)
    }
  }
})

test('colour changes nothing but colour', () => {
  const coloured = tableText(madeReport(), { width: 80, colour: true })
  assert.ok(coloured.includes(styleText('green', '0 (<0.1%)*')))
  assert.equal(stripVTControlCharacters(coloured), tableText(madeReport(), plain))
})

test('a policy that failed has a row that says so', () => {
  const results = madeResults.map((result) => ({
    ...result,
    policies: [
      result.policies[0]!,
      { label: 'broken', metrics: {}, distributions: [], flows: [], error: 'policy broken: chose lane NaN' },
    ],
  }))
  assert.match(tableText(madeReport(results), plain), /^broken +failed$/m)
})

test('the yardstick is marked, on a line of its own where it does not fit, and 80 columns are kept', () => {
  const results = madeResults.map((result) => ({
    ...result,
    policies: [...result.policies, madePolicy('drained', 0)],
  }))
  const [narrow, wide] = [80, 140].map((width) => tableText(madeReport(results), { width, colour: false }))
  assert.match(wide!, /^drained \(yardstick\) +0 /m)
  assert.match(narrow!, /^drained \(yardstick\) +0 |^drained +0 .*\n\(yardstick\)$/m)
  assert.ok(narrow!.split('\n').every((line) => line.length <= 80))
  assert.equal(wide!.match(/yardstick/g)?.length, 1)
})

const loaded = (load: Partial<RunResult['load']>): RunResult[] => [
  { run: 0, load: { ...madeLoad, ...load }, warnings: [], policies: [madePolicy('hash', 0)] },
]

test('packets that never overlap are said, with the setting that cures it', () => {
  const text = tableText(madeReport(loaded({ overlappingRatio: 0 })), plain).replaceAll('\n', ' ')
  assert.match(
    text,
    /No two packets overlap: .* For a mean load of 70%: --set source\.packetsPerSecond=93000/,
  )
})

test('a load above what the lanes can do is said, with the setting that cures it', () => {
  const text = tableText(madeReport(loaded({ load: 1.5 })), plain).replaceAll('\n', ' ')
  assert.match(text, /The load of 150% is more than the lanes can do: .*packetsPerSecond=93000/)
})

test('runs that are missing are said', () => {
  assert.match(tableText(madeReport(madeResults.slice(0, 2)), plain), /Only 2 of 3 runs are in this report\./)
})
