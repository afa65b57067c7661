/** A calibration read from a file, and what a scenario's plan does with it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { UserError } from '../errors.ts'
import { readCalibration } from '../node/calibration-file.ts'
import { simulateWithFiles } from '../node/simulate.ts'
import { policiesOf } from '../scenario/policy-specs.ts'
import type { MeasuredLanes } from '../scenario/schema/calibration.ts'
import { type ScenarioInput, scenarioSchema } from '../scenario/schema/schema.ts'
import { planOf } from './plan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-calibration-'))
after(() => rmSync(folder, { recursive: true }))

const made: MeasuredLanes = {
  recordedFrom: {
    scenario: 'gateway',
    policy: 'round-robin',
    topology: 'dispatcher',
    lanes: 2,
    packets: 1000,
    idleStarts: 600,
    busyStarts: 400,
    stalls: 0,
  },
  service: { perByteNs: 0, lanes: [{ idleNs: [50_000], busyNs: [20_000] }] },
  stalls: [],
  reader: { perPacketNs: null, afterSendNsP50: null },
  delivery: { afterFinishNsP50: 2200 },
}
const withService = (service: MeasuredLanes['service']): MeasuredLanes => ({ ...made, service })

async function run(calibration: MeasuredLanes, changes: Partial<ScenarioInput> = {}) {
  const scenario = scenarioSchema.parse({
    source: {
      synthetic: {
        arrivals: 'periodic',
        packetsPerSecond: 10_000,
        flows: { count: 1 },
        sizes: { fixed: '1000B' },
      },
    },
    lanes: {
      count: 2,
      wakeUp: { constant: '1s' },
      stalls: { perSecond: 100, length: { constant: '1s' } },
      speed: 0.01,
    },
    policies: ['round-robin'],
    duration: '100ms',
    ...changes,
  })
  const { load, warnings, policies } = await simulateWithFiles(
    planOf({ scenario, policies: policiesOf(scenario), calibration }),
    0,
  )
  assert.equal(policies[0]!.error, null)
  return { load, warnings, metrics: policies[0]!.metrics }
}

function file(text: string): string {
  const name = path.join(folder, 'calibration.json')
  writeFileSync(name, text)
  return name
}

test('an idle start takes exactly the idle time, whatever the scenario says of its lanes', async () => {
  // A packet every 100 us, lanes in turn: each lane is idle when its packet comes.
  const { metrics, load } = await run(made)
  assert.deepEqual([metrics.latencyNsMean, metrics.latencyNsMax], [50_000, 50_000])
  assert.equal(load.workNsMean, 20_000)
})

test('a busy start takes exactly the busy time', async () => {
  // One lane, a packet every 100 us: 150 us for the first, which is idle, so the second waits 50 us and takes
  // 60, the third waits 10 and takes 60, and the fourth finds the lane idle again.
  const service = { perByteNs: 0, lanes: [{ idleNs: [150_000], busyNs: [60_000] }] }
  const { metrics, load } = await run(withService(service), {
    lanes: { count: 1 },
    duration: '300.1ms',
    warmup: '0s',
  })
  assert.deepEqual([metrics.packets, metrics.latencyNsMean, metrics.latencyNsMax], [3000, 110_000, 150_000])
  assert.equal(load.workNsMean, 60_000)
})

test('idle times below busy ones are taken as they are', async () => {
  const { metrics } = await run(withService({ perByteNs: 0, lanes: [{ idleNs: [5000], busyNs: [20_000] }] }))
  assert.deepEqual([metrics.latencyNsMax, metrics.waitNsMean], [5000, 0])
})

test('each byte of a packet costs what it cost', async () => {
  const { metrics } = await run(withService({ perByteNs: 2.5, lanes: made.service.lanes }))
  assert.equal(metrics.latencyNsMean, 52_500)
})

test('a draw is any of the times, as often as each other', async () => {
  const idleNs = [10_000, 20_000, 30_000, 40_000]
  const { metrics } = await run(withService({ perByteNs: 0, lanes: [{ idleNs, busyNs: idleNs }] }), {
    duration: '1s',
  })
  assert.ok(Math.abs((metrics.latencyNsMean as number) - 25_000) < 500)
  assert.deepEqual([metrics.latencyNsP50, metrics.latencyNsMax], [20_000 - (20_000 % 16), 40_000])
})

test('lanes that differ have times of their own, and the scenario must have as many', async () => {
  const lanes = [
    { idleNs: [10_000], busyNs: [10_000] },
    { idleNs: [30_000], busyNs: [30_000] },
  ]
  const { metrics, load } = await run(withService({ perByteNs: 0, lanes }))
  assert.equal(metrics.latencyNsMean, 20_000)
  assert.equal(load.workNsMean, 20_000)
  await assert.rejects(run(withService({ perByteNs: 0, lanes }), { lanes: { count: 3 } }), {
    name: 'UserError',
    message:
      '--calibration: its 2 lanes differ from each other, and the scenario has 3 - use --set lanes.count=2, or record one with 3 lanes',
  })
})

test("the reader's cost replaces the scenario's, behind a reader", async () => {
  const { metrics } = await run(
    { ...made, reader: { perPacketNs: 4000.4, afterSendNsP50: 9000 } },
    { reader: { perPacket: '1s' } },
  )
  assert.equal(metrics.latencyNsMean, 54_000)
})

/** 9 us per packet, of which a dispatcher's reader paid 4; 4 lanes that get 50 kpps each. */
const reading = (topology: MeasuredLanes['recordedFrom']['topology'], times: number): MeasuredLanes => ({
  ...withService({ perByteNs: 0, lanes: [{ idleNs: [times], busyNs: [times] }] }),
  recordedFrom: { ...made.recordedFrom, topology },
  reader: { perPacketNs: topology === 'dispatcher' ? 4000 : null, afterSendNsP50: null },
})
const crowd = {
  source: { synthetic: { packetsPerSecond: 200_000, flows: { count: 200 } } },
  lanes: { count: 4 },
} satisfies Partial<ScenarioInput>

