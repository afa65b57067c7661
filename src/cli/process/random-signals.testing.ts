/**
 * Test support: one command after the other, hostile policies and inputs among them, is told to end at a
 * random moment. Each has to end within a second with the code of the signal, to keep what it said was
 * finished, to leave no process behind, and nothing on disk that the next start of its kind doesn't remove.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtMain } from '../../built.testing.ts'
import { skipWithoutTun } from '../../live/live.testing.ts'
import { randomStream } from '../../sim/random.ts'
import { type Command, folder, leftBehind, SOON_MS, start, until, write } from './commands.testing.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const
const LATEST_MS = 800

interface Case {
  readonly words: string
  /** How much was said to be finished, and how much is on disk; left out: nothing is kept. */
  readonly kept?: (said: string, out: string) => readonly [said: number, onDisk: number]
  /** A short one of its kind, that finishes; left out: it writes nothing. */
  readonly next?: string
  /** What it says when it is at work: a policy loops, parts of a trace are there. */
  readonly says?: string
  /** What it has started outlives kill -9 of the first process. */
  readonly leaves?: true
}

const json = (out: string, file: string) => {
  const name = path.join(folder, out, file)
  return existsSync(name) ? JSON.parse(readFileSync(name, 'utf8')) : undefined
}
const lastOf = (said: string, pattern: RegExp) => Number([...said.matchAll(pattern)].at(-1)?.[1] ?? 0)
const runs: Case['kept'] = (said, out) => [
  lastOf(said, /\((\d+) of \d+ done\)/g),
  json(out, 'report.json')?.runs ?? 0,
]
const points: Case['kept'] = (said, out) => {
  const saved = path.join(folder, out, 'points')
  const files = existsSync(saved) ? readdirSync(saved).filter((name) => name.endsWith('.json')) : []
  return [lastOf(said, /finished \((\d+) of/g), files.length]
}
const replays: Case['kept'] = (said, out) => {
  const subjects: Array<{ replays: unknown[] }> = json(out, 'report.json')?.subjects ?? []
  return [
    [...said.matchAll(/, replay \d+:(?!.*ended early)/g)].length,
    subjects.flatMap((subject) => subject.replays).length,
  ]
}

const LOOPS = 'looping\n'
const EXECUTES = 'executing\n'

const COMPARE = 'compare small.yaml -q -r 1 -p hash'
const TRACE = '--trace rows.csv --trace-runs all'
const SCAN = 'compare small.yaml -q -r 1 -p hash -P source.synthetic.packetsPerSecond=1000:2000:1000'
const TUNE = 'tune small.yaml -q -r 1 -p flow-pinned --no-check'
const REPLAY = 'replay small.yaml --loopback --repeat 1 --no-predict'
const RATES = '-P source.synthetic.packetsPerSecond=1000:9000:10'

const CASES: readonly Case[] = [
  { words: 'compare small.yaml -v -r 3000 -j 1 -p hash', kept: runs, next: COMPARE },
  { words: 'compare small.yaml -v -r 3000 -j 2', kept: runs, next: COMPARE },
  { words: `compare small.yaml -v -r 100 -j 2 ${TRACE}`, says: 'run 0', next: `${COMPARE} ${TRACE}` },
  { words: 'compare small.yaml -v -r 3 -j 1 -p hash -p ./loops.mjs', says: LOOPS, next: COMPARE },
  { words: 'compare small.yaml -q -p ./executes.mjs', says: EXECUTES, leaves: true, next: COMPARE },
  { words: 'compare small.yaml -q -p ./loops-at-load.mjs', says: LOOPS, next: COMPARE },
  { words: 'compare small.yaml -q -p ./executes-at-load.mjs', says: EXECUTES, leaves: true, next: COMPARE },
  { words: 'compare pipe.pcap', next: COMPARE },
  { words: 'compare small.yaml --calibration silent.pcap', next: COMPARE },
  { words: `compare small.yaml -v -r 2 -p hash ${RATES}`, kept: points, next: SCAN },
  { words: `compare small.yaml -v -r 20 -j 2 -p ./first-lane.mjs ${RATES}`, kept: points, next: SCAN },
  { words: `compare small.yaml -q -p ./executes.mjs ${RATES}`, says: EXECUTES, leaves: true, next: SCAN },
  {
    words: `compare small.yaml -p ./executes-at-load.mjs ${RATES}`,
    says: EXECUTES,
    leaves: true,
    next: SCAN,
  },
  { words: 'tune small.yaml -q -r 1 -d 12h -p flow-pinned', next: TUNE },
  { words: 'tune small.yaml -v -r 3000 -p flow-pinned', kept: runs, next: TUNE },
  { words: 'tune silent.pcap -q -p flow-pinned', next: TUNE },
  { words: 'diagnose @office -q', next: 'diagnose @voice -q' },
  { words: 'diagnose pipe.pcap -q', next: 'diagnose @voice -q' },
  { words: 'inspect pipe.pcap' },
  { words: 'inspect silent.pcap' },
  { words: 'measure many.csv -q', next: 'measure few.csv -q' },
  { words: 'measure --sent pipe.pcap --received silent.pcap', next: 'measure few.csv -q' },
  { words: 'calibrate run.csv -q', next: 'calibrate short.csv -q' },
  { words: 'calibrate silent.pcap -q', next: 'calibrate short.csv -q' },
  { words: 'plot drawn', next: 'plot drawn -q -f vl.json' },
  { words: 'replay small.yaml -v --loopback --repeat 50 --no-predict', kept: replays, next: REPLAY },
  {
    words: `${REPLAY} --repeat 50 -v --packets rows.csv`,
    says: 'replay 1',
    next: `${REPLAY} --packets rows.csv`,
  },
  { words: 'replay small.yaml -v --loopback --repeat 2 --predict-runs 5000', kept: replays, next: REPLAY },
  { words: 'replay small.yaml -q --loopback -p ./loops-at-load.mjs', says: LOOPS, next: REPLAY },
  { words: 'replay small.yaml -q --loopback -p ./executes.mjs', says: EXECUTES, leaves: true, next: REPLAY },
  {
    words: 'replay small.yaml --loopback -p ./executes-at-load.mjs',
    says: EXECUTES,
    leaves: true,
    next: REPLAY,
  },
  ...(skipWithoutTun() === false
    ? [
        { words: 'replay small.yaml -v --repeat 50 --no-predict', kept: replays, next: REPLAY },
        { words: 'replay small.yaml -q -p ./loops.mjs', says: LOOPS, next: REPLAY },
        {
          words: 'replay small.yaml -q -p ./executes-at-load.mjs',
          says: EXECUTES,
          leaves: true,
          next: REPLAY,
        } as const,
      ]
    : []),
  { words: 'list metrics' },
  { words: 'completion bash' },
]

/** Sends so many signals, to all cases in turn; throws for all that went wrong at once. */
export async function signalAtRandom(seed: string, count: number): Promise<void> {
  prepare()
  const random = randomStream(seed, 0, 'signals')
  const wrong: string[] = []
  for (let i = 0; i < count; i++) {
    const one = CASES[i % CASES.length]!
    const signal = SIGNALS[Math.floor(random() * SIGNALS.length)]!
    const waitMs = Math.round(random() * LATEST_MS)
    const isForAll = random() < 0.7
    const isLater = one.says !== undefined && random() < 0.5
    const after = `${isForAll ? 'for all ' : ''}after ${isLater ? 'it says so and ' : ''}${waitMs} ms`
    const what = `${seed} ${i}: ${one.words}, ${signal} ${after}`
    try {
      const command = start(one.next === undefined ? one.words : `${one.words} -o out-${i}`, NODE, env)
      if (isLater) await until(command, one.says!)
      await sleep(isLater ? waitMs / 4 : waitMs)
      await endOne(command, one, `out-${i}`, signal, isForAll)
    } catch (error) {
      wrong.push(`${what}: ${(error as Error).message}`)
      for (const pid of leftBehind()) process.kill(pid, 'SIGKILL')
    }
  }
  assert.deepEqual(wrong, [])
}

/** Files that commands keep elsewhere for a while stand here. */
const TEMPORARY = path.join(folder, 'temporary')
const NODE = [process.execPath]
const env = { ...process.env, TMPDIR: TEMPORARY }

function prepare(): void {
  mkdirSync(TEMPORARY, { recursive: true })
  // Nobody writes to the one; somebody who says nothing writes to the other.
  spawnSync('mkfifo', ['pipe.pcap', 'silent.pcap'], { cwd: folder })
  openSync(path.join(folder, 'silent.pcap'), 'r+')
  writeFileSync(path.join(folder, 'many.csv'), arrivals(200_000))
  writeFileSync(path.join(folder, 'few.csv'), arrivals(100))
  writeFileSync(path.join(folder, 'run.csv'), sized(arrivals(40_000)))
  writeFileSync(path.join(folder, 'short.csv'), sized(arrivals(600)))
  write('package.json', '{}')
  finish('compare small.yaml -q -r 3', 'drawn')
}

function arrivals(rows: number): string {
  const row = (i: number) => `f${i % 50_000},${Math.floor(i / 50_000)},${i * 1000},${i * 1000 + 1000}`
  return `flow,sequence,sentNs,receivedNs\n${Array.from({ length: rows }, (_, i) => row(i)).join('\n')}\n`
}

/** The same with a column of sizes, as a calibration needs it. */
function sized(text: string): string {
  return text.replaceAll('\n', ',1200\n').replace('receivedNs,1200', 'receivedNs,sizeBytes')
}

/** Lets a command finish. */
function finish(words: string, out: string): void {
  const argv = [...builtMain, ...words.split(' '), '-o', out]
  const { status, stderr } = spawnSync(process.execPath, argv, { cwd: folder, env, encoding: 'utf8' })
  // On a busy machine no replay may have been valid.
  const isFine = status === 0 || (status === 1 && words.startsWith(REPLAY))
  assert.ok(isFine, `${words}: ${status}, ${stderr}`)
}

async function endOne(
  command: Command,
  { kept, leaves, next }: Case,
  out: string,
  signal: (typeof SIGNALS)[number],
  isForAll: boolean,
): Promise<void> {
  const atMs = performance.now()
  // A terminal tells all of the group; kill -9 is for one.
  if (signal === 'SIGKILL' || !isForAll) command.child.kill(signal)
  else tellAll(command, signal)
  const ended = await command.ended
  const said = command.said()
  if (signal === 'SIGKILL') {
    if (leaves) for (const pid of leftBehind()) process.kill(pid, 'SIGKILL')
  } else {
    assert.ok(ended.atMs - atMs < SOON_MS, `${ended.atMs - atMs} ms, ${said}`)
    // Before Node has begun, and after the work is done.
    const isEarly = ended.signal === signal
    const isDone = ended.code === 0
    const isRight = isEarly || isDone || ended.code === 128 + constants.signals[signal]
    assert.ok(isRight, `${ended.code} ${ended.signal}, ${said}`)
    if (!isEarly && !isDone) assert.match(said, /interrupted: .+\n$/)
  }
  for (let i = 0; i < 50 && leftBehind().length > 0; i++) await sleep(10)
  assert.deepEqual(leftBehind(), [])
  if (kept !== undefined) {
    const [finished, onDisk] = kept(said, out)
    // Long series are not written after every run; at a signal all are, and kill -9 is none.
    const least = signal === 'SIGKILL' ? Math.floor(finished / 1.1) - 1 : finished
    assert.ok(onDisk >= least, `${finished} had finished, ${onDisk} are on disk`)
  }
  if (next !== undefined && (existsSync(path.join(folder, out)) || stale().length > 0)) finish(next, out)
  assert.deepEqual(stale(), [])
}

/** Parts of files wherever commands write, and all that they keep elsewhere. */
function stale(): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.part') || name.startsWith('temporary/'))
}

function tellAll({ child }: Command, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal)
  } catch {
    // All have ended.
  }
}
