/**
 * What a kind of numbering is: where packets of one protocol carry a number that their sender counts up, and
 * which of them share a counter. A kind reads one packet at a time and remembers nothing; that the numbers
 * really count is found out over whole flows (numbered-streams.ts).
 */
import type { FlowTable } from '../../model/packets/flow-table.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'

/** The packet isn't of this kind. */
export const NONE = 0
/** It is of the same protocol, but has no such number: a handshake, a keepalive. */
export const ASIDE = 1
/** Its number is in {@link ReadNumber}. */
export const NUMBERED = 2
export type Found = typeof NONE | typeof ASIDE | typeof NUMBERED

/** IP protocol numbers beside TCP and UDP. */
export const ICMP = 1
export const ESP = 50
export const ICMPV6 = 58
/** Reserved (IANA): for packets whose own rules can't be judged by such numbers. */
export const OTHER_PROTOCOL = 255

/** One packet; the same object is used again and again. */
export class Datagram {
  view!: DataView
  headers!: IpHeaders
  /** Where the IP header begins. */
  start = 0
  /** Where UDP's payload begins; for other protocols what is behind the IP headers. */
  at = 0
  /** End of what was captured of the packet, without padding. */
  end = 0
  /** From {@link at}, as it was sent. */
  bytes = 0

  /** @returns false for later fragments and for packets cut before {@link at} */
  read(view: DataView, start: number, end: number, headers: IpHeaders, isUdp: boolean): boolean {
    const { transportAt, sizeBytes } = headers
    this.view = view
    this.headers = headers
    this.start = start
    this.at = transportAt + (isUdp ? 8 : 0)
    this.end = Math.min(end, start + sizeBytes)
    this.bytes = start + sizeBytes - this.at
    return transportAt >= 0 && this.at <= this.end
  }

  /** Were so many bytes from {@link at} captured? */
  has(bytes: number): boolean {
    return this.end - this.at >= bytes
  }
}

/** What a kind reads; the same object is used again and again. */
export interface ReadNumber {
  /** As on the wire, below 2^53. */
  number: number
  /** Tells apart what counts for itself within a group of flows, such as an SSRC: below 2^32. */
  part: number
  /** When it was sent, by the sender's clock, us: whole up to the year 2255. NaN where it isn't said. */
  sentUs: number
}

export interface NumberKind {
  /** As `--numbering` and report.json call it. */
  readonly name: string
  /** For the user: which number it is. */
  readonly says: string
  /** IP protocols in which it occurs; undefined for all. */
  readonly protocols: readonly number[] | undefined
  /** Width on the wire if the number wraps there; 0 where it never does. */
  readonly bits: number
  /** Steps from the highest number so far that are taken for a counter's, back and forth. */
  readonly nearBack: number
  readonly nearAhead: number
  /**
   * A number further off belongs to another count, such as one that began anew; undefined where any distance
   * is of the same.
   */
  readonly farPackets: number | undefined
  /** Share of the steps that must lead upwards: neither copies nor overtaken packets. */
  readonly upMin: number
  /** Packets behind another one of their stream that it takes to believe a flow. */
  readonly stepsMin: number
  /** Share of the numbers passed over that must have come, for kinds that others may share a counter with. */
  readonly densityMin: number
  /** Where a flow of the kind was found, others of a few packets are believed too. */
  readonly isMarked: boolean
  /** The user said where the number is. */
  readonly isPlace?: boolean
  read(packet: Datagram, into: ReadNumber): Found
  /** Of a packet that stands aside: which counters of its group begin anew behind it, by their part. */
  renews?(packet: Datagram): ((part: number) => boolean) | undefined
  /** Flows of the same group count together; by default each for itself. */
  group?(flows: FlowTable, flow: number): string
  /** Name of what counts for itself. @param flow the one where it was seen first */
  describe(flows: FlowTable, flow: number, part: number): string
  /**
   * The IP protocol by whose rules packets are judged; undefined where it isn't known, as within a tunnel.
   */
  protocolOf(flows: FlowTable, flow: number): number | undefined
}

/** What most kinds have in common. */
export const usual = {
  nearBack: 4096,
  nearAhead: 4096,
  farPackets: 2 ** 24,
  upMin: 0.2,
  densityMin: 0.02,
  isMarked: false,
} as const

export function hexName(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`
}

/** "10.0.0.1" and "10.0.0.2" of "10.0.0.1:80 > 10.0.0.2:4000/tcp" as "10.0.0.1 > 10.0.0.2". */
export function addressesOf(flows: FlowTable, flow: number): string {
  return flows
    .describe(flow)
    .replace(/\/[^/]*$/, '')
    .replace(/^\[(.*)\]:\d+ > \[(.*)\]:\d+$/, '$1 > $2')
    .replace(/^([\d.]+):\d+ > ([\d.]+):\d+$/, '$1 > $2')
}
