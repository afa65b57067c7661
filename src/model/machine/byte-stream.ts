/**
 * A lane's packets as bytes in one TCP connection with Nagle's algorithm: less than a full segment waits
 * while an earlier one of that kind isn't acknowledged, until it is or enough bytes follow (RFC 9293 3.7.4;
 * Linux: tcp_nagle_check with Minshall's change). So one late acknowledgement holds a packet for the next one
 * of its lane, while other lanes pass both: that reorders. Never packets of one lane.
 *
 * When the far end acknowledges is Linux's tcp_input.c and tcp.c (6.6 and later): at once beyond a segment's
 * worth (__tcp_ack_snd_check), for the first segments and those after a long pause (tcp_event_data_recv);
 * after a read if a segment looked like the end of a write (tcp_measure_rcv_mss, tcp_cleanup_rbuf); else
 * after 40 ms. What counts as full there is learned, and of two small segments of one size the second is
 * taken for full without being the end of a write: its acknowledgement comes late. So of packets of one size
 * every fourth is held once a burst has brought a full segment, none before. An end that has sent data of
 * its own (pingpong) waits for more of it instead of acknowledging first segments and reads: every second is
 * held, until 40 ms pass once. Not modelled: loss, windows, and the data back, which carry acknowledgements.
 *
 * Validation: byte-stream.test.ts; the fork's connections without TCP_NODELAY held 12.5 % or 25 % of one
 * flow's packets over two lanes, by these patterns.
 */
import { PacketQueue, type PacketStore } from '../packets/packet-store.ts'

export interface StreamSettings {
  /** Bytes of a full segment. */
  readonly mssBytes: number
  /** Bytes that the tunnel adds to a packet. */
  readonly overheadBytes: number
  /** Per lane: does its far end begin in pingpong mode? */
  readonly pingpong: readonly boolean[]
}

export interface StreamHost {
  /** The last byte of the packet has come. */
  arrived(row: number): void
  /** Nobody reads but when told to: else all is read as it comes. */
  readonly isReadLater: boolean
}

/** TCP_DELACK_MIN and TCP_ATO_MIN; TCP_RTO_MIN; TCP_MAX_QUICKACKS. */
const DELAYED_ACK_NS = 40e6
const LONG_PAUSE_NS = 200e6
const QUICK_ACKS = 16
/** The least that may be a sender's full segment: TCP_MSS_DEFAULT, and TCP_MIN_MSS for no end of a write. */
const FULL_BYTES_MIN = 536
const UNPUSHED_BYTES_MIN = 88
/** Of headers that both counts above include: the timestamps of every segment. */
const OPTIONS_BYTES = 12
const NEVER = Number.POSITIVE_INFINITY

export class ByteStream {
  private readonly settings: StreamSettings
  private readonly delayNs: number
  private isPingpong: boolean
  private readonly store: PacketStore
  private readonly host: StreamHost
  /** Packets that aren't there yet as a whole. */
  private readonly packets: PacketQueue
  /** Bytes of the packets that are. */
  private arrivedBytes = 0
  /** On their way: segments [due, their end, is it an end of a write] and acknowledgements [due, up to]. */
  private readonly segments: number[] = []
  private readonly acks: number[] = []

  // The near end, in bytes from the begin of the stream (RFC 9293's SND variables).
  private written = 0
  private sndNxt = 0
  private sndUna = 0
  /** End of the last segment that wasn't full (snd_sml). */
  private sndSml = 0

  // The far end.
  private rcvNxt = 0
  private ackedBytes = 0
  /** What it believes to be a full segment (rcv_mss), and the size of the last one if that was smaller. */
  private rcvMss: number
  private lastSegmentBytes = 0
  private isPushed = false
  private quickAcks = QUICK_ACKS
  private lastNs = 0
  private readNs = NEVER
  private ackTimerNs = NEVER

  constructor(settings: StreamSettings, lane: number, delayNs: number, store: PacketStore, host: StreamHost) {
    this.settings = settings
    this.isPingpong = settings.pingpong[lane]!
    this.delayNs = delayNs
    this.store = store
    this.host = host
    this.packets = new PacketQueue(store)
    this.rcvMss = settings.mssBytes
  }

  /** When something may happen to a packet, ns; Infinity when none is on its way. */
  get nextDueNs(): number {
    return this.packets.count === 0 ? NEVER : this.nextNs
  }

