/**
 * Metrics that only `lanewise measure` reports: damage that a simulation can't do, and what other programs
 * would say.
 */
import type { MetricInfo } from '../metric.ts'

const DUPLICATION = 'RFC 5560'
const PDV = 'RFC 5481 4.2'
const RECONCILE = 'To compare with what that program said of the same packets.'

export const measured: readonly MetricInfo[] = [
  {
    name: 'lostRatio',
    unit: 'ratio',
    description: 'packets that did not arrive, of those sent; with an arrival file, as its numbers tell',
    lookWhen: 'First: reordering is counted among packets that arrived.',
    source: 'RFC 7680',
  },
  {
    name: 'duplicationRatio',
    unit: 'ratio',
    description: 'further copies per packet that arrived; may exceed 1',
    lookWhen: 'When packets arrive more often than they were sent.',
    source: `${DUPLICATION}, duplication fraction`,
  },
  {
    name: 'replicatedRatio',
    unit: 'ratio',
    description: 'packets that arrived more than once, of those that arrived',
    lookWhen: 'To tell many packets twice from one packet many times.',
    source: `${DUPLICATION}, replicated packet rate`,
  },
  {
    name: 'corruptedRatio',
    unit: 'ratio',
    description: 'packets that arrived with other bytes, of those sent; two captures only',
    lookWhen: 'When a middlebox rewrites, or memory fails.',
  },
  {
    name: 'unmatchedRatio',
    unit: 'ratio',
    description:
      'received packets that were never sent as far as is known, of those received; two captures only',
    lookWhen: 'To see whether the two captures belong together.',
  },
  {
    name: 'pdvNsP50',
    unit: 'ns',
    description: "median delay above the flow's smallest, exact",
    lookWhen: 'To see what a play-out buffer waits for half of the packets.',
    source: PDV,
  },
  {
    name: 'pdvNsP99',
    unit: 'ns',
    description: "99th percentile of the delay above the flow's smallest, exact",
    lookWhen: 'To size a play-out buffer that may lose 1 %.',
    source: PDV,
  },
  {
    name: 'pdvNsP999',
    unit: 'ns',
    description: "99.9th percentile of the delay above the flow's smallest, exact",
    lookWhen: 'To size a play-out buffer as RFC 5481 suggests.',
    source: PDV,
  },
  {
    name: 'iperf3.lost',
    unit: 'packets',
    description:
      'what iperf3 -u would report as lost: an early packet counts its gap, a late one or a copy takes one back',
    lookWhen: RECONCILE,
    source: 'iperf3 iperf_udp.c',
  },
  {
    name: 'iperf3.outOfOrder',
    unit: 'packets',
    description: 'what iperf3 -u would report as out of order, copies included',
    lookWhen: RECONCILE,
    source: 'iperf3 iperf_udp.c',
  },
  {
    name: 'iperf3.jitterNs',
    unit: 'ns',
    description: "RFC 3550 jitter after the flow's last datagram, copies included; flows only",
    lookWhen: RECONCILE,
    source: 'iperf3 iperf_udp.c; RFC 3550 6.4.1',
  },
  {
    name: 'owping.nReordering[n]',
    unit: 'ratio',
    description: 'arrivals whose n predecessors all had greater numbers, copies included, n = 1..8',
    lookWhen: RECONCILE,
    source: 'owamp stats.c; RFC 4737 5, appendix A',
  },
  {
    name: 'pscheduler.packetsReordered',
    unit: 'packets',
    description: 'first copies with a number below the one received right before',
    lookWhen: RECONCILE,
    source: 'pScheduler owping_utils',
  },
  {
    name: 'pscheduler.packetsDuplicated',
    unit: 'packets',
    description: 'further copies, as pScheduler counts',
    lookWhen: RECONCILE,
    source: 'pScheduler owping_utils',
  },
  {
    name: 'tcptrace.outOfOrder',
    unit: 'packets',
    description: 'TCP segments below one already seen, whose bytes are new',
    lookWhen: RECONCILE,
    source: 'tcptrace',
  },
  {
    name: 'tcptrace.retransmitted',
    unit: 'packets',
    description: 'TCP segments whose bytes were all seen before',
    lookWhen: RECONCILE,
    source: 'tcptrace',
  },
  {
    name: 'linux.sackReorder',
    unit: 'packets',
    description: 'what a Linux sender counts in TCPSACKReorder',
    lookWhen: RECONCILE,
    source: 'Linux tcp_input.c',
  },
  {
    name: 'linux.reordering',
    unit: 'segments',
    description: 'the largest tp->reordering that a flow of a Linux sender would reach',
    lookWhen: RECONCILE,
    source: 'Linux tcp_input.c',
  },
]
