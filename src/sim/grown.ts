/** Columns that grow: typed arrays of at least the length that is needed, doubled so that growing is rare. */

type Growing = Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Uint8Array

/**
 * The column with room for `length` cells: itself where it has that, else a copy at least twice as long.
 * @param fill what new cells hold; default 0
 */
export function grown<T extends Growing>(column: T, length: number, fill = 0): T {
  if (length <= column.length) return column
  const Type = column.constructor as new (length: number) => T
  const copy = new Type(Math.max(length, 2 * column.length))
  copy.set(column)
  if (fill !== 0) copy.fill(fill, column.length)
  return copy
}
