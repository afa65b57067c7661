/**
 * The file behind --trace while runs are in progress. Every run and policy writes a part of its own next to
 * the target, so that threads never share a file; at the end the parts are joined under one header, in the
 * order of the policies and within a policy of the runs, and the whole is renamed. Parts never outlive the
 * command.
 */
import {
  closeSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { UserError } from '../errors.ts'
import { TRACE_HEADER } from '../metrics/trace.ts'

const COPY_BYTES = 1 << 20

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
  if (extension !== '.csv') {
    const reason = extension === '' ? 'has no extension' : `"${extension}" isn't a format of traces`
    throw new UserError(`--trace ${target}: ${reason} - name a .csv file`, 2)
  }
  const whole = `${target}.${process.pid}.part`
  const part = (policy: number, run: number) => `${target}.${process.pid}-${policy}-${run}.part`
  try {
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) {
      throw Object.assign(new Error('is a folder'), { code: 'EISDIR' })
    }
    writeFileSync(whole, TRACE_HEADER)
  } catch (error) {
    throw new UserError(`--trace ${target}: ${unwritable(error as NodeJS.ErrnoException)}`)
  }
  function each(work: (file: string) => void): void {
    for (let policy = 0; policy < policyCount; policy++) {
      for (let run = 0; run < runCount; run++) work(part(policy, run))
    }
  }
  return {
    pathsOf: (run) =>
      run < runCount ? Array.from({ length: policyCount }, (_, policy) => part(policy, run)) : undefined,
    join() {
      const output = openSync(whole, 'a')
      try {
        each((file) => {
          append(file, output)
          rmSync(file, { force: true })
        })
      } catch (error) {
        throw new UserError(`--trace ${target}: can't be written - ${(error as Error).message}`)
      } finally {
        closeSync(output)
      }
      renameSync(whole, target)
    },
    remove() {
      each((file) => rmSync(file, { force: true }))
      rmSync(whole, { force: true })
    },
  }
}

function append(file: string, output: number): void {
  const buffer = Buffer.alloc(COPY_BYTES)
  const input = openSync(file, 'r')
  try {
    for (let got = readSync(input, buffer); got > 0; got = readSync(input, buffer)) {
      for (let done = 0; done < got; ) done += writeSync(output, buffer, done, got - done)
    }
  } finally {
    closeSync(input)
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
