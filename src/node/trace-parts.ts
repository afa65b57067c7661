/**
 * The file behind --trace while runs are in progress. Every run and policy writes a part of its own next to
 * the target, so that threads never share a file; at the end the parts are joined under one header, in the
 * order of the policies and within a policy of the runs, and the whole is renamed. For a .json they are
 * turned into trace events on that way (perfetto.ts). Parts never outlive the command.
 */
import { statSync } from 'node:fs'
import path from 'node:path'
import { UserError } from '../errors.ts'
import { TRACE_HEADER } from '../metrics/trace.ts'
import { disk } from './files/disk.ts'
import { type OpenPart, openPart, partPath, removeStaleParts } from './files/parts.ts'
import { writePerfetto } from './perfetto.ts'

export interface TraceParts {
  /** Where a run writes its part, by number of the policy; undefined where it isn't traced. */
  pathsOf(run: number): readonly string[] | undefined
  /** Makes the target of the parts that exist; each is removed once it is copied. */
  join(): void
  /** Removes whatever is left. */
  remove(): void
}

/**
 * Starts a trace of the first `runCount` runs of `policyCount` policies. Throws UserError when `target`
 * can't be written.
 */
export function traceParts(target: string, policyCount: number, runCount: number): TraceParts {
  const extension = path.extname(target)
  const isPerfetto = extension === '.json'
  if (extension !== '.csv' && !isPerfetto) {
    const reason = extension === '' ? 'has no extension' : `"${extension}" isn't a format of traces`
    throw new UserError(`--trace ${target}: ${reason} - name a .csv or .json file`, 2)
  }
  const folder = path.dirname(target)
  const name = path.basename(target)
  let whole: OpenPart | undefined
  try {
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) {
      throw Object.assign(new Error('is a folder'), { code: 'EISDIR' })
    }
    removeStaleParts(folder)
    whole = openPart(folder, name)
    if (!isPerfetto) whole.write(TRACE_HEADER)
  } catch (error) {
    whole?.remove()
    throw new UserError(`--trace ${target}: ${unwritable(error as NodeJS.ErrnoException)}`)
  }
  const { keep, remove, takeOver, write } = whole
  // By policy, then by run.
  const parts = Array.from({ length: policyCount }, () =>
    Array.from({ length: runCount }, () => partPath(folder, name)),
  )
  let isKept = false
  return {
    pathsOf: (run) => (run < runCount ? parts.map((ofRuns) => ofRuns[run]!) : undefined),
    join() {
      try {
        if (isPerfetto) writePerfetto(parts.flat(), write)
        else for (const part of parts.flat()) takeOver(part)
        keep(target)
        isKept = true
      } catch (error) {
        throw new UserError(`--trace ${target}: can't be written - ${(error as Error).message}`)
      }
    },
    remove() {
      try {
        // After a signal few of thousands have begun, and to miss a file takes time.
        const there = new Set(disk.list(folder))
        for (const part of parts.flat()) if (there.has(path.basename(part))) disk.remove(part)
      } catch {
        // The next command removes them.
      }
      if (!isKept) remove()
    },
  }
}

function unwritable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return "can't be written, its folder doesn't exist - create the folder first"
  if (code === 'EISDIR') return 'is a folder - name a file in it'
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return "can't be written, no permission - choose another path"
  }
  return `can't be written - ${message}`
}
