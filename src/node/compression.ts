/**
 * What bytes are compressed with, told by the first of them. What decompresses is in decoders.ts, so that it
 * is loaded for those alone.
 */
import { hexOf } from '../traffic/capture/magic.ts'

export interface Compression {
  readonly name: string
  /** First of the command that decompresses its standard input to its standard output with -dc. */
  readonly command: string
}

export const GZIP: Compression = { name: 'gzip', command: 'gzip' }
export const ZSTD: Compression = { name: 'zstd', command: 'zstd' }
const LZ4: Compression = { name: 'lz4', command: 'lz4' }
const XZ: Compression = { name: 'xz', command: 'xz' }
const BZIP2: Compression = { name: 'bzip2', command: 'bzip2' }

/** First bytes; "5." of a skippable frame, with which pzstd begins (RFC 8878 section 3.1.2). */
const MAGICS: readonly (readonly [magic: RegExp, compression: Compression])[] = [
  [/^1f8b/, GZIP],
  [/^(28b52ffd|5.2a4d18)/, ZSTD],
  [/^(04224d18|02214c18)/, LZ4],
  [/^fd377a585a00/, XZ],
  [/^425a683[1-9](314159265359|177245385090)/, BZIP2],
]

/** The first two bytes of those that need more to be told. */
const BEGINNINGS = /^(28b5|5.2a|0422|0221|fd37|425a)/
const HEAD_BYTES = 10

/** What the bytes are compressed with, whatever the name says; undefined: with nothing that is known. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  const hex = hexOf(head)
  return MAGICS.find(([magic]) => magic.test(hex))?.[1]
}

/** True where more bytes may change what {@link compressionOf} says; a pipe may never give them. */
export function mayBeCompressed(head: Uint8Array): boolean {
  return head.length < 2 || (head.length < HEAD_BYTES && BEGINNINGS.test(hexOf(head)))
}
