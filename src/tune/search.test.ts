import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Histogram } from '../metrics/delay/histogram.ts'
import { gridOf } from '../model/time-to-live.ts'
import { planOf } from '../run/plan.ts'
import { scenarioFromText } from '../scenario/loaded-scenario.ts'
import { rangeFor } from './search.ts'
import { gapsShorterThan, surveyTraffic, type Traffic } from './traffic.ts'
import { tunedPolicy } from './tuned-policy.ts'

function trafficOf(gapsNs: readonly number[], spanNs: number): Traffic {
  const histogram = new Histogram()
  for (const gapNs of gapsNs) histogram.record(gapNs)
  return { gapsNs: histogram, spanNs, sizeBytesMax: 700 }
}
const range = (policy: string, traffic: Traffic) => rangeFor(tunedPolicy(policy)!, traffic)

test('the grid goes as far as the silences of the traffic: below all of them and above all of them', () => {
  assert.deepEqual(range('flow-pinned', trafficOf([370e3, 2.34e9], 9e9)), [100e3, 3e9])
  assert.deepEqual(range('flowlet', trafficOf([5, 3e9], 9e9)), [10e3, 4e9], 'a TTL of 3 s still cuts 3 s')
  assert.deepEqual(range('flow-pinned', trafficOf([0, 3600e9], 4e12)), [10e3, 60e9])
  assert.deepEqual(range('flow-pinned', trafficOf([100e9, 200e9], 4e12)), [60e9, 60e9])
  assert.deepEqual(range('flow-pinned', trafficOf([], 0)), [10e3, 10e3])
})

test('whole seconds get one more, and policies that return traffic teaches go by the whole time', () => {
  assert.deepEqual(range('openvpn-fork', trafficOf([1e6, 7.5e9], 60e9)), [5e9, 9e9])
  assert.deepEqual(range('openvpn-fork', trafficOf([1e6, 2.5e9], 60e9)), [5e9, 5e9])
  assert.deepEqual(range('linux-tun', trafficOf([1e6, 2e6], 12.4e9)), [100e6, 20e9])
})

test('the grid is in steps, whatever the policy counts in, and where it says no grid from 10 us to 60 s', () => {
  const gridOfStep = (stepNs: number) => gridOf({ parameter: 'ttl', never: 'never', stepNs })
  assert.deepEqual(gridOfStep(1).gridNs, [10e3, 60e9])
  assert.deepEqual(gridOfStep(3e6).gridNs, [3e6, 60e9])
  assert.deepEqual(gridOfStep(100e9).gridNs, [100e9, 100e9])
  const grid = { ...gridOfStep(3e6), learnsFromPackets: true }
  assert.deepEqual(rangeFor(grid, trafficOf([23e6, 500e6], 1e9)), [9e6, 600e6])
})

test('silences are those of table entries, by the key of the table', async () => {
  const scenario = {
    source: {
      synthetic: {
        arrivals: 'periodic',
        packetsPerSecond: 1000,
        flows: { count: 1 },
        sizes: { fixed: '100B' },
      },
    },
    duration: '1s',
  }
  const plan = planOf(scenarioFromText(JSON.stringify(scenario), 'made.json'))
  for (const key of ['5-tuple', '3-tuple', 'address-pair'] as const) {
    const traffic = await surveyTraffic(plan, key)
    const { gapsNs, spanNs, sizeBytesMax } = traffic
    assert.deepEqual(
      [gapsNs.count, gapsNs.min, gapsNs.max, spanNs, sizeBytesMax],
      [998, 1e6, 1e6, 998e6, 100],
    )
    assert.deepEqual([gapsShorterThan(traffic, 0.9e6), gapsShorterThan(traffic, 1.1e6)], [0, 998])
  }
  const many = { ...scenario, source: { synthetic: { packetsPerSecond: 10_000, flows: { count: 50 } } } }
  const two = planOf(scenarioFromText(JSON.stringify(many), 'made.json'))
  const traffic = await surveyTraffic(two, '5-tuple')
  assert.ok(Math.abs(traffic.gapsNs.count - 10_000 + 50) < 400)
  assert.ok(Math.abs(traffic.gapsNs.mean! / 5e6 - 1) < 0.05, 'each of 50 flows sends every 5 ms')
})

test('an aborted survey ends', async () => {
  const plan = planOf(scenarioFromText('source: { synthetic: { packetsPerSecond: 1000 } }', 'made.yaml'))
  await assert.rejects(surveyTraffic(plan, '5-tuple', AbortSignal.abort(new Error('stop'))), /stop/)
})