  write(row: number, nowNs: number): void {
    this.catchUp(nowNs)
    this.packets.push(row)
    this.written += this.bytesOf(row)
    this.send(nowNs)
    this.catchUp(nowNs)
  }

  /** The far end reads what has come until then. */
  readAt(timeNs: number): void {
    this.readNs = Math.min(this.readNs, timeNs)
  }

  /** Lets happen all that is due, in order of time. */
  catchUp(nowNs: number): void {
    for (let timeNs = this.nextNs; timeNs <= nowNs; timeNs = this.nextNs) {
      if (this.segments[0] === timeNs) this.receive(timeNs)
      else if (this.acks[0] === timeNs) {
        this.acks.shift()
        this.sndUna = this.acks.shift()!
        this.send(timeNs)
      } else if (this.readNs === timeNs) this.read(timeNs)
      else {
        this.isPingpong = false
        this.acknowledge(timeNs)
      }
    }
  }

  private get nextNs(): number {
    return Math.min(this.segments[0] ?? NEVER, this.acks[0] ?? NEVER, this.readNs, this.ackTimerNs)
  }

  private bytesOf(row: number): number {
    return this.store.sizeBytes[row]! + this.settings.overheadBytes
  }

  private send(nowNs: number): void {
    const { mssBytes } = this.settings
    while (this.sndNxt < this.written) {
      const isFull = this.written - this.sndNxt >= mssBytes
      if (!isFull && this.sndSml > this.sndUna) return
      this.sndNxt = isFull ? this.sndNxt + mssBytes : this.written
      if (!isFull) this.sndSml = this.sndNxt
      this.segments.push(nowNs + this.delayNs, this.sndNxt, Number(this.sndNxt === this.written))
    }
  }

  private receive(nowNs: number): void {
    this.segments.shift()
    const end = this.segments.shift()!
    const isPushed = this.segments.shift() === 1
    if (nowNs - this.lastNs > LONG_PAUSE_NS) this.quickAcks = QUICK_ACKS
    this.lastNs = nowNs
    this.measure(end - this.rcvNxt, isPushed)
    this.rcvNxt = end
    const isQuick = this.quickAcks > 0 && !this.isPingpong
    if (isQuick || this.rcvNxt - this.ackedBytes > this.rcvMss) this.acknowledge(nowNs)
    else this.ackTimerNs = Math.min(this.ackTimerNs, nowNs + DELAYED_ACK_NS)
    if (!this.deliver() || !this.host.isReadLater) this.readAt(nowNs)
  }

  /** What the size of a segment says: is it full, is it the end of a write? */
  private measure(bytes: number, isPushed: boolean): void {
    const before = this.lastSegmentBytes
    this.lastSegmentBytes = 0
    if (bytes >= this.rcvMss) {
      this.rcvMss = Math.min(bytes, this.settings.mssBytes)
      this.isPushed ||= isPushed
      return
    }
    if (bytes + OPTIONS_BYTES >= (isPushed ? FULL_BYTES_MIN : UNPUSHED_BYTES_MIN)) {
      this.lastSegmentBytes = bytes
      if (bytes === before) {
        this.rcvMss = bytes
        return
      }
    }
    this.isPushed = true
  }

  /** Gives on the packets that are there as a whole; was there any? */
  private deliver(): boolean {
    const before = this.packets.count
    while (this.packets.count > 0) {
      const end = this.arrivedBytes + this.bytesOf(this.packets.head)
      if (end > this.rcvNxt) break
      this.arrivedBytes = end
      this.host.arrived(this.packets.shift())
    }
    return this.packets.count < before
  }

  private read(nowNs: number): void {
    this.readNs = NEVER
    const unackedBytes = this.rcvNxt - this.ackedBytes
    const isEndOfWrite = unackedBytes > 0 && this.isPushed && !this.isPingpong
    if (isEndOfWrite || unackedBytes > this.rcvMss) this.acknowledge(nowNs)
  }

  private acknowledge(nowNs: number): void {
    this.acks.push(nowNs + this.delayNs, this.rcvNxt)
    this.ackedBytes = this.rcvNxt
    this.isPushed = false
    this.quickAcks = Math.max(0, this.quickAcks - 1)
    this.ackTimerNs = NEVER
  }
}
