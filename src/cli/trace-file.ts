/** A file that takes a row per packet (--trace, --packets): written beside its place and renamed, so that it is whole or not there. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { UserError } from '../errors.ts'

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
