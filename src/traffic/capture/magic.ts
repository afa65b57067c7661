/**
 * What the first bytes of a file say it is: pcap, pcapng, or another format that captures come in. Sources:
 * draft-ietf-opsawg-pcap and -pcapng; the readers of Wireshark (wiretap) for formats that editcap converts.
 */

/** How a pcap file is read. */
export interface PcapVariant {
  readonly littleEndian: boolean
  readonly nsPerUnit: number
  readonly recordHeaderBytes: number
}

function variant(littleEndian: boolean, nsPerUnit: number, recordHeaderBytes: number): PcapVariant {
  return { littleEndian, nsPerUnit, recordHeaderBytes }
}

/** By the first four bytes, read big-endian. */
const PCAP_VARIANTS: ReadonlyMap<number, PcapVariant> = new Map([
  [0xa1b2c3d4, variant(false, 1000, 16)],
  [0xd4c3b2a1, variant(true, 1000, 16)],
  [0xa1b23c4d, variant(false, 1, 16)],
  [0x4d3cb2a1, variant(true, 1, 16)],
  [0xa1b2cd34, variant(false, 1000, 24)],
  [0x34cdb2a1, variant(true, 1000, 24)],
])

/** pcapng's section header; its type reads the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a
const BYTE_ORDER_MARKS: ReadonlySet<number> = new Set([0x1a2b3c4d, 0x4d3c2b1a])

/** Names that captures have, compressed or not. */
export const CAPTURE_NAME = /\.(pcap|pcapng|cap|dmp|erf)(\.(gz|zst|lz4|xz|bz2))?$/i

/** Undefined where a file that begins with this number (big-endian) is no pcap file. */
export function pcapVariant(magic: number): PcapVariant | undefined {
  return PCAP_VARIANTS.get(magic)
}

/**
 * True where a pcap file begins at `at`: its magic number and version 2.x. As a record of a capture that
 * would be one microsecond of 2055 or of few other years. 8 bytes from `at` on must be in the view.
 */
export function isPcapHeader(view: DataView, at: number): boolean {
  const found = PCAP_VARIANTS.get(view.getUint32(at))
  if (found === undefined) return false
  const { littleEndian } = found
  return view.getUint16(at + 4, littleEndian) === 2 && view.getUint16(at + 6, littleEndian) <= 4
}

/** True where a section of pcapng begins at `at`. 12 bytes from there on must be in the view. */
export function isSectionHeader(view: DataView, at: number): boolean {
  return view.getUint32(at) === SECTION_HEADER && BYTE_ORDER_MARKS.has(view.getUint32(at + 8))
}

/** Formats that Wireshark reads and lanewise doesn't, by their first bytes in hexadecimal. */
const FOREIGN_FORMATS: readonly (readonly [magic: string, is: string])[] = [
  ['736e6f6f70000000', 'a snoop file'],
  ['474d4255', 'a Network Monitor file'],
  ['52545353', 'a Network Monitor file'],
  ['5452534e494646206461746120202020', 'a Sniffer file'],
  ['58435000', 'a Sniffer or NetXRay file'],
  ['564c0000', 'a NetXRay file'],
  ['05564e46', 'a Visual Networks file'],
  ['4f627365727665725061636b74427566', 'a file of Observer'],
  ['aaaaaaaa200000', 'a 5View file'],
  ['01104c000105', 'a LANalyzer file'],
  ['69707472616365', 'an iptrace file'],
  ['54520064', 'a nettl file'],
  ['7f766572', 'an EtherPeek or OmniPeek file'],
]

/** So many of the first bytes tell a format. */
export const MAGIC_BYTES = 16

/** "a snoop file", by its first bytes. */
export function foreignFormat(head: Uint8Array): string | undefined {
  const text = hexOf(head)
  return FOREIGN_FORMATS.find(([magic]) => text.startsWith(magic))?.[1]
}

/** The first bytes in hexadecimal. */
export function hexOf(head: Uint8Array): string {
  const bytes = Array.from(head.subarray(0, MAGIC_BYTES))
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** True where a file that begins with these bytes is a capture, be it in a format that isn't read. */
export function isCaptureStart(head: Uint8Array): boolean {
  if (head.length < 4) return false
  const magic = new DataView(head.buffer, head.byteOffset).getUint32(0)
  return magic === SECTION_HEADER || PCAP_VARIANTS.has(magic) || foreignFormat(head) !== undefined
}

const ERF_HEADER_BYTES = 16
const ERF_TYPE_MAX = 48
const ERF_RECORDS_SEEN_MAX = 8
const ERF_SPAN_SECONDS_MAX = 86_400

/**
 * Is it an Endace ERF file? These have no magic number: a record's time is 8 bytes, the seconds in the upper
 * half, little-endian; then type, flags, its length (2) and others, big-endian. All that are seen must be
 * right, the second one too, or the first one the whole file.
 */
export function isErf(view: DataView, start: number, end: number): boolean {
  let at = start
  let records = 0
  const firstSeconds = start + 8 <= end ? view.getUint32(start + 4, true) : 0
  while (at + ERF_HEADER_BYTES <= end && records < ERF_RECORDS_SEEN_MAX) {
    const type = view.getUint8(at + 8) & 0x7f
    const length = view.getUint16(at + 10)
    const seconds = view.getUint32(at + 4, true)
    if (type === 0 || type > ERF_TYPE_MAX || length < ERF_HEADER_BYTES) return false
    if (Math.abs(seconds - firstSeconds) > ERF_SPAN_SECONDS_MAX) return false
    at += length
    records++
  }
  return records > 1 || (records === 1 && at === end)
}
