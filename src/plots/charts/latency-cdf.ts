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
})
