/**
 * What reordering would do to applications, each with what it leaves out. All are open loop: senders send
 * what the source says, whatever they would have declared lost. TCP rules judge TCP segments with payload,
 * QUIC and play-out rules UDP datagrams; with a synthetic source both judge every packet. loss-rules.ts has
 * the rules.
 */
import type { MetricInfo } from '../metric.ts'

const ACKS = 'acknowledgements that cover several arrivals (GRO, delayed ones)'
/** What a table's legend says of all rules that take segments or datagrams for lost. */
const TAKEN_FOR_LOST = 'packets that senders would wrongly take for lost'
const RECOVERY = 'what a recovery under way hides'

export const impact: readonly MetricInfo[] = [
  {
    name: 'sackLostRatio',
    unit: 'ratio',
    title: 'segments that SACK takes for lost',
    shortTitle: 'SACK lost',
    better: 'less',
    legend: TAKEN_FOR_LOST,
    description:
      'TCP segments that a sender with SACK would wrongly declare lost and send again: 3 later ones arrived first',
    lookWhen: "The headline for TCP: if it isn't 0, senders send again what was only late, and slow down.",
    source: 'RFC 6675 4',
    notModelled: `Senders that slow down or send again; ${RECOVERY}; limited transmit; a threshold above 3 after reordering was seen; ${ACKS}.`,
    inTunnel: true,
  },
  {
    name: 'sackRecoveryRatio',
    unit: 'ratio',
    title: 'segments that start a SACK recovery',
    shortTitle: 'SACK recovery',
    better: 'less',
    description:
      'TCP segments that would start a recovery, which cuts the sending rate: the lowest missing one, with 3 later ones received',
    lookWhen: 'To see how often TCP slows down, rather than how much it sends again.',
    source: 'RFC 6675 5',
    notModelled: `That one recovery covers all segments sent before it; slow-downs undone by DSACK or timestamps; ${ACKS}.`,
  },
  {
    name: 'renoRetransmitRatio',
    unit: 'ratio',
    title: 'segments that Reno sends again',
    shortTitle: 'Reno again',
    better: 'less',
    description:
      'TCP segments that a sender without SACK would send again: 3 later ones came while it was the lowest missing one',
    lookWhen: 'For old or small TCP stacks that have no SACK.',
    source: 'RFC 5681 3.2',
    notModelled: `Partial acknowledgements of NewReno; limited transmit; ${RECOVERY}; ${ACKS}.`,
  },
  {
    name: 'rackLostRatio',
    unit: 'ratio',
    title: 'segments that RACK takes for lost',
    shortTitle: 'RACK lost',
    better: 'less',
    legend: TAKEN_FOR_LOST,
    description:
      'TCP segments that RACK, the rule by time that Linux uses, would declare lost: delayed by assume.rtt/4 more than a later one that came first; by anything, where 3 came first and nothing of the flow was reordered before',
    lookWhen: 'For Linux senders, beside sackLostRatio: much lower where packets are late by little time.',
    source: 'RFC 8985 6.2',
    notModelled: `A waiting time that DSACK lengthens; round trips other than assume.rtt; tail loss probes; ${RECOVERY}.`,
  },
  {
    name: 'linuxReorderingMax',
    unit: 'segments',
    title: 'reordering that Linux learns',
    shortTitle: 'Linux reordering',
    better: 'less',
    description:
      'the largest `reordering` that a Linux sender would have learnt on any flow, 3 (nothing learnt) to 300 (its limit)',
    lookWhen: 'To compare with `reordering:` in ss -ti.',
    source: 'Linux tcp_input.c, tcp_check_sack_reordering',
    notModelled: 'Its reset at a time-out; DSACK; segments sent again.',
  },
  {
    name: 'linuxSackReorders',
    unit: 'segments',
    title: 'late segments as Linux counts them',
    shortTitle: 'Linux SACKReorder',
    better: 'less',
    description: 'late TCP segments: what the counter TCPSACKReorder of Linux senders would show',
    lookWhen: 'To compare with nstat TcpExtTCPSACKReorder.',
    source: 'Linux tcp_input.c, tcp_check_sack_reordering',
    notModelled:
      'Acknowledgements that cover several arrivals: Linux counts one per acknowledgement at most.',
  },
  {
    name: 'quicLostRatio',
    unit: 'ratio',
    title: 'datagrams that QUIC takes for lost',
    shortTitle: 'QUIC lost',
    better: 'less',
    legend: TAKEN_FOR_LOST,
    description:
      'UDP datagrams that a QUIC sender would wrongly declare lost: one numbered 3 or more higher arrived first',
    lookWhen: 'The headline for QUIC and HTTP/3; one packet far ahead is enough to raise it.',
    source: 'RFC 9002 6.1.1',
    notModelled: `Senders that slow down; a threshold raised after false losses; ${ACKS}. Every UDP datagram is judged, QUIC or not.`,
    inTunnel: true,
  },
  {
    name: 'quicTimeLostRatio',
    unit: 'ratio',
    title: 'datagrams that QUIC takes for lost by time',
    shortTitle: 'QUIC time lost',
    better: 'less',
    description:
      'UDP datagrams that QUIC would declare lost by time: 9/8 of the round trip after they were sent, with a later one acknowledged',
    lookWhen: 'When packets are late by more than assume.rtt/8; mostly quicLostRatio acts first.',
    source: 'RFC 9002 6.1.2',
    notModelled:
      'A smoothed round-trip time that follows the delays of the tunnel: assume.rtt stands for it.',
  },
  {
    name: 'playoutLateRatio[depth]',
    unit: 'ratio',
    title: 'datagrams too late for a buffer of [depth]',
    shortTitle: 'late for [depth]',
    better: 'less',
    description:
      "UDP datagrams that a play-out buffer (jitter buffer) of this depth would drop: delayed by more than the depth above the flow's smallest delay",
    lookWhen: 'For voice and video; name the depth of your player in assume.playout.',
    source: 'RFC 5481 7.1.2',
    notModelled:
      'Buffers that adapt their depth; concealed losses. The smallest delay is known from the start.',
  },
  {
    name: 'replayWindowDropRatio[size]',
    unit: 'ratio',
    title: 'packets dropped by a replay window of [size]',
    shortTitle: 'replay [size]',
    better: 'less',
    description:
      'packets that a VPN receiver with a replay window of this size would drop: the highest number received is larger by that much or more',
    lookWhen: 'When the VPN numbers packets before its threads spread them.',
    source: 'RFC 6479; OpenVPN 64, quinn 129, boringtun 1024, WireGuard 8128',
    notModelled:
      'Windows per flow or peer: the tunnel has one. WireGuard itself still takes a packet 8,128 behind; here that is dropped.',
  },
]
