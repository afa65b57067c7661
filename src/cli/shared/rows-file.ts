/**
 * Where a row per packet may be written (--trace, --packets): never over what is read, nor over the results'
 * own files, and where there is a folder.
 */
import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../../errors.ts'
import { captureFileOf } from '../../node/capture-part.ts'

/** What else the command reads and writes. */
export interface OtherFiles {
  /** Undefined ones aren't there. */
  readonly inputs: ReadonlyArray<string | undefined>
  /** The folder of the results, and what is written there. */
  readonly folder: string
  readonly results: readonly string[]
}

/**
 * Throws UserError (2) when `target` is read, is one of the results, or is a folder; (1) where its folder
 * isn't there.
 */
export function checkRowsFile(flag: string, target: string, others: OtherFiles): void {
  const fail = (what: string) => new UserError(`${flag} ${target}: ${what}`, 2)
  if (others.inputs.some((input) => input !== undefined && isSameFile(captureFileOf(input), target))) {
    throw fail('is the file that is read - name another file')
  }
  const name = path.basename(target)
  if (others.results.includes(name) && whereIs(path.dirname(target)) === whereIs(others.folder)) {
    throw fail(`is where ${name} of the results goes - name another file`)
  }
  if (isFolder(target)) throw fail('is a folder - name a file in it')
  const parent = path.dirname(target)
  // The folder of the results, and those around it, are made when they are needed.
  const isMade = `${path.resolve(others.folder)}${path.sep}`.startsWith(`${path.resolve(parent)}${path.sep}`)
  if (!isMade && isFolder(parent) === false) {
    // The command is right, the disk isn't: as with any file that can't be written.
    throw new UserError(
      `${flag} ${target}: can't be written, its folder doesn't exist - create the folder first`,
    )
  }
}

/** Undefined where it can't be told. */
function isFolder(path: string): boolean | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    return undefined
  }
}

function isSameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one, { bigint: true }), statSync(other, { bigint: true })]
    return a.ino === b.ino && a.dev === b.dev
  } catch {
    return path.resolve(one) === path.resolve(other)
  }
}

/** The folder itself, whichever links lead to it; the path where there is none yet. */
function whereIs(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return path.resolve(folder)
  }
}
