/** A record's metrics against those that compare reports of the very same run. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulateWithFiles } from '../../node/simulate.ts'
import { planOf } from '../../run/plan.ts'
import { replayOn, resolved } from '../threads/machine.testing.ts'
import { wakingMachine } from '../threads/machines.testing.ts'
import { Fate } from '../threads/record.ts'
import { laneShare, laneShares, measuredMetrics } from './record-metrics.ts'

test('measured metrics are those that compare gives of the same packets, name by name', async () => {
  const machine = wakingMachine(1, {
    warmup: '0s',
    lanes: { ...wakingMachine(1).lanes, queue: { capacityPackets: 1 } },
    link: { jitter: { uniform: { low: '0ns', high: '50us' } }, keepsOrder: false },
  })
  const plan = planOf(resolved(machine))
  const { policies } = await simulateWithFiles(plan, 0)
  const { metrics } = measuredMetrics(await replayOn(machine), plan.metrics)
  const compared = policies[0]!.metrics
  assert.ok((compared.laneDropRatio as { count: number }).count > 50)
  const names = Object.keys(metrics).filter((name) => !name.startsWith('laneShare'))
  assert.ok(names.length > 80)
  for (const name of names) assert.deepEqual(metrics[name], compared[name], name)
  const absent = Object.keys(compared).filter((name) => !Object.hasOwn(metrics, name))
  assert.deepEqual(
    absent.filter((name) => !name.startsWith('laneUtilization')),
    ['waitNsMean', 'waitedRatio', 'laneLoadJain', 'flowMoves', 'unsafeMoves'],
  )
})

test('packets of the warm-up are in no metric, as in compare', async () => {
  const machine = { ...wakingMachine(1), warmup: '50ms' }
  const plan = planOf(resolved(machine))
  const { policies } = await simulateWithFiles(plan, 0)
  const replayed = await replayOn(machine)
  const { record } = replayed
  const sent = new Map<number, number>()
  for (let row = 0; row < record.packets; row++) {
    const flow = record.flow[row]!
    const number = record.sentNs[row]! < 50e6 ? -1 : (sent.get(flow) ?? 0)
    if (number >= 0) sent.set(flow, number + 1)
    record.flowNumber[row] = number
    record.dataNumber[row] = number
  }
  const { metrics } = measuredMetrics(replayed, plan.metrics)
  const compared = policies[0]!.metrics
  const judged = record.flowNumber.filter((number) => number >= 0).length
  assert.ok(judged < record.packets - 1000)
  assert.equal(metrics.packets, judged)
  assert.equal((metrics[laneShare(0)] as { of: number }).of, judged)
  const names = Object.keys(metrics).filter((name) => !name.startsWith('laneShare'))
  for (const name of names) assert.deepEqual(metrics[name], compared[name], name)
})

test('the busiest lane of a run is that of this run, never below an equal share', () => {
  const shares = laneShares(Float64Array.of(3, 9, 8, 0))
  assert.deepEqual(shares, {
    'laneShare[0]': { count: 3, of: 20 },
    'laneShare[1]': { count: 9, of: 20 },
    'laneShare[2]': { count: 8, of: 20 },
    'laneShare[3]': { count: 0, of: 20 },
    laneShareMax: { count: 9, of: 20 },
  })
})

test('packets that the collector lost are missing, and in no denominator', async () => {
  const machine = wakingMachine(1, { duration: '50ms' })
  const replayed = await replayOn(machine)
  const settings = planOf(resolved(machine)).metrics
  const { record } = replayed
  const whole = measuredMetrics(replayed, settings).metrics
  for (let row = 0; row < record.packets; row += 10) {
    record.fate[row] = Fate.collectorDropped
    record.arrivalOrder[row] = -1
  }
  const { metrics } = measuredMetrics(replayed, settings)
  assert.equal(metrics.packets, whole.packets)
  assert.equal(metrics.delivered, record.packets - Math.ceil(record.packets / 10))
  assert.deepEqual((metrics.reorderedRatio as { of: number }).of, metrics.delivered)
  assert.deepEqual((metrics[laneShare(0)] as { of: number }).of, metrics.delivered)
})

test('a stamp that goes back behind the order of arrival does not go back in time', async () => {
  const machine = wakingMachine(1, { duration: '50ms' })
  const replayed = await replayOn(machine)
  const last = replayed.record.arrivalOrder.indexOf(replayed.record.packets - 1)
  replayed.record.collectedNs[last]! -= 10e6
  const { metrics } = measuredMetrics(replayed, planOf(resolved(machine)).metrics)
  assert.ok((metrics.latencyNsMean as number) > 0)
  assert.ok((metrics['tunnel.pdvNsP50'] as number) >= 0)
})
