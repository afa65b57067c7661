import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DROPS_WORTH_A_WORD } from '../metrics/catalogue/recommendable.ts'
import { numberOf } from '../metrics/metric.ts'
import { planOf } from '../run/plan.ts'
import { simulateRun } from '../run/simulate-run.ts'
import { scenarioFromText } from '../scenario/loaded-scenario.ts'
import { randomStream } from '../sim/random.ts'
import { findFits } from './fits.ts'

const scenarioAt = (packetsPerSecond: number, lanes: number, queue: number) =>
  scenarioFromText(
    `
source: { synthetic: { packetsPerSecond: ${packetsPerSecond}, flows: { count: 200 } } }
lanes: { count: ${lanes}, queue: { capacityPackets: ${queue} } }
policies: [any-idle, hash]
duration: 200ms
warmup: 0s
runs: 1
`,
    'made.yaml',
  )

test('at the load that fits at most 0.1 % is dropped, at 1.25 times it more', async () => {
  const random = randomStream(1, 0, 'fits')
  for (let i = 0; i < 4; i++) {
    const lanes = 1 + Math.floor(random() * 4)
    const queue = 20 + Math.floor(random() * 60)
    // Below and above what fits, so that it is looked for both ways.
    const found = await findFits(scenarioAt(10 ** (3 + 3 * random()), lanes, queue))
    assert.deepEqual(
      found.map(({ policy }) => policy),
      ['any-idle', 'hash'],
    )
    for (const [position, { policy, packetsPerSecond }] of found.entries()) {
      assert.ok(packetsPerSecond! > 1000 && packetsPerSecond! < 1e6, `${policy}: ${packetsPerSecond}`)
      const dropsAt = async (rate: number) => {
        const { policies } = await simulateRun(planOf(scenarioAt(rate, lanes, queue)), 0)
        const { tunQueueDropRatio, laneDropRatio } = policies[position]!.metrics
        return numberOf(tunQueueDropRatio!)! + numberOf(laneDropRatio!)!
      }
      assert.ok((await dropsAt(packetsPerSecond! * 0.97)) <= DROPS_WORTH_A_WORD, policy)
      assert.ok((await dropsAt(packetsPerSecond! * 1.25)) > DROPS_WORTH_A_WORD, policy)
    }
  }
})
