/**
 * Fuzzes everything that reads bytes from elsewhere, coverage-guided, each target in a process of its own that
 * is watched: none may crash, think longer than 5 s about an input or take more than 500 MB. What does is
 * saved as fuzz-<target>-<hash> in the current folder and said, and the exit code is 1.
 *
 *     npm run fuzz                                 a minute for each target
 *     npm run fuzz -- --minutes 10 --seed 7        others with another seed
 *     npm run fuzz -- --only captures,reports
 *     npm run fuzz -- --again fuzz-captures-0a1b2c3d    tries a saved input again
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { UserError } from '../src/errors.ts'
import { targets } from './fuzz/targets.ts'

const HANG_MS = 5000
const MEMORY_MB_MAX = 500
const LOOK_MS = 200

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const child = fileURLToPath(new URL('fuzz/child.ts', import.meta.url))
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: targets.map(({ name }) => name).join(',') },
    again: { type: 'string' },
  },
})

interface Outcome {
  readonly tried: number
  readonly blocks: number | null
  readonly memoryMb: number
  /** Why it ended early, and the input that did it. */
  readonly failure: { readonly why: string; readonly input: Buffer } | null
}

/** Results of some commands, for targets that read such. */
function makeResults(folder: string): void {
  const commands = {
    compare: 'compare @02 -d 500ms -r 2',
    scan: 'compare @03 -d 100ms -r 2 -p any-idle -p hash -P lanes.count=1:3:1',
    tune: 'tune @03 -d 500ms -r 2 --points 4',
    replay: 'replay @voice --loopback --limit 300 --pps 3000 --repeat 2 --predict-runs 2 -p any-idle -p hash',
  }
  for (const [name, words] of Object.entries(commands)) {
    const argv = [main, ...words.split(' '), '-q', '-o', path.join(folder, name)]
    const { stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' })
    if (name !== 'replay' && stderr !== '') process.stderr.write(stderr)
  }
}

async function fuzz(name: string, seconds: number, made: string, seed: string): Promise<Outcome> {
  const folder = path.join(made, `fuzz-${name}`)
  mkdirSync(folder, { recursive: true })
  const argv = [
    '--import',
    'tsx',
    '--expose-gc',
    `--max-old-space-size=${MEMORY_MB_MAX}`,
    child,
    name,
    seed,
    String(seconds),
    folder,
    made,
  ]
  const running = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  running.stdout.on('data', (piece) => (out += piece))
  running.stderr.on('data', (piece) => (err += piece))
  let isOver = false
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    running.on('close', (code, signal) => {
      isOver = true
      resolve({ code, signal })
    })
  })
  let why = ''
  let last = -1
  let sinceMs = performance.now()
  let memoryMb = 0
  while (!isOver) {
    await Promise.race([ended, pause(LOOK_MS)])
    const { number } = inputOf(folder)
    if (number !== last) sinceMs = performance.now()
    last = number
    memoryMb = Math.max(memoryMb, memoryOf(running.pid!))
    if (number > 0 && performance.now() - sinceMs > HANG_MS) why = `it takes longer than ${HANG_MS / 1000} s`
    if (memoryMb > MEMORY_MB_MAX) why = `it takes ${Math.round(memoryMb)} MB`
    if (why !== '' && !isOver) running.kill('SIGKILL')
  }
  const { code, signal } = await ended
  if (why === '' && code !== 0) why = err.trim() || `it ends by ${signal ?? `code ${code}`}`
  const { number, input } = inputOf(folder)
  const known = out === '' ? null : (JSON.parse(out) as { blocks: number })
  return {
    tried: number,
    blocks: known?.blocks ?? null,
    memoryMb,
    failure: why === '' ? null : { why, input },
  }
}

/** The input that is tried now, and its number; 0 before the first. */
function inputOf(folder: string): { number: number; input: Buffer } {
  try {
    const bytes = readFileSync(path.join(folder, 'input'))
    return { number: bytes.readDoubleLE(0), input: bytes.subarray(12, 12 + bytes.readUInt32LE(8)) }
  } catch {
    return { number: 0, input: Buffer.alloc(0) }
  }
}

/** The most that the process has held so far, MB; 0 where that isn't known any more. */
function memoryOf(pid: number): number {
  try {
    const found = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found === null ? 0 : Number(found[1]) / 1024
  } catch {
    return 0
  }
}

const made = mkdtempSync(path.join(tmpdir(), 'lanewise-fuzz-'))
try {
  if (options.again !== undefined) {
    const name = /fuzz-(\w+)-/.exec(path.basename(options.again))?.[1]
    const target = targets.find((one) => one.name === name)
    if (target === undefined)
      throw new Error(`${options.again}: its name says no target - call it fuzz-<target>-...`)
    try {
      await target.run(readFileSync(options.again), path.join(made, 'files'))
      process.stdout.write('it works\n')
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      process.stdout.write(`it is refused, as it should be: ${error.message}\n`)
    }
  } else {
    if (options.only.includes('reports')) makeResults(made)
    for (const name of options.only.split(',')) {
      const { tried, blocks, memoryMb, failure } = await fuzz(
        name,
        60 * Number(options.minutes),
        made,
        options.seed,
      )
      const reached = blocks === null ? '' : `, ${blocks} blocks of code`
      process.stdout.write(
        `${name}: ${tried} inputs${reached}, ${Math.round(memoryMb)} MB: ${failure === null ? 'ok' : 'FAILED'}\n`,
      )
      if (failure === null) continue
      const hash = createHash('sha256').update(failure.input).digest('hex').slice(0, 8)
      writeFileSync(`fuzz-${name}-${hash}`, failure.input)
      process.stdout.write(`fuzz-${name}-${hash}: ${failure.why}\n`)
      process.exitCode = 1
    }
  }
} finally {
  rmSync(made, { recursive: true, force: true })
}
