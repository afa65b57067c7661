import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { UserError } from '../errors.ts'
import type { RunResult } from '../metrics/result.ts'
import { keepWorstFlows } from '../run/worst-flows.ts'
import { captureAlone, scenarioFromText } from '../scenario/loaded-scenario.ts'
import { runScenario } from './runs.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-runs-'))
after(() => rmSync(folder, { recursive: true }))

const small = scenarioFromText(
  'source: { synthetic: { packetsPerSecond: 50000, flows: { count: 10 } } }\nduration: 20ms\nruns: 4\npolicies: [round-robin, hash]\n',
  'small.yaml',
)

test('results are in order and the same with one job and with several', async () => {
  const one = await runScenario(small, { jobs: 1 })
  const several = await runScenario(small, { jobs: 3 })
  assert.deepEqual(
    one.map(({ run }) => run),
    [0, 1, 2, 3],
  )
  assert.deepEqual(several, one)
})

test('each finished run is handed on once, with all so far in order', async () => {
  const seen: number[] = []
  await runScenario(small, {
    jobs: 2,
    onRun({ run }, soFar) {
      seen.push(run)
      assert.deepEqual(
        soFar.map((result) => result.run),
        seen.toSorted(),
      )
    },
  })
  assert.deepEqual(seen.toSorted(), [0, 1, 2, 3])
})

test('a scenario without anything random is run once', async () => {
  const calm = scenarioFromText(
    'source: { synthetic: { arrivals: periodic, packetsPerSecond: 1000, flows: { count: 1 } } }\nlanes: { service: { jitter: none } }\npolicies: [hash]\nduration: 20ms\n',
    'calm.yaml',
  )
  assert.equal((await runScenario(calm)).length, 1)
})

test("a user's mistake found in a thread arrives as one", async () => {
  const bad = path.join(folder, 'bad.pcap')
  writeFileSync(bad, 'no capture at all')
  for (const jobs of [1, 2]) {
    await assert.rejects(runScenario(captureAlone(bad), { jobs }), (error) => {
      assert.ok(error instanceof UserError)
      assert.equal(error.exitCode, 1)
      assert.match(error.lines[0]!, /bad\.pcap: not a capture/)
      return true
    })
  }
})

test('a trace that fails leaves no part files', async () => {
  const bad = path.join(folder, 'bad.pcap')
  for (const jobs of [1, 2]) {
    await assert.rejects(
      runScenario(captureAlone(bad), { jobs, trace: path.join(folder, 'trace.csv') }),
      UserError,
    )
  }
  assert.deepEqual(readdirSync(folder), ['bad.pcap'])
})

test('of all runs together the worst flows stay, whatever the order of finishing', () => {
  const flow = (run: number, reordered: number) => ({
    flow: `${run}/${reordered}`,
    sent: 10,
    delivered: 10,
    reordered,
  })
  const results = [
    [5, 3, 1],
    [4, 3, 2],
  ].map((counts, run) => ({
    run,
    policies: [{ label: 'hash', flows: counts.map((count) => flow(run, count)) }],
  })) as unknown as RunResult[]
  const kept = keepWorstFlows(results, 3).map(({ policies }) => policies[0]!.flows.map(({ flow }) => flow))
  assert.deepEqual(kept, [['0/5', '0/3'], ['1/4']])
  assert.deepEqual(keepWorstFlows(results, 6), results)
})
