/**
 * For tests, a program of its own: `first` runs `second` in a namespace; `second` opens devices there, says
 * what it sees as one line of JSON and then ends with code 7, or waits for signals and ends with 40 + their
 * number. `first` says which signal ended `second`.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UserError } from '../../errors.ts'
import { interfaceNames } from '../live.testing.ts'
import { openDevices } from './device.ts'
import { dieWithOther, runInNamespace } from './namespace.ts'

export interface ChildReport {
  readonly pid: number
  readonly namespace: string
  readonly interfaces: readonly string[]
  readonly threads: number
}

const [, , mode, what, parent] = process.argv
const settings = { mtuBytes: 1500, queueLengthPackets: 700, queues: 2 }

async function second(): Promise<void> {
  dieWithOther(Number(parent))
  let signals = 0
  if (what === 'wait') {
    process.on('SIGTERM', () => {
      signals++
      setTimeout(() => process.exit(40 + signals), 300)
    })
    setInterval(() => {}, 1000)
  }
  await openDevices('tun', settings)
  const report: ChildReport = {
    pid: process.pid,
    namespace: readlinkSync('/proc/self/ns/net'),
    interfaces: interfaceNames(),
    threads: readdirSync('/proc/self/task').length,
  }
  process.stdout.write(`${JSON.stringify(report)}\n`)
  if (what === 'end') process.exit(7)
}

try {
  if (mode === 'first') {
    const stop = new AbortController()
    process.once('SIGTERM', () => stop.abort('SIGTERM'))
    const second = [fileURLToPath(import.meta.url), 'second', what!, String(process.pid)]
    const { exitCode, endedBy } = await runInNamespace(second, stop.signal)
    if (endedBy !== undefined) process.stdout.write(`ended by ${endedBy}\n`)
    process.exitCode = exitCode
  } else if (mode === 'second') await second()
} catch (error) {
  if (!(error instanceof UserError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
