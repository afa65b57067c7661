/**
 * The packet trace: one CSV row per packet that met the policy, in source order, also for packets of the
 * warm-up and for dropped ones (what isn't known of them is empty). Packets finish out of order, so finished
 * rows wait until all earlier ones are written; what waits is bounded by the packets in flight.
 */

import type { Observer } from '../model/observer.ts'
import type { FlowTable } from '../model/packets/flow-table.ts'
import type { PacketStore } from '../model/packets/packet-store.ts'

export const TRACE_HEADER =
  'policy,run,index,flow,sizeBytes,arrivalNs,lane,departureNs,reordered,reorderedTunnel,startNs,finishNs\n'

const FLUSH_CHARACTERS = 1 << 16

/** The observers that know whether the packet just delivered was reordered. */
interface OrderJudge {
  readonly lastReordered: boolean
}

export class Trace implements Observer {
  private readonly store: PacketStore
  private readonly flows: FlowTable
  private readonly prefix: string
  private readonly inFlow: OrderJudge
  private readonly inTunnel: OrderJudge
  private readonly write: (text: string) => void
  /** Packets that met the policy, in order; and the finished rows among them. */
  private readonly open: number[] = []
  private openStart = 0
  private readonly rows = new Map<number, string>()
  /** When lanes finished the packets that are on links or wait for their release, by index. */
  private readonly finishNs = new Map<number, number>()
  private text = ''

  /** The judges must observe the same pipeline, before this. `write` takes finished lines. */
  constructor(
    store: PacketStore,
    flows: FlowTable,
    label: string,
    run: number,
    judges: { inFlow: OrderJudge; inTunnel: OrderJudge },
    write: (text: string) => void,
  ) {
    this.store = store
    this.flows = flows
    this.prefix = `${csvField(label)},${run}`
    this.inFlow = judges.inFlow
    this.inTunnel = judges.inTunnel
    this.write = write
  }

  onChoice(row: number): void {
    this.open.push(this.store.index[row]!)
  }

  onTunDrop(row: number): void {
    if (this.store.lane[row]! >= 0) this.finish(row, '', false, false)
  }

  onLinkLoss(row: number): void {
    this.finish(row, '', false, false)
  }

  onLaneExit(row: number): void {
    if (Number.isNaN(this.store.startNs[row]!)) this.finish(row, '', false, false)
    else this.finishNs.set(this.store.index[row]!, this.store.nowNs)
  }

  onDelivery(row: number): void {
    this.finish(row, String(this.store.nowNs), this.inFlow.lastReordered, this.inTunnel.lastReordered)
  }

  /** Writes what is left; call it when the pipeline has finished. */
  end(): void {
    this.write(this.text)
    this.text = ''
  }

  private finish(row: number, departure: string, reordered: boolean, reorderedTunnel: boolean): void {
    const { store } = this
    const index = store.index[row]!
    const flow = csvField(this.flows.describe(store.flow[row]!))
    const finishNs = this.finishNs.get(index)
    this.finishNs.delete(index)
    const service = finishNs === undefined ? ',' : `${store.startNs[row]},${finishNs}`
    this.rows.set(
      index,
      `${this.prefix},${index},${flow},${store.sizeBytes[row]},${store.arrivalNs[row]},${store.lane[row]},` +
        `${departure},${departure === '' ? ',' : `${reordered ? 1 : 0},${reorderedTunnel ? 1 : 0}`},${service}\n`,
    )
    this.flushFinished()
  }

  private flushFinished(): void {
    while (this.openStart < this.open.length) {
      const index = this.open[this.openStart]!
      const line = this.rows.get(index)
      if (line === undefined) break
      this.rows.delete(index)
      this.text += line
      this.openStart++
    }
    if (this.openStart > 4096) {
      this.open.splice(0, this.openStart)
      this.openStart = 0
    }
    if (this.text.length >= FLUSH_CHARACTERS) this.end()
  }
}

/** Quotes a CSV field where it has to be (RFC 4180). */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
