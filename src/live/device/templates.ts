/**
 * The bytes of the packets to inject, each different packet once: what a capture kept of its packets, or
 * made-up headers of synthetic ones. They stand in shared memory, which the injector copies from; what a
 * template lacks of its packet's length (snaplen, synthetic payload) is zeros.
 */

import { UserError } from '../../errors.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { openCapture } from '../../node/open-capture.ts'
import { grown } from '../../sim/grown.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'
import { packetColumns } from '../../traffic/capture/columns.ts'
import { SORT_WINDOW_PACKETS, SortedReader } from '../../traffic/capture/sorted-reader.ts'

const BYTES_MAX = 1 << 30
const READ_PACKETS = 1024

export class Templates {
  /** Number of templates. */
  count = 0
  /** The bytes of all, one after the other. */
  bytes = new Uint8Array(new SharedArrayBuffer(1 << 16))
  private starts = new Float64Array(1024)
  private used = 0

  /**
   * Adds a template and returns its number. Throws a UserError when there are more bytes than memory is meant
   * for.
   */
  add(bytes: Uint8Array): number {
    const end = this.used + bytes.length
    if (end > BYTES_MAX) {
      throw new UserError(
        `replay: the packets have more than ${BYTES_MAX >> 20} MiB, which are kept in memory - replay fewer (--limit)`,
      )
    }
    if (end > this.bytes.length) {
      const longer = new Uint8Array(new SharedArrayBuffer(Math.min(BYTES_MAX, Math.max(end, 2 * this.used))))
      longer.set(this.bytes.subarray(0, this.used))
      this.bytes = longer
    }
    this.starts = grown(this.starts, this.count + 2)
    this.bytes.set(bytes, this.used)
    this.starts[++this.count] = end
    this.used = end
    return this.count - 1
  }

  /** Where template `number` begins; that of `count` is the end of the last. */
  startOf(number: number): number {
    return this.starts[number]!
  }
}

/** The packets of one round of a capture. */
export interface CaptureBytes {
  readonly templates: Templates
  /** The template of packet i of a round is number `order[i % order.length]`. */
  readonly order: readonly number[]
}

/**
 * Reads the bytes of a capture's packets, in the order in which captureSource plays them.
 * @param packets no more than the first so many are needed
 * @param sort as in captureSource
 */
export async function captureBytes(
  path: CapturePaths,
  sort: boolean,
  packets: number,
): Promise<CaptureBytes> {
  const templates = new Templates()
  const order: number[] = []
  const reader = await openCapture(path, new FlowTable(), undefined, {
    packet(view, at, end, headers) {
      const kept = Math.min(end - at, headers.sizeBytes)
      templates.add(new Uint8Array(view.buffer, view.byteOffset + at, kept))
      if (!sort) order.push(templates.count - 1)
    },
  })
  const source = sort
    ? new SortedReader(reader, SORT_WINDOW_PACKETS, (number) => void order.push(number))
    : reader
  try {
    const columns = packetColumns(READ_PACKETS)
    while (order.length < packets && (await source.read(columns)) > 0);
  } finally {
    await source.close()
  }
  return { templates, order }
}
