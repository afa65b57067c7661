import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { disk } from './disk.ts'
import { isPart, openPart, partPath, removeStaleParts } from './parts.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-parts-'))
after(() => rmSync(folder, { recursive: true }))
const isLinux = process.platform === 'linux'
const options = { skip: isLinux ? false : 'only Linux tells boot, pid namespace and start time' }

/** This process's part with another word in the place of one of: boot, namespace, pid, start time. */
function otherPart(word: number, value: string): string {
  const [, words] = /\.([^.]+)\.part$/.exec(partPath(folder, 'report.json'))!
  const changed = words!.split('-').with(word, value).join('-')
  const file = path.join(folder, `.report.json.${changed}.part`)
  writeFileSync(file, 'x')
  return file
}

test('names of parts end in .part, fit the file system, and are never the same twice', () => {
  const long = partPath(folder, '𝒳'.repeat(255))
  assert.ok(Buffer.byteLength(path.basename(long)) <= 255, long)
  const one = partPath(folder, 'report.json')
  assert.match(path.basename(one), /^\.report\.json\.[0-9a-f]+-\d+-\d+-\d+-[0-9a-f]{8}\.part$/)
  assert.notEqual(one, partPath(folder, 'report.json'))
  assert.ok(isPart(path.basename(one)) && !isPart('download.part') && !isPart('.x.123.part'))
})

test('parts of a process that is gone, of this boot and pid namespace, are removed at once', options, () => {
  const { pid } = spawnSync('true')
  const own = openPart(folder, 'own')
  const mine = path.join(folder, 'download.part')
  writeFileSync(mine, '')
  const gone = [otherPart(2, String(pid)), otherPart(3, '1')]
  removeStaleParts(folder)
  assert.deepEqual(gone.map(existsSync), [false, false])
  assert.deepEqual(readdirSync(folder), [path.basename(own.path), 'download.part'].sort())
  own.remove()
  rmSync(mine)
})

test('parts of another boot, machine or pid namespace are removed after an hour', options, () => {
  const others = [otherPart(0, 'abc'), otherPart(1, '1'), otherPart(0, '0')]
  removeStaleParts(folder)
  assert.deepEqual(others.map(existsSync), [true, true, true])
  const anHourAgo = Date.now() / 1000 - 3601
  for (const file of others) utimesSync(file, anHourAgo, anHourAgo)
  removeStaleParts(folder)
  assert.deepEqual(others.map(existsSync), [false, false, false])
})

test('a part is opened for itself alone: a link in its place is refused', () => {
  const target = path.join(folder, 'target')
  const link = path.join(folder, 'link')
  symlinkSync(target, link)
  assert.throws(() => disk.create(link), { code: 'EEXIST' })
  assert.ok(!existsSync(target))
})

test('a part takes over files of our own only: a link in the place of one is refused', () => {
  const whole = openPart(folder, 'whole')
  const own = partPath(folder, 'own')
  writeFileSync(own, 'rows')
  whole.takeOver(own)
  assert.equal(existsSync(own), false)
  const secret = path.join(folder, 'secret')
  writeFileSync(secret, 'secret')
  symlinkSync(secret, own)
  assert.throws(() => whole.takeOver(own), { code: 'ELOOP' })
  whole.close()
  assert.equal(readFileSync(whole.path, 'utf8'), 'rows')
  whole.remove()
  assert.ok(existsSync(secret))
})

test('a folder that is not there has no parts', () => removeStaleParts(path.join(folder, 'none')))
