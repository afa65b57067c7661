/**
 * The classic pcap file: a 24-byte header in the writer's byte order, then a record per frame with a 16-byte
 * header (24 in Kuznetzov's variant of the 1990s, magic number 0xa1b2cd34). Times are microseconds or, by
 * magic number, nanoseconds. Source: draft-ietf-opsawg-pcap; details of old versions from libpcap's
 * sf-pcap.c.
 */
import type { ByteStream } from './byte-stream.ts'
import {
  AnotherCapture,
  Damage,
  FRAME_BYTES_MAX,
  type FrameSink,
  LINK_TYPE_UNIT,
  type RecordReader,
} from './frame.ts'
import { isPcapHeader, isSectionHeader, type PcapVariant, pcapVariant } from './magic.ts'

export const PCAP_HEADER_BYTES = 24

/** Before version 2.3 the two lengths stood the other way round; in 2.3 either way. */
const LENGTHS_SWAPPED_BEFORE_MINOR = 3

export class PcapReader implements RecordReader {
  readonly links: ReadonlySet<number>
  readonly interfaces = []
  readonly from = undefined
  private readonly variant: PcapVariant
  private readonly linkType: number
  private readonly minorVersion: number

  /** Reads the file header, which must be in the window whole. Throws Damage where it isn't one of pcap's. */
  constructor(stream: ByteStream) {
    const { view, start } = stream
    this.variant = pcapVariant(view.getUint32(start))!
    const { littleEndian } = this.variant
    const major = view.getUint16(start + 4, littleEndian)
    this.minorVersion = view.getUint16(start + 6, littleEndian)
    if (major !== 2) throw new Damage(`its header says pcap version ${major}.${this.minorVersion}, not 2.x`)
    const network = view.getUint32(start + 20, littleEndian)
    // Above the link type stand the length of the frame check sequence (6 bits) and 10 bits that must be 0.
    if ((network & 0x03ff0000) !== 0)
      throw new Damage(`its header names no link type (0x${network.toString(16)})`)
    this.linkType = network & 0xffff
    const snaplen = view.getUint32(start + 16, littleEndian)
    this.links = new Set([this.linkType * LINK_TYPE_UNIT + snaplen])
    stream.start += PCAP_HEADER_BYTES
  }

  wayOf(): undefined {}

  parse(stream: ByteStream, sink: FrameSink): number {
    const { view, end } = stream
    const { littleEndian, nsPerUnit, recordHeaderBytes } = this.variant
    const { linkType, minorVersion } = this
    while (!sink.isFull) {
      const at = stream.start
      const data = at + recordHeaderBytes
      if (data > end) return recordHeaderBytes
      if (isPcapHeader(view, at) || isSectionHeader(view, at)) throw new AnotherCapture()
      let captured = view.getUint32(at + 8, littleEndian)
      let original = view.getUint32(at + 12, littleEndian)
      if (minorVersion <= LENGTHS_SWAPPED_BEFORE_MINOR && captured > original) {
        const swapped = captured
        captured = original
        original = swapped
      }
      if (captured > FRAME_BYTES_MAX) {
        throw new Damage(
          `a record claims ${captured} bytes, more than the ${FRAME_BYTES_MAX} a frame can have`,
        )
      }
      if (data + captured > end) return recordHeaderBytes + captured
      let seconds = view.getUint32(at, littleEndian)
      let nanoseconds = view.getUint32(at + 4, littleEndian) * nsPerUnit
      if (nanoseconds >= 1e9) {
        const carry = Math.floor(nanoseconds / 1e9)
        seconds += carry
        nanoseconds -= carry * 1e9
      }
      stream.start = data + captured
      sink.frame(view, data, captured, original, linkType, seconds, nanoseconds)
    }
    return 0
  }
}
