/**
 * One row of a CSV as fields, by position and without strings: fields are ranges of bytes, those in quotes
 * are unescaped first. Source: RFC 4180; lines end with LF or CRLF, blanks around a field don't count.
 */

const QUOTE = 0x22
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Where a row ends before its end was seen. */
export const UNFINISHED = -1

export class CsvFields {
  /** Fields of the row. */
  count = 0
  /** Where each field's bytes are: field i is `of(i)[starts[i]..ends[i]]`. */
  readonly starts = new Int32Array(1024)
  readonly ends = new Int32Array(1024)
  /** Line ends within the row's quotes. */
  innerLines = 0
  /** A quote was opened and not closed, or something stands behind a closing one. */
  isMisquoted = false
  private readonly separator: number
  private bytes: Uint8Array = new Uint8Array(0)
  private readonly unescaped = new Uint8Array(1 << 20)
  private unescapedEnd = 0
  private readonly isQuoted = new Uint8Array(1024)

  /** @param separator the byte between fields */
  constructor(separator: number) {
    this.separator = separator
  }

  /** The bytes that field i is a range of. */
  of(field: number): Uint8Array {
    return this.isQuoted[field] === 1 ? this.unescaped : this.bytes
  }

  /**
   * Reads the row at `start`; fields beyond 1,024 are dropped.
   * @param isLast nothing follows `end`, so that a row may end there
   * @returns where the next row begins, or UNFINISHED
   */
  read(bytes: Uint8Array, start: number, end: number, isLast: boolean): number {
    const { separator, starts, ends, isQuoted } = this
    this.bytes = bytes
    this.unescapedEnd = 0
    this.innerLines = 0
    this.isMisquoted = false
    let count = 0
    let at = start
    for (;;) {
      const field = Math.min(count++, starts.length - 1)
      while (at < end && isBlank(bytes[at]!)) at++
      if (at < end && bytes[at] === QUOTE) {
        at = this.readQuoted(field, at + 1, end)
      } else {
        isQuoted[field] = 0
        starts[field] = at
        while (at < end && bytes[at] !== separator && bytes[at] !== LINE_FEED) at++
        let last = at
        while (last > starts[field]! && (isBlank(bytes[last - 1]!) || bytes[last - 1] === CARRIAGE_RETURN))
          last--
        ends[field] = last
      }
      if (at >= end && !isLast) return UNFINISHED
      this.count = Math.min(count, starts.length)
      if (at >= end) return end
      if (bytes[at++] === LINE_FEED) return at
    }
  }

  /** Unescapes the field behind its opening quote; the place of the separator or line end behind it. */
  private readQuoted(field: number, start: number, end: number): number {
    const { bytes, unescaped, separator } = this
    this.isQuoted[field] = 1
    this.starts[field] = this.unescapedEnd
    let at = start
    let to = this.unescapedEnd
    while (at < end && (bytes[at] !== QUOTE || (at + 1 < end && bytes[at + 1] === QUOTE))) {
      if (bytes[at] === LINE_FEED) this.innerLines++
      if (bytes[at] === QUOTE) at++
      unescaped[to++] = bytes[at++]!
    }
    if (at >= end) this.isMisquoted = true
    this.ends[field] = this.unescapedEnd = to
    at++
    for (; at < end && bytes[at] !== separator && bytes[at] !== LINE_FEED; at++)
      if (!isBlank(bytes[at]!) && bytes[at] !== CARRIAGE_RETURN) this.isMisquoted = true
    return at
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20
}
