/**
 * Was this process started to survive its terminal (nohup)? Node gives every signal its default action when
 * it starts, so what it inherited can't be asked for any more. What can be: the command that the shell says
 * it started ($_, bash and zsh), and whether the process that started this one, a script under nohup for
 * instance, ignores SIGHUP itself (Linux: proc(5)).
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

const SIGHUP_BIT = 1n

export function ignoresHangup(env: NodeJS.ProcessEnv = process.env, parent = process.ppid): boolean {
  if (path.basename(env._ ?? '') === 'nohup') return true
  try {
    const status = readFileSync(`/proc/${parent}/status`, 'latin1')
    const [, ignored] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? []
    return ignored !== undefined && (BigInt(`0x${ignored}`) & SIGHUP_BIT) !== 0n
  } catch {
    return false
  }
}
