import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { openTrace } from './trace-file.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-trace-'))
after(() => rmSync(folder, { recursive: true }))
const target = path.join(folder, 'rows.csv')

test('what killed processes left of the same file is removed, and nothing else', () => {
  const gone = spawnSync(process.execPath, ['--version']).pid
  const others = [`rows.csv.${process.ppid}.part`, `other.csv.${gone}.part`, `rows.csv.${gone}.partly`]
  for (const name of [`rows.csv.${gone}.part`, ...others]) writeFileSync(path.join(folder, name), '')
  const file = openTrace(target)
  file.write('a\n')
  assert.deepEqual(readdirSync(folder).sort(), [...others, `rows.csv.${process.pid}.part`].sort())
  file.keep()
  file.close()
  assert.deepEqual(readdirSync(folder).sort(), [...others, 'rows.csv'].sort())
  assert.equal(readFileSync(target, 'utf8'), 'a\n')
})
