import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { captureAlone, scenarioFromText } from '../scenario/loaded-scenario.ts'
import { keysOf } from './keys.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-keys-'))
after(() => rmSync(folder, { recursive: true }))
const written = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text)
  return path.join(folder, name)
}
const synthetic = (more = '') =>
  scenarioFromText(`source: { synthetic: { packetsPerSecond: 1000 } }\npolicies: [hash]\n${more}`, 's.yaml')

test('the key stays the same for what gives the same results, and changes with all that may not', async () => {
  const keyOf = keysOf('1.0')
  const key = await keyOf(synthetic())
  assert.match(key, /^[0-9a-f]{32}$/)
  assert.equal(await keyOf(synthetic()), key)
  assert.equal(await keyOf(synthetic('lanes: { count: 4 }\n')), key, 'a default that is written out')
  const others = [
    'seed: 2',
    'runs: 6',
    'duration: 9s',
    'warmup: 1ms',
    'lanes: { count: 5 }',
    'assume: { rtt: 21ms }',
  ]
  const keys = await Promise.all(others.map((line) => keyOf(synthetic(`${line}\n`))))
  assert.equal(new Set([key, ...keys]).size, 7)
  assert.notEqual(await keysOf('1.1')(synthetic()), key)
})

test('a capture counts by its bytes', async () => {
  const scenario = captureAlone(written('a.pcap', 'one'))
  const key = await keysOf('1.0')(scenario)
  written('a.pcap', 'two')
  assert.notEqual(await keysOf('1.0')(scenario), key)
  written('a.pcap', 'one')
  assert.equal(await keysOf('1.0')(scenario), key)
})

test("a policy's module counts by its text, and that of the files which it imports, not by its place", async () => {
  const module = written('mine.ts', "import { lane } from './lane.ts'\nexport const policy = lane\n")
  const key = () => {
    const policies = [{ name: 'x', parameters: {}, label: 'mine', module }]
    return keysOf('1.0')({ ...synthetic(), policies })
  }
  written('lane.ts', "import { policy } from './mine.ts'\nexport const lane = 1\n")
  const first = await key()
  assert.equal(await key(), first)
  written('lane.ts', "import { policy } from './mine.ts'\nexport const lane = 2\n")
  const second = await key()
  assert.notEqual(second, first)
  written('mine.ts', "import { lane } from './lane.ts'\n\nexport const policy = lane\n")
  assert.notEqual(await key(), second)
})
