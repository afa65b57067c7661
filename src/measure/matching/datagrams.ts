/**
 * Packets as hosts see them: fragments are put together to their datagram, which is there when its last
 * fragment is. It then stands where that one stood, as it would have looked whole. At most 1,024 datagrams
 * are waited for at a time, each for at most 16,384 packets, since identifications are used again; fragments
 * of one that stays incomplete remain packets of their own. A fragment seen twice begins a second copy of its
 * datagram. Sources: RFC 791 section 3.2, RFC 8200 section 4.5.
 */
import { IpHeaders as Headers, type IpHeaders, readIp } from '../../traffic/capture/ip.ts'

const WAITING_MAX = 1024
const WAITING_PACKETS = 16_384
const FRAGMENT_HEADER = 44
const FRAGMENT_HEADER_BYTES = 8

/** Like a PacketWatcher's `packet`, with the number of its frame. */
export type WholePacket = (
  view: DataView,
  at: number,
  end: number,
  headers: IpHeaders,
  flow: number,
  frame: number,
) => void

interface Fragment {
  readonly frame: number
  /** Where its bytes belong, behind the IP header. */
  readonly offset: number
  readonly sizeBytes: number
  /** As many of them as were captured. */
  readonly bytes: Uint8Array
}

interface Waiting {
  readonly frame: number
  readonly fragments: Fragment[]
  /** What stands before the first fragment's bytes, changed to that of a whole packet. */
  header: Uint8Array | undefined
  /** The flow of the first fragment, which has ports; -1 before. */
  flow: number
  /** Bytes behind the IP header; unknown before the last fragment. */
  totalBytes: number | undefined
}

export class Datagrams {
  private readonly whole: WholePacket
  private readonly absorbed: (frame: number) => void
  private readonly refined: (frame: number, flow: number) => void
  private readonly waiting = new Map<string, Waiting[]>()
  private readonly headers = new Headers()
  private readonly key = new Uint32Array(8)
  private many = 0

  /**
   * @param whole gets datagrams, with the number of the last fragment
   * @param absorbed gets the numbers of their other fragments
   * @param refined gets the flow of a fragment, once the first one tells it
   */
  constructor(
    whole: WholePacket,
    absorbed: (frame: number) => void,
    refined: (frame: number, flow: number) => void,
  ) {
    this.whole = whole
    this.absorbed = absorbed
    this.refined = refined
  }

  /** A fragment with the number `frame`; the other arguments are those of a PacketWatcher. */
  fragment(view: DataView, at: number, end: number, headers: IpHeaders, flow: number, frame: number): void {
    const read = headers.version === 4 ? fragment4(view, at, end) : fragment6(view, at, end)
    if (read === undefined) return
    const { name, header, dataAt, offset, hasMore } = read
    const sizeBytes = at + headers.sizeBytes - dataAt
    if (sizeBytes <= 0) return
    const bytes = new Uint8Array(Math.max(0, Math.min(end - dataAt, sizeBytes)))
    for (let i = 0; i < bytes.length; i++) bytes[i] = view.getUint8(dataAt + i)
    const group = this.groupOf(name, offset, frame)
    group.fragments.push({ frame, offset, sizeBytes, bytes })
    if (!hasMore) group.totalBytes = offset + sizeBytes
    if (offset === 0) {
      group.header = header
      group.flow = flow
      for (const other of group.fragments) this.refined(other.frame, flow)
    } else if (group.flow >= 0) this.refined(frame, group.flow)
    if (!isComplete(group)) return
    this.forget(name, group)
    this.join(group, frame)
  }

