/** Tells a capture's format by its first bytes, and says what a file is that is none. */
import { UserError } from '../../errors.ts'
import type { ByteStream } from './byte-stream.ts'
import { Damage, type RecordReader } from './frame.ts'
import { PartReader } from './interfaces.ts'
import { foreignFormat, hexOf, isErf, MAGIC_BYTES, pcapVariant, SECTION_HEADER } from './magic.ts'
import { PCAP_HEADER_BYTES, PcapReader } from './pcap.ts'
import { PcapngReader } from './pcapng.ts'

/** Files that people take for captures lanewise reads, by their first bytes in hexadecimal. */
const OTHER_FORMATS: readonly (readonly [magic: string, is: string, cure: string])[] = [
  ['1f8b', 'gzip inside of what was decompressed', 'decompress it once: gunzip'],
  ['28b52ffd', 'zstd inside of what was decompressed', 'decompress it once: zstd -d'],
  ['04224d18', 'lz4 inside of what was decompressed', 'decompress it once: lz4 -d'],
  ['fd377a58', 'xz inside of what was decompressed', 'decompress it once: xz -d'],
  ['425a68', 'bzip2 inside of what was decompressed', 'decompress it once: bunzip2'],
  ['1f9d', 'compressed with compress', 'decompress it first: gzip -d'],
  ['504b0304', 'a zip archive', 'unpack it first: unzip'],
  ['377abcaf271c', 'a 7z archive', 'unpack it first: 7z x'],
]

/**
 * A reader for the records of the file, or of its part, that `stream` has just begun. Throws a UserError
 * where that is no capture.
 * @param path for messages
 */
export async function recordReader(stream: ByteStream, path: string): Promise<RecordReader> {
  const records = await readerOf(stream, path)
  return stream.part === undefined ? records : new PartReader(records, stream.part)
}

async function readerOf(stream: ByteStream, path: string): Promise<RecordReader> {
  if (!(await stream.ensure(4))) {
    const found = stream.end - stream.start
    const reason =
      stream.failure ?? (found === 0 ? 'the file is empty' : `${found} bytes are too few for a capture`)
    throw new UserError(`${path}: ${reason} - ${stream.cure ?? 'give a pcap or pcapng file'}`)
  }
  const magic = stream.view.getUint32(stream.start)
  if (magic === SECTION_HEADER) return new PcapngReader()
  if (pcapVariant(magic) === undefined) throw new UserError(`${path}: ${await notACapture(stream, magic)}`)
  if (!(await stream.ensure(PCAP_HEADER_BYTES))) {
    const found = stream.end - stream.start
    throw new UserError(
      `${path}: cut off at byte ${found}, within the ${PCAP_HEADER_BYTES}-byte file header - copy the file again`,
    )
  }
  try {
    return new PcapReader(stream)
  } catch (error) {
    if (!(error instanceof Damage)) throw error
    throw new UserError(`${path}: damaged at byte 0: ${error.message} - copy or record the file again`)
  }
}

async function notACapture(stream: ByteStream, magic: number): Promise<string> {
  // A pipe may give no more for long; of a file all that matters is there.
  await stream.ensure(8)
  const { view, start, end } = stream
  const bytes = new Uint8Array(view.buffer, start, Math.min(MAGIC_BYTES, end - start))
  const head = hexOf(bytes)
  const other = OTHER_FORMATS.find(([beginning]) => head.startsWith(beginning))
  if (other !== undefined) return `this is ${other[1]} - ${other[2]}`
  const foreign = foreignFormat(bytes) ?? (isErf(view, start, end) ? 'an ERF file' : undefined)
  if (foreign !== undefined) return `this is ${foreign} - convert it first: editcap -F pcap FILE out.pcap`
  const first = magic.toString(16).padStart(8, '0')
  return `not a capture (it begins with ${first}) - give a pcap or pcapng file, plain or compressed`
}
