/**
 * Several files as one capture, such as a ring that tcpdump -C or dumpcap -b has written: one after the other
 * in order of their first times, into one flow table. Only one of them is open at a time, so memory is that
 * of a single file. A file without a usable packet is left out with a line, as long as another has some.
 */
import { UserError } from '../../errors.ts'
import type { FlowTable } from '../../model/packets/flow-table.ts'
import { type CaptureFile, type OpenBytes, wholeName } from './capture-files.ts'
import { readRange } from './capture-range.ts'
import { captureColumns, type PacketColumns } from './columns.ts'
import type { PacketReader } from './packet-reader.ts'
import type { PacketWatcher } from './packet-sink.ts'
import { captureFrom } from './reader.ts'
import { CaptureStats, compareTimes } from './stats.ts'

/**
 * A reader of the capture that the files are together. Throws a UserError where one of them is no capture.
 * @param watcher sees every packet's bytes
 */
export async function joinedCapture(
  files: readonly CaptureFile[],
  flows: FlowTable,
  openBytes: OpenBytes,
  watcher?: PacketWatcher,
): Promise<PacketReader> {
  const open = async ({ path, name }: CaptureFile) =>
    captureFrom(await openBytes(path, name), name, flows, watcher)
  if (files.length === 1) return open(files[0]!)
  return new JoinedReader(await inOrderOfTime(files, openBytes), flows, open)
}

/**
 * By the first time in each; those without a frame last, and all as they are given where one has no times.
 * Throws a UserError where one of them is no capture.
 */
export async function inOrderOfTime<File extends CaptureFile>(
  files: readonly File[],
  openBytes: OpenBytes,
): Promise<File[]> {
  const begun: { file: File; stats: CaptureStats }[] = []
  for (const file of files) {
    const { stats } = await readRange(file, openBytes, ({ frames }) => frames > 0)
    begun.push({ file, stats })
  }
  if (begun.some(({ stats }) => stats.frames > 0 && stats.timedFrames === 0)) return [...files]
  const [empty, filled] = [0, 1].map((least) =>
    begun.filter(({ stats }) => Math.min(stats.timedFrames, 1) === least),
  ) as [typeof begun, typeof begun]
  filled.sort((a, b) => compareTimes(a.stats.first!, b.stats.first!))
  return [...filled, ...empty].map(({ file }) => file)
}

class JoinedReader implements PacketReader {
  readonly name: string
  readonly flows: FlowTable
  readonly problems: string[] = []
  private readonly left: CaptureFile[]
  private readonly open: (file: CaptureFile) => Promise<PacketReader>
  private current: PacketReader | undefined
  /** Of the files that were read to their ends. */
  private readonly done = new CaptureStats()

  constructor(
    files: readonly CaptureFile[],
    flows: FlowTable,
    open: (file: CaptureFile) => Promise<PacketReader>,
  ) {
    this.name = wholeName(files.map(({ name }) => name))
    this.flows = flows
    this.left = [...files]
    this.open = open
  }

  get stats(): CaptureStats {
    const all = new CaptureStats()
    all.add(this.done)
    if (this.current !== undefined) all.add(this.current.stats)
    return all
  }

  async read(columns: PacketColumns): Promise<number> {
    columns.count = 0
    while (columns.count < columns.flow.length) {
      if (this.current === undefined) {
        const next = this.left.shift()
        if (next === undefined) break
        this.current = await this.open(next)
      }
      const count = await this.readOn(this.current, from(columns, columns.count))
      columns.count += count
      if (count === 0) await this.endFile(this.current)
    }
    if (columns.count === 0 && this.done.packets === 0) throw new UserError(this.problems)
    return columns.count
  }

  async close(): Promise<void> {
    this.left.length = 0
    await this.current?.close()
  }

  private async readOn(reader: PacketReader, columns: PacketColumns): Promise<number> {
    try {
      return await reader.read(columns)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      this.problems.push(...error.lines)
      return 0
    }
  }

  private async endFile(reader: PacketReader): Promise<void> {
    this.problems.push(...reader.problems)
    this.done.add(reader.stats)
    this.current = undefined
    await reader.close()
  }
}

/** The columns from row `start` on, with a count of their own. */
function from(columns: PacketColumns, start: number): PacketColumns {
  const names = Object.keys(captureColumns) as (keyof typeof captureColumns)[]
  const rest = Object.fromEntries(names.map((name) => [name, columns[name].subarray(start)]))
  return { count: 0, ...rest } as unknown as PacketColumns
}
