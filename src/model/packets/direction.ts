/**
 * Which way a packet goes: from the inside (it meets the policy), to the inside (return traffic, which a lane
 * writes and policies only hear of), or neither (left out). Inside is what the given prefixes contain; a
 * packet between two inside addresses comes from the inside.
 */
import { grown } from '../../sim/grown.ts'
import type { PacketChunk } from './chunk.ts'
import type { FlowTable } from './flow-table.ts'
import { contains, type Prefix, parsePrefix } from './prefix.ts'

/** Values of the chunk's `way` column. */
export const Way = { out: 0, back: 1, foreign: 2 } as const

const UNKNOWN = 255

export class Direction {
  /** Packets so far that were neither from nor to the inside. */
  foreign = 0
  private readonly inside: readonly Prefix[]
  private readonly flows: FlowTable
  /** Per flow: its way. */
  private ways = new Uint8Array(1024).fill(UNKNOWN)

  /** @param prefixes like 10.8.0.0/24 or fd08::/64, checked before */
  constructor(prefixes: readonly string[], flows: FlowTable) {
    this.flows = flows
    this.inside = prefixes.map((prefix) => parsePrefix(prefix)!)
  }

  /** Fills the chunk's `way` column. */
  mark(chunk: PacketChunk): void {
    chunk.hasWays = true
    for (let i = 0; i < chunk.count; i++) {
      const way = this.wayOf(chunk.flow[i]!)
      chunk.way[i] = way
      if (way === Way.foreign) this.foreign++
    }
  }

  private wayOf(flow: number): number {
    this.ways = grown(this.ways, flow + 1, UNKNOWN)
    if (this.ways[flow] === UNKNOWN) {
      if (this.isInside(flow, 0)) this.ways[flow] = Way.out
      else this.ways[flow] = this.isInside(flow, 4) ? Way.back : Way.foreign
    }
    return this.ways[flow]!
  }

  /** @param word 0 for the source address, 4 for the destination */
  private isInside(flow: number, word: 0 | 4): boolean {
    const { version, address } = this.flows
    return this.inside.some((prefix) => contains(prefix, version[flow]!, address, flow * 8 + word))
  }
}
