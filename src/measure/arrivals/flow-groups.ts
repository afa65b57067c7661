/**
 * The rows of arrivals flow by flow, each flow's in order of arrival, by a counting sort: two arrays, no
 * object per packet.
 */

export interface FlowGroups {
  /** Row numbers; those of flow i are `rows[starts[i]] .. rows[starts[i + 1] - 1]`. */
  readonly rows: Int32Array
  readonly starts: Int32Array
}

export function groupByFlow(flow: Int32Array, count: number, flowCount: number): FlowGroups {
  const starts = new Int32Array(flowCount + 1)
  for (let row = 0; row < count; row++) starts[flow[row]! + 1]!++
  for (let i = 0; i < flowCount; i++) starts[i + 1]! += starts[i]!
  const next = starts.slice()
  const rows = new Int32Array(count)
  for (let row = 0; row < count; row++) rows[next[flow[row]!]!++] = row
  return { rows, starts }
}
