/**
 * The second process, which does the work. Its first argument says who started it: `supervised`, by
 * supervise.ts with a socket between them, or `isolated:<process id>`, by a replay that wants a network
 * namespace around it and passes signals on (live/device/namespace.ts). Listens before it loads anything.
 */
import process from 'node:process'
import { sayLast } from './last-words.ts'
import { ownSignals, supervisedSignals } from './signals.ts'

async function work(role: string | undefined, argv: readonly string[]): Promise<void> {
  const [, first] = /^isolated:(\d+)$/.exec(role ?? '') ?? []
  const signals = first === undefined ? supervisedSignals() : ownSignals()
  const { runProcess } = await import('./run-process.ts')
  await runProcess(argv, signals, first === undefined ? undefined : Number(first))
}

await work(process.argv[2], process.argv.slice(3)).catch(sayLast)
