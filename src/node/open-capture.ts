/** Captures from files, and from any other source of bytes that Node has, compressed or not. */
import { FlowTable } from '../model/packets/flow-table.ts'
import type { ByteSource } from '../traffic/capture/byte-stream.ts'
import type { CapturePaths } from '../traffic/capture/capture-files.ts'
import { joinedCapture } from '../traffic/capture/joined-reader.ts'
import type { PacketReader } from '../traffic/capture/packet-reader.ts'
import type { PacketWatcher } from '../traffic/capture/packet-sink.ts'
import { type CaptureReader, captureFrom } from '../traffic/capture/reader.ts'
import { byteStream, openBytes } from './open-bytes.ts'
import { spooledName } from './spooled.ts'

/**
 * Opens a capture: pcap or pcapng, compressed or not, several files as one. Throws a UserError with one line
 * where there is none.
 * @param flows the table to intern flows in; by default a new one
 * @param name stands for the path in messages; of several files each has its own path
 * @param watcher sees every packet's bytes
 */
export async function openCapture(
  path: CapturePaths,
  flows = new FlowTable(),
  name?: string,
  watcher?: PacketWatcher,
): Promise<PacketReader> {
  const files =
    typeof path === 'string'
      ? [{ path, name: name ?? spooledName(path) }]
      : path.map((file) => ({ path: file, name: spooledName(file) }))
  return joinedCapture(files, flows, openBytes, watcher)
}

/** Like {@link openCapture}, from any source of bytes; `name` stands for it in messages. */
export async function captureOf(
  source: ByteSource,
  name: string,
  flows: FlowTable,
  watcher?: PacketWatcher,
): Promise<CaptureReader> {
  return captureFrom(await byteStream(source), name, flows, watcher)
}
