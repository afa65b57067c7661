/**
 * Metrics that say how far reordered packets fell behind, by position, time and bytes, and how reordering
 * clusters.
 */
import type { MetricInfo } from '../metric.ts'

export const howFar: readonly MetricInfo[] = [
  {
    name: 'nReordering[n]',
    unit: 'ratio',
    description:
      'packets right before which n or more arrived in a row that were all sent later, n = 1 to 8, of those delivered',
    lookWhen:
      'To compare with owping; n = 3 undercounts what TCP and QUIC send again (sackLostRatio, quicLostRatio).',
    source: 'RFC 4737 5',
    inTunnel: true,
  },
  {
    name: 'extentMean',
    unit: 'packets',
    description:
      'mean over reordered packets of the extent: arrivals from the first overtaker to the packet, 1 if it came right after',
    lookWhen: 'To size a buffer that restores order by counting packets (it may need fewer: byteOffsetMax).',
    source: 'RFC 4737 4.2',
    inTunnel: true,
  },
  {
    name: 'extentP99',
    unit: 'packets',
    description: '99th percentile of the extent',
    lookWhen: 'When a few outliers hide in the mean.',
    source: 'RFC 4737 4.2',
    inTunnel: true,
  },
  {
    name: 'extentMax',
    unit: 'packets',
    description: 'largest extent',
    lookWhen: 'When the buffer must never run out.',
    source: 'RFC 4737 4.2',
    inTunnel: true,
  },
  {
    name: 'lateTimeNsP50',
    unit: 'ns',
    description: 'median over reordered packets of the time that they came after their first overtaker',
    lookWhen: 'To choose how long a buffer that restores order should wait.',
    source: 'RFC 4737 4.3',
    inTunnel: true,
  },
  {
    name: 'lateTimeNsP99',
    unit: 'ns',
    description: '99th percentile of the late time',
    lookWhen: 'As a time-out that lets 1 % of the reordered packets pass out of order.',
    source: 'RFC 4737 4.3',
    inTunnel: true,
  },
  {
    name: 'lateTimeNsMax',
    unit: 'ns',
    description: 'longest late time',
    lookWhen: 'As a time-out that would have restored the order of every packet.',
    source: 'RFC 4737 4.3',
    inTunnel: true,
  },
  {
    name: 'byteOffsetMean',
    unit: 'bytes',
    description:
      'mean over reordered packets of the bytes that had overtaken them: payload per flow, whole packets in tunnel.*',
    lookWhen: 'To see how much a receiver typically stores while it waits.',
    source: 'RFC 4737 4.4',
    inTunnel: true,
  },
  {
    name: 'byteOffsetMax',
    unit: 'bytes',
    description: 'largest byte offset',
    lookWhen: 'To size a buffer that restores order in bytes.',
    source: 'RFC 4737 4.4',
    inTunnel: true,
  },
  {
    name: 'overtakersMean',
    unit: 'packets',
    description: 'packets sent later that arrived earlier, mean over all delivered packets',
    lookWhen: 'As one number for the amount of disorder: the pairs that changed places, per packet.',
    inTunnel: true,
  },
  {
    name: 'gapMean',
    unit: 'packets',
    description:
      'arrivals between neighbouring jumps ahead that later turned out to be reordering, in their order of arrival',
    lookWhen: 'To see how often order breaks; losses alone are no such jumps.',
    source: 'RFC 4737 4.5',
    inTunnel: true,
  },
  {
    name: 'gapDetectedMean',
    unit: 'packets',
    description: 'gapMean to the letter of the RFC: only gaps whose earlier jump was also recognised earlier',
    lookWhen: 'To compare with a program that follows the RFC word by word.',
    source: 'RFC 4737 4.5.4',
    inTunnel: true,
  },
  {
    name: 'gapNsMean',
    unit: 'ns',
    description: 'time between the jumps of gapMean',
    lookWhen: 'To set the gaps beside other events: stalls, rekeying, bursts.',
    source: 'RFC 4737 4.5',
    inTunnel: true,
  },
  {
    name: 'reorderingFreeRunMean',
    unit: 'packets',
    description: 'packets in order per reordered one (a/x of the RFC; also counts the unfinished last run)',
    lookWhen: 'To see how long packets stay in order on average.',
    source: 'RFC 4737 4.6',
    inTunnel: true,
  },
  {
    name: 'reorderingFreeRunSeenMean',
    unit: 'packets',
    description:
      'length of the run that a packet in order finds itself in (q/a of the RFC): long runs count more',
    lookWhen: 'Far above reorderingFreeRunMean, reordering comes in clusters.',
    source: 'RFC 4737 4.6',
    inTunnel: true,
  },
  {
    name: 'reorderDensity[d]',
    unit: 'ratio',
    description:
      'packets that arrived d positions later than in order, d < 0 earlier, d = -4 to 4; losses left out',
    lookWhen: 'When one early packet makes reorderedRatio look bad: here it counts as one.',
    source: 'RFC 5236 3.6, 7.1',
    inTunnel: true,
  },
  {
    name: 'reorderBufferDensity[b]',
    unit: 'ratio',
    description:
      'arrivals after which b packets wait for an earlier one, b = 0 to 4; a loss lets up to assume.rfc5236.thresholdPackets wait',
    lookWhen: 'To see how full a buffer that restores order is, over time.',
    source: 'RFC 5236 3.8, 7.2',
    inTunnel: true,
  },
]
