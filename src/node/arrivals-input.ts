/**
 * Arrivals CSVs as inputs: told from captures and scenarios by their first line, with the file of lost
 * packets beside them.
 */
import { existsSync } from 'node:fs'
import { constants, gunzipSync } from 'node:zlib'
import { OWN_NAMES } from '../traffic/arrivals/arrival-columns.ts'
import { lostNames, separatorOf } from '../traffic/arrivals/first-look.ts'

/** So many of a file's first bytes are looked at; a header longer than that isn't seen whole. */
export const HEADER_BYTES_MAX = 4096
const CSV_NAME = /\.(csv|tsv)(\.gz)?$/i
/** A map, a list, a comment or a key. */
const YAML_START = /^([{[#%-]|\S+:(\s|$))/
const KNOWN: readonly string[] = OWN_NAMES

/**
 * The names of the columns of an arrivals CSV; undefined where the text begins none: it has neither such a
 * name nor two columns one of which is known.
 */
export function arrivalsHeader(text: string, file: string): readonly string[] | undefined {
  const first = text
    .replace(/^(\ufeff|\u00ef\u00bb\u00bf)/, '')
    .trimStart()
    .split(/\r?\n/, 1)[0]!
  const names = first.split(separatorOf(first)).map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  const isKnown = names.length > 1 && !YAML_START.test(first) && names.some((name) => KNOWN.includes(name))
  const isNamed = CSV_NAME.test(file) && !/^[{[]/.test(first)
  return isKnown || isNamed ? names : undefined
}

/** What begins a gzip file, decompressed; empty where it can't be. */
export function gunzippedStart(bytes: Uint8Array): string {
  try {
    const text = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
    return text.subarray(0, HEADER_BYTES_MAX).toString('latin1')
  } catch {
    return ''
  }
}

/** The file, and the file of lost packets beside it where there is one. */
export function withLost(path: string): readonly string[] {
  const lost = lostNames(path).find((name) => name !== path && existsSync(name))
  return lost === undefined ? [path] : [path, lost]
}
