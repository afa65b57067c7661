/** How late reordered packets come (RFC 4737, section 4.3), as a cumulative distribution. */
import { cdfChart } from './cdf.ts'

export const lateTimeCdf = cdfChart({
  name: 'late-time-cdf',
  summary: 'how late reordered packets come, as a cumulative distribution',
  title: 'Late time of reordered packets',
  metric: 'lateTimeNs',
  of: 'reordered packets at most this late',
  note: 'Of reordered packets alone: from the first packet that overtook them to their own arrival. Policies without a line reordered nothing.',
  needs: 'no policy reordered a packet - lanewise compare SCENARIO -p any-idle',
  overTtl: {
    title: 'Late time of reordered packets over the TTL',
    note: 'From the first packet that overtook one to its own arrival: quantiles, means over the runs. Where a line ends nothing was reordered.',
    panels: [
      {
        title: 'late time',
        logFrom: 20,
        series: [
          ['lateTimeNsP50', 'median'],
          ['lateTimeNsP99', 'p99'],
          ['lateTimeNsMax', 'maximum'],
        ],
      },
    ],
  },
})
