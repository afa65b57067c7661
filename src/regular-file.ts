/**
 * Opens what must be a file that can be read from its beginning as often as one likes. Pipes, devices and
 * sockets are none: opening one may wait for ever, reading one takes what nobody gets again or never ends. So
 * nothing waits here, and what isn't a file is said.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs'

export type NoFile = 'folder' | 'pipe' | 'socket' | 'device'

/** Opening what isn't a file; `kind` says what it is. */
export class NotAFile extends Error {
  readonly kind: NoFile

  constructor(kind: NoFile) {
    super(`is a ${kind}, not a file`)
    this.kind = kind
  }
}

/** What stands there instead of a file; undefined for a file, and where that can't be told. */
export function noFile(path: string): NoFile | undefined {
  try {
    return kindOf(statSync(path))
  } catch {
    return undefined
  }
}

/** A descriptor for reading. Throws NotAFile, or what the disk says. */
export function openRegular(path: string): number {
  // A device may do something when it is opened, so it isn't.
  refuse(statSync(path))
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    refuse(fstatSync(descriptor))
    return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** The text of a file. Throws as {@link openRegular}. */
export function readRegular(path: string): string {
  const descriptor = openRegular(path)
  try {
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function refuse(stats: Stats): void {
  const kind = kindOf(stats)
  if (kind !== undefined) throw new NotAFile(kind)
}

function kindOf(stats: Stats): NoFile | undefined {
  if (stats.isFile()) return undefined
  if (stats.isDirectory()) return 'folder'
  if (stats.isFIFO()) return 'pipe'
  return stats.isSocket() ? 'socket' : 'device'
}
