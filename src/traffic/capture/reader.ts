/**
 * Reads a capture's IP packets into columns, in one pass and constant memory: bytes (byte-stream) to
 * frames (pcap, pcapng) to packets (link-layers, ip). Packets before a damaged place are delivered, then
 * reading ends and the damage stands in `problems`. Times stay seconds and nanoseconds, exact and in file
 * order, also where they go back.
 */
import { UserError } from '../../errors.ts'
import type { FlowTable } from '../../model/packets/flow-table.ts'
import type { ByteStream } from './byte-stream.ts'
import type { PacketColumns } from './columns.ts'
import { recordReader } from './file-format.ts'
import { Damage, type RecordReader } from './frame.ts'
import { nothingUsable, stoppedEarly, stopReason, unreadLinks } from './messages.ts'
import type { PacketReader } from './packet-reader.ts'
import { PacketSink, type PacketWatcher } from './packet-sink.ts'
import type { CaptureStats } from './stats.ts'

/**
 * A reader of the capture that `stream` holds. Throws a UserError with one line where that is none; then the
 * stream is closed.
 * @param name stands for the file in messages
 * @param flows the table to intern flows in
 * @param watcher sees every packet's bytes
 */
export async function captureFrom(
  stream: ByteStream,
  name: string,
  flows: FlowTable,
  watcher?: PacketWatcher,
): Promise<CaptureReader> {
  try {
    return new CaptureReader(name, stream, await recordReader(stream, name), flows, watcher)
  } catch (error) {
    await stream.close()
    throw error
  }
}

export class CaptureReader implements PacketReader {
  readonly name: string
  readonly flows: FlowTable
  readonly problems: string[] = []
  private readonly stream: ByteStream
  private readonly records: RecordReader
  private readonly sink: PacketSink
  private isOver = false

  constructor(
    name: string,
    stream: ByteStream,
    records: RecordReader,
    flows: FlowTable,
    watcher?: PacketWatcher,
  ) {
    this.name = name
    this.stream = stream
    this.records = records
    this.flows = flows
    this.sink = new PacketSink(flows, watcher)
    this.sink.stats.interfaces = records.interfaces
  }

  get stats(): CaptureStats {
    return this.sink.stats
  }

  async read(columns: PacketColumns): Promise<number> {
    columns.count = 0
    this.sink.columns = columns
    while (!this.isOver) {
      let needed: number
      try {
        needed = this.records.parse(this.stream, this.sink)
      } catch (error) {
        if (!(error instanceof Damage)) throw error
        this.finish(stopReason(this.stream, error))
        break
      }
      if (needed === 0) break
      if (await this.stream.ensure(needed)) continue
      const isWhole = this.stream.end === this.stream.start && this.stream.failure === undefined
      this.finish(isWhole ? undefined : stopReason(this.stream, undefined))
    }
    return columns.count
  }

  async close(): Promise<void> {
    this.isOver = true
    await this.stream.close()
  }

  private finish(stop: string | undefined): void {
    this.isOver = true
    const { name, stats } = this
    const why = stats.frames === 0 ? this.records.whyNothing?.() : undefined
    if (why !== undefined) throw new UserError(`${name}: ${stop === undefined ? '' : `${stop}; `}${why}`)
    if (stats.packets === 0) throw new UserError(nothingUsable(name, stats, stop))
    if (stop !== undefined) this.problems.push(stoppedEarly(name, stop, stats))
    if (stats.unreadFrames > 0) this.problems.push(unreadLinks(name, stats))
  }
}
