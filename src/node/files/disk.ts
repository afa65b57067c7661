/**
 * The file operations under results, saved points and row files, in one object: tests put others in their
 * place, and so let any one of them fail, write less than it was given, or be the last one before a crash.
 */
import fs from 'node:fs'
import path from 'node:path'

/** Windows knows neither. */
const OWN = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0)

export const disk = {
  /** Opens a new file for writing. Throws EEXIST where one is there; no symbolic link is followed. */
  create: (path: string): number => fs.openSync(path, 'wx'),
  open: (path: string): number => fs.openSync(path, 'r'),
  /** Opens a file of our own for reading: throws ELOOP for a symbolic link, and waits for no pipe. */
  openOwn: (path: string): number => fs.openSync(path, OWN),
  /** Returns how many bytes were written, which may be fewer than those given. */
  write: (descriptor: number, bytes: Uint8Array, from: number): number =>
    fs.writeSync(descriptor, bytes, from),
  read: (descriptor: number, into: Uint8Array): number => fs.readSync(descriptor, into),
  close: (descriptor: number): void => fs.closeSync(descriptor),
  rename: (from: string, to: string): void => fs.renameSync(from, to),
  /** Removes a file that is there. */
  remove: (path: string): void => fs.rmSync(path, { force: true }),
  makeFolder: (path: string): void => fs.mkdirSync(path),
  /** Removes an empty folder. */
  removeFolder: (path: string): void => fs.rmdirSync(path),
  list: (path: string): string[] => fs.readdirSync(path),
  readText: (path: string): string => fs.readFileSync(path, 'utf8'),
}

/** Writes all of it, however little the disk takes at a time. */
export function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += disk.write(descriptor, bytes, at)
}

/**
 * Like mkdir -p; mkdirSync's own `recursive` never returns for a folder such as /proc that takes no new ones.
 * Returns the folders that it made, the outer ones first.
 */
export function makeFolders(folder: string): string[] {
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return []
  const parent = path.dirname(folder)
  const made = parent === folder ? [] : makeFolders(parent)
  disk.makeFolder(folder)
  return [...made, folder]
}
