/**
 * Is a file a capture or an arrival file? Told by its first bytes, decompressed where they are compressed,
 * then by its name.
 */
import { UserError } from '../../errors.ts'
import { captureFileOf } from '../../node/capture-part.ts'
import { byteStream, openFile } from '../../node/open-bytes.ts'
import { CAPTURE_NAME, isCaptureStart, MAGIC_BYTES } from '../../traffic/capture/magic.ts'
import { isJson } from './qlog.ts'
import { firstLine } from './text-records.ts'

/** Enough to tell JSON. */
const FIRST_LINE_BYTES_MAX = 4096

/** Is the file JSON, and so perhaps a qlog? Throws as {@link isCapture} does. */
export async function isQlog(path: string, name: string): Promise<boolean> {
  if (await isCapture(path, name)) return false
  const stream = await byteStream(await openFile(path, name))
  try {
    return isJson(await firstLine(stream, FIRST_LINE_BYTES_MAX))
  } finally {
    await stream.close()
  }
}

/** Throws a UserError where the file can't be read. @param name stands for the path in messages */
export async function isCapture(path: string, name: string): Promise<boolean> {
  const stream = await byteStream(await openFile(path, name))
  try {
    const isThere = await stream.ensure(MAGIC_BYTES)
    if (!isThere && stream.cure !== undefined)
      throw new UserError(`${name}: ${stream.failure} - ${stream.cure}`)
    const { view, start, end } = stream
    if (isCaptureStart(new Uint8Array(view.buffer, start, Math.min(MAGIC_BYTES, end - start)))) return true
  } finally {
    await stream.close()
  }
  return CAPTURE_NAME.test(captureFileOf(name))
}
