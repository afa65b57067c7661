/**
 * Reads a capture's IP packets into columns, in one pass and constant memory: bytes (byte-stream, gunzip) to
 * frames (pcap, pcapng) to packets (link-layers, ip). Packets before a damaged place are delivered, then
 * reading ends and the damage stands in `problems`. Times stay seconds and nanoseconds, exact and in file
 * order, also where they go back.
 */
import { UserError } from '../../errors.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { byteStream, openFile } from '../../node/open-bytes.ts'
import type { ByteSource, ByteStream } from './byte-stream.ts'
import type { PacketColumns } from './columns.ts'
import { recordReader } from './file-format.ts'
import { Damage, type RecordReader } from './frame.ts'
import { nothingUsable, stoppedEarly, stopReason, unreadLinks } from './messages.ts'
import { PacketSink, type PacketWatcher } from './packet-sink.ts'
import type { CaptureStats } from './stats.ts'

/** Packets of a capture, in whatever order the reader gives them. */
export interface PacketReader {
  /** The file, for messages. */
  readonly name: string
  readonly flows: FlowTable
  /** What was left out and why: a line each, opened by the name; complete once {@link read} has given 0. */
  readonly problems: readonly string[]
  /** What was read of the file so far. */
  readonly stats: CaptureStats
  /**
   * Fills the columns from the start, wholly unless the capture ends, and sets `count`.
   * @returns that count; 0 at the end of the capture
   * @throws UserError at the end of a capture that had no usable packet at all
   */
  read(columns: PacketColumns): Promise<number>
  /** Releases the file. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Opens a capture: pcap or pcapng, plain or gzip. Throws a UserError with one line where there is none.
 * @param flows the table to intern flows in; by default a new one
 * @param name stands for the path in messages
 * @param watcher sees every packet's bytes
 */
export async function openCapture(
  path: string,
  flows = new FlowTable(),
  name = path,
  watcher?: PacketWatcher,
): Promise<CaptureReader> {
  return captureFrom(await openFile(path, name), name, flows, watcher)
}

/** Like {@link openCapture}, from any source of bytes; `name` stands for it in messages. */
export async function captureFrom(
  source: ByteSource,
  name: string,
  flows: FlowTable,
  watcher?: PacketWatcher,
): Promise<CaptureReader> {
  const stream = await byteStream(source)
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
    if (stats.packets === 0) throw new UserError(nothingUsable(name, stats, stop))
    if (stop !== undefined) this.problems.push(stoppedEarly(name, stop, stats))
    if (stats.unreadFrames > 0) this.problems.push(unreadLinks(name, stats))
  }
}
