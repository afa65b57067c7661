/** Reads a traffic to its end, as open loop does: the next packets in place of those in the chunk. */
import type { PacketChunk } from '../model/packets/chunk.ts'
import type { Traffic } from '../model/packets/traffic.ts'

export async function refill(traffic: Traffic, chunk: PacketChunk): Promise<void> {
  chunk.count = 0
  await traffic.fill(chunk, Number.POSITIVE_INFINITY)
}
