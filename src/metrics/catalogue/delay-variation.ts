/**
 * How much delays vary, with and without reordering: three customary measures, which differ in what they
 * compare with.
 */
import type { MetricInfo } from '../metric.ts'

const IPDV = 'RFC 3393; RFC 5481 4.1'
const PDV = 'RFC 5481 4.2'
const JITTER = 'RFC 3550 6.4.1'

export const delayVariation: readonly MetricInfo[] = [
  {
    name: 'ipdvNsMean',
    unit: 'ns',
    title: 'mean IPDV',
    shortTitle: 'IPDV mean',
    better: 'less',
    description:
      'mean change of delay from one packet to the next one sent in its flow, without sign; both must arrive',
    lookWhen:
      'To see how uneven delays are from packet to packet; above the sending interval, packets can overtake.',
    source: IPDV,
  },
  {
    name: 'ipdvNsP99',
    unit: 'ns',
    title: 'p99 IPDV',
    shortTitle: 'IPDV p99',
    better: 'less',
    description: '99th percentile of that change',
    lookWhen: 'When the mean hides rare jumps.',
    source: IPDV,
  },
  {
    name: 'ipdvNsMax',
    unit: 'ns',
    title: 'largest IPDV',
    shortTitle: 'IPDV max',
    better: 'less',
    description: 'largest change',
    lookWhen: 'For the worst jump.',
    source: IPDV,
  },
  {
    name: 'pdvNsMean',
    unit: 'ns',
    title: 'mean PDV',
    shortTitle: 'PDV mean',
    better: 'less',
    description: 'mean delay above the smallest of the flow',
    lookWhen: 'To see how deep a play-out buffer must be on average.',
    source: PDV,
  },
  {
    name: 'pdvNsMax',
    unit: 'ns',
    title: 'largest PDV',
    shortTitle: 'PDV max',
    better: 'less',
    description: 'largest delay above the smallest of the flow',
    lookWhen: 'As the depth of a play-out buffer that drops nothing.',
    source: PDV,
  },
  {
    name: 'tunnel.pdvNsP50',
    unit: 'ns',
    title: 'median PDV of the tunnel',
    shortTitle: 'tunnel PDV p50',
    better: 'less',
    description: 'median delay above the smallest of all packets',
    lookWhen: 'For the tunnel as one path.',
    source: PDV,
  },
  {
    name: 'tunnel.pdvNsP99',
    unit: 'ns',
    title: 'p99 PDV of the tunnel',
    shortTitle: 'tunnel PDV p99',
    better: 'less',
    description: '99th percentile of the delay above the smallest of all packets',
    lookWhen: 'As the depth of a play-out buffer that drops 1 %.',
    source: PDV,
  },
  {
    name: 'tunnel.pdvNsP999',
    unit: 'ns',
    title: 'p99.9 PDV of the tunnel',
    shortTitle: 'tunnel PDV p99.9',
    better: 'less',
    description: '99.9th percentile of the delay above the smallest of all packets',
    lookWhen: 'As one number for the delay variation of a path.',
    source: PDV,
  },
  {
    name: 'jitterNsMean',
    unit: 'ns',
    title: 'mean jitter',
    shortTitle: 'jitter mean',
    better: 'less',
    description:
      'mean over packets of RTP jitter: the running mean of the changes in delay in order of arrival, each weighing 1/16',
    lookWhen: 'To compare with RTCP reports and iperf3, which show its last value.',
    source: JITTER,
  },
  {
    name: 'jitterNsMax',
    unit: 'ns',
    title: 'highest jitter',
    shortTitle: 'jitter max',
    better: 'less',
    description: 'the highest that RTP jitter has been on any flow',
    lookWhen: 'To see the worst that a monitor of calls could have shown.',
    source: JITTER,
  },
]
