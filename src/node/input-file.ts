/**
 * Opens what the user named and finds out what it is: the first bytes of a capture give it away, the first
 * line of an arrivals CSV does, an extension only decides when they don't, and anything else must be text.
 * Says plainly when it is missing, a folder, unreadable or none of these.
 */
import { closeSync, readdirSync, readSync } from 'node:fs'
import path from 'node:path'
import { didYouMean, UserError } from '../errors.ts'
import { NotAFile, openRegular } from '../regular-file.ts'
import { TEXT_CHARS_MAX } from '../scenario/bounded-yaml.ts'
import { neitherOfBoth } from '../scenario/loaded-scenario.ts'
import { STANDARD_INPUT } from '../scenario/schema/source.ts'
import { CAPTURE_NAME, isCaptureStart, MAGIC_BYTES } from '../traffic/capture/magic.ts'
import { arrivalsHeader, gunzippedStart, HEADER_BYTES_MAX } from './arrivals-input.ts'
import { captureAndPart } from './capture-part.ts'
import { compressionOf, GZIP } from './compression.ts'
import { spooledPath } from './spooled.ts'

export type Input =
  | { readonly kind: 'capture' }
  | { readonly kind: 'arrivals'; readonly header: readonly string[] }
  | { readonly kind: 'scenario'; readonly text: string }

/** Up to four bytes a character. */
const SCENARIO_BYTES_MAX = 4 * TEXT_CHARS_MAX

/** Throws UserError: code 1 for a file that can't be read, 2 for one that is neither scenario nor capture. */
export function readInput(file: string): Input {
  if (file === STANDARD_INPUT) return { kind: 'capture' }
  let descriptor: number | undefined
  try {
    const [at, part] = captureAndPart(spooledPath(file))
    descriptor = openRegular(at)
    const input = classify(part === undefined ? file : at, descriptor)
    if (part === undefined || input.kind === 'capture') return input
    const what = input.kind === 'scenario' ? 'a scenario' : 'a CSV'
    throw new UserError(`${file}: is ${what}, and only captures have interfaces - leave out #${part}`, 2)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${file}: ${unreadable(file, error as NodeJS.ErrnoException)}`)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function classify(file: string, descriptor: number): Input {
  const head = readUpTo(descriptor, MAGIC_BYTES)
  const compression = compressionOf(head)
  if (isCaptureStart(head) || (compression !== undefined && compression !== GZIP)) return { kind: 'capture' }
  const start = Buffer.concat([head, readUpTo(descriptor, HEADER_BYTES_MAX)])
  const text = compression === GZIP ? gunzippedStart(start) : start.toString('latin1')
  const header = isCaptureStart(Buffer.from(text.slice(0, MAGIC_BYTES), 'latin1'))
    ? undefined
    : arrivalsHeader(text, file)
  if (header !== undefined) return { kind: 'arrivals', header }
  if (compression === GZIP || CAPTURE_NAME.test(file)) return { kind: 'capture' }
  const bytes = Buffer.concat([start, readUpTo(descriptor, SCENARIO_BYTES_MAX)])
  const neither = neitherOfBoth(file)
  if (bytes.length > SCENARIO_BYTES_MAX) throw neither
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell binary from text
    if (/[\x00-\x08\x0e-\x1f\x7f]/.test(text)) throw neither
    return { kind: 'scenario', text }
  } catch {
    throw neither
  }
}

/** Do these bytes begin a capture, of whatever format, or something compressed? */
export function isCaptureHead(bytes: Buffer): boolean {
  return isCaptureStart(bytes) || compressionOf(bytes) !== undefined
}

function readUpTo(descriptor: number, byteCount: number): Buffer {
  const parts: Buffer[] = []
  let left = byteCount
  while (left > 0) {
    const part = Buffer.alloc(Math.min(left, 65536))
    const got = readSync(descriptor, part, 0, part.length, null)
    if (got === 0) break
    parts.push(part.subarray(0, got))
    left -= got
  }
  return Buffer.concat(parts)
}

function unreadable(file: string, error: NodeJS.ErrnoException): string {
  const { code, message } = error
  if (error instanceof NotAFile) {
    return error.kind === 'folder'
      ? 'is a folder - name a scenario or a capture in it'
      : `${message} - save it and name the file`
  }
  if (code === 'EACCES' || code === 'EPERM') return 'no permission to read it - check its mode with ls -l'
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return `no such file${didYouMean(path.basename(file), neighbours(file)) || ' - check the path (lanewise list scenarios)'}`
  }
  return `can't be read - ${message}`
}

function neighbours(file: string): string[] {
  try {
    return readdirSync(path.dirname(file))
  } catch {
    return []
  }
}
