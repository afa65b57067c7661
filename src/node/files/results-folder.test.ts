import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { UserError } from '../../errors.ts'
import { disk } from './disk.ts'
import { checkSums, readMarker } from './marker.ts'
import { resultsFolder } from './results-folder.ts'

const base = mkdtempSync(path.join(tmpdir(), 'lanewise-folder-'))
after(() => rmSync(base, { recursive: true }))
const about = { lanewise: '1.0.0', argv: ['compare', 'a.yaml'] }
const text = (...names: string[]) => readFileSync(path.join(base, ...names), 'utf8')
const sumOf = (content: string) => createHash('sha256').update(content).digest('hex')

test('the folder is made with its parents and holds what was written, listed with its sums', () => {
  const folder = resultsFolder(path.join(base, 'a/b/c'))
  folder.write({ 'x.csv': '1\n', 'y.csv': '2\n' }, about)
  folder.write({ 'x.csv': '3\n', 'y.csv': '2\n' }, about)
  assert.deepEqual(readdirSync(folder.path), ['provenance.json', 'x.csv', 'y.csv'])
  assert.equal(text('a/b/c/x.csv'), '3\n')
  assert.deepEqual(JSON.parse(text('a/b/c/provenance.json')), {
    kind: 'lanewise results',
    ...about,
    files: { 'x.csv': sumOf('3\n'), 'y.csv': sumOf('2\n') },
  })
  folder.describe({ ...about, endedAt: 'now' })
  assert.deepEqual(JSON.parse(text('a/b/c/provenance.json')).files, readMarker(folder.path)!.files)
  assert.equal(JSON.parse(text('a/b/c/provenance.json')).endedAt, 'now')
})

test('what the earlier result had goes, unless somebody has changed it or it was never listed', () => {
  const folder = resultsFolder(path.join(base, 'old'))
  folder.write({ 'report.json': '', 'live.csv': 'ours', 'ttl.csv': 'ours' }, about)
  writeFileSync(path.join(folder.path, 'ttl.csv'), 'edited')
  writeFileSync(path.join(folder.path, 'points.csv'), 'mine')
  folder.write({ 'report.json': '2' }, about)
  assert.deepEqual(readdirSync(folder.path), ['points.csv', 'provenance.json', 'report.json', 'ttl.csv'])
})

test('additions keep what is listed, and the command that wrote it', () => {
  const folder = resultsFolder(path.join(base, 'added'))
  folder.write({ 'report.json': '1' }, about)
  folder.add({ 'chart.svg': 'x' }, { lanewise: '1.0.0', argv: ['plot'] })
  const marker = readMarker(folder.path)!
  assert.deepEqual(marker.argv, about.argv)
  assert.deepEqual(marker.files, { 'report.json': sumOf('1'), 'chart.svg': sumOf('x') })
  const other = resultsFolder(path.join(base, 'charts'))
  other.add({ 'chart.svg': 'x' }, { lanewise: '1.0.0', argv: ['plot'] })
  assert.deepEqual(readMarker(other.path)!.argv, ['plot'])
})

test('a folder of 0.1.0 is added to without sums, which would tell that its other files are not ours', () => {
  const place = path.join(base, 'zero-one')
  mkdirSync(place)
  writeFileSync(path.join(place, 'provenance.json'), JSON.stringify({ lanewise: '0.1.0', argv: ['compare'] }))
  resultsFolder(place).add({ 'chart.svg': 'x' }, about)
  assert.equal(readMarker(place)!.files, undefined)
  resultsFolder(place).write({ 'report.json': 'x' }, about)
  assert.deepEqual(readMarker(place)!.files, { 'report.json': sumOf('x') })
})

