/** Room in typed arrays whose front is given up as their end grows. */

/**
 * The cells start..end moved to the front: of the same array, or of one twice as long where they fill more
 * than half.
 */
export function compacted(
  cells: Float64Array<ArrayBuffer>,
  start: number,
  end: number,
): Float64Array<ArrayBuffer> {
  if ((end - start) * 2 <= cells.length) return cells.copyWithin(0, start, end)
  const longer = new Float64Array(cells.length * 2)
  longer.set(cells.subarray(start, end))
  return longer
}
