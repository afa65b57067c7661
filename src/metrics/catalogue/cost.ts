/** What a policy costs: losses, time, throughput and balance. Tunnel-wide, over the packets of the sample. */
import type { MetricInfo } from '../metric.ts'

export const cost: readonly MetricInfo[] = [
  {
    name: 'packets',
    unit: 'packets',
    description: 'packets of the sample at the source, without warm-up',
    lookWhen: 'To judge how much the ratios rest on.',
  },
  {
    name: 'delivered',
    unit: 'packets',
    description: 'packets of the sample that reached the sink',
    lookWhen: 'As the number that ratios of order are of.',
  },
  {
    name: 'tunQueueDropRatio',
    unit: 'ratio',
    description: 'packets dropped because the TUN queue was full, of all at the source',
    lookWhen: 'When the reader is too slow, or held up by a full lane.',
  },
  {
    name: 'laneDropRatio',
    unit: 'ratio',
    description: "packets dropped because their lane's queue was full, of all at the source",
    lookWhen: 'When a policy crowds packets on one lane.',
  },
  {
    name: 'linkLossRatio',
    unit: 'ratio',
    description: 'packets lost on a link, of all at the source',
    lookWhen: 'To check that link.loss is what you meant.',
  },
  {
    name: 'throughputPps',
    unit: 'packets/s',
    description: 'packets delivered over the time from the first arrival to the last departure',
    lookWhen: 'When the load is above what the lanes can do.',
  },
  {
    name: 'latencyNsMean',
    unit: 'ns',
    description: 'mean time from the source to the sink',
    lookWhen: 'To see what order costs: compare policies by it.',
  },
  { name: 'latencyNsP50', unit: 'ns', description: 'median latency', lookWhen: 'For the typical packet.' },
  {
    name: 'latencyNsP99',
    unit: 'ns',
    description: '99th percentile of the latency',
    lookWhen: 'For the queue behind a busy lane, which the median hides.',
  },
  {
    name: 'latencyNsP999',
    unit: 'ns',
    description: '99.9th percentile of the latency',
    lookWhen: 'For stalls and bursts.',
  },
  { name: 'latencyNsMax', unit: 'ns', description: 'longest latency', lookWhen: 'For the worst packet.' },
  {
    name: 'waitNsMean',
    unit: 'ns',
    description: 'mean time before service began: in the TUN queue, at the reader and in the lane queue',
    lookWhen: 'To tell queueing from work.',
  },
  {
    name: 'waitedRatio',
    unit: 'ratio',
    description: 'packets that waited at all, of those served',
    lookWhen: 'To compare with queueing theory, or to see whether lanes are ever short.',
  },
  {
    name: 'resequencingNsMean',
    unit: 'ns',
    description:
      'mean time that the release held a packet back to restore order; only where there is a release',
    lookWhen: 'To see what restoring order costs in time.',
  },
  {
    name: 'heldRatio',
    unit: 'ratio',
    description: 'packets that the release held back, of those it let go; only where there is a release',
    lookWhen: 'To see how often restoring order was needed.',
  },
  {
    name: 'laneLoadJain',
    unit: '',
    description:
      "Jain's fairness index of the lanes' busy times: 1 when all are equal, 1/lanes when one has all",
    lookWhen: 'To see what a policy that keeps order costs in balance.',
    source: 'Jain, Chiu and Hawe, DEC-TR-301, 1984',
  },
  {
    name: 'laneUtilization[lane]',
    unit: 'ratio',
    description: 'share of the time that the lane was serving, by its number from 0',
    lookWhen: 'To find the lane that is full.',
  },
]
