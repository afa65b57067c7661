/**
 * A file that takes a row per packet (--trace, --packets): written as a part and renamed, so that it is whole
 * or not there. What killed processes have left beside it goes.
 */
import path from 'node:path'
import { UserError } from '../../errors.ts'
import { openPart, removeStaleParts } from '../../node/files/parts.ts'

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
  const folder = path.dirname(target)
  removeStaleParts(folder)
  const part = attempt(() => openPart(folder, path.basename(target)))
  let isKept = false
  return {
    write: (text) => attempt(() => part.write(text)),
    keep() {
      attempt(() => part.keep(target))
      isKept = true
    },
    close() {
      if (!isKept) part.remove()
    },
  }
}