test('folders that were made here and stayed empty are discarded, others are kept', () => {
  mkdirSync(path.join(base, 'mine'))
  const claimed = resultsFolder(path.join(base, 'mine/new/deep'))
  claimed.claim(about)
  assert.deepEqual(readMarker(claimed.path)!.files, {})
  claimed.discard()
  assert.deepEqual(readdirSync(path.join(base, 'mine')), [])
  resultsFolder(path.join(base, 'mine')).discard()
  const used = resultsFolder(path.join(base, 'used/deep'))
  used.claim(about)
  used.write({ x: '' }, about)
  used.discard()
  assert.deepEqual(readdirSync(path.join(base, 'used/deep')), ['provenance.json', 'x'])
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
  folder.write({ 'x.csv': 'old\n', 'y.csv': 'old\n' }, about)
  writeFileSync(path.join(folder.path, 'part'), `${'ä'.repeat(600_000)}\n`)
  const ended = async () => about
  await folder.grow(['x.csv', 'y.csv'], ended, async (files) => {
    for (const row of [1, 2]) files['x.csv'].append(`${row}\n`)
    files['y.csv'].append('first\n')
    files['y.csv'].appendFile(path.join(folder.path, 'part'))
    assert.equal(text('growing/x.csv'), 'old\n')
  })
  const long = `first\n${'ä'.repeat(600_000)}\n`
  assert.deepEqual([text('growing/x.csv'), text('growing/y.csv')], ['1\n2\n', long])
  assert.deepEqual(readMarker(folder.path)!.files, { 'x.csv': sumOf('1\n2\n'), 'y.csv': sumOf(long) })
  const failing = () =>
    folder.grow(['x.csv'], ended, async (files) => {
      files['x.csv'].append('3\n')
      throw new Error('no more')
    })
  await assert.rejects(failing, { message: 'no more' })
  assert.equal(text('growing/x.csv'), '1\n2\n')
  assert.deepEqual(readdirSync(folder.path), ['provenance.json', 'x.csv', 'y.csv'])
})

/** Lets the n-th of an operation's calls throw this, those before it happen. */
function failAt(t: TestContext, operation: 'write' | 'rename' | 'create', n: number, code: string) {
  const real = disk[operation] as (...all: unknown[]) => unknown
  let calls = 0
  t.mock.method(disk, operation, (...all: unknown[]) => {
    if (++calls === n) throw Object.assign(new Error(`${code}: refused`), { code })
    return real(...all)
  })
}

test('a disk that is full at any write leaves the earlier result whole, and no part', async (t) => {
  const place = path.join(base, 'full')
  resultsFolder(place).write({ 'report.json': '1', 'flows.csv': '1' }, about)
  const before = ['report.json', 'flows.csv', 'provenance.json'].map((name) => text('full', name))
  let failures = 0
  for (const operation of ['create', 'write'] as const) {
    for (let n = 1; n <= 3; n++) {
      await t.test(`${operation} ${n}`, (inner) => {
        const folder = resultsFolder(place)
        failAt(inner, operation, n, 'ENOSPC')
        assert.throws(() => folder.write({ 'report.json': '2', 'flows.csv': '2' }, { ...about, seed: 2 }), {
          message: `${place}: results can't be written, the disk is full - make room or use -o`,
        })
        failures++
      })
      assert.deepEqual(
        ['report.json', 'flows.csv', 'provenance.json'].map((name) => text('full', name)),
        before,
      )
      assert.deepEqual(readdirSync(place), ['flows.csv', 'provenance.json', 'report.json'])
    }
  }
  assert.equal(failures, 6)
})

test('a disk that fails between two renames leaves a mix, which is known for one', async (t) => {
  const place = path.join(base, 'mixed')
  resultsFolder(place).write({ 'report.json': '1', 'flows.csv': '1' }, about)
  await t.test('rename 2', (inner) => {
    const folder = resultsFolder(place)
    failAt(inner, 'rename', 2, 'EIO')
    assert.throws(() => folder.write({ 'report.json': '2', 'flows.csv': '2' }, about), UserError)
  })
  assert.throws(() => checkSums(place), { message: /^\S+mixed\/report\.json: isn't the file that / })
  resultsFolder(place).write({ 'report.json': '2', 'flows.csv': '2' }, about)
  assert.deepEqual([...checkSums(place)!], ['report.json', 'flows.csv'])
})

test('a disk that takes a byte at a time takes it all', (t) => {
  const real = disk.write
  t.mock.method(disk, 'write', (file: number, bytes: Uint8Array, from: number) =>
    real(file, bytes.subarray(0, from + 1), from),
  )
  const folder = resultsFolder(path.join(base, 'short'))
  folder.write({ 'x.csv': 'several bytes, ä too\n' }, about)
  assert.equal(text('short/x.csv'), 'several bytes, ä too\n')
  assert.deepEqual([...checkSums(folder.path)!], ['x.csv'])
})
