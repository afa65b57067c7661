/**
 * The second process, which does the work. Its first argument says who started it: `supervised`, by
 * supervise.ts with a socket between them; `served:<process id>`, by privileged.ts, which opens devices for
 * it, whereupon it becomes the user that called sudo; or `isolated:<process id>`, by a replay that wants a
 * network namespace around it and passes signals on (live/device/namespace.ts). Listens before it loads
 * anything.
 */
import process from 'node:process'
import { sayLast } from './last-words.ts'
import { ownSignals, supervisedSignals } from './signals.ts'
import { become, DEVICES, sudoUser } from './sudo-user.ts'

async function work(role: string | undefined, argv: readonly string[]): Promise<void> {
  const [, kind, first] = /^(isolated|served):(\d+)$/.exec(role ?? '') ?? []
  const signals = kind === 'isolated' ? ownSignals() : supervisedSignals()
  const user = kind === 'served' ? sudoUser() : undefined
  if (user !== undefined && !become(user)) return
  const { runProcess } = await import('./run-process.ts')
  const devices = kind === 'served' ? DEVICES : undefined
  const isolated = first === undefined ? undefined : { by: Number(first), devices }
  await runProcess(argv, signals, isolated)
}

await work(process.argv[2], process.argv.slice(3)).catch(sayLast)
