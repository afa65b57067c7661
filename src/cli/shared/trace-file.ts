/**
 * A file that takes a row per packet (--trace, --packets): written beside its place and renamed, so that it
 * is whole or not there. What a killed process has left of the same file goes.
 */
import { closeSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../../errors.ts'

export interface TraceFile {
  write(text: string): void
  /** Puts the file in its place. */
  keep(): void
  /** Removes what isn't kept. */
  close(): void
}

/** Throws UserError where the disk refuses, here and later. @param flag what the user named it with */
export function openTrace(target: string, flag = '--trace'): TraceFile {
  const attempt = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new UserError(
        `${flag} ${target}: can't be written (${(error as Error).message}) - name another file, or make room`,
      )
    }
  }
  const part = `${target}.${process.pid}.part`
  attempt(() => removeStale(target))
  const descriptor = attempt(() => openSync(part, 'w'))
  return {
    write: (text) =>
      attempt(() => {
        const bytes = Buffer.from(text)
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
      }),
    keep: () => attempt(() => renameSync(part, target)),
    close() {
      closeSync(descriptor)
      rmSync(part, { force: true })
    },
  }
}

/** Parts of this file whose process is gone. */
function removeStale(target: string): void {
  const folder = path.dirname(target)
  const begin = `${path.basename(target)}.`
  for (const name of readdirSync(folder)) {
    const id = name.startsWith(begin) ? /^(\d+)\.part$/.exec(name.slice(begin.length))?.[1] : undefined
    if (id !== undefined && isGone(Number(id))) rmSync(path.join(folder, name), { force: true })
  }
}

function isGone(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
