#!/usr/bin/env node
/**
 * The command: gives the process to program.ts. A reader that goes away (`| head`) is no error, a full disk
 * behind stdout is one line; ^C ends first the pipe that it reads, then the work, in good order. What a
 * user's policy throws when nobody waits for it ends the work too; one that ends the process is reported, and
 * the exit code is not 0.
 */
import module from 'node:module'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { program, sayFailure } from './program.ts'

keepCompiledCode()

/**
 * From Node 22.1 on, compiled code is kept, for threads too: a start of `compare` takes a seventh less work.
 * In the package's own folder, because whoever may write there may change the code anyway; where that isn't
 * allowed nothing is kept.
 */
function keepCompiledCode(): void {
  const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown }
  const folder = fileURLToPath(new URL('../../node_modules/.cache/lanewise', import.meta.url))
  enableCompileCache?.(folder)
  process.env.NODE_COMPILE_CACHE ??= folder
}

/** The exit code, unless nobody listens any more. */
function outputFailed(error: NodeJS.ErrnoException): number {
  if (error.code === 'EPIPE') return 0
  process.stderr.write(`stdout: can't be written, ${error.message} - make room, or write elsewhere\n`)
  return 1
}

process.stdout.on('error', (error) => {
  process.exitCode = outputFailed(error)
})
process.stderr.on('error', () => {})

const stop = new AbortController()
let taken: (() => void) | undefined
// Only once: a second ^C ends the process as soon as the event loop comes to it.
for (const name of ['SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort(name))
process.on('SIGINT', function interrupt() {
  const take = taken
  taken = undefined
  if (take !== undefined) return take()
  process.off('SIGINT', interrupt)
  stop.abort('SIGINT')
})

let isDone = false
process.on('uncaughtException', async (error) => {
  const { thrownLater } = await import('../node/policy-modules.ts')
  const mistake = thrownLater(error)
  if (mistake !== undefined && !isDone) return stop.abort(mistake)
  process.exitCode = sayFailure(mistake ?? error, process.stderr)
  if (isDone) return
  isDone = true
  process.exit()
})
process.on('exit', () => {
  if (isDone) return
  process.stderr.write(
    "lanewise: the process was ended before the work was done - a policy's module must neither call process.exit() nor wait for ever\n",
  )
  process.exitCode = 1
})

const exitCode = await program({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  get stdin() {
    return process.stdin
  },
  env: process.env,
  takeInterrupt(take) {
    taken = take
    return () => {
      if (taken === take) taken = undefined
    }
  },
  signal: stop.signal,
})
isDone = true
process.exitCode = process.exitCode === undefined ? exitCode : Math.max(Number(process.exitCode), exitCode)
