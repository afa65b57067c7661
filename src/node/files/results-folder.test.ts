import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { UserError } from '../../errors.ts'
import { resultsFolder } from './results-folder.ts'

const base = mkdtempSync(path.join(tmpdir(), 'lanewise-folder-'))
after(() => rmSync(base, { recursive: true }))

test('the folder is made with its parents and holds only what was written', () => {
  const folder = resultsFolder(path.join(base, 'a/b/c'))
  folder.write({ 'x.csv': '1\n', 'y.csv': '2\n' })
  folder.write({ 'x.csv': '3\n' })
  assert.deepEqual(readdirSync(folder.path), ['x.csv', 'y.csv'])
  assert.equal(readFileSync(path.join(folder.path, 'x.csv'), 'utf8'), '3\n')
})

test('what an earlier command left can be removed by name', () => {
  const folder = resultsFolder(path.join(base, 'old'))
  folder.write({ 'calibration.json': '', 'calibration-a.json': '', 'report.json': '' })
  folder.removeMatching(/^calibration(-\w+)?\.json$/)
  assert.deepEqual(readdirSync(folder.path), ['report.json'])
})

test('folders that were made here and stayed empty are discarded, others are kept', () => {
  mkdirSync(path.join(base, 'mine'))
  resultsFolder(path.join(base, 'mine/new/deep')).discard()
  assert.deepEqual(readdirSync(path.join(base, 'mine')), [])
  resultsFolder(path.join(base, 'mine')).discard()
  const used = resultsFolder(path.join(base, 'used/deep'))
  used.write({ x: '' })
  used.discard()
  assert.deepEqual(readdirSync(path.join(base, 'used/deep')), ['x'])
})

test('a file in the way is one line with a cure', () => {
  const file = path.join(base, 'file')
  writeFileSync(file, '')
  for (const folder of [file, path.join(file, 'below')]) {
    assert.throws(() => resultsFolder(folder), {
      name: 'UserError',
      message: `${folder}: results can't be written, a file is in the way - name a folder with -o`,
      exitCode: 1,
    })
  }
})

test('a folder that takes no new ones is refused at once', { skip: process.platform !== 'linux' }, () => {
  assert.throws(() => resultsFolder('/proc/lanewise'), UserError)
})

test('growing files replace the earlier ones together, and not at all when the work fails', async () => {
  const folder = resultsFolder(path.join(base, 'growing'))
  folder.write({ 'x.csv': 'old\n', 'y.csv': 'old\n' })
  const text = (name: string) => readFileSync(path.join(folder.path, name), 'utf8')
  writeFileSync(path.join(folder.path, 'part'), `${'ä'.repeat(600_000)}\n`)
  await folder.grow(['x.csv', 'y.csv'], async (files) => {
    for (const row of [1, 2]) files['x.csv'].append(`${row}\n`)
    files['y.csv'].append('first\n')
    files['y.csv'].appendFile(path.join(folder.path, 'part'))
    assert.equal(text('x.csv'), 'old\n')
  })
  assert.deepEqual([text('x.csv'), text('y.csv')], ['1\n2\n', `first\n${'ä'.repeat(600_000)}\n`])
  const failing = () =>
    folder.grow(['x.csv'], async (files) => {
      files['x.csv'].append('3\n')
      throw new Error('no more')
    })
  await assert.rejects(failing, { message: 'no more' })
  assert.equal(text('x.csv'), '1\n2\n')
  folder.remove('y.csv')
  folder.remove('y.csv')
  assert.deepEqual(readdirSync(folder.path), ['x.csv'])
})
