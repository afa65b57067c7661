import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { repository } from '../../built.testing.ts'
import { isModulePath } from '../../scenario/known-policies.ts'
import { isPlainWork } from './plain-work.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-plain-'))
after(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text)
  return path.join(folder, name)
}
const SOURCE = 'source: { synthetic: { packetsPerSecond: 1000 } }\n'
const plain = file('plain.yaml', `# $schema=./x.json, see bench/x.js\n${SOURCE}policies: [hash]\n`)
const capture = file('a.pcap', 'whatever ./x.mjs')

test('a comparison of built-in policies on plain files is plain work', () => {
  assert.ok(isPlainWork(['compare', '@office']))
  assert.ok(isPlainWork(['compare', plain, '-p', 'flow-pinned:ttl=5ms', '-r', '3', '-o', folder]))
  assert.ok(isPlainWork(['compare', capture, '--set', 'lanes.count=2', '-q']))
  assert.ok(isPlainWork(['compare', path.join(repository, 'scenarios/reference.yaml'), '-o', '/x/y']))
})

test('what may run code of a user is not: modules in words or in a scenario', () => {
  const module = file('loops.mjs', 'for (;;);')
  const words = [['-p', module], ['--policy', module], [`-p${module}`], [`--policy=${module}`]]
  for (const more of [...words, ['-p', 'mods/mine'], ['-p', 'mine.js'], ['--set', 'policies=[./x]']]) {
    assert.ok(!isPlainWork(['compare', plain, ...more]), more.join(' '))
  }
  const scalars = [
    './mine.mjs',
    'mods/mine',
    '"x\\x2emjs"',
    '"mods\\x2fmine"',
    '>-\n    #x.mjs',
    '{ x.ts: { a: 1 } }',
  ]
  for (const policy of scalars) {
    const named = file('module.yaml', `${SOURCE}policies:\n  - ${policy}\n`)
    assert.ok(!isPlainWork(['compare', named]), policy)
  }
})

test('whatever is taken for the path of a module is never plain, on the command line or in a scenario', () => {
  const piece = fc.constantFrom(
    'a',
    'b.c',
    '/',
    '\\',
    '.',
    '..',
    '.js',
    '.mjs',
    '.ts',
    '.cts',
    '.json',
    '-',
    ' ',
  )
  let modules = 0
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
      const name = pieces.join('')
      if (!isModulePath(name)) return
      modules++
      assert.ok(!isPlainWork(['compare', plain, '-p', name]))
      assert.ok(!isPlainWork(['compare', file('any.yaml', `${SOURCE}policies: [${JSON.stringify(name)}]\n`)]))
    }),
    { seed: 3, numRuns: 500 },
  )
  assert.ok(modules > 200, `${modules} modules`)
})

test('neither is what may make it wait, or take long to read or to end, nor other work', () => {
  const pipe = path.join(folder, 'pipe')
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0)
  for (const words of [
    ...[[pipe], ['-'], ['/dev/zero']],
    ...[
      [plain, '--calibration', 'c.json'],
      [plain, '-P', 'lanes.count=1:4:1'],
      [plain, '--trace', 'rows.csv'],
      [plain, '--trace=rows.csv'],
    ],
  ]) {
    assert.ok(!isPlainWork(['compare', ...words]), words.join(' '))
  }
  assert.ok(!isPlainWork(['compare', file('long.yaml', `a: ${'x'.repeat(70_000)}\n`)]))
  for (const verb of ['tune', 'replay', 'measure', 'inspect', 'plot', 'diagnose', 'calibrate']) {
    assert.ok(!isPlainWork([verb, '@office']), verb)
  }
})