for (const topology of ['shared', 'multi-queue'] as const) {
  test(`a dispatcher's calibration puts no reader in front of ${topology}: its lanes pay for reading, side by side`, async () => {
    const policies = topology === 'shared' ? undefined : ['hash']
    const fromDispatcher = await run(reading('dispatcher', 5000), { ...crowd, topology, policies })
    const fromItself = await run(reading(topology, 9000), { ...crowd, topology, policies })
    assert.deepEqual(fromDispatcher.metrics, fromItself.metrics)
    assert.equal(fromDispatcher.load.workNsMean, 9000)
    const { metrics } = fromDispatcher
    assert.ok((metrics.latencyNsP50 as number) >= 8999)
    // What a scenario says of reading is paid where it wasn't measured, and only there.
    const unmeasured: MeasuredLanes = { ...reading('dispatcher', 5000), reader: made.reader }
    const reader = { perPacket: '3us', perPass: '1us' }
    const asWritten = await run(unmeasured, { ...crowd, topology, policies, reader })
    assert.deepEqual(asWritten.metrics, metrics)
    assert.deepEqual(
      (await run(reading(topology, 9000), { ...crowd, topology, policies, reader })).metrics,
      metrics,
    )
  })
}

test("a dispatcher keeps the scenario's reader where lanes were measured that read for themselves", async () => {
  const measured = await run(reading('dispatcher', 5000), { ...crowd, policies: ['hash'] })
  const reader = { perPacket: '4us' }
  const asWritten = await run(reading('shared', 5000), { ...crowd, policies: ['hash'], reader })
  assert.deepEqual(asWritten.metrics, measured.metrics)
})

