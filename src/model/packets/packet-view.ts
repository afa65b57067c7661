/** Packets as policies see them: one object for all rows of a store. */
import type { Packet } from '../policy.ts'
import type { FlowKey } from './flow-key.ts'
import type { Flow, FlowTable } from './flow-table.ts'
import { KeyedFlows } from './keyed-flows.ts'
import type { PacketStore } from './packet-store.ts'

/**
 * The one packet object that policies see, pointed at a row before each call; nothing is copied. Frozen, as
 * its flow is: a policy that writes to it gets a TypeError.
 */
export class PacketView implements Packet {
  #row = 0
  readonly #store: PacketStore
  readonly #flows: FlowTable
  readonly #keyed: KeyedFlows | undefined

  /** @param key what the packets' `flow` is */
  constructor(store: PacketStore, flows: FlowTable, key: FlowKey) {
    this.#store = store
    this.#flows = flows
    this.#keyed = key === '5-tuple' ? undefined : new KeyedFlows(flows, key)
    Object.freeze(this)
  }

  get row(): number {
    return this.#row
  }
  pointAt(row: number): void {
    this.#row = row
  }

  get flow(): Flow {
    const flow = this.#store.flow[this.#row]!
    if (this.#keyed === undefined) return this.#flows.get(flow)
    return this.#keyed.of(flow, this.#store.variant[this.#row]!)
  }
  get index(): number {
    return this.#store.index[this.#row]!
  }
  get sizeBytes(): number {
    return this.#store.sizeBytes[this.#row]!
  }
  get payloadBytes(): number {
    return this.#store.payloadBytes[this.#row]!
  }
  get tcpFlags(): number {
    return this.#store.tcpFlags[this.#row]!
  }
  get arrivalNs(): number {
    return this.#store.arrivalNs[this.#row]!
  }
}
