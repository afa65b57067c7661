/**
 * What is counted of each flow with its duplicates: sent, arrived, copies (RFC 5560), and what the programs
 * that people already use would report of the same packets (metrics/counters/), so that their numbers can be
 * reconciled. tcptrace and Linux count TCP segments with payload, iperf3 UDP datagrams, owping and pScheduler
 * any stream; where protocols aren't known all of them count every packet. The numbers remembered of a flow
 * are as many as it has, up to 16 million.
 */

import { Iperf3Counter } from '../../metrics/counters/iperf3.ts'
import { LinuxCounter } from '../../metrics/counters/linux.ts'
import { OwpingCounter } from '../../metrics/counters/owping.ts'
import { PschedulerCounter } from '../../metrics/counters/pscheduler.ts'
import { TcptraceCounter } from '../../metrics/counters/tcptrace.ts'
import { RtpJitter } from '../../metrics/delay/rtp-jitter.ts'
import { type Metrics, type MetricValue, ratio } from '../../metrics/metric.ts'
import { Duplication } from '../../metrics/order/duplicates.ts'
import { TCP, UDP } from '../../model/packets/flow-table.ts'
import type { FlowGroups } from '../arrivals/flow-groups.ts'
import type { JudgedColumns } from '../judged-columns.ts'
import type { MeasuredTcp } from '../tcp/tcp-evidence.ts'

const WINDOW_PACKETS_MAX = 2 ** 24
/** n-reordering that owping prints by default goes on; these are metrics. */
const OWPING_DEGREES = 8

export interface FlowCounts {
  readonly sent: number
  /** Sent packets that arrived, each counted once. */
  readonly arrived: number
  /** Of those that were sent: arrived with other bytes. */
  readonly corrupted: number
  /** Further copies. */
  readonly duplicated: number
  /** Packets of which further copies arrived. */
  readonly replicated: number
  readonly counters: Metrics
}

/** What is known of a flow besides its arrivals. */
interface FlowFacts {
  /** undefined where it isn't known */
  readonly protocol: number | undefined
  readonly sent: number
  /** Of those sent. */
  readonly corrupted?: number | undefined
  readonly tcp: MeasuredTcp | undefined
}

/**
 * Counts one flow, and marks its further copies in `isCopy`. What captures say of TCP by its own numbers
 * takes the place of what packets' numbers would; what a Linux sender counts isn't known then.
 */
export function countFlow(
  columns: JudgedColumns,
  { rows, starts }: FlowGroups,
  flow: number,
  { protocol, sent, corrupted = 0, tcp }: FlowFacts,
): FlowCounts {
  const { flowNumber, dataNumber, arrivalNs, departureNs, isCopy, known } = columns
  const windowPackets = Math.min(Math.max(sent, 1), WINDOW_PACKETS_MAX)
  const duplication = new Duplication(windowPackets)
  const owping = new OwpingCounter()
  const pscheduler = new PschedulerCounter(windowPackets)
  const isTcp = tcp === undefined && (protocol === undefined || protocol === TCP)
  const isUdp = protocol === undefined || protocol === UDP
  const iperf3 = isUdp ? new Iperf3Counter() : undefined
  const jitter = isUdp && known.delays ? new RtpJitter() : undefined
  const tcptrace = isTcp ? new TcptraceCounter(windowPackets) : undefined
  const linux = isTcp ? new LinuxCounter({ windowPackets }) : undefined
  for (let i = starts[flow]!; i < starts[flow + 1]!; i++) {
    const row = rows[i]!
    const number = flowNumber[row]!
    if (duplication.record(number)) isCopy[row] = 1
    owping.record(number)
    pscheduler.record(number)
    iperf3?.record(number)
    jitter?.record(arrivalNs[row]!, departureNs[row]!)
    const segment = protocol === undefined ? number : dataNumber[row]!
    if (segment >= 0) {
      tcptrace?.record(segment)
      linux?.record(segment)
    }
  }
  const { received, copies, replicated } = duplication
  const counters: Metrics = {
    'iperf3.lost': iperf3?.lost ?? null,
    'iperf3.outOfOrder': iperf3?.outOfOrder ?? null,
    'iperf3.jitterNs': jitter?.jitter ?? null,
    'pscheduler.packetsReordered': pscheduler.reordered,
    'pscheduler.packetsDuplicated': pscheduler.duplicated,
    'tcptrace.outOfOrder': tcp?.outOfOrder ?? tcptrace?.outOfOrder ?? null,
    'tcptrace.retransmitted': tcp?.retransmitted ?? tcptrace?.retransmitted ?? null,
    'tcp.dsacks': tcp?.dsacks ?? null,
    'tcp.cutSacks': tcp?.cutBlocks ?? null,
    'linux.sackReorder': linux?.sackReorder ?? null,
    'linux.reordering': linux?.reorderingSegments ?? null,
  }
  for (let n = 1; n <= OWPING_DEGREES; n++)
    counters[`owping.nReordering[${n}]`] = ratio(owping.counts[n]!, owping.arrivals)
  return { sent, arrived: received, corrupted, duplicated: copies - received, replicated, counters }
}

/** The counters of all flows together: sums, but of Linux's estimate the largest. A jitter has no sum. */
export function allCounters(flows: readonly FlowCounts[]): Metrics {
  const sums: Metrics = {}
  for (const { counters } of flows) {
    for (const [name, value] of Object.entries(counters)) {
      if (name !== 'iperf3.jitterNs') sums[name] = added(name, sums[name] ?? null, value)
    }
  }
  return sums
}

function added(name: string, sum: MetricValue, value: MetricValue): MetricValue {
  if (value === null || sum === null) return value ?? sum
  if (typeof value === 'number' || typeof sum === 'number') {
    const [one, other] = [Number(sum), Number(value)]
    return name === 'linux.reordering' ? Math.max(one, other) : one + other
  }
  return { count: sum.count + value.count, of: sum.of + value.of }
}
