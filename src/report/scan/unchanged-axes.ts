/**
 * Axes of a scan that changed nothing: wherever two points differ only in this axis, all metrics of all
 * policies are equal. A flat grid would look like an answer to a question that was never put.
 */
import type { Scenario } from '../../scenario/schema/schema.ts'
import { parseDurationNs } from '../../units.ts'
import type { ScanAxis } from './scan-report.ts'

/**
 * Paths of the axes that changed nothing.
 * @param axes all combinations of their values are the points, the last axis varying fastest
 * @param results one text per point, equal where all its results are; null where it has none
 */
export function unchangedAxes(axes: readonly ScanAxis[], results: readonly (string | null)[]): string[] {
  const points = axes.reduce((product, { values }) => product * values.length, 1)
  if (points !== results.length) return []
  let stride = points
  return axes.flatMap(({ path, values }) => {
    stride /= values.length
    const isFirst = (point: number) => Math.floor(point / stride) % values.length === 0
    const isSame = results.every((result, point) => {
      if (result === null) return false
      if (!isFirst(point)) return true
      return values.every((_, i) => results[point + i * stride] === result)
    })
    return isSame && values.length > 1 ? [path] : []
  })
}

/** One line about each. @param scenario without the scan's settings */
export function unchangedText(
  unchanged: readonly string[],
  axes: readonly ScanAxis[],
  scenario: Scenario,
): string[] {
  return unchanged.map((path) => {
    const reason = reasonFor(path, axes, scenario)
    return `${path} changed nothing: all its values give the same results${reason === undefined ? '' : ` (${reason})`}`
  })
}

/** Why, where that follows from what was the same at all points. */
function reasonFor(path: string, axes: readonly ScanAxis[], scenario: Scenario): string | undefined {
  const isFixed = (other: string) =>
    axes.every((axis) => axis.path !== other && !other.startsWith(`${axis.path}.`))
  const { topology, reader, lanes, cores } = scenario
  const isOfReader = /^reader\.(batch|feedbackDelay|stage)\b/.test(path)
  const isUnasked = isOfReader || (topology === 'shared' && path.startsWith('policies.'))
  if (isUnasked && topology !== 'dispatcher' && isFixed('topology')) return `topology is ${topology}`
  if (path === 'reader.batch' && isFixed('reader.perPass') && parseDurationNs(reader.perPass) === 0)
    return 'reader.perPass is 0'
  if (path === 'lanes.timeSlice' && isFixed('lanes.cores') && lanes.cores === 'all')
    return 'lanes.cores is all'
  if (path === 'reader.whenLaneBusy' && isFixed('cores') && cores === undefined)
    return 'each thread has a core of its own'
  return undefined
}
