/**
 * Test support: predictions judged against machines whose truth is known, and what is true of them for any
 * number of seeds.
 */
import assert from 'node:assert/strict'
import type { Metrics } from '../../metrics/metric.ts'
import { planOf } from '../../run/plan.ts'
import type { MeasuredLanes } from '../../scenario/schema/calibration.ts'
import type { ScenarioInput } from '../../scenario/schema/schema.ts'
import { replayOn, resolved } from '../threads/machine.testing.ts'
import { stallingMachine, wakingMachine } from '../threads/machines.testing.ts'
import { calibrate } from './calibration.ts'
import { halfTheJitter, predictCalibrated } from './prediction.ts'
import { measuredMetrics } from './record-metrics.ts'
import { judge, type Verdict } from './verdict.ts'

const OTHERS = 5

/** Calibrates on run 0 and judges the prediction by other runs, also with the calibration changed. */
export async function judged(
  machine: ScenarioInput,
  changes: Record<string, (c: MeasuredLanes) => MeasuredLanes> = {},
) {
  const hand = resolved(machine)
  const settings = planOf(hand).metrics
  const first = await replayOn(machine)
  const measured: Metrics[] = []
  for (let run = 1; run <= OTHERS; run++) {
    measured.push(measuredMetrics(await replayOn(machine, { run }), settings).metrics)
  }
  const calibration = calibrate(first, 'machine')
  const verdictWith = async (used: MeasuredLanes) => {
    const predicted = await predictCalibrated(first, used, hand)
    return judge(
      predicted.map(({ metrics }) => metrics),
      measured,
    )
  }
  const changed: Array<readonly [string, Verdict]> = []
  for (const [name, change] of Object.entries(changes)) {
    changed.push([name, await verdictWith(change(calibration))])
  }
  return { calibration, verdict: await verdictWith(calibration), ...Object.fromEntries(changed) } as {
    calibration: MeasuredLanes
    verdict: Verdict
  } & Record<string, Verdict>
}

export const of = ({ metrics }: Verdict, name: string) => metrics.find(({ metric }) => metric === name)!

/** Other replays lie in the intervals of a prediction calibrated on one, and not with half its jitter. */
export async function assertOthersInIntervals(seeds: number): Promise<void> {
  const most = seeds - Math.ceil(seeds / 8)
  let asked = 0
  let inside = 0
  let untold = 0
  let wrong = 0
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
    // Reordering is large there, so half the jitter is never taken for right; nor is right taken for wrong.
    assert.notEqual(of(half!, 'reorderedRatio').verdict, 'yes')
    untold += of(verdict, 'reorderedRatio').verdict === 'cannot-tell' ? 1 : 0
    wrong += of(verdict, 'reorderedRatio').verdict === 'no' ? 1 : 0
  }
  assert.equal(asked, 7 * seeds)
  assert.ok(inside / asked > 0.9, `${inside} of ${asked} inside`)
  assert.ok(right.reorderedRatio >= most && right.latencyNsMean >= most, JSON.stringify(right))
  assert.deepEqual([right.halfReordered, right.halfAll], [0, 0])
  assert.ok(wrong === 0 && untold <= seeds - most, JSON.stringify({ wrong, untold }))
}

/** Stalls are found in a replay, and without them its delays are not predicted. */
export async function assertStallsPredicted(seeds: number): Promise<void> {
  const none = (calibration: MeasuredLanes) => ({ ...calibration, stalls: [] })
  const right = { reorderedRatio: 0, latencyNsP99: 0, without: 0 }
  const rates: number[] = []
  for (let seed = 1; seed <= seeds; seed++) {
    const { calibration, verdict, without } = await judged(stallingMachine(seed), { without: none })
    const lanes = calibration.stalls.map((group) => group.lanes)
    assert.deepEqual(lanes, [[0], [1], [2], [3]])
    rates.push(calibration.stalls[0]!.perSecond)
    right.reorderedRatio += of(verdict, 'reorderedRatio').isRight ? 1 : 0
    right.latencyNsP99 += of(verdict, 'latencyNsP99').isRight ? 1 : 0
    right.without += of(without!, 'latencyNsP99').isRight ? 1 : 0
  }
  // About 125 stalls a replay: one replay tells the rate to 9 %.
  const rate = rates.reduce((sum, value) => sum + value, 0) / seeds
  assert.ok(Math.abs(rate - 80) < 17 / Math.sqrt(seeds), `${rate} a second`)
  assert.ok(right.reorderedRatio >= seeds - 1 && right.latencyNsP99 >= seeds - 1, JSON.stringify(right))
  assert.equal(right.without, 0)
}
