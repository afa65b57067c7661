import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { isPlainWork } from './plain-work.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-plain-'))
after(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text)
  return path.join(folder, name)
}
const plain = file(
  'plain.yaml',
  '# $schema=./x.json\n$schema: ./x.json\nsource: { synthetic: { packetsPerSecond: 1000 } }\npolicies: [hash]\n',
)
const capture = file('a.pcap', 'whatever ./x.mjs')

test('a comparison of built-in policies on plain files is plain work', () => {
  assert.ok(isPlainWork(['compare', '@office']))
  assert.ok(isPlainWork(['compare', plain, '-p', 'flow-pinned:ttl=5ms', '-r', '3', '-o', folder]))
  assert.ok(isPlainWork(['compare', capture, '--set', 'lanes.count=2', '-q']))
})

test('what may run code of a user is not: modules in words or in a scenario', () => {
  const module = file('loops.mjs', 'for (;;);')
  for (const words of [['-p', module], ['--policy', module], [`-p${module}`], [module]]) {
    assert.ok(!isPlainWork(['compare', plain, ...words]), words.join(' '))
  }
  for (const word of [
    './mine.mjs',
    '/x/mine.ts:a=1',
    'mine.js',
    './mine',
    '--policy=./mine.mjs',
    '--set=policies=[./x]',
  ]) {
    assert.ok(!isPlainWork(['compare', plain, '-p', word]), word)
  }
  for (const [i, policy] of ['./mine.mjs', '"/x/mine"', '{ ../mine.ts: { a: 1 } }'].entries()) {
    const named = file(
      `module${i}.yaml`,
      `source: { synthetic: { packetsPerSecond: 1 } }\npolicies: [${policy}]\n`,
    )
    assert.ok(!isPlainWork(['compare', named]), policy)
  }
})

test('neither is what may make it wait, or take long to read, nor other work', () => {
  const pipe = path.join(folder, 'pipe')
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0)
  for (const words of [
    [pipe],
    ['-'],
    ['/dev/zero'],
    [plain, '--calibration', 'c.json'],
    [plain, '-P', 'lanes.count=1:4:1'],
  ]) {
    assert.ok(!isPlainWork(['compare', ...words]), words.join(' '))
  }
  assert.ok(!isPlainWork(['compare', file('long.yaml', `# ${'x'.repeat(70_000)}\n`)]))
  for (const verb of ['tune', 'replay', 'measure', 'inspect', 'plot', 'diagnose']) {
    assert.ok(!isPlainWork([verb, '@office']), verb)
  }
})