test('stalls are those of the calibration, lanes of a group at the same times', async () => {
  const stalls = [{ lanes: [0, 1], perSecond: 100, lengthNs: [2_000_000] }]
  const scenario = scenarioSchema.parse({
    source: { synthetic: { packetsPerSecond: 1 } },
    lanes: { count: 4 },
  })
  const plan = planOf({ scenario, policies: policiesOf(scenario), calibration: { ...made, stalls } })
  const { lanes } = plan.settings(0)
  const ends = (lane: number) => {
    const process = lanes.stalls!(lane)!
    return Array.from({ length: 50 }, (_, i) => process.finishNs(i * 20e6, 10e6))
  }
  assert.deepEqual(ends(0), ends(1))
  assert.notDeepEqual(ends(0), ends(2), 'lanes beyond those measured stall alike, at times of their own')
  assert.deepEqual(ends(2), ends(3))
  const { metrics } = await run(
    { ...made, stalls: [] },
    { lanes: { count: 2, stalls: { perSecond: 100, length: { constant: '1ms' } } } },
  )
  assert.equal(metrics.latencyNsMax, 50_000, 'no stalls measured: none')
})

test('a report says that a calibration was used, and where its topology was another', async () => {
  const says =
    "calibration: service, wake-up, stalls, speed and cores of lanes and the reader's cost per packet are as measured (gateway, round-robin, 1000 packets), not as the scenario says"
  assert.deepEqual((await run(made)).warnings, [says])
  const { warnings } = await run(made, { topology: 'shared', policies: undefined })
  assert.deepEqual(warnings, [
    says,
    'calibration: measured with topology dispatcher, used for shared, where reading costs something else - record one with --topology shared',
  ])
})

const kind = 'lanewise calibration'

test('a calibration is read back as it was written, and one of version 1 the same', () => {
  const second = readCalibration(file(JSON.stringify({ kind, schemaVersion: 2, measured: made })))
  assert.deepEqual([second.measured, second.calibrated], [made, undefined])
  const first = readCalibration(file(JSON.stringify({ kind, schemaVersion: 1, ...made })))
  assert.deepEqual([first.measured, first.calibrated], [made, undefined])
  assert.notEqual(first.calibratedOn.sha256, second.calibratedOn.sha256)
})

const wrong: ReadonlyArray<readonly [string, RegExp, 1 | 2]> = [
  ['{', /^--calibration .*calibration\.json: not JSON, .* - record it again with lanewise replay$/, 2],
  [
    '{"kind":"x"}',
    /^--calibration .*calibration\.json: is no calibration - name the calibration\.json that .*$/,
    2,
  ],
  [
    '{"kind":"replay","schemaVersion":1,"subjects":[],"warnings":[]}',
    /^--calibration .*calibration\.json: is the report of a replay - name the calibration\.json that .*$/,
    2,
  ],
  [JSON.stringify({ kind, schemaVersion: 3, measured: made }), /calibration\.json: schemaVersion .*2.*3/, 2],
  [JSON.stringify({ kind, schemaVersion: 2, ...made }), /calibration\.json: measured missing/, 2],
  [
    JSON.stringify({
      kind,
      schemaVersion: 1,
      ...withService({ perByteNs: 0, lanes: [{ idleNs: [], busyNs: [-1] }] }),
    }),
    /service\.lanes\[0\]\.idleNs .*\n.*service\.lanes\[0\]\.busyNs\[0\] /,
    2,
  ],
  [JSON.stringify({ kind, schemaVersion: 1, ...made, more: 1 }), /calibration\.json: more /, 2],
]

for (const [text, message, exitCode] of wrong) {
  test(`what is no calibration is refused with file, place and cure: ${text.slice(0, 24)}`, () => {
    assert.throws(
      () => readCalibration(file(text)),
      (error: UserError) => {
        assert.match(error.message, message)
        assert.equal(error.exitCode, exitCode)
        return error instanceof UserError
      },
    )
  })
}

test('a file that is not there is told plainly', () => {
  assert.throws(() => readCalibration('/nowhere/calibration.json'), {
    message: '--calibration /nowhere/calibration.json: no such file - check the path',
  })
})
