/**
 * Predictions against machines whose truth is known: the simulator's own, with overheads that no calibration
 * is told.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberOf } from '../../metrics/metric.ts'
import { planOf } from '../../run/plan.ts'
import type { MeasuredLanes } from '../../scenario/schema/calibration.ts'
import type { ScenarioInput } from '../../scenario/schema/schema.ts'
import { replayOn, resolved } from '../threads/machine.testing.ts'
import { drowsyMachine, stallingMachine, unequalMachine, wakingMachine } from '../threads/machines.testing.ts'
import { assertOthersInIntervals, assertStallsPredicted, judged, of } from './prediction.testing.ts'
import { bookkeeping, predictAsWritten } from './prediction.ts'
import { measuredMetrics } from './record-metrics.ts'

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

test('calibrated on one replay, other replays lie in the intervals; with half the jitter the same test fails', () =>
  assertOthersInIntervals(4))

test('stalls of a lane are predicted as stalls', () => assertStallsPredicted(2))

test('lanes of unequal speed have times of their own, without which their shares are off', async () => {
  const pooled = (calibration: MeasuredLanes) => {
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
  const pooled = (calibration: MeasuredLanes) => {
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
