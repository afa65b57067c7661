import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { partPath } from '../../node/files/parts.ts'
import { openTrace } from './trace-file.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-trace-'))
after(() => rmSync(folder, { recursive: true }))
const target = path.join(folder, 'rows.csv')

test('what killed processes left is removed, and nothing else', {
  skip: process.platform !== 'linux',
}, () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  const own = path.basename(partPath(folder, 'other.csv'))
  const others = [own, 'rows.csv.123.part', `rows.csv${own}ly`]
  const gone = own.replace(`-${process.pid}-`, `-${pid}-`)
  for (const name of [gone, ...others]) writeFileSync(path.join(folder, name), '')
  const file = openTrace(target)
  file.write('a\n')
  const written = readdirSync(folder).filter((name) => !others.includes(name))
  assert.equal(written.length, 1)
  assert.match(written[0]!, /^\.rows\.csv\..*\.part$/)
  file.keep()
  file.close()
  assert.deepEqual(readdirSync(folder).sort(), [...others, 'rows.csv'].sort())
  assert.equal(readFileSync(target, 'utf8'), 'a\n')
})
