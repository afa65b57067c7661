/**
 * Predictions against machines whose truth is known: the simulator's own, with overheads that no calibration
 * is told.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metrics } from '../../metrics/metric.ts'
import { numberOf } from '../../metrics/metric.ts'
import { planOf } from '../../run/plan.ts'
import type { Calibration } from '../../scenario/schema/calibration.ts'
import type { ScenarioInput } from '../../scenario/schema/schema.ts'
import { replayOn, resolved } from '../threads/machine.testing.ts'
import { drowsyMachine, stallingMachine, unequalMachine, wakingMachine } from '../threads/machines.testing.ts'
import { calibrate } from './calibration.ts'
import { bookkeeping, halfTheJitter, predictAsWritten, predictCalibrated } from './prediction.ts'
import { measuredMetrics } from './record-metrics.ts'
import { judge, type Verdict } from './verdict.ts'

const OTHERS = 5

/** Calibrates on run 0 and judges the prediction by other runs, also with the calibration changed. */
async function judged(machine: ScenarioInput, changes: Record<string, (c: Calibration) => Calibration> = {}) {
  const hand = resolved(machine)
  const settings = planOf(hand).metrics
  const first = await replayOn(machine)
  const measured: Metrics[] = []
  for (let run = 1; run <= OTHERS; run++) {
    measured.push(measuredMetrics(await replayOn(machine, { run }), settings).metrics)
  }
  const calibration = calibrate(first, 'machine')
  const verdictWith = (used: Calibration) =>
    judge(
      predictCalibrated(first, used, hand).map(({ metrics }) => metrics),
      measured,
    )
  const changed = Object.entries(changes).map(
    ([name, change]) => [name, verdictWith(change(calibration))] as const,
  )
  return { calibration, verdict: verdictWith(calibration), ...Object.fromEntries(changed) } as {
    calibration: Calibration
    verdict: Verdict
  } & Record<string, Verdict>
}

const of = ({ metrics }: Verdict, name: string) => metrics.find(({ metric }) => metric === name)!

const machines: ReadonlyArray<readonly [string, ScenarioInput]> = [
  ['wake-ups', wakingMachine(1)],
  ['stalls', stallingMachine(1)],
  ['unequal lanes', unequalMachine(1)],
  [
    'a write race',
    wakingMachine(1, { link: { jitter: { uniform: { low: '0ns', high: '5us' } }, keepsOrder: false } }),
  ],
  ['drops', wakingMachine(1, { lanes: { ...wakingMachine(1).lanes, queue: { capacityPackets: 2 } } })],
  ['lanes that read for themselves', wakingMachine(1, { topology: 'shared' })],
  ['a queue per lane', wakingMachine(1, { topology: 'multi-queue', policies: ['hash'] })],
]

for (const [what, machine] of machines) {
  test(`bookkeeping gives every recorded finish time: ${what}`, async () => {
    const replayed = await replayOn(machine)
    const { record } = replayed
    const { finishNs, outcome } = bookkeeping(replayed, planOf(resolved(machine)).metrics)
    assert.ok(record.packets > 3000)
    assert.deepEqual([...finishNs], [...record.finishNs])
    assert.ok((outcome.metrics.delivered as number) > 0.9 * record.packets)
  })
}

test('a record whose lane did not serve in order is refused', async () => {
  const replayed = await replayOn(wakingMachine(1, { duration: '20ms' }))
  replayed.record.finishNs[100] = replayed.record.readNs[100]! - 1
  assert.throws(
    () => bookkeeping(replayed, planOf(resolved(wakingMachine(1))).metrics),
    /round-robin: packet 100 left lane/,
  )
})

test('calibrated on one replay, other replays lie in the intervals; with half the jitter the same test fails', async () => {
  const seeds = 16
  let asked = 0
  let inside = 0
  const right = { reorderedRatio: 0, latencyNsMean: 0, halfReordered: 0, halfAll: 0 }
  for (let seed = 1; seed <= seeds; seed++) {
    const { verdict, half } = await judged(wakingMachine(seed), { half: halfTheJitter })
    for (const { metric, isInInterval } of verdict.metrics) {
      if (metric.startsWith('laneShare')) continue
      asked++
      inside += isInInterval ? 1 : 0
    }
    right.reorderedRatio += of(verdict, 'reorderedRatio').isInInterval ? 1 : 0
    right.latencyNsMean += of(verdict, 'latencyNsMean').isInInterval ? 1 : 0
    right.halfReordered += of(half!, 'reorderedRatio').isRight ? 1 : 0
    right.halfAll += half!.isRight ? 1 : 0
  }
  assert.equal(asked, 7 * seeds)
  assert.ok(inside / asked > 0.9, `${inside} of ${asked} inside`)
  assert.ok(right.reorderedRatio >= seeds - 2 && right.latencyNsMean >= seeds - 2, JSON.stringify(right))
  assert.deepEqual([right.halfReordered, right.halfAll], [0, 0])
})

