/**
 * The process of a replay under sudo that stays root: it makes TUN devices and sockets for the one that does
 * the work, which is the user's, and ends with it. It reads no file and loads no code of anybody's. It stands
 * in the network namespace in which the devices shall be (supervise.ts sees to that).
 */
import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { reasonOf } from '../../errors.ts'
import { socketPair } from '../../live/device/descriptors.ts'
import { serveDevices } from '../../live/device/device-server.ts'
import { sayLast } from './last-words.ts'
import { SIGNALS } from './signals.ts'

/** The socket to the first process is only handed on. */
const SUPERVISOR = 3

function serve(argv: readonly string[]): void {
  // A terminal tells all; the first process decides what follows.
  for (const name of SIGNALS) process.on(name, () => {})
  const [ours, theirs] = socketPair()
  const supervised = fileURLToPath(new URL(`./supervised${path.extname(import.meta.url)}`, import.meta.url))
  const words = [...process.execArgv, supervised, `served:${process.pid}`, ...argv]
  const work = spawn(process.execPath, words, {
    stdio: ['inherit', 'inherit', 'inherit', SUPERVISOR, theirs],
  })
  closeSync(theirs)
  serveDevices(ours)
  work.on('error', (error) => {
    process.stderr.write(
      `lanewise: the process that does the work can't be started, ${reasonOf(error)} - end others, try again\n`,
    )
    process.exitCode = 1
  })
  work.on('exit', (code, signal) => {
    if (signal === null) process.exit(code!)
    for (const name of SIGNALS) process.removeAllListeners(name)
    process.kill(process.pid, signal)
    process.exit(128 + constants.signals[signal])
  })
}

try {
  serve(process.argv.slice(2))
} catch (error) {
  sayLast(error)
}
