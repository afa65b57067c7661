/**
 * What replay windows would drop where every flow is a counter with a window of its own, as the security
 * associations of a tunnel are; over all of them.
 */
import { type Metrics, ratio } from '../metrics/metric.ts'
import { ReplayWindows } from '../metrics/order/replay-windows.ts'
import type { FlowGroups } from './arrivals/flow-groups.ts'
import type { JudgedColumns } from './judged-columns.ts'

/** @param sizesPackets of the windows */
export function replayMetrics(
  { flowNumber, isCopy }: JudgedColumns,
  { rows, starts }: FlowGroups,
  sizesPackets: readonly number[],
): Metrics {
  const windows = new ReplayWindows(sizesPackets)
  let judged = 0
  for (let flow = 0; flow + 1 < starts.length; flow++) {
    let highest = Number.NEGATIVE_INFINITY
    for (let i = starts[flow]!; i < starts[flow + 1]!; i++) {
      const row = rows[i]!
      if (isCopy[row] === 1) continue
      judged++
      const number = flowNumber[row]!
      if (number < highest) windows.judge(highest - number)
      else highest = number
    }
  }
  return Object.fromEntries(
    sizesPackets.map((size, i) => [`replayWindowDropRatio[${size}]`, ratio(windows.dropped[i]!, judged)]),
  )
}
