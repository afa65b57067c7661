import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { runScenario } from '../node/runs.ts'
import { scenarioFromText } from '../scenario/loaded-scenario.ts'
import { pointTask } from './point-worker.ts'
import { readPoint } from './saved-points.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-point-'))
after(() => rmSync(folder, { recursive: true }))
const { scenario, policies } = scenarioFromText(
  'source: { synthetic: { packetsPerSecond: 50000, flows: { count: 10 } } }\nduration: 20ms\nruns: 2\npolicies: [round-robin, hash]\n',
  'small.yaml',
)
const task = { resolved: { scenario, policies }, point: 3, runs: 2, flowsMax: 4, folder, key: 'a'.repeat(32) }

test('a point is saved with what its runs give, and nothing else is left', async () => {
  const outcome = await pointTask(task)
  const runs = await runScenario(task.resolved, { jobs: 1 })
  const metrics = runs.flatMap((run) => run.policies.map((policy) => policy.metrics))
  assert.deepEqual(outcome, { result: { metrics } })
  assert.deepEqual(readdirSync(folder), [`${task.key}.json`])
  const saved = readPoint(folder, task.key).results.flatMap((run) =>
    run.policies.map(({ metrics }) => metrics),
  )
  assert.deepEqual(saved, JSON.parse(JSON.stringify(metrics)))
})

test('a disk that refuses is told as such, a mistake of the user as data', async () => {
  const refused = await pointTask({ ...task, folder: path.join(folder, 'none') })
  assert.match(
    JSON.stringify(refused),
    /^\{"result":\{"unsaved":\["\S+none: points can't be saved, .+ go on with --resume"\]/,
  )
  const capture = scenarioFromText('source: { capture: missing.pcap }\n', 'missing.yaml')
  const resolved = { scenario: capture.scenario, policies: capture.policies, capturePath: 'missing.pcap' }
  const failed = await pointTask({ ...task, resolved })
  assert.match(JSON.stringify(failed), /^\{"mistake":\{"lines":\["missing\.pcap: no such file/)
})