test('stalls of a lane are predicted as stalls', async () => {
  const none = (calibration: Calibration) => ({ ...calibration, stalls: [] })
  const right = { reorderedRatio: 0, latencyNsP99: 0, without: 0 }
  const rates: number[] = []
  const seeds = 6
  for (let seed = 1; seed <= seeds; seed++) {
    const { calibration, verdict, without } = await judged(stallingMachine(seed), { without: none })
    const lanes = calibration.stalls.map((group) => group.lanes)
    assert.deepEqual(lanes, [[0], [1], [2], [3]])
    rates.push(calibration.stalls[0]!.perSecond)
    right.reorderedRatio += of(verdict, 'reorderedRatio').isRight ? 1 : 0
    right.latencyNsP99 += of(verdict, 'latencyNsP99').isRight ? 1 : 0
    right.without += of(without!, 'latencyNsP99').isRight ? 1 : 0
  }
  // About 125 stalls a replay: the rate is known to 9 %, its mean over 6 to 4 %.
  const rate = rates.reduce((sum, value) => sum + value, 0) / seeds
  assert.ok(Math.abs(rate - 80) < 7, `${rate} a second`)
  assert.ok(right.reorderedRatio >= seeds - 1 && right.latencyNsP99 >= seeds - 1, JSON.stringify(right))
  assert.equal(right.without, 0)
})

test('lanes of unequal speed have times of their own, without which their shares are off', async () => {
  const pooled = (calibration: Calibration) => {
    const { lanes } = calibration.service
    const all = {
      idleNs: lanes.flatMap(({ idleNs }) => idleNs),
      busyNs: lanes.flatMap(({ busyNs }) => busyNs),
    }
    return { ...calibration, service: { ...calibration.service, lanes: [all] } }
  }
  const { calibration, verdict, pool } = await judged(unequalMachine(2), { pool: pooled })
  assert.equal(calibration.service.lanes.length, 4)
  for (const { metric, isRight } of verdict.metrics) {
    if (metric.startsWith('laneShare')) assert.ok(isRight, metric)
  }
  assert.equal(of(pool!, 'laneShare[3]').isRight, false)
  // any-idle holds packets, so arrivals are those at the device.
  for (const name of ['reorderedRatio', 'latencyNsMean', 'latencyNsP50'])
    assert.ok(of(verdict, name).isRight, name)
})

test('idle and busy starts in one pool are measurably off, apart they are not', async () => {
  const pooled = (calibration: Calibration) => {
    const [times] = calibration.service.lanes
    const { idleStarts, busyStarts } = calibration.recordedFrom
    const copies = (values: readonly number[], starts: number) =>
      Array.from({ length: 2000 * (starts / (idleStarts + busyStarts)) }, (_, k) => {
        return values[Math.floor(((k + 0.5) * values.length * (idleStarts + busyStarts)) / starts / 2000)]!
      })
    const all = [...copies(times!.idleNs, idleStarts), ...copies(times!.busyNs, busyStarts)]
    return { ...calibration, service: { ...calibration.service, lanes: [{ idleNs: all, busyNs: all }] } }
  }
  const { verdict, pool } = await judged(drowsyMachine(1), { pool: pooled })
  assert.ok(of(verdict, 'latencyNsMean').isRight && of(verdict, 'reorderedRatio').isRight)
  assert.equal(of(pool!, 'latencyNsMean').isRight, false)
  assert.equal(of(pool!, 'reorderedRatio').isRight, false)
})

test('lanes that read for themselves are predicted too', async () => {
  const { verdict } = await judged(wakingMachine(2, { topology: 'shared' }))
  assert.ok(of(verdict, 'reorderedRatio').isRight, JSON.stringify(of(verdict, 'reorderedRatio')))
  assert.ok(of(verdict, 'latencyNsMean').isRight)
})

test('the scenario as written knows nothing of what the machine adds', async () => {
  const machine = wakingMachine(1)
  const written = resolved({ ...machine, lanes: { ...machine.lanes, wakeUp: 'none' } })
  const [measured] = [measuredMetrics(await replayOn(machine), planOf(written).metrics).metrics]
  const outcomes = await predictAsWritten(written, 'round-robin', 3)
  assert.equal(outcomes.length, 3)
  for (const { metrics } of outcomes) {
    assert.ok(numberOf(metrics.latencyNsMean!)! < 0.92 * numberOf(measured.latencyNsMean!)!)
    assert.ok(Math.abs(numberOf(metrics['laneShare[0]']!)! - 0.25) < 0.001)
    assert.ok(numberOf(metrics.laneShareMax!)! >= 0.25)
  }
  await assert.rejects(predictAsWritten(written, 'hash'), /no policy hash/)
})
