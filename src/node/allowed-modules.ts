/**
 * Policies' modules that a scenario names are code that runs with the user's rights. A scenario below the
 * current folder is taken for the user's own, and so is one that comes with lanewise; one from elsewhere has
 * to be allowed (`--allow-modules`). What counts is where the file really is, and where its modules are
 * looked for: a link from or to elsewhere is elsewhere, and so is a pipe that has no name in a folder.
 */
import { realpathSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { UserError } from '../errors.ts'
import { BUNDLED_FOLDER } from './bundled.ts'

/**
 * Throws UserError (2) for a scenario from elsewhere that names modules.
 * @param at the scenario's path
 * @param modules as it names them, at least one
 * @param where the first of them stands: opens the message
 */
export function refuseModulesFromElsewhere(at: string, modules: readonly string[], where: string): void {
  if (
    [process.cwd(), BUNDLED_FOLDER].some((folder) => isBelow(at, folder) && isBelow(path.dirname(at), folder))
  ) {
    return
  }
  const [first, ...others] = modules
  const named = others.length === 0 ? first : `${first} (and ${others.length} more)`
  throw new UserError(
    `${where}: ${named} is code that would run with your rights, and this scenario is not below the current folder - look at it, then say --allow-modules`,
    2,
  )
}

/** By real paths; a folder is below itself. */
function isBelow(file: string, folder: string): boolean {
  const [real, above] = [realPath(file), realPath(folder)]
  if (real === undefined || above === undefined) return false
  const from = path.relative(above, real)
  return from !== '..' && !from.startsWith(`..${path.sep}`) && !path.isAbsolute(from)
}

/** Undefined where there is none, as of a pipe. */
function realPath(file: string): string | undefined {
  try {
    return realpathSync(file)
  } catch {
    return undefined
  }
}
