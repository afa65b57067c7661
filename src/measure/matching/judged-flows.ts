/**
 * The flows whose order is judged: what shares one numbering, or promises one order. Mostly that is the
 * 5-tuple; ESP and AH number per SPI (RFC 4303 section 2.2, RFC 4302 section 2.5), and SCTP's associations
 * between the same ports have tags (RFC 9260 section 3.1). So these split a flow further. Which direction a
 * flow has is still told by its 5-tuple, since SPIs and tags differ both ways.
 */
import type { FlowTable } from '../../model/packets/flow-table.ts'
import { grown } from '../../sim/grown.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'

const ESP = 50
const AH = 51
const SCTP = 132

export class JudgedFlows {
  readonly table: FlowTable
  /** Judged flows so far, numbered in order of appearance. */
  count = 0
  /** Of each judged flow: the number of its 5-tuple in {@link table}. */
  base = new Int32Array(256)
  /** Of each flow of the table without a label: its judged flow + 1; 0 while there is none. */
  private plain = new Int32Array(256)
  private readonly labels: string[] = []
  private readonly labelled = new Map<string, number>()
  private latestKey = ''
  private latest = -1

  constructor(table: FlowTable) {
    this.table = table
  }

  /** The judged flow of a packet; the arguments are those of a PacketWatcher. */
  of(view: DataView, end: number, headers: IpHeaders, flow: number): number {
    const { protocol, transportAt: at } = headers
    if (protocol === ESP && at >= 0 && at + 4 <= end) return this.label(flow, 'SPI', view.getUint32(at))
    if (protocol === AH && at >= 0 && at + 8 <= end) return this.label(flow, 'SPI', view.getUint32(at + 4))
    if (protocol === SCTP && at >= 0 && at + 8 <= end) {
      const ports = `${view.getUint16(at)} > ${view.getUint16(at + 2)}, tag`
      return this.label(flow, ports, view.getUint32(at + 4))
    }
    return this.ofTuple(flow)
  }

  /** The judged flow of a whole 5-tuple. */
  ofTuple(flow: number): number {
    if (flow >= this.plain.length) this.plain = grown(this.plain, flow + 1)
    const known = this.plain[flow]!
    if (known !== 0) return known - 1
    const judged = this.add(flow)
    this.plain[flow] = judged + 1
    return judged
  }

  /** Like {@link ofTuple}, but -1 where there is none yet. */
  known(flow: number): number {
    return (this.plain[flow] ?? 0) - 1
  }

  protocol(judged: number): number {
    return this.table.protocol[this.base[judged]!]!
  }

  /** "10.0.0.1:80 > 10.0.0.2:4000/tcp", "10.0.0.1 > 10.0.0.2/proto-50 SPI 0x1001". */
  describe(judged: number): string {
    const label = this.labels[judged]
    const tuple = this.table.describe(this.base[judged]!)
    return label === undefined ? tuple : `${tuple} ${label}`
  }

  private label(flow: number, what: string, value: number): number {
    const key = `${flow} ${what} 0x${value.toString(16)}`
    if (key === this.latestKey) return this.latest
    let judged = this.labelled.get(key)
    if (judged === undefined) {
      judged = this.add(flow)
      this.labelled.set(key, judged)
      this.labels[judged] = key.slice(key.indexOf(' ') + 1)
    }
    this.latestKey = key
    this.latest = judged
    return judged
  }

  private add(flow: number): number {
    const judged = this.count++
    if (judged === this.base.length) this.base = grown(this.base, judged * 2)
    this.base[judged] = flow
    return judged
  }
}
