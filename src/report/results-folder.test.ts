import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { UserError } from '../errors.ts'
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
