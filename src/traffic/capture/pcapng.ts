/**
 * pcapng: blocks with their length in front and behind. A section header sets the byte order and forgets the
 * interfaces; an interface description gives link type, snaplen and clock; packets come in enhanced, simple
 * (untimed) and obsolete packet blocks. All other blocks are skipped, however long. Source:
 * draft-ietf-opsawg-pcapng.
 */
import { type ByteStream, RECORD_BYTES_MAX } from './byte-stream.ts'
import { ClockUnits } from './clock-units.ts'
import {
  AnotherCapture,
  type CaptureInterface,
  Damage,
  FRAME_BYTES_MAX,
  type FrameDirection,
  type FrameSink,
  LINK_TYPE_UNIT,
  NO_TIME,
  type RecordReader,
} from './frame.ts'
import { isPcapHeader, SECTION_HEADER } from './magic.ts'

const INTERFACE_DESCRIPTION = 1
const OBSOLETE_PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6

const BYTES_MIN: Readonly<Record<number, number>> = {
  [SECTION_HEADER]: 28,
  [INTERFACE_DESCRIPTION]: 20,
  [OBSOLETE_PACKET]: 32,
  [SIMPLE_PACKET]: 16,
  [ENHANCED_PACKET]: 32,
}
const OPTION_END = 0
/** Of an interface: its name. Of a packet: its flags. */
const OPTION_NAME = 2
const OPTION_FLAGS = 2
const OPTION_RESOLUTION = 9
const OPTION_OFFSET = 14
const MICROSECONDS = 6
/**
 * As many as an obsolete packet block can name; a file of nothing but interfaces must not fill the memory.
 */
const INTERFACES_MAX = 65_536

interface Interface {
  readonly linkType: number
  readonly snaplen: number
  readonly clock: ClockUnits
  readonly counted: CaptureInterface
}

export class PcapngReader implements RecordReader {
  /** Not more than {@link INTERFACES_MAX}. */
  readonly links = new Set<number>()
  /** Not more than {@link INTERFACES_MAX} of all sections; the same one in several sections counts once. */
  readonly interfaces: CaptureInterface[] = []
  from: CaptureInterface | undefined
  private readonly counted = new Map<string, CaptureInterface>()
  /** Options of the packet that is just handed on. */
  private optionsAt = 0
  private optionsEnd = 0
  private littleEndian = true
  private described: Interface[] = []

  parse(stream: ByteStream, sink: FrameSink): number {
    const { view, end } = stream
    while (!sink.isFull) {
      const at = stream.start
      if (at + 12 > end) return 12
      const isSection = view.getUint32(at) === SECTION_HEADER
      if (isSection) this.setByteOrder(view.getUint32(at + 8))
      const type = view.getUint32(at, this.littleEndian)
      const length = view.getUint32(at + 4, this.littleEndian)
      const bytesMin = minimumOf(type)
      if (length < bytesMin)
        throw new Damage(`a block of type ${type} has length ${length}, the least is ${bytesMin}`)
      // Wireshark pads lengths that aren't multiples of 4, and so do we.
      const padded = Math.ceil(length / 4) * 4
      if (bytesMin === 12) {
        if (isPcapHeader(view, at)) throw new AnotherCapture()
        stream.start = at + padded
        if (stream.start > end) return 12
        continue
      }
      if (padded > RECORD_BYTES_MAX)
        throw new Damage(`a block of type ${type} claims ${length} bytes, too many`)
      if (at + padded > end) return padded
      if (view.getUint32(at + padded - 4, this.littleEndian) !== length) {
        throw new Damage(`a block of type ${type} has two different lengths, in front and behind`)
      }
      const body = at + padded - 4
      if (type === ENHANCED_PACKET) {
        this.packet(view, at, body, view.getUint32(at + 8, this.littleEndian), sink)
      } else if (type === OBSOLETE_PACKET) {
        this.packet(view, at, body, view.getUint16(at + 8, this.littleEndian), sink)
      } else if (type === SIMPLE_PACKET) this.simplePacket(view, at, body, sink)
      else if (isSection) this.section(view, at)
      else this.interface(view, at, body)
      stream.start = at + padded
    }
    return 0
  }

  private setByteOrder(mark: number): void {
    if (mark === 0x4d3c2b1a) this.littleEndian = true
    else if (mark === 0x1a2b3c4d) this.littleEndian = false
    else throw new Damage(`a section header has no valid byte-order mark (0x${mark.toString(16)})`)
  }

  private section(view: DataView, at: number): void {
    const major = view.getUint16(at + 12, this.littleEndian)
    if (major !== 1) throw new Damage(`a section has pcapng version ${major}, not 1`)
    this.described = []
  }

