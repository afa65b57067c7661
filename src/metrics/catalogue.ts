/** The metrics that a report holds: names, units and one sentence each. What `lanewise list metrics` prints. */
import type { MetricInfo } from './metric.ts'

const reordering: readonly MetricInfo[] = [
  {
    name: 'reorderedRatio',
    unit: 'ratio',
    description: 'packets overtaken by a later one of their flow, of those delivered (RFC 4737 4.1)',
  },
  {
    name: 'flowsReorderedRatio',
    unit: 'ratio',
    description: 'flows with at least one reordered packet, of flows with a delivered one',
  },
  { name: 'worstFlowReorderedRatio', unit: 'ratio', description: 'the highest reordered share of any flow' },
  {
    name: 'extentMean',
    unit: 'packets',
    description:
      'how far a reordered packet fell behind its first overtaker (RFC 4737 4.2); also extentP99, extentMax',
  },
  { name: 'extentP99', unit: 'packets', description: '99th percentile of the extent' },
  { name: 'extentMax', unit: 'packets', description: 'largest extent' },
  {
    name: 'lateTimeNsP50',
    unit: 'ns',
    description: 'median time that a reordered packet came after its first overtaker (RFC 4737 4.3)',
  },
  { name: 'lateTimeNsP99', unit: 'ns', description: '99th percentile of the late time' },
  { name: 'lateTimeNsMax', unit: 'ns', description: 'longest late time' },
  {
    name: 'overtakersMean',
    unit: 'packets',
    description: 'later packets that arrived first, mean over all delivered packets',
  },
  {
    name: 'sackLostRatio',
    unit: 'ratio',
    description:
      'TCP segments with payload that SACK would declare lost: 3 later ones came first (RFC 6675 4; open loop)',
  },
  {
    name: 'quicLostRatio',
    unit: 'ratio',
    description:
      'UDP packets that QUIC would declare lost: overtaken by a number 3 or more higher (RFC 9002 6.1.1; open loop)',
  },
  {
    name: 'nReordering[n]',
    unit: 'ratio',
    description: 'packets whose n predecessors in arrival were all sent later, n = 1..8 (RFC 4737 5)',
  },
  {
    name: 'lateBeyondWindow',
    unit: 'packets',
    description: 'packets later than 65,536 arrivals or 10 s: counted here, not as reordered',
  },
]

const traffic: readonly MetricInfo[] = [
  { name: 'packets', unit: 'packets', description: 'packets of the sample at the source' },
  { name: 'delivered', unit: 'packets', description: 'packets of the sample that reached the sink' },
  {
    name: 'tunQueueDropRatio',
    unit: 'ratio',
    description: 'dropped because the TUN queue was full, of all packets',
  },
  {
    name: 'laneDropRatio',
    unit: 'ratio',
    description: "dropped because a lane's queue was full, of all packets",
  },
  { name: 'linkLossRatio', unit: 'ratio', description: 'lost on a link, of all packets' },
  { name: 'throughputPps', unit: 'packets/s', description: 'delivered / (last departure - first arrival)' },
  {
    name: 'latencyNsMean',
    unit: 'ns',
    description: 'mean time from source to sink; also P50, P99, P999, Max',
  },
  { name: 'latencyNsP50', unit: 'ns', description: 'median latency' },
  { name: 'latencyNsP99', unit: 'ns', description: '99th percentile of the latency' },
  { name: 'latencyNsP999', unit: 'ns', description: '99.9th percentile of the latency' },
  { name: 'latencyNsMax', unit: 'ns', description: 'longest latency' },
  {
    name: 'waitNsMean',
    unit: 'ns',
    description: 'mean time before service: TUN queue, reader and lane queue',
  },
  { name: 'waitedRatio', unit: 'ratio', description: 'packets that waited at all' },
  {
    name: 'resequencingNsMean',
    unit: 'ns',
    description: 'mean time held by the release, where there is one',
  },
  { name: 'heldRatio', unit: 'ratio', description: 'packets that the release held, of those it let go' },
  {
    name: 'laneLoadJain',
    unit: '',
    description: "Jain's fairness index of the lanes' busy times: 1 even, 1/lanes all on one",
  },
  { name: 'laneUtilization[i]', unit: 'ratio', description: 'share of the time that lane i was serving' },
]

const moves: readonly MetricInfo[] = [
  {
    name: 'flowMoves',
    unit: 'ratio',
    description: "packets sent to another lane than their flow's packet before",
  },
  {
    name: 'unsafeMoves',
    unit: 'ratio',
    description:
      'moves while an earlier packet of the flow could still be overtaken; without any, nothing is reordered',
  },
  { name: 'tableHitRatio', unit: 'ratio', description: 'look-ups of the flow table that found a live entry' },
  { name: 'tableExpiries', unit: 'entries', description: 'entries given up or replaced after their TTL' },
  { name: 'tableEvictions', unit: 'entries', description: 'live entries overwritten for want of room' },
  {
    name: 'tableEntriesMax',
    unit: 'entries',
    description: 'entries held at once, at most; of a table of fixed size, slots ever used',
  },
  { name: 'bucketMoves', unit: 'moves', description: 'entries of the indirection table that were rewritten' },
]

const tunnel: readonly MetricInfo[] = [
  {
    name: 'tunnel.*',
    unit: '',
    description:
      'the reordering metrics over the whole tunnel as one stream, numbered by the reader at hand-over (what a replay window sees)',
  },
]

export const metricCatalogue: readonly MetricInfo[] = [...reordering, ...traffic, ...moves, ...tunnel]
