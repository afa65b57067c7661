/**
 * A part of a capture: what one interface carried, or one direction of it, as `both.pcapng#tun0`, `#1`,
 * `#out` and `#tun0,out` ask for. pcapng numbers its interfaces and may name them (draft-ietf-opsawg-pcapng,
 * if_name and epb_flags); a pcap file of Linux's `any` interface has the kernel's interface index
 * (LINUX_SLL2) and the packet type, of which 4 is outgoing (tcpdump.org/linktypes, LINKTYPE_LINUX_SLL and
 * LINKTYPE_LINUX_SLL2).
 */
import type { ByteStream } from './byte-stream.ts'
import type { CaptureInterface, FrameDirection, FrameSink, RecordReader } from './frame.ts'

export const COOKED = 113
export const COOKED_V2 = 276
const OUTGOING = 4

/** The index of the interface that a frame of `any` was seen on; undefined where it has none. */
export function cookedInterface(
  linkType: number,
  view: DataView,
  at: number,
  captured: number,
): number | undefined {
  return linkType === COOKED_V2 && captured >= 20 ? view.getUint32(at + 4) : undefined
}

/** Which way a frame of the `any` interface went; undefined for other links. */
export function cookedDirection(
  linkType: number,
  view: DataView,
  at: number,
  captured: number,
): FrameDirection | undefined {
  let type: number | undefined
  if (linkType === COOKED && captured >= 16) type = view.getUint16(at)
  else if (linkType === COOKED_V2 && captured >= 20) type = view.getUint8(at + 10)
  if (type === undefined) return undefined
  return type === OUTGOING ? 'out' : 'in'
}

/** Reads only what `part` names. */
export class PartReader implements RecordReader {
  private readonly records: RecordReader
  private readonly part: string
  private readonly interfaceName: string | undefined
  private readonly interfaceNumber: number
  private readonly direction: FrameDirection | undefined
  /** Indexes in frames of the `any` interface, for the message. */
  private readonly cooked = new Set<number>()

  constructor(records: RecordReader, part: string) {
    this.records = records
    this.part = part
    const [, name, way] = /^(?:(.+?),)?(in|out)$/.exec(part) ?? [undefined, part]
    this.interfaceName = name
    this.interfaceNumber = name !== undefined && /^\d{1,10}$/.test(name) ? Number(name) : -1
    this.direction = way as FrameDirection | undefined
  }

  get links(): ReadonlySet<number> {
    return this.records.links
  }
  get interfaces(): readonly CaptureInterface[] {
    return this.records.interfaces
  }
  get from(): CaptureInterface | undefined {
    return this.records.from
  }
  wayOf(view: DataView): FrameDirection | undefined {
    return this.records.wayOf(view)
  }

  parse(stream: ByteStream, sink: FrameSink): number {
    const takes = this.takes.bind(this)
    const part: FrameSink = {
      get isFull() {
        return sink.isFull
      },
      frame(view, start, captured, original, linkType, seconds, nanoseconds) {
        if (takes(view, start, captured, linkType))
          sink.frame(view, start, captured, original, linkType, seconds, nanoseconds)
      },
    }
    return this.records.parse(stream, part)
  }

  /** What the capture has instead, once there was nothing of the part. */
  whyNothing(): string {
    const names = [
      ...this.interfaces.map(({ name, number }) => `#${name ?? number}`),
      ...[...this.cooked].sort((a, b) => a - b).map((index) => `#${index}`),
    ]
    const shown = names.slice(0, 8).join(', ') + (names.length > 8 ? ' and others' : '')
    const cure = names.length === 0 ? 'the capture names no interface, leave it out' : `there is ${shown}`
    return `no packet of #${this.part} - ${cure}`
  }

  private takes(view: DataView, start: number, captured: number, linkType: number): boolean {
    const index = cookedInterface(linkType, view, start, captured)
    if (index !== undefined && this.cooked.size < 64) this.cooked.add(index)
    const from = this.records.from
    // An interface may really be called "in".
    if (from?.name === this.part) return true
    if (this.interfaceName !== undefined && !this.isOn(from, index)) return false
    if (this.direction === undefined) return true
    return this.direction === (cookedDirection(linkType, view, start, captured) ?? this.wayOf(view))
  }

  private isOn(from: CaptureInterface | undefined, index: number | undefined): boolean {
    const { interfaceName, interfaceNumber } = this
    if (from === undefined) return interfaceNumber === (index ?? 0)
    if (from.name === interfaceName) return true
    const isDescribed = this.interfaces.some(({ number }) => number === interfaceNumber)
    return interfaceNumber === (isDescribed ? from.number : index)
  }
}
