/**
 * Inputs that aren't files, whichever verb they are given to. A pipe (`<(...)`, a FIFO, /dev/stdin) is copied
 * to a temporary file, once and without ever waiting deafly, and read from there under its own name; devices
 * and sockets are refused with a line. A replay reads its input in another process, and takes files only.
 */
import { constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { reasonOf, UserError } from '../../errors.ts'
import type { Pieces } from '../../node/open-bytes.ts'
import { addSpooled } from '../../node/spooled.ts'
import { noFile } from '../../regular-file.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import type { ProcessIo } from './process-io.ts'
import { spool, standardInput } from './standard-input.ts'

/** Names of the process's own standard input. */
const STANDARD = /^\/dev\/(?:stdin|fd\/0)$|^\/proc\/(?:self|thread-self)\/fd\/0$/

/** What a verb is given to read. */
export interface Given {
  readonly files: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/**
 * Copies what are pipes. Returns what removes the copies. Throws UserError for what can't be read, the
 * signal's reason when the work is interrupted.
 */
export async function openPipes(verb: string, given: Given, io: ProcessIo): Promise<() => void> {
  const undo: (() => void)[] = []
  const close = () => {
    for (const one of undo.reverse()) one()
  }
  try {
    for (const name of inputsOf(given)) {
      const source = sourceOf(name, verb, io)
      if (source === undefined) continue
      const spooled = await spool(source, name, io)
      undo.push(spooled.remove, addSpooled(name, spooled.path))
    }
    return close
  } catch (error) {
    close()
    throw error
  }
}

function inputsOf({ files, options }: Given): ReadonlySet<string> {
  const { sent, received, calibration, threads } = options
  const all = [files, sent, received, calibration, threads].flat()
  return new Set(all.filter((one) => typeof one === 'string' && one !== STANDARD_INPUT) as string[])
}

/** The bytes of a pipe; undefined for files, folders and what isn't there. */
function sourceOf(name: string, verb: string, io: ProcessIo): Pieces | undefined {
  const kind = noFile(name)
  if (kind === undefined || kind === 'folder') return undefined
  const isStandard = STANDARD.test(name)
  if (kind === 'device' || (kind === 'socket' && !isStandard)) {
    throw new UserError(`${name}: is a ${kind}, not a file - save what comes from it and name that`)
  }
  if (verb === 'replay') {
    throw new UserError(
      `${name}: is a pipe, and a replay reads its input more than once - save it and name the file`,
      2,
    )
  }
  return isStandard ? standardInput(io) : pipe(name, io)
}

/** Opening waits for nobody, and reading hears the signal, also before a writer comes. */
function pipe(name: string, { signal }: ProcessIo): Pieces {
  try {
    const fd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
    return addAbortSignal(signal, new Socket({ fd, readable: true, writable: false }))
  } catch (error) {
    throw new UserError(`${name}: can't be read, ${reasonOf(error)} - check its mode with ls -l`)
  }
}
