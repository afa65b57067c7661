/** What judging arrivals adds to the observers: numbers, exact percentiles, counts over flows, losses. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { numberOf } from '../metrics/metric.ts'
import { someMetricSettings } from '../metrics/settings.testing.ts'
import { bytesOf } from '../traffic/capture/captures.testing.ts'
import type { Measured } from './arrivals/arrivals.ts'
import { arrivalsFrom } from './arrivals/arrivals-file.ts'
import { judge, type RowVerdict } from './judge.ts'
import { MatchBench, udpPacket } from './matching/match.testing.ts'
import type { Judged } from './measurement.ts'

const bench = new MatchBench()
after(() => bench.remove())

function judged(
  measured: Measured,
  sequenceBits?: number,
  onRow?: (row: number, verdict: RowVerdict) => void,
): Judged {
  return judge(measured, {
    sequenceBits,
    worstFlows: 100,
    settings: (judgesAll) => ({ ...someMetricSettings, judgesAll }),
    ...(onRow && { onRow }),
  })
}

const csv = (text: string) => arrivalsFrom(bytesOf(Buffer.from(text)), 'a.csv')
const arrivals = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(30)), {
  minLength: 1,
  maxLength: 80,
})

test('verdicts are those of RFC 4737 and 5560 by their words, flow by flow, wherever numbers begin', async () => {
  await fc.assert(
    fc.asyncProperty(arrivals, fc.constantFrom(0, 1000, 2 ** 40), async (rows, base) => {
      const measured = await csv(
        `flow,sequence\n${rows.map(([flow, number]) => `${flow},${base + number}`).join('\n')}\n`,
      )
      const verdicts: string[] = []
      const { counts, metrics, flows, worstFlows } = judged(
        measured,
        undefined,
        (_row, { isCopy, isReordered }) => verdicts.push(isCopy ? 'copy' : isReordered ? 'late' : 'fine'),
      )
      const earlier = (flow: string, at: number) => rows.slice(0, at).filter(([other]) => other === flow)
      const expected = rows.map(([flow, number], at) => {
        const before = earlier(flow, at).map(([, other]) => other)
        return before.includes(number) ? 'copy' : before.some((other) => other > number) ? 'late' : 'fine'
      })
      assert.deepEqual(verdicts, expected)
      const names = [...new Set(rows.map(([flow]) => flow))]
      const numbersOf = (name: string) => rows.filter(([flow]) => flow === name).map(([, number]) => number)
      const sent = names.map((name) => Math.max(...numbersOf(name)) - Math.min(...numbersOf(name)) + 1)
      const arrived = names.map((name) => new Set(numbersOf(name)).size)
      const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0)
      assert.deepEqual(
        [flows, counts.sent, counts.matched, counts.lost, counts.duplicated],
        [names.length, sum(sent), sum(arrived), sum(sent) - sum(arrived), rows.length - sum(arrived)],
      )
      assert.equal(metrics.reorderedRatio!.count, expected.filter((verdict) => verdict === 'late').length)
      const byFlow = (name: string) => worstFlows.map((flow) => numberOf(flow.metrics[name] ?? null) ?? 0)
      for (const name of [
        'iperf3.lost',
        'iperf3.outOfOrder',
        'tcptrace.outOfOrder',
        'pscheduler.packetsDuplicated',
      ])
        assert.equal(metrics[name]!.mean, sum(byFlow(name)), name)
      assert.equal(metrics['linux.reordering']!.mean, Math.max(...byFlow('linux.reordering')))
    }),
    { seed: 1, numRuns: 200 },
  )
})

test('numbers of any width that wrap are judged as if they did not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(20), { minLength: 1, maxLength: 60 }),
      fc.nat(255),
      async (jitter, start) => {
        const order = jitter
          .map((late, i) => [i + late, i] as const)
          .sort((a, b) => a[0] - b[0] || a[1] - b[1])
        const file = (numbers: readonly number[]) => csv(`sequence\n${numbers.join('\n')}\n`)
        const plain = judged(await file(order.map(([, number]) => 300 + start + number)))
        const wrapped = judged(await file(order.map(([, number]) => (start + number) % 256)), 8)
        assert.deepEqual(wrapped.metrics, plain.metrics)
      },
    ),
    { seed: 2, numRuns: 100 },
  )
})

test('percentiles of delay variation are exact, of each flow above its own smallest delay', async () => {
  // Flow a: delays 1000 .. 1999 ns; flow b: always 5 ns.
  const rows = Array.from({ length: 1000 }, (_, i) => [
    `a,${i},${i * 1e6},${i * 1e6 + 1000 + ((i * 7) % 1000)}`,
    `b,${i},${i * 1e6 + 1},${i * 1e6 + 6}`,
  ])
  const { metrics, worstFlows } = judged(
    await csv(`flow,sequence,sentNs,receivedNs\n${rows.flat().join('\n')}\n`),
  )
  const names = ['pdvNsP50', 'pdvNsP99', 'pdvNsP999', 'latencyNsP50', 'latencyNsMax', 'latencyNsMean']
  const a = worstFlows.find(({ flow }) => flow === 'a')!
  assert.deepEqual(
    names.map((name) => a.metrics[name]),
    [499, 989, 998, 1499, 1999, 1499.5],
  )
  assert.deepEqual(
    names.map((name) => metrics[name]!.mean),
    [0, 979, 997, 5, 1999, 752.25],
  )
})

test('a corrupted packet is lost neither in the head nor in the table of flows', async () => {
  const sent = [0, 1, 2, 3].map((i) => udpPacket(i, i + 1))
  const damaged = Buffer.from(sent[1]!)
  damaged[40]! ^= 0xff
  const measured = await bench.match(sent, [sent[0]!, damaged, sent[2]!, sent[2]!])
  const { counts, metrics, worstFlows } = judged(measured)
  assert.deepEqual([counts.sent, counts.lost, counts.corrupted, counts.duplicated], [4, 1, 1, 1])
  assert.deepEqual(
    ['lostRatio', 'corruptedRatio', 'duplicationRatio', 'unmatchedRatio'].map((name) => metrics[name]!.mean),
    [0.25, 0.25, 0.5, 0],
  )
  assert.deepEqual([worstFlows[0]!.lost, worstFlows[0]!.arrived], [1, 2])
})

test('intervals of the headline are by parts of the arrivals, none with too few of them', async () => {
  // In order for five parts, then every other packet is late.
  const numbers = Array.from({ length: 640 }, (_, i) => (i < 320 ? i : i % 2 === 0 ? i + 1 : i - 1))
  const { metrics } = judged(await csv(`sequence\n${numbers.join('\n')}\n`))
  const { mean, low95, high95, batches } = metrics.reorderedRatio!
  assert.deepEqual([mean, batches], [0.25, 10])
  // Student's t for 9 degrees of freedom, times the standard deviation of five 0 and five 0.5, over the root
  // of 10.
  const half = (2.262157 * Math.sqrt((10 * 0.25 ** 2) / 9)) / Math.sqrt(10)
  assert.ok(Math.abs(low95! - (0.25 - half)) < 1e-6 && Math.abs(high95! - (0.25 + half)) < 1e-6, `${low95}`)
  const few = judged(await csv('sequence\n1\n0\n'))
  assert.equal(few.metrics.reorderedRatio!.low95, null)
})
