/**
 * The disk fails at every operation in turn under a comparison, a scan of 12 points and a tuning: it crashes
 * there (in the middle of a write), is full from there on, or refuses this operation alone. The same command
 * again, a scan's with --resume, gives the same bytes and leaves no part; what is in the folder in between is
 * a whole result, or known for none.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, mock, test } from 'node:test'
import { UserError } from '../../errors.ts'
import { disk } from '../../node/files/disk.ts'
import { checkSums } from '../../node/files/marker.ts'
import { runProgram } from '../run-program.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-crash-'))
const start = process.cwd()
const { pid: gonePid } = spawnSync('true')
before(() => {
  process.chdir(folder)
  writeFileSync(
    'small.yaml',
    `source: { synthetic: { packetsPerSecond: 5000, flows: { count: 5 } } }
policies: [round-robin, hash]
duration: 10ms
warmup: 0s
`,
  )
})
after(() => {
  process.chdir(start)
  rmSync(folder, { recursive: true })
})

type Fault = 'crash' | 'ENOSPC' | 'EIO' | 'EMFILE'
const changing = ['create', 'write', 'rename', 'remove', 'makeFolder', 'removeFolder'] as const

/** Runs it with a disk whose n-th changing operation fails; says how many there were. */
async function runWith(words: string, fault: Fault, n: number) {
  let operations = 0
  let hasFailed = false
  for (const name of changing) {
    const real = disk[name] as (...all: unknown[]) => unknown
    mock.method(disk, name, (...all: unknown[]) => {
      operations++
      const isFull = fault === 'ENOSPC' && (name === 'create' || name === 'write')
      const isHit =
        (operations === n || (operations > n && (fault === 'crash' || isFull))) &&
        (fault !== 'ENOSPC' || isFull) &&
        (fault !== 'EMFILE' || name === 'create')
      if (!isHit) return real(...all)
      if (!hasFailed && name === 'write') {
        const [file, bytes, from] = all as [number, Uint8Array, number]
        real(file, bytes.subarray(0, from + Math.floor((bytes.length - from) / 2)), from)
      }
      hasFailed = true
      throw Object.assign(new Error(`${fault}: refused`), { code: fault === 'crash' ? 'EIO' : fault })
    })
  }
  try {
    return { ...(await runProgram(words.split(' '))), operations, hasFailed }
  } finally {
    mock.restoreAll()
  }
}

const partsIn = (place: string) =>
  existsSync(place)
    ? readdirSync(place, { recursive: true })
        .filter((name) => String(name).endsWith('.part'))
        .map(String)
    : []

/** What is left was left by a process that is gone. */
function bury(place: string): void {
  for (const name of partsIn(place)) {
    renameSync(path.join(place, name), path.join(place, name.replace(`-${process.pid}-`, `-${gonePid}-`)))
  }
}

function contentOf(place: string): Record<string, string> {
  const names = readdirSync(place).filter((name) => name !== 'provenance.json' && name !== 'points')
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(place, name), 'utf8')]))
}

/** Is it a whole result? Throws what isn't said in a line. */
function isWhole(place: string): boolean {
  try {
    checkSums(place)
    return true
  } catch (error) {
    assert.ok(error instanceof UserError, String(error))
    return false
  }
}

const commands = [
  ['compare', 'compare small.yaml -j 1 -r 2 -q', ''],
  ['scan', 'compare small.yaml -j 1 -r 1 -q -P lanes.count=1:12:1', ' --resume'],
  ['tune', 'tune small.yaml -j 1 -r 2 -q --points 3 --ttl 1ms:10ms -p flow-pinned', ''],
] as const
/** LANEWISE_CRASHES=all: at every operation (20 minutes); else at every so many of them. */
const isEvery = process.env.LANEWISE_CRASHES === 'all'
const STRIDES: readonly [Fault, number][] = [['crash', isEvery ? 1 : 3], ['ENOSPC', 8], ['EIO', 8], ['EMFILE', 11]] // biome-ignore format: a row

for (const [name, command, resumed] of commands) {
  for (const isAnew of [true, false]) {
    const where = isAnew ? 'in a new folder' : 'over an earlier result'
    test(`${name} ${where}: wherever the disk fails, going on gives the same bytes`, async (t) => {
      const old = `${name}-old`
      await runProgram(`${command} --seed 1 -o ${old}`.split(' '))
      const place = `${name}-${isAnew}`
      const begin = () => {
        rmSync(place, { recursive: true, force: true })
        // The same command, as far as the folder's name goes.
        if (!isAnew) cpSync(old, place, { recursive: true })
      }
      const words = `${command} --seed 2 -o ${place}`
      begin()
      const { operations, exitCode } = await runWith(words, 'EIO', 0)
      assert.equal(exitCode, 0)
      const expected = contentOf(place)
      assert.ok(operations > 20 && Object.keys(expected).length >= 4)
      let faults = 0
      let mixes = 0
      for (const [fault, stride] of STRIDES) {
        // Going over an earlier result differs in the end alone.
        for (let n = 1; n <= operations; n += isAnew || isEvery ? stride : 2 * stride) {
          begin()
          const about = `${fault} at ${n} of ${operations}`
          const failed = await runWith(words, fault, n)
          if (!failed.hasFailed) continue
          faults++
          assert.ok(failed.exitCode === 1 || failed.exitCode === 0, about)
          assert.doesNotMatch(failed.stderr, /defect|^ +at /m, about)
          if (!isWhole(place)) mixes++
          if (fault === 'ENOSPC' || fault === 'EMFILE') {
            assert.ok(isWhole(place), about)
            assert.deepEqual(partsIn(place), [], about)
          }
          bury(place)
          const again = await runProgram(`${words}${resumed}`.split(' '))
          assert.deepEqual([again.exitCode, again.stderr.replaceAll(/^--resume: .*\n/gm, '')], [0, ''], about)
          assert.deepEqual(contentOf(place), expected, about)
          assert.ok(isWhole(place), about)
          assert.deepEqual(partsIn(place), [], about)
        }
      }
      t.diagnostic(
        `${faults} faults in ${operations} operations, ${mixes} of them left a mix that is known for one`,
      )
      assert.ok(faults > operations / 8, `${faults}`)
    })
  }
}
