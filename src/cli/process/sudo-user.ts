/**
 * Under sudo nothing of a user's runs as root: the process becomes the user who called sudo, with that user's
 * groups, before it loads anything. What stays root is one small process that opens devices for a replay
 * (privileged.ts). Source: sudo(8), SUDO_UID, SUDO_GID and SUDO_USER; initgroups(3), setuid(2).
 */
import { accessSync, constants } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { sayLine } from './last-words.ts'

/** Not in Node's types. */
interface Initgroups {
  initgroups(user: string, extraGroup: number): void
}

export interface SudoUser {
  readonly uid: number
  readonly gid: number
  readonly name: string
}

/** Who called sudo; undefined where nobody did, or root itself. */
export function sudoUser(env: NodeJS.ProcessEnv = process.env): SudoUser | undefined {
  if (process.geteuid?.() !== 0) return undefined
  const [uid, gid] = [env.SUDO_UID, env.SUDO_GID].map((text) =>
    /^\d{1,10}$/.test(text ?? '') ? Number(text) : 0,
  )
  if (uid === undefined || gid === undefined || uid === 0) return undefined
  return { uid, gid, name: env.SUDO_USER ?? String(uid) }
}

/** In the process that does the work: where the socket to the one that opens devices stands. */
export const DEVICES = 4

/**
 * From now on this process is that user's, for good: all its ids and groups.
 * @returns false where that user can't go on, which has been said
 */
export function become(user: SudoUser): boolean {
  const { uid, gid, name } = user
  try {
    ;(process as unknown as Initgroups).initgroups(name, gid)
  } catch {
    // A user without a name has no other groups.
    process.setgroups!([gid])
  }
  process.setgid!(gid)
  process.setuid!(uid)
  const hidden = [fileURLToPath(import.meta.url), process.execPath].find((file) => !mayRead(file))
  if (hidden === undefined) return true
  sayLine(
    `lanewise: ${name} may not read ${hidden} - start it without sudo, or install it where all may read it`,
  )
  return false
}

/** As after `sudo npx`, which installs it in root's own folder. */
function mayRead(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/**
 * How a replay, and what measures this machine, get their devices under sudo: from a process that stays root,
 * in a network namespace of its own or (`--host`) here. Undefined: no work with real devices, or root may not
 * do it here either; then the work does what it can as the user, and says what is missing.
 */
export async function servedBy([verb, ...words]: readonly string[]): Promise<readonly string[] | undefined> {
  const needsDevices = verb === 'replay' || (verb === 'calibrate' && words.includes('--machine'))
  if (!needsDevices || words.some((word) => /^(--loopback|-h|--help)$/.test(word))) return undefined
  const { rootNamespace } = await import('../../live/device/namespace.ts')
  return rootNamespace(words.includes('--host'))
}
