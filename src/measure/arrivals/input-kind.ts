/**
 * Is a file a capture or an arrival file? Told by its first bytes, unpacked where they are gzip, then by its
 * name.
 */
import { captureFileOf } from '../../node/capture-part.ts'
import { byteStream, openFile } from '../../node/open-bytes.ts'

/** pcap in both byte orders with micro- and nanoseconds, its modified form, pcapng. */
const CAPTURE_MAGICS = new Set([
  0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0xa1b2cd34, 0x34cdb2a1, 0x0a0d0d0a,
])
const CAPTURE_NAME = /\.(pcap|pcapng|cap|dmp)(\.gz)?$/i

/** Throws a UserError where the file can't be opened. @param name stands for the path in messages */
export async function isCapture(path: string, name: string): Promise<boolean> {
  const stream = await byteStream(await openFile(path, name))
  try {
    if ((await stream.ensure(4)) && CAPTURE_MAGICS.has(stream.view.getUint32(stream.start))) return true
  } finally {
    await stream.close()
  }
  return CAPTURE_NAME.test(captureFileOf(name))
}
