/**
 * No verb writes through a symbolic link: not one at a file's final name, which is replaced while its target
 * stays as it was, nor one at a part's name, since whatever is opened for writing is opened exclusively. That
 * is watched under every verb. A folder of results that is a link is followed: the user put it there.
 */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import path from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { writeSlice } from '../compare/scan-slice.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

const folder = ownFolder('links')
const { TMPDIR } = process.env
fs.mkdirSync('tmp')
process.env.TMPDIR = path.join(folder, 'tmp')
after(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = TMPDIR
})
fs.writeFileSync(
  's.yaml',
  `source: { synthetic: { packetsPerSecond: 2000, flows: { count: 5 } } }
policies: [round-robin, hash]
duration: 100ms
warmup: 0s
runs: 2
`,
)
fs.writeFileSync('arrivals.csv', 'sequence,flow\n1,a\n3,a\n2,a\n')

interface Opened {
  readonly name: string
  readonly isExclusive: boolean
}

const PLAIN_WRITES = ['writeFileSync', 'appendFileSync', 'writeFile', 'appendFile', 'createWriteStream', 'copyFileSync', 'cpSync', 'truncateSync', 'linkSync'] as const // biome-ignore format: a row

/** Runs the command; what it opened for writing below the folder, by every way that Node has here. */
async function watched(words: string, stdin?: Readable) {
  const opened: Opened[] = []
  const undo: (() => void)[] = []
  const watch = (
    of: object,
    name: string,
    isWriting: (flags: unknown) => boolean,
    isExclusive: (flags: unknown) => boolean,
  ) => {
    const all = of as Record<string, (...given: unknown[]) => unknown>
    const real = all[name]!
    all[name] = (...given) => {
      const [file, flags] = given
      const at = typeof file === 'string' ? path.resolve(file) : ''
      if (at.startsWith(folder) && isWriting(flags)) {
        opened.push({ name: path.relative(folder, at), isExclusive: isExclusive(flags) })
      }
      return real.apply(of, given)
    }
    undo.push(() => {
      all[name] = real
    })
  }
  const { O_WRONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants
  const writes = (flags: unknown) =>
    typeof flags === 'number'
      ? (flags & (O_WRONLY | O_RDWR | O_CREAT)) !== 0
      : /[wa+]/.test(String(flags ?? 'r'))
  const excludes = (flags: unknown) =>
    typeof flags === 'number' ? (flags & O_EXCL) !== 0 : String(flags).includes('x')
  for (const of of [fs, fs.promises]) watch(of, of === fs ? 'openSync' : 'open', writes, excludes)
  for (const name of PLAIN_WRITES)
    watch(
      fs,
      name,
      () => true,
      () => false,
    )
  syncBuiltinESMExports()
  try {
    return { ...(await runProgram(words.split(' '), stdin && { stdin })), opened }
  } finally {
    for (const one of undo) one()
    syncBuiltinESMExports()
  }
}

const PART = /(^|\/)\.[^/]+\.part$/

/** Puts the files of a folder elsewhere, and links to them in their place. */
function linked(place: string): ReadonlyMap<string, string> {
  const kept = `${place}-kept`
  fs.mkdirSync(kept)
  const texts = new Map<string, string>()
  for (const name of fs.readdirSync(place)) {
    const [file, target] = [path.join(place, name), path.join(kept, name)]
    if (fs.statSync(file).isDirectory()) {
      for (const [inner, text] of linked(file)) texts.set(inner, text)
      continue
    }
    fs.renameSync(file, target)
    fs.symlinkSync(path.resolve(target), file)
    texts.set(target, fs.readFileSync(target, 'latin1'))
  }
  return texts
}

/** By verb: its command without -o, and files that it writes beside the folder. */
const verbs: readonly [name: string, words: string, beside: readonly string[]][] = [
  ['compare', 'compare s.yaml -j 1 --trace rows.csv --trace-runs all -q', ['rows.csv']],
  ['scan', 'compare s.yaml -j 1 -P lanes.count=1:3:1 -q', []],
  ['tune', 'tune s.yaml -j 1 -r 1 --points 3 --ttl 1ms:10ms -p flow-pinned -q', []],
  ['replay', 'replay s.yaml --loopback --repeat 2 --predict-runs 2 --packets packets.csv -q', ['packets.csv']],
  ['measure', 'measure arrivals.csv -q', []],
  ['diagnose', 'diagnose @voice -q', []],
  ['plot', 'plot compare --format vl.json', []],
] // biome-ignore format: a row each

for (const [name, words, beside] of verbs) {
  test(`${name} writes new files only, and replaces links instead of following them`, async () => {
    const command = `${words} -o ${name}`
    const first = await watched(command)
    // Exit 1: on a busy machine no replay may have been valid.
    assert.ok(first.exitCode === 0 || name === 'replay', first.stderr)
    for (const file of beside) {
      fs.renameSync(file, `${file}-kept`)
      fs.symlinkSync(`${file}-kept`, file)
    }
    const texts = linked(name)
    const rows = beside.map((file) => fs.readFileSync(`${file}-kept`, 'latin1'))
    const second = await watched(command)
    assert.ok(second.exitCode === first.exitCode || name === 'replay', second.stderr)
    for (const { opened } of [first, second]) {
      assert.ok(opened.length > 1)
      assert.deepEqual(
        opened.filter(({ name, isExclusive }) => !isExclusive || !PART.test(name)),
        [],
      )
    }
    assert.ok(texts.size > 1)
    for (const [file, text] of texts)
      assert.equal(fs.readFileSync(file, 'latin1'), text, `${file} was written to`)
    for (const [i, file] of beside.entries()) assert.equal(fs.readFileSync(`${file}-kept`, 'latin1'), rows[i])
    const written = fs.readdirSync(name, { recursive: true }).map((file) => path.join(name, String(file)))
    assert.ok(written.length > 1)
    for (const file of [...written, ...beside]) assert.equal(fs.lstatSync(file).isSymbolicLink(), false, file)
  })
}

test('a chart and a page replace a link', async () => {
  fs.writeFileSync('notes', 'mine')
  for (const target of ['page.html', 'chart.vl.json']) {
    fs.symlinkSync('notes', target)
    const only = target === 'page.html' ? '' : ' --chart trade-off'
    const { exitCode, stderr, opened } = await watched(`plot compare -o ${target}${only}`)
    assert.equal(exitCode, 0, stderr)
    assert.ok(opened.length > 0 && opened.every(({ name, isExclusive }) => isExclusive && PART.test(name)))
    assert.deepEqual([fs.readFileSync('notes', 'utf8'), fs.lstatSync(target).isFile()], ['mine', true])
  }
})

test('a pipe is copied to a new file of its own', async () => {
  const { exitCode, opened } = await watched('measure -', Readable.from([Buffer.from('sequence\n1\n2\n')]))
  assert.equal(exitCode, 0)
  assert.deepEqual(
    opened.map(({ isExclusive }) => isExclusive),
    opened.map(() => true),
  )
  const capture = fs.readFileSync(new URL('../../../scenarios/captures/voice.pcap.gz', import.meta.url))
  const compared = await watched('compare - -j 1 -r 1 -d 1s -q -o piped', Readable.from([capture]))
  assert.equal(compared.exitCode, 0, compared.stderr)
  assert.ok(compared.opened.some(({ name }) => /^tmp\/\.?lanewise-/.test(name)))
  assert.ok(compared.opened.every(({ isExclusive }) => isExclusive))
})

test('a folder of results that is a link is followed', async () => {
  fs.mkdirSync('disk')
  fs.symlinkSync('disk', 'results-link')
  const { exitCode } = await watched('compare s.yaml -j 1 -q -o results-link')
  assert.equal(exitCode, 0)
  assert.ok(fs.existsSync('disk/report.json') && fs.lstatSync('results-link').isSymbolicLink())
})

test("a thread's part of a scan is a new file too: a link in its place is refused", () => {
  fs.writeFileSync('target', 'mine')
  fs.symlinkSync('target', 'part')
  const slice = { points: [], files: Object.fromEntries(['report.json', 'summary.csv', 'runs.csv', 'flows.csv', 'distributions.csv', 'points.csv'].map((name) => [name, 'part'])) } // biome-ignore format: a row
  const outcome = writeSlice(slice as unknown as Parameters<typeof writeSlice>[0])
  const line = ".: results can't be written, a file is in the way - name a folder with -o"
  assert.deepEqual(outcome, { mistake: { lines: [line], exitCode: 1 } })
  assert.equal(fs.readFileSync('target', 'utf8'), 'mine')
})
