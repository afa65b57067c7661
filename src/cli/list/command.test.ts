import assert from 'node:assert/strict'
import { test } from 'node:test'
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
    ['key', '5-tuple|3-tuple|address-pair', '5-tuple'],
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

test('shipped scenarios are listed with their titles', async () => {
  const entries = await listed('scenarios')
  assert.ok(entries.length >= 6)
  for (const { name, description } of entries) {
    assert.match(name, /scenarios.[\w-]+\.yaml$/)
    assert.notEqual(description, '')
  }
})

test('without a topic there is an overview of all topics that fits 80 columns', async () => {
  const { stdout, exitCode } = await runProgram(['list'])
  assert.equal(exitCode, 0)
  for (const topic of ['policies', 'sources', 'metrics', 'distributions', 'scenarios']) {
    assert.match(stdout, new RegExp(`^${topic} - `, 'm'))
  }
  for (const words of [[], ['policies'], ['metrics'], ['distributions'], ['sources']]) {
    const lines = (await runProgram(['list', ...words])).stdout.split('\n')
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    )
  }
})
