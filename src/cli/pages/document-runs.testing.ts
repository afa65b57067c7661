/**
 * Runs what a document shows as its reader would: in an empty folder, by a shell that finds `lanewise`,
 * `npx` and `npm` and knows nothing else of this checkout. `tcpdump` plays a capture that ends; sudo changes
 * nothing, because only root runs what needs it.
 */
import { spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { inputPath } from '../../node/bundled.ts'
import type { documentFiles } from './document-files.testing.ts'
import type { Block, Step } from './documents.testing.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** The built program: what a user would run. */
const PROGRAM = path.join(ROOT, 'dist/cli/main.js')
const TIMEOUT_MS = 120_000

export interface Outcome {
  readonly step: Step
  /** null where it was ended because it took too long. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly seconds: number
}

export interface Shell {
  /** Runs a block's commands one after the other, in a folder of their own. */
  run(block: Block): Promise<Outcome[]>
  remove(): void
}

export function openShell(files: ReturnType<typeof documentFiles>): Shell {
  const home = mkdtempSync(path.join(tmpdir(), 'lanewise-documents-'))
  const bin = path.join(home, 'bin')
  mkdirSync(bin)
  // Where fish looks for completions.
  mkdirSync(path.join(home, '.config/fish/completions'), { recursive: true })
  // For policies of one's own, which import it.
  mkdirSync(path.join(home, 'node_modules'))
  symlinkSync(ROOT, path.join(home, 'node_modules/lanewise'))
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  const start = scripts.start.replace('dist/cli/main.js', PROGRAM)
  const unknown = (name: string) => `*) echo "${name} $*: not in this shell" >&2; exit 126 ;;`
  const programs = {
    lanewise: `exec "${process.execPath}" "${PROGRAM}" "$@"`,
    npx: `case $1 in lanewise) exec "$@" ;; ${unknown('npx')} esac`,
    npm: `case $1 in ci|install) ;; start) exec ${start} ;; ${unknown('npm')} esac`,
    sudo: 'exec "$@"',
    tcpdump: 'exec cat "$CAPTURED"',
  }
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(path.join(bin, name), 0o755)
  }
  const emptyFolder = () => mkdtempSync(path.join(home, 'folder-'))
  const memory = new Map<string, Promise<unknown>>()
  /** What several documents show is run once. */
  function once<T>(what: unknown, work: () => Promise<T>): Promise<T> {
    const key = JSON.stringify(what)
    const known = memory.get(key) as Promise<T> | undefined
    const result = known ?? work()
    memory.set(key, result)
    return result
  }

  async function runFirst({ steps: [step], conditions }: Block) {
    const folder = emptyFolder()
    for (const name of conditions.files) await files.make(folder, name)
    return { folder, outcome: await runStep(step!, folder, conditions.stdin) }
  }

  /** Many begin with the same command: the others go on with what it left. */
  async function runBlock(block: Block): Promise<Outcome[]> {
    const { steps, conditions } = block
    const { stdin } = conditions
    const first = await once(['first', stdin, conditions.files, steps[0]!.text], () => runFirst(block))
    const outcomes = [first.outcome]
    const folder = emptyFolder()
    cpSync(first.folder, folder, { recursive: true })
    for (const step of steps.slice(1)) outcomes.push(await runStep(step, folder, stdin))
    rmSync(folder, { recursive: true })
    return outcomes
  }

  function runStep(step: Step, folder: string, given: string | undefined): Promise<Outcome> {
    const input = openSync(given === undefined ? '/dev/null' : inputPath(given, 'capture'), 'r')
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      HOME: home,
      CAPTURED: inputPath(given ?? '@voice', 'capture'),
    }
    const isZsh = /lanewise completion zsh/.test(step.text)
    const [shell, before] = isZsh
      ? ['zsh', 'autoload -U compinit; compinit -u -D;']
      : ['bash', 'set -o pipefail;']
    const began = performance.now()
    return new Promise((resolve) => {
      let [stdout, stderr] = ['', '']
      // A group of its own, so that a time-out ends the programs of a pipe too.
      const child = spawn(shell, ['-c', `${before} ${step.text}`], {
        cwd: folder,
        env,
        stdio: [input, 'pipe', 'pipe'],
        detached: true,
      })
      const timer = setTimeout(
        () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'),
        TIMEOUT_MS,
      )
      child.stdout!.on('data', (text) => {
        stdout += text
      })
      child.stderr!.on('data', (text) => {
        stderr += text
      })
      const end = (exitCode: number | null) => {
        clearTimeout(timer)
        resolve({ step, exitCode, stdout, stderr, seconds: (performance.now() - began) / 1000 })
      }
      child.on('error', (error) => {
        stderr += `${error.message}\n`
        end(127)
      })
      child.on('close', end)
      closeSync(input)
    })
  }

  return {
    run: (block) => once([block.conditions, block.steps.map(({ text }) => text)], () => runBlock(block)),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}

/** Why nobody can tell here whether a command is right: undefined where it can be told. */
export function unknowable({ step, exitCode, stderr }: Outcome): string | undefined {
  const missing = /\b(jq|zsh|man)\b.*(?:command not found|ENOENT)|spawn (zsh) ENOENT/.exec(stderr)
  if (missing !== null) return `${missing[1] ?? missing[2]} isn't installed`
  const isDisturbed =
    exitCode === 1 && /lanewise replay/.test(step.text) && /: none of its .* valid/.test(stderr)
  return isDisturbed ? 'this machine is too busy for a replay' : undefined
}

/** What is wrong with an outcome, one line each. @param expected exit code */
export function mistakesOf({ step, ...outcome }: Outcome, expected: number, document: string): string[] {
  const { exitCode, stdout, stderr } = outcome
  const where = `${document}:${step.line} ${step.text.replaceAll(/\s*\\\n\s*/g, ' ')}`
  const said = stderr.trim().split('\n').at(-1)!
  if (exitCode === null) return [`${where}: not finished after ${TIMEOUT_MS / 1000} s`]
  if (exitCode !== expected) return [`${where}: exit code ${exitCode} and not ${expected}, ${said}`]
  // A preparation, and a command whose output goes elsewhere, may say nothing.
  if (!step.isCommand || /(^|[^0-9&])>|^source /.test(step.text)) return []
  const first = (stdout === '' ? stderr : stdout).split('\n')[0]!.trimEnd()
  if (first === '') return [`${where}: prints nothing, or an empty line first`]
  if (step.shown === undefined || step.shown === first) return []
  return [`${where}: prints "${first}" and the document shows "${step.shown}"`]
}
