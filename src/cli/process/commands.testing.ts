/** Test support: commands as processes that are told to end, how soon they do, and whom they leave behind. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { builtMain } from '../../built.testing.ts'

/** A second, and what a busy machine takes to notice. */
export const SOON_MS = 1500

export const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-supervised-'))
after(() => rmSync(folder, { recursive: true, force: true }))

export const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text)

const policy = (choose: string) => `
import { execSync } from 'node:child_process'
export const policy = {
  name: 'hostile', description: 'does what it must not',
  create: () => ({ name: 'hostile', keepsFlowOrder: false, choose(packet) { ${choose} } }),
}
`
write('package.json', '{}')
write(
  'small.yaml',
  `source: { synthetic: { packetsPerSecond: 20000, flows: { count: 20 } } }
duration: 50ms
warmup: 0s
runs: 1
policies: [hash, any-idle]
`,
)
/** Says where it is, then never comes back. */
write('first-lane.mjs', policy('return 0'))
write('loops.mjs', policy("process.stderr.write('looping\\n'); for (;;);"))
write('executes.mjs', policy("process.stderr.write('executing\\n'); execSync('sleep 600'); return 0"))
write('loops-at-load.mjs', "process.stderr.write('looping\\n')\nfor (;;);\n")
write(
  'executes-at-load.mjs',
  policy('return 0').replace('export', "process.stderr.write('executing\\n')\nexecSync('sleep 600')\nexport"),
)

export interface Command {
  readonly child: ChildProcess
  said(): string
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; atMs: number }>
}

/** Starts `lanewise ...words` in the folder, in a process group of its own. */
export function start(
  words: string,
  before: readonly string[] = [process.execPath],
  env: NodeJS.ProcessEnv = process.env,
): Command {
  const [program, ...first] = before
  const child = spawn(program!, [...first, ...builtMain, ...words.split(' ')], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let stderr = ''
  child.stderr!.on('data', (piece) => {
    stderr += piece
  })
  const ended = new Promise<Awaited<Command['ended']>>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, atMs: performance.now() })),
  )
  return { child, said: () => stderr, ended }
}

/** Waits for a text on stderr; throws where the command ends without it. */
export async function until({ child, said }: Command, text: string): Promise<void> {
  while (!said().includes(text)) {
    if (child.exitCode !== null) throw new Error(`ended without ${text}: ${said()}`)
    await sleep(5)
  }
}

export interface Running {
  readonly pid: number
  readonly parent: number
  readonly words: readonly string[]
}

/** All processes. */
export function processes(): Running[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return []
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (state === 'Z') return []
      const words = readFileSync(`/proc/${entry}/cmdline`, 'latin1').split('\0')
      return [{ pid: Number(entry), parent: Number(parent), words }]
    } catch {
      return []
    }
  })
}

/** The process that does the work of the command. */
export async function workOf({ child }: Command): Promise<number> {
  for (;;) {
    const found = processes().find(
      ({ parent, words }) => parent === child.pid && words.includes('supervised'),
    )
    if (found !== undefined) return found.pid
    if (child.exitCode !== null) throw new Error('the command has ended')
    await sleep(5)
  }
}

/** Processes that work in the folder: nothing else does. */
export function leftBehind(): number[] {
  return processes()
    .filter(({ pid }) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder
      } catch {
        return false
      }
    })
    .map(({ pid }) => pid)
}

/** ^C after each of the times ends the command within a second, exit code 130, and the file isn't there. */
export async function interruptedSoon(
  words: string,
  file: string,
  afterMs: readonly number[],
): Promise<void> {
  for (const ms of afterMs) {
    const command = start(words)
    await sleep(ms)
    const atMs = performance.now()
    command.child.kill('SIGINT')
    const ended = await command.ended
    assert.ok(ended.atMs - atMs < SOON_MS, `${ended.atMs - atMs} ms after ${ms} ms`)
    assert.equal(ended.signal === 'SIGINT' ? 130 : ended.code, 130)
    assert.equal(existsSync(path.join(folder, file)), false)
  }
}
