import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { builtMain } from '../../built.testing.ts'
import { folder, write } from './commands.testing.ts'
import { tooManyFiles } from './last-words.ts'

const LINE = 'lanewise: too many open files - raise the limit: ulimit -n 1024'

test('want of open files is told by the code or by the words of an error, nothing else is', () => {
  assert.equal(tooManyFiles(Object.assign(new Error('x'), { code: 'EMFILE' })), LINE)
  assert.equal(tooManyFiles(Object.assign(new Error('x'), { code: 'ENFILE' })), LINE)
  assert.equal(tooManyFiles(new Error('Worker initialization failure: EMFILE')), LINE)
  for (const other of [new Error('no such file'), undefined, null, 7, { code: 'ENOENT' }, 'PROFILEMFILES']) {
    assert.equal(tooManyFiles(other), undefined)
  }
})

/** A comparison with a module that does this while it is loaded, and then waits. */
function failing(does: string) {
  write('fails.mjs', `${does}\nawait new Promise((done) => setTimeout(done, 10_000))\n`)
  const argv = [...builtMain, 'compare', 'small.yaml', '-q', '-p', './fails.mjs']
  const { status, stderr } = spawnSync(process.execPath, argv, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, lines: stderr.trimEnd().split('\n') }
}

test('too many open files within the work are one line and exit 1', () => {
  const { status, lines } = failing(
    "setTimeout(() => { throw Object.assign(new Error('open'), { code: 'EMFILE' }) })",
  )
  assert.deepEqual([status, lines], [1, [LINE]])
})

test('a last handler that fails itself ends the process', () => {
  const { status, lines } = failing(
    "setTimeout(() => { throw { get stack() { throw new Error('again') } } })",
  )
  assert.equal(status, 1)
  assert.match(lines[0]!, /^lanewise \d+\.\d+\.\d+: a defect of lanewise/)
  assert.deepEqual(lines.slice(1), ['lanewise: a defect of lanewise, please report it: Error: again'])
})

test('so does one whose failure has no words', () => {
  const { status, lines } = failing(
    'setTimeout(() => { throw { get stack() { throw { [Symbol.toPrimitive]() { throw 1 } } } } })',
  )
  assert.equal(status, 1)
  assert.equal(lines.length, 1)
})
