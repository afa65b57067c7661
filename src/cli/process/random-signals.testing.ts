/**
 * Test support: one command after the other, hostile policies and inputs among them, is told to end at a
 * random moment. Each has to end within a second with the code of the signal, to keep what it said was
 * finished, and to leave no process behind.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtMain } from '../../built.testing.ts'
import { randomStream } from '../../sim/random.ts'
import { type Command, folder, leftBehind, SOON_MS, start, write } from './commands.testing.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const
const LATEST_MS = 800

interface Case {
  readonly words: string
  /** How much was said to be finished, and how much is on disk; left out: nothing is kept. */
  readonly kept?: (said: string, out: string) => readonly [said: number, onDisk: number]
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

const CASES: readonly Case[] = [
  { words: 'compare small.yaml -v -r 3000 -j 1 -p hash', kept: runs },
  { words: 'compare small.yaml -v -r 3000 -j 2', kept: runs },
  { words: 'compare small.yaml -v -r 3 -j 1 -p hash -p ./loops.mjs' },
  { words: 'compare small.yaml -q -p ./executes.mjs', leaves: true },
  { words: 'compare small.yaml -q -p ./loops-at-load.mjs' },
  { words: 'compare small.yaml -q -p ./executes-at-load.mjs', leaves: true },
  {
    words: 'compare small.yaml -v -r 2 -p hash -P source.synthetic.packetsPerSecond=1000:9000:10',
    kept: points,
  },
  { words: 'tune small.yaml -q -r 1 -d 12h -p flow-pinned' },
  { words: 'tune small.yaml -v -r 3000 -p flow-pinned', kept: runs },
  { words: 'diagnose @office -q' },
  { words: 'inspect pipe.pcap' },
  { words: 'measure many.csv -q' },
  { words: 'plot drawn' },
  { words: 'replay small.yaml -v --loopback --repeat 50 --no-predict', kept: replays },
  { words: 'replay small.yaml -v --loopback --repeat 2 --predict-runs 5000', kept: replays },
  { words: 'replay small.yaml -q --loopback -p ./loops-at-load.mjs' },
]

/** Sends so many signals. */
export async function signalAtRandom(seed: string, count: number): Promise<void> {
  prepare()
  const random = randomStream(seed, 0, 'signals')
  for (let i = 0; i < count; i++) {
    const one = CASES[Math.floor(random() * CASES.length)]!
    const signal = SIGNALS[Math.floor(random() * SIGNALS.length)]!
    const out = `out-${i}`
    const wait = random() * LATEST_MS
    const isForAll = random() < 0.5
    await endOne(one, out, signal, wait, isForAll, `${seed} ${i}: ${one.words}, ${signal} after ${wait} ms`)
  }
}

function prepare(): void {
  spawnSync('mkfifo', ['pipe.pcap'], { cwd: folder })
  const rows = Array.from(
    { length: 200_000 },
    (_, i) => `f${i % 50_000},${Math.floor(i / 50_000)},${i},${i + 1000}`,
  )
  writeFileSync(path.join(folder, 'many.csv'), `flow,sequence,sentNs,receivedNs\n${rows.join('\n')}\n`)
  write('package.json', '{}')
  const argv = [...builtMain, 'compare', 'small.yaml', '-q', '-r', '3', '-o', 'drawn']
  assert.equal(spawnSync(process.execPath, argv, { cwd: folder }).status, 0)
}

async function endOne(
  { words, kept, leaves }: Case,
  out: string,
  signal: (typeof SIGNALS)[number],
  waitMs: number,
  isForAll: boolean,
  what: string,
): Promise<void> {
  const hasOutput = !/^(inspect|diagnose)/.test(words)
  const command = start(hasOutput ? `${words} -o ${out}` : words)
  await sleep(waitMs)
  const atMs = performance.now()
  // A terminal tells all of the group; kill -9 is for one.
  if (signal === 'SIGKILL' || !isForAll) command.child.kill(signal)
  else tellAll(command, signal)
  const ended = await command.ended
  const said = command.said()
  if (signal === 'SIGKILL') {
    if (leaves) for (const pid of leftBehind()) process.kill(pid, 'SIGKILL')
  } else {
    assert.ok(ended.atMs - atMs < SOON_MS, `${what}: ${ended.atMs - atMs} ms, ${said}`)
    // Before Node has begun, and after the work is done.
    const isEarly = ended.signal === signal
    const isDone = ended.code === 0
    assert.ok(
      isEarly || isDone || ended.code === 128 + constants.signals[signal],
      `${what}: ${ended.code} ${ended.signal}, ${said}`,
    )
    if (!isEarly && !isDone) assert.match(said, /interrupted: .+\n$/, what)
  }
  for (let i = 0; i < 50 && leftBehind().length > 0; i++) await sleep(10)
  assert.deepEqual(leftBehind(), [], what)
  if (kept === undefined) return
  const [finished, onDisk] = kept(said, out)
  // Long series are not written after every run; at a signal all are, and kill -9 is none.
  const least = signal === 'SIGKILL' ? Math.floor(finished / 1.1) - 1 : finished
  assert.ok(onDisk >= least, `${what}: ${finished} had finished, ${onDisk} are on disk`)
}

function tellAll({ child }: Command, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal)
  } catch {
    // All have ended.
  }
}
