/**
 * What policies did: moves of flows between lanes, counted for all alike, and the counters of their own
 * tables.
 */
import type { MetricInfo } from '../metric.ts'

export const moves: readonly MetricInfo[] = [
  {
    name: 'flowMoves',
    unit: 'ratio',
    title: 'moves of flows',
    shortTitle: 'flow moves',
    description: "packets sent to another lane than their flow's packet before, of those given a lane",
    lookWhen: 'To see how much a policy spreads flows; moves alone reorder nothing.',
  },
  {
    name: 'unsafeMoves',
    unit: 'ratio',
    title: 'unsafe moves of flows',
    shortTitle: 'unsafe moves',
    better: 'less',
    legend: 'moves of flows with packets on the old lane that can still be overtaken',
    description:
      'moves at which an earlier packet of the flow, on another lane, could still be overtaken, of packets given a lane',
    lookWhen: 'To find the cause: without any, nothing of a flow is reordered on links that keep order.',
  },
]

/** Counted by the policies themselves: only those that keep a table have them. */
export const flowTables: readonly MetricInfo[] = [
  {
    name: 'tableHitRatio',
    unit: 'ratio',
    title: 'hits of the flow table',
    shortTitle: 'table hits',
    better: 'more',
    description: 'look-ups of the flow table that found a live entry',
    lookWhen: 'When a table is too small or its TTL too short: it falls.',
  },
  {
    name: 'tableExpiries',
    unit: 'entries',
    title: 'expired table entries',
    shortTitle: 'expiries',
    description: 'entries given up or replaced because their TTL had passed',
    lookWhen: 'Each lets a flow change lanes; harmless if nothing of the flow is under way.',
  },
  {
    name: 'tableEvictions',
    unit: 'entries',
    title: 'evicted table entries',
    shortTitle: 'evictions',
    better: 'less',
    legend: 'for want of room',
    description: 'live entries overwritten for want of room',
    lookWhen: 'If it is not 0, the table is too small for the flows.',
  },
  {
    name: 'tableEntriesMax',
    unit: 'entries',
    title: 'most table entries',
    shortTitle: 'table entries',
    better: 'less',
    legend: 'most held at once',
    description: 'entries held at once, at most; of a table of fixed size, slots ever used',
    lookWhen: 'To choose the size of a table.',
  },
  {
    name: 'bucketMoves',
    unit: 'moves',
    title: 'moves of buckets',
    shortTitle: 'bucket moves',
    better: 'less',
    description: 'entries of the indirection table that were rewritten to balance lanes (rss-rebalance)',
    lookWhen: 'To see what rebalancing costs: each moves all flows of a bucket.',
  },
]
