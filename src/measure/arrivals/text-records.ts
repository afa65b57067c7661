/** A stream of bytes as texts between delimiters, many at a time; none may be longer than the window. */
import { UserError } from '../../errors.ts'
import { type ByteStream, RECORD_BYTES_MAX } from '../../traffic/capture/byte-stream.ts'

export const LINE_FEED = 0x0a
const LINE_FEED_TEXT = '\n'

/**
 * @param delimiter a byte below 0x80; records are split at it
 * @param tooLong what to say of one that doesn't fit
 * @returns batches of records. The last record of the stream may lack its delimiter; if the stream broke off
 * (stream.failure), it may be cut.
 */
export async function* recordBatches(
  stream: ByteStream,
  tooLong: string,
  delimiter = LINE_FEED,
): AsyncGenerator<string[]> {
  const mark = delimiter === LINE_FEED ? LINE_FEED_TEXT : String.fromCharCode(delimiter)
  for (;;) {
    const held = stream.end - stream.start
    const bytes = Buffer.from(stream.view.buffer, stream.start, held)
    const last = bytes.lastIndexOf(delimiter)
    if (last >= 0) {
      stream.start += last + 1
      yield bytes.toString('utf8', 0, last).split(mark)
      continue
    }
    if (held >= RECORD_BYTES_MAX) throw new UserError(tooLong)
    if (await stream.ensure(held + 1)) continue
    // The window may be another one now.
    const rest = Buffer.from(stream.view.buffer, stream.start, stream.end - stream.start).toString('utf8')
    stream.start = stream.end
    if (rest !== '') yield [rest]
    return
  }
}

/** The first bytes as text, up to a line end; not taken out of the stream. */
export async function firstLine(stream: ByteStream, bytesMax: number): Promise<string> {
  for (;;) {
    const held = stream.end - stream.start
    const bytes = Buffer.from(stream.view.buffer, stream.start, Math.min(held, bytesMax))
    const end = bytes.indexOf(LINE_FEED)
    if (end >= 0 || held >= bytesMax || !(await stream.ensure(held + 1)))
      return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
  }
}
