/**
 * Opens what the user named and finds out what it is: the first bytes of a capture give it away, its
 * extension only decides when they don't, and anything else must be text. Says plainly when it is missing, a
 * folder, unreadable or neither of the two.
 */
import { closeSync, fstatSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { didYouMean, UserError } from '../errors.ts'
import { TEXT_CHARS_MAX } from '../scenario/bounded-yaml.ts'
import { neitherOfBoth } from '../scenario/loaded-scenario.ts'
import { STANDARD_INPUT } from '../scenario/schema/source.ts'
import { NO_WRITER, NO_WRITER_CODE, openInput, readInputBytes } from './pipe-input.ts'

export type Input = { readonly kind: 'capture' } | { readonly kind: 'scenario'; readonly text: string }

/** Up to four bytes a character. */
const SCENARIO_BYTES_MAX = 4 * TEXT_CHARS_MAX
/** pcap in both byte orders with micro- and nanoseconds, its modified form, pcapng. */
const CAPTURE_MAGICS = new Set([
  'a1b2c3d4',
  'd4c3b2a1',
  'a1b23c4d',
  '4d3cb2a1',
  'a1b2cd34',
  '34cdb2a1',
  '0a0d0d0a',
])
const GZIP_MAGIC = '1f8b'
const CAPTURE_NAME = /\.(pcap|pcapng|cap|dmp)(\.gz)?$/i

/** Throws UserError: code 1 for a file that can't be read, 2 for one that is neither scenario nor capture. */
export function readInput(file: string): Input {
  if (file === STANDARD_INPUT) return { kind: 'capture' }
  let descriptor: number | undefined
  try {
    descriptor = openInput(file)
    if (fstatSync(descriptor).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
    return classify(file, descriptor)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${file}: ${unreadable(file, error as NodeJS.ErrnoException)}`)
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

function classify(file: string, descriptor: number): Input {
  const head = readInputBytes(descriptor, 4, true).toString('hex')
  if (CAPTURE_MAGICS.has(head) || head.startsWith(GZIP_MAGIC)) {
    if (fstatSync(descriptor).isFile()) return { kind: 'capture' }
    throw new UserError(
      `${file}: a capture in a pipe is read from standard input only - name it - and add < ${file}`,
    )
  }
  if (CAPTURE_NAME.test(file)) return { kind: 'capture' }
  const rest = readInputBytes(descriptor, SCENARIO_BYTES_MAX, false)
  const bytes = Buffer.concat([Buffer.from(head, 'hex'), rest])
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

function unreadable(file: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === NO_WRITER_CODE) return NO_WRITER
  if (code === 'EISDIR') return 'is a folder - name a scenario or a capture in it'
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