  private groupOf(name: string, offset: number, frame: number): Waiting {
    let groups = (this.waiting.get(name) ?? []).filter((group) => frame - group.frame <= WAITING_PACKETS)
    const open = groups.find(({ fragments }) => fragments.every((one) => one.offset !== offset))
    if (open !== undefined) return open
    const group = { frame, fragments: [], header: undefined, flow: -1, totalBytes: undefined }
    this.many -= (this.waiting.get(name)?.length ?? 0) - groups.length
    groups = [...groups, group]
    this.waiting.set(name, groups)
    this.many++
    if (this.many > WAITING_MAX) {
      const [oldest, those] = this.waiting.entries().next().value!
      this.forget(oldest, those[0]!)
    }
    return group
  }

  private forget(name: string, group: Waiting): void {
    const groups = this.waiting.get(name)!
    const others = groups.filter((one) => one !== group)
    this.many -= groups.length - others.length
    if (others.length === 0) this.waiting.delete(name)
    else this.waiting.set(name, others)
  }

  private join({ fragments, header, flow, totalBytes }: Waiting, frame: number): void {
    const packet = new Uint8Array(header!.length + totalBytes!)
    packet.set(header!)
    let known = 0
    for (const { offset, bytes, sizeBytes } of fragments.sort((a, b) => a.offset - b.offset)) {
      packet.set(bytes, header!.length + offset)
      if (offset <= known) known = Math.max(known, offset + bytes.length)
      if (bytes.length < sizeBytes) break
    }
    const view = new DataView(packet.buffer)
    const isFour = packet[0]! >>> 4 === 4
    // Jumbograms aside, no datagram is longer than its length field can say.
    if (isFour ? packet.length > 0xffff : packet.length > 0xffff + 40) return
    view.setUint16(isFour ? 2 : 4, isFour ? packet.length : packet.length - 40)
    const end = header!.length + known
    if (!readIp(view, 0, end, packet.length, this.headers, this.key)) return
    for (const one of fragments) if (one.frame !== frame) this.absorbed(one.frame)
    this.whole(view, 0, end, this.headers, flow, frame)
  }
}

function isComplete({ fragments, header, totalBytes }: Waiting): boolean {
  if (header === undefined || totalBytes === undefined) return false
  let next = 0
  for (const { offset, sizeBytes } of fragments.toSorted((a, b) => a.offset - b.offset)) {
    if (offset > next) return false
    next = Math.max(next, offset + sizeBytes)
  }
  return next === totalBytes
}

function fragment4(view: DataView, at: number, end: number) {
  const headerBytes = (view.getUint8(at) & 15) * 4
  if (at + headerBytes > end) return undefined
  const header = copied(view, at, headerBytes)
  const place = view.getUint16(at + 6)
  header[6]! &= 0xc0
  header[7] = 0
  const name = String.fromCharCode(
    4,
    view.getUint8(at + 9),
    ...words(view, at + 4, 1),
    ...words(view, at + 12, 4),
  )
  const offset = (place & 0x1fff) * 8
  return { name, header, dataAt: at + headerBytes, offset, hasMore: (place & 0x2000) !== 0 }
}

/** The fragment header is left out of the whole packet's. */
function fragment6(view: DataView, at: number, end: number) {
  let nextAt = at + 6
  let headerAt = at + 40
  while (headerAt + FRAGMENT_HEADER_BYTES <= end && view.getUint8(nextAt) !== FRAGMENT_HEADER) {
    nextAt = headerAt
    headerAt += 8 + view.getUint8(headerAt + 1) * 8
  }
  const dataAt = headerAt + FRAGMENT_HEADER_BYTES
  if (dataAt > end) return undefined
  const header = copied(view, at, headerAt - at)
  header[nextAt - at] = view.getUint8(headerAt)
  const place = view.getUint16(headerAt + 2)
  const name = String.fromCharCode(6, ...words(view, headerAt + 4, 2), ...words(view, at + 8, 16))
  return { name, header, dataAt, offset: place & 0xfff8, hasMore: (place & 1) !== 0 }
}

function copied(view: DataView, at: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => view.getUint8(at + i))
}

function words(view: DataView, at: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => view.getUint16(at + i * 2))
}
