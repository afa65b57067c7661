/**
 * Rows of the CSV files that lanewise writes, read in pieces so that a trace of any size costs no memory.
 * Source: RFC 4180 without line ends inside quotes, which no file of ours has.
 */
import { closeSync, readSync } from 'node:fs'
import { openRegular } from '../regular-file.ts'
import { visible } from '../visible.ts'

const PIECE_BYTES = 1 << 20
const QUOTE = '"'

/**
 * The fields of every line, the header first. Closes the file when the caller stops early. Throws what the
 * disk says.
 */
export function* csvRows(path: string): Generator<readonly string[]> {
  for (const line of csvLines(path)) yield fieldsOf(line)
}

/** The lines alone, without their ends, nothing hidden in them; empty ones are left out. */
export function* csvLines(path: string): Generator<string> {
  const file = openRegular(path)
  const decoder = new TextDecoder()
  const piece = Buffer.alloc(PIECE_BYTES)
  let rest = ''
  try {
    for (let got = readSync(file, piece); got > 0; got = readSync(file, piece)) {
      const lines = (rest + decoder.decode(piece.subarray(0, got), { stream: true })).split(/\r?\n/)
      rest = lines.pop()!
      for (const line of lines) if (line !== '') yield visible(line)
    }
    if (rest !== '') yield visible(rest)
  } finally {
    closeSync(file)
  }
}

/** A line as fields. */
export function fieldsOf(line: string): readonly string[] {
  if (!line.includes(QUOTE)) return line.split(',')
  const fields: string[] = []
  for (let at = 0; at <= line.length; ) {
    // A field in quotes with whatever they protect, or everything up to the next comma.
    const [field] = (line[at] === QUOTE ? /"(?:[^"]|"")*"?/y : /[^,]*/y).exec(line.slice(at))!
    fields.push(field.startsWith(QUOTE) ? field.slice(1, -1).replaceAll('""', QUOTE) : field)
    at += field.length + 1
  }
  return fields
}
