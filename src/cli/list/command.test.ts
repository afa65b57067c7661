import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { policies } from '../../policies/index.ts'
import { distributions } from '../../sim/distributions/index.ts'
import { runProgram } from '../run-program.testing.ts'

const listed = async (...words: string[]) =>
  JSON.parse((await runProgram(['list', ...words, '-f', 'json'])).stdout)

test('every policy is listed with its parameters, defaults and choices', async () => {
  const entries = await listed('policies')
  assert.deepEqual(
    entries.map(({ name }: { name: string }) => name),
    [...policies.keys()],
  )
  const pinned = entries.find(({ name }: { name: string }) => name === 'flow-pinned')
  const parameters = pinned.parameters.map(({ name, values, default: usual }: Record<string, unknown>) => [
    name,
    values,
    usual,
  ])
  assert.deepEqual(parameters, [
    ['key', '5-tuple|3-tuple|address-pair|inner', '5-tuple'],
    ['ttl', 'never|duration', '30s'],
    ['assign', 'next|least-loaded|hash|idle', 'next'],
    ['capacity', 'unlimited|integer', 'unlimited'],
  ])
})

test('every distribution is listed, with what must be given', async () => {
  const entries = await listed('distributions')
  assert.deepEqual(
    entries.map(({ name }: { name: string }) => name),
    [...distributions.keys()],
  )
  const lognormal = entries.find(({ name }: { name: string }) => name === 'lognormal')
  assert.deepEqual(
    lognormal.parameters.map(({ name, required }: Record<string, unknown>) => [name, required]),
    [
      ['median', true],
      ['sigma', true],
    ],
  )
})

test('one metric is shown with use, source and what it leaves out, by its name in a report too', async () => {
  const { stdout } = await runProgram(['list', 'metrics', 'sackLostRatio'])
  const lines = stdout.split('\n')
  assert.equal(lines[0], 'sackLostRatio')
  assert.match(stdout, /3 later ones\s+arrived first\n {2}look at it {4}The headline for TCP/)
  assert.match(stdout, /^ {2}source {8}RFC 6675 4$/m)
  assert.match(stdout, /^ {2}not modelled {2}Senders/m)
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  )
  assert.equal((await listed('metrics', 'tunnel.nReordering[3]')).name, 'nReordering[n]')
  assert.deepEqual((await listed('policies', 'flow-pinned')).parameters.length, 4)
})

test('a name that a topic lacks is a mistake of the user, with the nearest one as cure', async () => {
  const { exitCode, stdout, stderr } = await runProgram(['list', 'metrics', 'sackLostRation'])
  assert.deepEqual([exitCode, stdout], [2, ''])
  assert.equal(
    stderr,
    'lanewise list metrics: unknown name "sackLostRation" - did you mean "sackLostRatio"?\n',
  )
})

test('metrics are found by the heads of columns and axes, and several of one head are listed', async () => {
  const found = async (head: string): Promise<string[]> => {
    const { exitCode, stdout } = await runProgram(['list', 'metrics', head, '-f', 'json'])
    assert.equal(exitCode, 0, head)
    return [JSON.parse(stdout)].flat().map(({ name }) => name)
  }
  assert.deepEqual(await found('reordered'), ['reorderedRatio'])
  assert.deepEqual(await found('SACK LOST'), ['sackLostRatio'])
  assert.deepEqual(await found('latency p99'), ['latencyNsP99'])
  assert.deepEqual(await found('drops'), ['tunQueueDropRatio', 'laneDropRatio'])
  assert.deepEqual(await found('late time'), ['lateTimeNsP50', 'lateTimeNsP99', 'lateTimeNsMax'])
  assert.match(
    (await runProgram(['list', 'metrics', 'drops'])).stdout,
    / {2}tunQueueDropRatio .*\n.* {2}laneDropRatio /s,
  )
})