  private interface(view: DataView, at: number, end: number): void {
    if (this.described.length === INTERFACES_MAX) {
      throw new Damage(`a section describes more than ${INTERFACES_MAX} interfaces`)
    }
    const { name, ...read } = readInterface(view, at, end, this.littleEndian)
    const { linkType, snaplen } = read
    if (this.links.size < INTERFACES_MAX) this.links.add(linkType * LINK_TYPE_UNIT + snaplen)
    this.described.push({ ...read, counted: this.countedOf(this.described.length, name, linkType) })
  }

  private countedOf(number: number, name: string | undefined, linkType: number): CaptureInterface {
    const key = `${number} ${linkType} ${name ?? ''}`
    const known = this.counted.get(key)
    if (known !== undefined) return known
    const counted = { number, name, linkType, frames: 0 }
    if (this.interfaces.length === INTERFACES_MAX) return counted
    this.counted.set(key, counted)
    this.interfaces.push(counted)
    return counted
  }

  wayOf(view: DataView): FrameDirection | undefined {
    let option = this.optionsAt
    while (option + 8 <= this.optionsEnd) {
      const code = view.getUint16(option, this.littleEndian)
      const length = view.getUint16(option + 2, this.littleEndian)
      if (code === OPTION_END) return undefined
      if (code === OPTION_FLAGS && length === 4) {
        const way = view.getUint32(option + 4, this.littleEndian) & 3
        return way === 1 ? 'in' : way === 2 ? 'out' : undefined
      }
      option += 4 + Math.ceil(length / 4) * 4
    }
    return undefined
  }

  /** Enhanced and obsolete packet blocks differ in the interface's width alone. */
  private packet(view: DataView, at: number, end: number, interfaceIndex: number, sink: FrameSink): void {
    const { littleEndian } = this
    const from = this.interfaceOf(interfaceIndex)
    const captured = view.getUint32(at + 20, littleEndian)
    if (captured > FRAME_BYTES_MAX || at + 28 + captured > end) {
      throw new Damage(`a packet claims ${captured} bytes, its block has ${end - at - 28}`)
    }
    const { clock } = from
    clock.read(view.getUint32(at + 12, littleEndian), view.getUint32(at + 16, littleEndian))
    const original = view.getUint32(at + 24, littleEndian)
    this.optionsAt = at + 28 + Math.ceil(captured / 4) * 4
    this.optionsEnd = end
    this.from = from.counted
    this.from.frames++
    sink.frame(view, at + 28, captured, original, from.linkType, clock.seconds, clock.nanoseconds)
  }

  private simplePacket(view: DataView, at: number, end: number, sink: FrameSink): void {
    const { linkType, snaplen, counted } = this.interfaceOf(0)
    const original = view.getUint32(at + 8, this.littleEndian)
    const kept = snaplen === 0 ? original : Math.min(original, snaplen)
    if (kept > end - at - 12)
      throw new Damage(`a packet claims ${kept} bytes, its block has ${end - at - 12}`)
    this.optionsEnd = 0
    this.from = counted
    counted.frames++
    sink.frame(view, at + 12, kept, original, linkType, NO_TIME, 0)
  }

  private interfaceOf(index: number): Interface {
    const found = this.described[index]
    if (found === undefined) {
      throw new Damage(`a packet names interface ${index}, its section has ${this.described.length}`)
    }
    return found
  }
}

/** The least length of a block whose content matters; 12 for those that are skipped. */
function minimumOf(type: number): number {
  if (type === ENHANCED_PACKET) return 32
  return BYTES_MIN[type] ?? 12
}

type ReadInterface = Omit<Interface, 'counted'> & { readonly name: string | undefined }

function readInterface(view: DataView, at: number, end: number, littleEndian: boolean): ReadInterface {
  let name: string | undefined
  let resolution = MICROSECONDS
  let offsetSeconds = 0
  let option = at + 16
  while (option + 4 <= end) {
    const code = view.getUint16(option, littleEndian)
    const length = view.getUint16(option + 2, littleEndian)
    if (code === OPTION_END) break
    if (option + 4 + length > end)
      throw new Damage(`an interface's option ${code} claims ${length} bytes, more than its block has`)
    if (code === OPTION_NAME && length >= 1) name = textOf(view, option + 4, length)
    else if (code === OPTION_RESOLUTION && length >= 1) resolution = view.getUint8(option + 4)
    else if (code === OPTION_OFFSET && length >= 8)
      offsetSeconds = Number(view.getBigInt64(option + 4, littleEndian))
    option += 4 + Math.ceil(length / 4) * 4
  }
  return {
    linkType: view.getUint16(at + 8, littleEndian),
    snaplen: view.getUint32(at + 12, littleEndian),
    clock: new ClockUnits(resolution, offsetSeconds),
    name,
  }
}

/** Some writers end it with a zero byte. */
function textOf(view: DataView, at: number, length: number): string | undefined {
  const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length))
  return text.replace(/\0+$/, '') || undefined
}
