/** Packets as policies see them: one object for all rows of a store. */
import type { Packet } from '../policy.ts'
import type { Flow, FlowTable } from './flow-table.ts'
import type { PacketStore } from './packet-store.ts'

/**
 * The one packet object that policies see, pointed at a row before each call; nothing is copied. Frozen, as
 * its flow is: a policy that writes to it gets a TypeError.
 */
export class PacketView implements Packet {
  #row = 0
  readonly #store: PacketStore
  readonly #flows: FlowTable

  constructor(store: PacketStore, flows: FlowTable) {
    this.#store = store
    this.#flows = flows
    Object.freeze(this)
  }

  get row(): number {
    return this.#row
  }
  pointAt(row: number): void {
    this.#row = row
  }

  get flow(): Flow {
    return this.#flows.get(this.#store.flow[this.#row]!)
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
