import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { loadScenario } from '../../node/load-scenario.ts'
import { runProgram } from '../run-program.testing.ts'
import { checkSize } from './size-check.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-size-'))
after(() => rmSync(folder, { recursive: true }))
const file = path.join(folder, 's.yaml')
writeFileSync(
  file,
  'source: { synthetic: { packetsPerSecond: 1000 } }\nduration: 100ms\nruns: 2\npolicies: [hash]\n',
)

const endless = [
  '--set',
  'source.synthetic.packetsPerSecond=1000000',
  '--set',
  'tunQueue.capacityPackets=unlimited',
  '--set',
  'duration=60s',
]

test('memory above 4 GB needs --yes in every verb that simulates, and nothing is written without', async () => {
  const output = path.join(folder, 'out')
  for (const words of [
    ['compare', file, ...endless],
    ['compare', file, ...endless, '-L', 'reader.batch=1,2'],
    ['tune', file, ...endless],
  ]) {
    const { exitCode, stderr } = await runProgram([...words, '-j', '1', '-o', output])
    assert.equal(exitCode, 2, stderr)
    assert.match(stderr, /^would need about [\d.]+ GB of memory - use fewer packets, .*, or say --yes\n$/)
    assert.ok(!existsSync(output))
  }
})

test('a replay of packets that memory has no room for is refused before they are made', async () => {
  const many = ['--set', 'source.synthetic.packetsPerSecond=100000000']
  const argv = ['replay', file, '--loopback', ...many, '--set', 'duration=10s']
  const { exitCode, stderr } = await runProgram([...argv, '-o', path.join(folder, 'out')])
  assert.equal(exitCode, 2)
  assert.match(
    stderr,
    /^would need about 300 GB of memory - use fewer packets \(--limit, --loop\), or say --yes\n$/,
  )
})

test('a run of more than a day is refused, whatever is said', async () => {
  const long = ['--set', 'source.synthetic.packetsPerSecond=1000000', '-d', '30h']
  const { exitCode, stderr } = await runProgram(['compare', file, ...long, '--yes', '-j', '1'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /^a run of 108,000,000,000 packets for 1 policy would take .* - use a lower rate/)
})

test('a wait of minutes is said, a short one and under -q none', async () => {
  const said = async (set: readonly string[], more: { quiet?: true; yes?: true } = {}) => {
    let text = ''
    const stderr = { write: (piece: string) => (text += piece) }
    checkSize([await loadScenario(file, { set })], { jobs: 1, ...more }, { stderr })
    return text
  }
  const long = ['source.synthetic.packetsPerSecond=100000', 'duration=1000s']
  assert.equal(await said(long), 'this will take about 3.33 min (1 us per packet and policy)\n')
  assert.equal(await said(long, { quiet: true }), '')
  assert.equal(await said([]), '')
})
