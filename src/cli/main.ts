#!/usr/bin/env node
/** The command: gives the process to program.ts. A reader that goes away (`| head`) is no error; ^C ends the work in good order. */
import process from 'node:process'
import { program } from './program.ts'

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

const stop = new AbortController()
// Only once: a second ^C ends the process on the spot.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(name))

process.exitCode = await program({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  get stdin() {
    return process.stdin
  },
  env: process.env,
  signal: stop.signal,
})
