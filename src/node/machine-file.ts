/**
 * Where `lanewise calibrate --machine` keeps what it has measured: `$XDG_CONFIG_HOME/lanewise/machine.json`,
 * by default in ~/.config, under sudo in that of the user who called it. Source: XDG Base Directory
 * Specification 0.8, which has relative paths ignored.
 */
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import path from 'node:path'
import process from 'node:process'

/** What stands for it behind --calibration. */
export const MACHINE = 'machine'

type Env = Readonly<Record<string, string | undefined>>

export function machineFile(env: Env = process.env): string {
  const { XDG_CONFIG_HOME: given = '' } = env
  const config = path.isAbsolute(given) ? given : path.join(homeOf(env), '.config')
  return path.join(config, 'lanewise', 'machine.json')
}

/** Under sudo HOME is root's, while the work is done by the user (cli/process/sudo-user.ts). */
function homeOf({ HOME, SUDO_UID }: Env): string {
  const isCaller = SUDO_UID !== undefined && process.getuid?.() === Number(SUDO_UID)
  return isCaller || !HOME ? userInfo().homedir : HOME
}

/** Has this machine been measured? Not where the environment doesn't say whose home it is. */
export function isMachineMeasured(env: Env): boolean {
  if (env.HOME === undefined && env.XDG_CONFIG_HOME === undefined) return false
  return existsSync(machineFile(env))
}
