/** Metrics that say whether packets are reordered at all, and whose. */
import type { MetricInfo } from '../metric.ts'

export const isReordered: readonly MetricInfo[] = [
  {
    name: 'reorderedRatio',
    unit: 'ratio',
    title: 'reordered packets',
    shortTitle: 'reordered',
    better: 'less',
    legend: 'overtaken by a later packet of the same flow',
    description: 'packets overtaken by a packet of their flow that was sent later, of those delivered',
    lookWhen: 'Always, and first: where it is 0, nothing else about order matters.',
    source: 'RFC 4737 4.1',
    inTunnel: true,
  },
  {
    name: 'flowsReorderedRatio',
    unit: 'ratio',
    title: 'flows with reordered packets',
    shortTitle: 'flows hit',
    better: 'less',
    legend: 'flows with a reordered packet',
    description: 'flows with at least one reordered packet, of flows with a delivered one',
    lookWhen: 'To see whether a few flows suffer or all of them.',
  },
  {
    name: 'worstFlowReorderedRatio',
    unit: 'ratio',
    title: 'reordered packets of the worst flow',
    shortTitle: 'worst flow',
    better: 'less',
    description: 'the highest reorderedRatio of any single flow',
    lookWhen: 'When no call or download may suffer; flows.csv names the flow.',
  },
  {
    name: 'lateBeyondWindow',
    unit: 'packets',
    title: 'packets too late to be judged',
    shortTitle: 'too late',
    better: 'less',
    description:
      'packets that came after their number was given up for lost, 65,536 arrivals or 10 s later: counted here, not as reordered',
    lookWhen: "If it isn't 0: these packets are missing from all other metrics of order.",
    source: 'RFC 4737 6',
    inTunnel: true,
  },
]
