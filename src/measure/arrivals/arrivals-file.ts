/**
 * Reads a file that says of each packet how it arrived: a CSV, owping's raw output or a qlog, plain or gzip.
 * Which one it is, its first bytes say.
 */
import { byteStream, openFile } from '../../node/open-bytes.ts'
import type { ColumnMap } from '../../traffic/arrivals/arrival-columns.ts'
import type { ByteSource } from '../../traffic/capture/byte-stream.ts'
import type { Measured } from './arrivals.ts'
import { ArrivalsCsv } from './arrivals-csv.ts'
import { isOwpingRaw, readOwpingRaw } from './owping-raw.ts'
import { isJson, readQlog } from './qlog.ts'
import { firstLine } from './text-records.ts'

/** Enough to tell what it is. */
const FIRST_LINE_BYTES_MAX = 4096

/**
 * Reads the file at `path`. Throws a UserError with `file:line: what - cure` where it is none of these.
 * @param name stands for the path in messages
 * @param map names columns of a CSV
 */
export async function readArrivals(path: string, name = path, map: ColumnMap = new Map()): Promise<Measured> {
  return arrivalsFrom(await openFile(path, name), name, map)
}

/** Like {@link readArrivals}, from any source of bytes; `name` stands for it in messages. */
export async function arrivalsFrom(
  source: ByteSource,
  name: string,
  map: ColumnMap = new Map(),
): Promise<Measured> {
  const stream = await byteStream(source)
  try {
    const line = await firstLine(stream, FIRST_LINE_BYTES_MAX)
    if (isJson(line)) return await readQlog(stream, name)
    if (isOwpingRaw(line)) return await readOwpingRaw(stream, name)
    return await new ArrivalsCsv(stream, name, map).read()
  } finally {
    await stream.close()
  }
}
