/** The files that a capture has: mostly one, or several that are read as one (joined-reader.ts). */
import type { ByteStream } from './byte-stream.ts'

/** Opens a capture's bytes, gunzipped where they are gzip. Throws a UserError that opens with `name`. */
export type OpenBytes = (path: string, name: string) => Promise<ByteStream>

/** One file, or the files that are one capture. */
export type CapturePaths = string | readonly string[]

/** A file of a capture, and what it is called in messages. */
export interface CaptureFile {
  readonly path: string
  readonly name: string
}

/** The same as a list. */
export function listed(paths: CapturePaths): readonly string[] {
  return typeof paths === 'string' ? [paths] : paths
}

/** What a capture is called that has these files. */
export function wholeName(names: CapturePaths): string {
  const all = listed(names)
  return all.length === 1 ? all[0]! : `${all[0]} (${all.length} files as one capture)`
}

const WITH_PART = /^(.+?)((?:\.(?:pcapng|pcap|cap|dmp))?(?:\.(?:gz|zst))?)#(.+)$/i

/** A file's name with the part of the capture (interfaces.ts) in its stem: `both-tun0.pcapng`. */
export function withPartInStem(base: string): string {
  const [stem, ending, part] = WITH_PART.exec(base)?.slice(1) ?? [base]
  return part === undefined ? stem! : `${stem}-${part.replaceAll(/[^\w.-]+/g, '-')}${ending}`
}
