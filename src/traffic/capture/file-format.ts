/** Tells a capture's format by its first bytes, and says what a file is that is none. */
import { UserError } from '../../errors.ts'
import type { ByteStream } from './byte-stream.ts'
import { Damage, type RecordReader } from './frame.ts'
import { PartReader } from './interfaces.ts'
import { isPcap, PCAP_HEADER_BYTES, PcapReader } from './pcap.ts'
import { PcapngReader, SECTION_HEADER } from './pcapng.ts'

/** Files that people take for captures lanewise reads, by their first bytes in hexadecimal. */
const OTHER_FORMATS: readonly (readonly [magic: string, is: string, cure: string])[] = [
  ['1f8b', 'gzip inside gzip', 'decompress it once: gunzip'],
  ['28b52ffd', 'compressed with zstd', 'decompress it first: zstd -d'],
  ['04224d18', 'compressed with lz4', 'decompress it first: lz4 -d'],
  ['fd377a58', 'compressed with xz', 'decompress it first: xz -d'],
  ['425a68', 'compressed with bzip2', 'decompress it first: bunzip2'],
  ['504b0304', 'a zip archive', 'unpack it first: unzip'],
  ['736e6f6f70', 'a snoop file', 'convert it first: editcap -F pcapng'],
  ['474d4255', 'a Network Monitor file', 'convert it first: editcap -F pcapng'],
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
    throw new UserError(`${path}: ${reason} - give a pcap or pcapng file`)
  }
  const magic = stream.view.getUint32(stream.start)
  if (magic === SECTION_HEADER) return new PcapngReader()
  if (!isPcap(magic)) throw new UserError(`${path}: ${await notACapture(stream, magic)}`)
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
  await stream.ensure(8)
  const bytes = new Uint8Array(stream.view.buffer, stream.start, Math.min(8, stream.end - stream.start))
  const head = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const other = OTHER_FORMATS.find(([start]) => head.startsWith(start))
  if (other !== undefined) return `this is ${other[1]} - ${other[2]}`
  const first = magic.toString(16).padStart(8, '0')
  return `not a capture (it begins with ${first}) - give a pcap or pcapng file, plain or gzip`
}