test('a topic or name that is nearly right gets the right one', async () => {
  for (const [words, said] of [
    [['policy'], 'lanewise list: unknown topic "policy" - did you mean "policies"?'],
    [['metric'], 'lanewise list: unknown topic "metric" - did you mean "metrics"?'],
    [['dist'], 'lanewise list: unknown topic "dist" - did you mean "distributions"?'],
    [['hash'], 'lanewise list: unknown topic "hash" - did you mean lanewise list policies hash?'],
    [
      ['policies', 'flow-pin'],
      'lanewise list policies: unknown name "flow-pin" - did you mean "flow-pinned"?',
    ],
    [['metrics', 'SACK list'], 'lanewise list metrics: unknown name "SACK list" - did you mean "SACK lost"?'],
    [
      ['xyz'],
      'lanewise list: unknown topic "xyz" - use one of policies, sources, metrics, distributions, scenarios, captures, presets',
    ],
  ] as const) {
    const { exitCode, stderr } = await runProgram(['list', ...words])
    assert.deepEqual([exitCode, stderr], [2, `${said}\n`])
  }
})

test('shipped scenarios are listed with their titles', async () => {
  const entries = await listed('scenarios')
  assert.ok(entries.length >= 6)
  for (const { name, description } of entries) {
    assert.match(name, /^@[\w-]+$/)
    assert.notEqual(description, '')
  }
})

/** Packets that a bundled run has sent, and how long it took: nothing was lost in them. */
function inRun(file: string) {
  const [, ...rows] = gunzipSync(readFileSync(file)).toString().trim().split('\n')
  return { packets: rows.length, durationNs: Math.max(...rows.map((row) => Number(row.split(',')[2]))) }
}

test('bundled captures and runs are listed with what is in them: packets and seconds as they are counted', async () => {
  const entries = await listed('captures')
  assert.ok(entries.length >= 6)
  for (const { name, description, file } of entries) {
    const stdout = file.endsWith('.csv.gz')
      ? JSON.stringify(inRun(file))
      : (await runProgram(['inspect', name, '-f', 'json', '-q'])).stdout
    const [, packets, seconds] = /^([\d,]+) packets in ([\d.]+) s: \w/.exec(description) ?? []
    const { packets: counted, durationNs } = JSON.parse(stdout)
    assert.equal(packets, counted.toLocaleString('en'), name)
    assert.equal(
      Number(seconds),
      Number((durationNs / 1e9).toPrecision(seconds!.replace('0.', '').length)),
      name,
    )
  }
})

test('one bundled input is found by any of its names, and says where its file is', async () => {
  for (const name of ['@02', '2', 'spray-breaks-udp', '@02-spray-breaks-udp']) {
    const { name: whole, file } = await listed('scenarios', name)
    assert.equal(whole, '@02-spray-breaks-udp')
    assert.ok(existsSync(file), file)
  }
  assert.match((await listed('captures', 'voice')).file, /voice\.pcap\.gz$/)
})

test('without a topic there is an overview of all topics that fits 80 columns', async () => {
  const { stdout, exitCode } = await runProgram(['list'])
  assert.equal(exitCode, 0)
  for (const topic of ['policies', 'sources', 'metrics', 'distributions', 'scenarios', 'captures']) {
    assert.match(stdout, new RegExp(`^${topic} - `, 'm'))
  }
  for (const words of [
    [],
    ['policies'],
    ['metrics'],
    ['distributions'],
    ['sources'],
    ['scenarios'],
    ['captures'],
  ]) {
    const lines = (await runProgram(['list', ...words])).stdout.split('\n')
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    )
  }
})

test('systems that were calibrated are listed with source and date', async () => {
  const { description, source } = await listed('presets', 'openvpn-fork')
  assert.match(description, /branch mtio, 4 threads and TCP connections, both ends on 2 cores/)
  assert.equal(
    source,
    'calibrated in November 2026 on 2 cores: spray-1f-4000-1200B-r1.csv.gz, spray-1f-4000-1200B-r2.csv.gz, 64,010 packets, 2026-11-30',
  )
})
