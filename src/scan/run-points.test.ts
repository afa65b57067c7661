import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunResult } from '../metrics/result.ts'
import { runScenario } from '../node/runs.ts'
import { scenarioFromText } from '../scenario/loaded-scenario.ts'
import { type PointToRun, runPoints } from './run-points.ts'

const { scenario, policies } = scenarioFromText(
  'source: { synthetic: { packetsPerSecond: 50000, flows: { count: 10 } } }\nduration: 20ms\nruns: 3\npolicies: [round-robin, hash]\n',
  'small.yaml',
)
const small = { scenario, policies }
const seeded = (seed: number) => ({ scenario: { ...scenario, seed }, policies })
const missing = scenarioFromText('source: { capture: missing.pcap }\nruns: 3\n', 'missing.yaml')
const unreadable = { scenario: missing.scenario, policies: missing.policies, capturePath: 'missing.pcap' }
const pointsOf = (...resolved: PointToRun['resolved'][]): PointToRun[] =>
  resolved.map((one, point) => ({ point, resolved: one, runs: 3 }))

async function outcomes(points: readonly PointToRun[], jobs: number, flowsMax = 10) {
  const results = new Map<number, readonly RunResult[]>()
  const failures = new Map<number, string>()
  const runs: string[] = []
  await runPoints(points, {
    jobs,
    flowsMax,
    onPoint: (point, of) => results.set(point, of),
    onFailure: (point, line) => failures.set(point, line),
    onRun: (point, run) => runs.push(`${point}/${run}`),
  })
  return { results, failures, runs }
}

test('each point gets the runs that it has as a scenario of its own, with any number of threads', async () => {
  const points = pointsOf(seeded(1), seeded(2), seeded(3))
  const [one, three] = [await outcomes(points, 1), await outcomes(points, 3)]
  assert.deepEqual(one.results.get(1), await runScenario(seeded(2), { jobs: 1 }))
  for (const { point } of points) assert.deepEqual(three.results.get(point), one.results.get(point))
  assert.deepEqual(three.runs.toSorted(), one.runs)
  assert.equal(one.runs.length, 9)
})

test('a point that fails says so once, and the rest go on, with any number of threads', async () => {
  // A scenario without its policies' names is a defect of the caller's: it costs no other point either.
  const broken = { ...small, policies: [{ name: 'nobody', parameters: {}, label: 'nobody' }] }
  const points = pointsOf(small, unreadable, broken, small)
  for (const jobs of [1, 2]) {
    const { results, failures, runs } = await outcomes(points, jobs)
    assert.deepEqual([...results.keys()], [0, 3])
    assert.deepEqual([...failures.keys()].toSorted(), [1, 2])
    assert.match(failures.get(1)!, /^missing\.pcap: no such file/)
    assert.match(failures.get(2)!, /^ended by a defect of lanewise \(.+\) - please report it/)
    assert.equal(runs.length, 12, 'runs that needn’t begin any more count as ended')
  }
})

test('only so many flows come back', async () => {
  const { results } = await outcomes(pointsOf(small), 2, 4)
  for (const run of results.get(0)!) for (const policy of run.policies) assert.equal(policy.flows.length, 4)
})

test('what onPoint throws ends the work', async () => {
  for (const jobs of [1, 2]) {
    let points = 0
    const work = runPoints(pointsOf(small, small, small, small, small), {
      jobs,
      flowsMax: 1,
      onPoint() {
        points++
        throw new Error('the disk is full')
      },
      onFailure: () => assert.fail(),
    })
    await assert.rejects(work, { message: 'the disk is full' })
    assert.equal(points, 1)
  }
})

test('a signal ends the work within a point, and no later point is handed on', async () => {
  for (const jobs of [1, 2]) {
    const stop = new AbortController()
    const finished: number[] = []
    const work = runPoints(pointsOf(...Array.from({ length: 50 }, () => small)), {
      jobs,
      flowsMax: 1,
      signal: stop.signal,
      onPoint(point) {
        finished.push(point)
        if (finished.length === 2) stop.abort('SIGINT')
      },
      onFailure: () => assert.fail(),
    })
    await assert.rejects(work, (reason) => reason === 'SIGINT')
    assert.equal(finished.length, 2)
  }
})
