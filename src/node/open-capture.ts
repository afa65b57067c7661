/** Captures from files, and from any other source of bytes that Node has; gzip is told by its first bytes. */
import { FlowTable } from '../model/packets/flow-table.ts'
import type { ByteSource } from '../traffic/capture/byte-stream.ts'
import type { PacketWatcher } from '../traffic/capture/packet-sink.ts'
import { type CaptureReader, captureFrom } from '../traffic/capture/reader.ts'
import { byteStream, openFile } from './open-bytes.ts'

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
  return captureOf(await openFile(path, name), name, flows, watcher)
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
