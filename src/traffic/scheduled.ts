/**
 * Traffic that is settled before it begins, a capture's or a synthetic stream's: packets are read many at
 * once, ahead of time, and given out up to each horizon. It hears nothing.
 */
import { CHUNK_PACKETS, PacketChunk } from '../model/packets/chunk.ts'
import { namesOf, trafficColumns } from '../model/packets/columns.ts'
import type { FlowTable } from '../model/packets/flow-table.ts'
import type { Traffic } from '../model/packets/traffic.ts'

/** Packets in order of time, as many at once as fit a chunk. */
export interface Schedule {
  readonly flows: FlowTable
  /** Fills the columns of {@link trafficColumns} from the start and sets `count`; 0 is the end. */
  read(chunk: PacketChunk): Promise<void>
  /** Releases files. Safe to call twice. */
  close(): Promise<void>
}

const FILLED = namesOf(trafficColumns)

export class ScheduledTraffic implements Traffic {
  readonly lookaheadNs = Number.POSITIVE_INFINITY
  readonly flows: FlowTable
  nextNs = 0
  firstNs = 0
  private readonly schedule: Schedule
  /** Packets that were read and not given out yet: those from `at` on. */
  private ahead: PacketChunk | undefined
  private at = 0

  constructor(schedule: Schedule) {
    this.schedule = schedule
    this.flows = schedule.flows
  }

  /** Reads ahead to the first packet, from where durations and warm-ups then count. */
  async start(): Promise<void> {
    await this.readAhead()
    if (this.ahead!.count > 0) this.firstNs = this.nextNs
  }

  async fill(chunk: PacketChunk, horizonNs: number): Promise<void> {
    const isAllAsked = horizonNs === Number.POSITIVE_INFINITY && chunk.count === 0
    if (isAllAsked && this.at === (this.ahead?.count ?? 0)) {
      await this.readInto(chunk)
      return
    }
    while (this.nextNs < horizonNs && chunk.count < CHUNK_PACKETS) {
      if (this.ahead !== undefined) this.moveTo(chunk, horizonNs)
      if (this.at < (this.ahead?.count ?? 0)) this.nextNs = this.ahead!.arrivalNs[this.at]!
      else if (isAllAsked && chunk.count > 0) {
        this.nextNs = chunk.arrivalNs[chunk.count - 1]!
        return
      } else await this.readAhead()
    }
  }

  close(): Promise<void> {
    return this.schedule.close()
  }

  private async readAhead(): Promise<void> {
    this.ahead ??= new PacketChunk()
    await this.readInto(this.ahead)
    this.at = 0
    if (this.ahead.count > 0) this.nextNs = this.ahead.arrivalNs[0]!
  }

  private async readInto(chunk: PacketChunk): Promise<void> {
    await this.schedule.read(chunk)
    this.nextNs = chunk.count === 0 ? Number.POSITIVE_INFINITY : chunk.arrivalNs[chunk.count - 1]!
  }

  /** Moves packets from ahead to the chunk, up to the horizon or until either is used up. */
  private moveTo(chunk: PacketChunk, horizonNs: number): void {
    const ahead = this.ahead!
    const last = Math.min(ahead.count, this.at + CHUNK_PACKETS - chunk.count)
    let to = this.at
    while (to < last && ahead.arrivalNs[to]! < horizonNs) to++
    for (const name of FILLED) chunk[name].set(ahead[name].subarray(this.at, to), chunk.count)
    chunk.count += to - this.at
    this.at = to
  }
}
