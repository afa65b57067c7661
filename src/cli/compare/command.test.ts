import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import type { PolicyPlugin } from '../../model/policy.ts'
import { policies } from '../../policies/index.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

const folder = ownFolder('compare')

writeFileSync(
  'small.yaml',
  `title: Small
source: { synthetic: { packetsPerSecond: 100000, flows: { count: 20 } } }
duration: 20ms
runs: 4
`,
)
const RESULTS = [
  'distributions.csv',
  'flows.csv',
  'provenance.json',
  'report.json',
  'runs.csv',
  'summary.csv',
]
const DETERMINISTIC = RESULTS.filter((name) => name !== 'provenance.json')
const compare = (words: string, options?: Parameters<typeof runProgram>[1]) =>
  runProgram(withOneJob(`compare ${words}`), options)
const read = (file: string) => readFileSync(file, 'utf8')

test('one job and two give the same bytes, in every file and in the trace', async () => {
  for (const jobs of [1, 2]) {
    const { exitCode, stderr } = await compare(
      `small.yaml -q -j ${jobs} -o out${jobs} --trace trace${jobs}.csv --trace-runs all`,
    )
    assert.deepEqual([exitCode, stderr], [0, ''])
    assert.deepEqual(readdirSync(`out${jobs}`), RESULTS)
  }
  for (const file of DETERMINISTIC) assert.equal(read(`out1/${file}`), read(`out2/${file}`), file)
  assert.equal(read('trace1.csv'), read('trace2.csv'))
})

test('the trace has one header, policies in order and in each the runs, a row per packet', async () => {
  await compare('small.yaml -q -p hash -p round-robin -r 3 -o traced --trace t.csv --trace-runs 2')
  const [header, ...rows] = read('t.csv').trimEnd().split('\n')
  assert.equal(
    header,
    'policy,run,index,flow,sizeBytes,arrivalNs,lane,departureNs,reordered,reorderedTunnel,startNs,finishNs',
  )
  const blocks = rows.map((row) => row.split(',').slice(0, 2).join(' '))
  assert.deepEqual([...new Set(blocks)], ['hash 0', 'hash 1', 'round-robin 0', 'round-robin 1'])
  const inBlock = (block: string) => rows.filter((_, i) => blocks[i] === block)
  for (const block of new Set(blocks)) {
    const indexes = inBlock(block).map((row) => Number(row.split(',')[2]))
    assert.deepEqual(
      indexes,
      indexes.map((_, i) => i),
    )
  }
  assert.equal(
    inBlock('hash 0').length,
    inBlock('round-robin 0').length,
    'every policy meets the same packets',
  )
  assert.deepEqual(
    readdirSync('.').filter((name) => name.endsWith('.part')),
    [],
  )
})

test('json and csv on stdout are the files', async () => {
  assert.equal((await compare('small.yaml -q -o formats -f json')).stdout, read('formats/report.json'))
  assert.equal((await compare('small.yaml -q -o formats -f csv')).stdout, read('formats/summary.csv'))
  assert.match((await compare('small.yaml -q -o formats -f markdown')).stdout, /^\*\*Small\*\*\n\n- source: /)
})

test('results go to results/<name>, and stderr says so unless quiet', async () => {
  const { stderr } = await runProgram(['compare', 'small.yaml', '-r', '1'])
  assert.equal(stderr, 'results are in results/small\n')
  assert.deepEqual(readdirSync('results/small'), RESULTS)
  const { argv, capture, startedAt, endedAt } = JSON.parse(read('results/small/provenance.json'))
  assert.deepEqual([argv, capture], [['compare', 'small.yaml', '-r', '1'], null])
  assert.ok(startedAt <= endedAt)
})

test('nothing in a report tells when, where or how it was made', async () => {
  await compare('small.yaml -q -o here')
  for (const file of DETERMINISTIC) {
    assert.ok(!read(`here/${file}`).includes(folder), file)
    assert.ok(!read(`here/${file}`).includes(new Date().toISOString().slice(0, 10)), file)
  }
})

test('the reference may be named without its parameters where only one policy has the name', async () => {
  await compare('small.yaml -q -o ref -p any-idle -p flow-pinned:ttl=5s --reference flow-pinned')
  const { reference, records } = JSON.parse(read('ref/report.json'))
  assert.equal(reference, 'flow-pinned:ttl=5s')
  assert.equal(records[1].difference, null)
  assert.ok(records[0].difference.reorderedRatio.mean > 0)
})

test('verbose says a line per run and what the policies count', async () => {
  const { stderr } = await compare('small.yaml -v -j 1 -r 2 -o verbose -p hash -p flow-pinned:ttl=5s')
  assert.deepEqual(stderr.replace(/\d+(\.\d+)?/g, 'N').split('\n'), [
    'run N (N of N done): reordered hash N%, flow-pinned:ttl=Ns N%',
    'run N (N of N done): reordered hash N%, flow-pinned:ttl=Ns N%',
    'hash counts: nothing',
    'flow-pinned:ttl=Ns counts: tableExpiries N, tableEvictions N, tableEntriesMax N, tableHitRatio N',
    'results are in verbose',
    '',
  ])
})

