/** What the fields of a row mean, where it takes more than reading a number: its flow, and its times. */
import type { Column, TimeColumn } from './arrival-columns.ts'
import { type CsvTimes, NOT_A_NUMBER } from './csv-numbers.ts'
import type { CsvRows } from './csv-rows.ts'
import type { FlowNames } from './flow-names.ts'
import { decimalsOf, fractionCure, isFraction } from './time-units.ts'

const FLOW_BYTES_MAX = 4096
const BLANK = 0x20
const UNIT_WORDS = { Ns: 'nanoseconds', Us: 'microseconds', Ms: 'milliseconds', S: 'seconds' } as const

const joined = new Uint8Array(FLOW_BYTES_MAX)

/** The number of the row's flow; the values of several columns are joined by blanks. */
export function flowOfRow(rows: CsvRows, columns: readonly Column[], names: FlowNames): number {
  const { fields } = rows
  const [first] = columns
  if (first === undefined) return 0
  const { starts, ends } = fields
  if (columns.length === 1) return names.intern(fields.of(first.at), starts[first.at]!, ends[first.at]!)
  let length = 0
  for (const { at } of columns) {
    if (starts[at] === ends[at]) continue
    if (length > 0) joined[length++] = BLANK
    const value = fields.of(at).subarray(starts[at], ends[at])
    if (length + value.length >= FLOW_BYTES_MAX)
      rows.fail('', 'a flow of more than 4 KB - is a quote left open?')
    joined.set(value, length)
    length += value.length
  }
  return names.intern(joined, 0, length)
}

/**
 * A time of the row in ns, NaN where the field is empty. Throws a UserError where it is none.
 * @param other the column of the other times, where that has to have the same unit
 */
export function timeOfRow(
  rows: CsvRows,
  times: CsvTimes,
  column: TimeColumn,
  other: TimeColumn | undefined,
): number {
  const { fields } = rows
  const { at, unit } = column
  const value = times.read(fields.of(at), fields.starts[at]!, fields.ends[at]!, decimalsOf(unit))
  if (value === NOT_A_NUMBER)
    rows.failNumber(column, `write ${UNIT_WORDS[unit]} within 104 days of the first, or nothing`)
  if (unit === 'Ns' && isFraction(value)) {
    const others = other === undefined ? [] : [[other, rows.text(other.at)] as const]
    rows.failNumber(column, fractionCure([column, rows.text(at)], others))
  }
  return value
}
