/** How long packets take from their arrival to the sink, as a cumulative distribution. */
import { cdfChart } from './cdf.ts'

export const latencyCdf = cdfChart({
  name: 'latency-cdf',
  summary: 'how long packets take, as a cumulative distribution',
  title: 'Latency of packets',
  metric: 'latencyNs',
  of: 'packets that took at most this long',
  note: 'From arrival at the TUN device to the sink, over all runs.',
  needs: 'there is no latency in distributions.csv - lanewise compare SCENARIO',
  overTtl: {
    title: 'Latency over the TTL',
    note: 'From arrival at the TUN device to the sink: quantiles, means over the runs.',
    panels: [
      {
        title: 'latency',
        logFrom: 20,
        series: [
          ['latencyNsP50', 'median'],
          ['latencyNsP99', 'p99'],
          ['latencyNsP999', 'p99.9'],
          ['latencyNsMax', 'maximum'],
        ],
      },
    ],
  },
})