test('shared lanes say on stderr that they take no policy', async () => {
  const { exitCode, stderr } = await compare(
    'small.yaml -o shared -p hash --set topology=shared --set reader.feedbackDelay=1ms',
  )
  assert.equal(exitCode, 0)
  assert.equal(
    stderr,
    'topology shared: policies and reader.feedbackDelay have no effect, as each lane takes the next packet itself - use topology dispatcher, or leave out what has none\nresults are in shared\n',
  )
})

test("a module whose create throws is one line and exit 1, not everybody's end", async () => {
  writeFileSync(
    'refuses.mjs',
    "export const policy = { name: 'refuses', create() { throw new Error('no') } }\n",
  )
  const { exitCode, stdout, stderr } = await compare('small.yaml -q -j 1 -o refused -p hash -p ./refuses.mjs')
  assert.deepEqual([exitCode, stderr], [1, 'policy refuses: threw at create, no\n'])
  assert.match(stdout, /^hash +0/m)
})

const broken = new Map<string, () => number>([
  ['nan-lane', () => Number.NaN],
  ['far-lane', () => 99],
  [
    'throwing',
    () => {
      throw new Error('cannot decide')
    },
  ],
])

for (const [name, choose] of broken) {
  test(`a policy that misbehaves (${name}) is one line and exit 1; the others' results stay`, async () => {
    const plugin: PolicyPlugin = {
      name,
      description: 'misbehaves',
      parameters: z.strictObject({}),
      create: () => ({ name, keepsFlowOrder: false, choose }),
    }
    const registry = policies as Map<string, PolicyPlugin>
    registry.set(name, plugin)
    try {
      const { exitCode, stdout, stderr } = await compare(`small.yaml -q -j 1 -o ${name} -p hash -p ${name}`)
      assert.equal(exitCode, 1)
      assert.match(stderr, new RegExp(`^policy ${name}: .+\\n$`))
      assert.match(stdout, new RegExp(`^${name} +failed$`, 'm'))
      const { records } = JSON.parse(read(`${name}/report.json`))
      assert.equal(records[0].metrics.reorderedRatio.mean, 0)
      assert.deepEqual(records[1].metrics, {})
    } finally {
      registry.delete(name)
    }
  })
}

for (const jobs of [1, 2]) {
  test(`an interrupt keeps the finished runs and leaves no part files, with ${jobs} jobs`, async () => {
    const stop = new AbortController()
    const { exitCode, stdout, stderr } = await compare(
      `small.yaml -v -r 400 -j ${jobs} -o stopped${jobs} --trace stopped.csv`,
      {
        signal: stop.signal,
        onStderr: (text) => {
          if (text.startsWith('run ')) stop.abort('SIGINT')
        },
      },
    )
    assert.equal(exitCode, 130)
    assert.equal(stdout, '')
    assert.match(stderr, new RegExp(`interrupted: the results of \\d+ of 400 runs are in stopped${jobs}\\n$`))
    const { runs, runsPlanned } = JSON.parse(read(`stopped${jobs}/report.json`))
    assert.ok(runs >= 1 && runs < 400)
    assert.equal(runsPlanned, 400)
    assert.deepEqual(
      readdirSync('.').filter((name) => name.startsWith('stopped.csv')),
      [],
    )
  })
}

const calibration = {
  kind: 'lanewise calibration',
  schemaVersion: 1,
  recordedFrom: {
    scenario: 'small',
    policy: 'hash',
    topology: 'dispatcher',
    lanes: 4,
    packets: 1000,
    idleStarts: 600,
    busyStarts: 400,
    stalls: 3,
  },
  service: { perByteNs: 0, lanes: [{ idleNs: [20_000, 90_000], busyNs: [10_000, 30_000] }] },
  stalls: [{ lanes: [0, 1, 2, 3], perSecond: 1000, lengthNs: [300_000] }],
  reader: { perPacketNs: 1000, afterSendNsP50: 20_000 },
  delivery: { afterFinishNsP50: null },
}

test('a calibration replaces what the scenario says of its lanes, said in the report, with one job as with two', async () => {
  writeFileSync('calibration.json', JSON.stringify(calibration))
  const outputs: string[] = []
  for (const jobs of [1, 2]) {
    const { exitCode, stderr } = await compare(
      `small.yaml -j ${jobs} -p hash -p round-robin --calibration calibration.json -o calibrated${jobs}`,
    )
    assert.equal(exitCode, 0)
    assert.match(stderr, /^calibration: service, .* as measured \(small, hash, 1000 packets\)/)
    outputs.push(read(`calibrated${jobs}/report.json`).replaceAll(`calibrated${jobs}`, ''))
  }
  assert.equal(outputs[0], outputs[1])
  const { load, records, warnings } = JSON.parse(outputs[0]!)
  // Half of the busy times is 10 us, half 30.
  assert.ok(Math.abs(load.mean.workNsMean - 20_000) < 500, `${load.mean.workNsMean}`)
  assert.ok(records[1].metrics.latencyNsMax.mean > 300_000, 'stalls of 0.3 ms')
  assert.match(warnings[0], /^calibration: /)
})

test('a calibration that is none is one line and wrong usage', async () => {
  writeFileSync('none.json', '{}')
  const { exitCode, stdout, stderr } = await compare('small.yaml --calibration none.json -o none')
  assert.deepEqual([exitCode, stdout], [2, ''])
  assert.match(
    stderr,
    /^--calibration none\.json: is no calibration - name the calibration\.json that lanewise replay writes\n$/,
  )
})
