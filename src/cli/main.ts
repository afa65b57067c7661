#!/usr/bin/env node
/**
 * The command: gives the process to program.ts. A reader that goes away (`| head`) is no error, a full disk behind
 * stdout is one line; ^C ends the work in good order.
 */
import process from 'node:process'
import { program } from './program.ts'

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
// Only once: a second ^C ends the process as soon as the event loop comes to it.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(name))

const exitCode = await program({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  get stdin() {
    return process.stdin
  },
  env: process.env,
  signal: stop.signal,
})
process.exitCode = process.exitCode === undefined ? exitCode : Math.max(Number(process.exitCode), exitCode)
