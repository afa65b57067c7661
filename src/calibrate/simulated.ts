/**
 * A run simulated: the same packets at the same times through a scenario's machine, and when they came out.
 * The same seed gives the same draws for any parameters (common random numbers), so that what differs between
 * two simulations is what their parameters do.
 */
import type { Observer } from '../model/observer.ts'
import { CHUNK_PACKETS, PacketChunk } from '../model/packets/chunk.ts'
import { FlowTable, UDP } from '../model/packets/flow-table.ts'
import { Pipeline } from '../model/pipeline.ts'
import type { DispatchPolicy, LaneView } from '../model/policy.ts'
import { drawsOf } from '../run/draws.ts'
import { settingsOf } from '../run/settings.ts'
import type { Scenario } from '../scenario/schema/schema.ts'
import { type Random, randomStream } from '../sim/random.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'

const UDP_HEADERS_BYTES = 28
const ONE_INSTANT_NS = 1e-4
const SERVER_PORT = 5001
const FIRST_PORT = 10_000

/** Makes the policy of a simulation. */
export type CreatePolicy = (lanes: LaneView, random: Random) => DispatchPolicy

export class Simulated {
  private readonly run: SentRun
  private readonly number: number
  private readonly seed: number | string
  private readonly flows: FlowTable
  private readonly flowOf: Int32Array

  /** @param number of the run among several, which draw apart */
  constructor(run: SentRun, number: number, seed: number | string) {
    this.run = run
    this.number = number
    this.seed = seed
    this.flows = new FlowTable()
    this.flowOf = Int32Array.from({ length: run.flowCount }, (_, flow) => internFlow(this.flows, flow))
  }

  /**
   * When each packet leaves, ns, by its row; NaN: it was dropped. Those of one instant are told apart by
   * fractions, in the order in which they leave.
   * @param create makes the policy
   */
  receivedNs(scenario: Scenario, create: CreatePolicy): Float64Array {
    const { run } = this
    const receivedNs = new Float64Array(run.count).fill(Number.NaN)
    const stream = (name: string) => randomStream(this.seed, this.number, name)
    let latestNs = -1
    const pipeline = new Pipeline(
      { ...settingsOf(scenario, stream), warmupNs: 0 },
      this.flows,
      (lanes) => create(lanes, stream('policy')),
      [
        (store): Observer => ({
          onDelivery(row) {
            latestNs = store.nowNs > latestNs ? store.nowNs : latestNs + ONE_INSTANT_NS
            receivedNs[store.index[row]!] = latestNs
          },
        }),
      ],
    )
    const draw = drawsOf(scenario, stream)
    const chunk = new PacketChunk()
    for (let from = 0; from < run.count; from += CHUNK_PACKETS) {
      this.fill(chunk, from, Math.min(run.count, from + CHUNK_PACKETS))
      draw(chunk)
      pipeline.consume(chunk)
    }
    pipeline.finish()
    return receivedNs
  }

  private fill(chunk: PacketChunk, from: number, to: number): void {
    const { sentNs, sizeBytes, flow } = this.run
    chunk.count = to - from
    chunk.firstIndex = from
    for (let i = from; i < to; i++) {
      const at = i - from
      chunk.arrivalNs[at] = sentNs[i]!
      chunk.sizeBytes[at] = sizeBytes[i]!
      chunk.payloadBytes[at] = Math.max(0, sizeBytes[i]! - UDP_HEADERS_BYTES)
      chunk.flow[at] = this.flowOf[flow[i]!]!
      chunk.flowNumber[at] = -1
    }
  }
}

/** A UDP flow of its own: 10.a.b.c to 192.168.0.1. */
function internFlow(flows: FlowTable, flow: number): number {
  flows.key.fill(0)
  flows.key[0] = (10 << 24) + flow + 1
  flows.key[4] = 0xc0_a8_00_01
  return flows.intern(4, UDP, FIRST_PORT + (flow % 50_000), SERVER_PORT)
}
