/**
 * Reads a capture once and describes it. Memory is bounded by the number of flows, whatever the number of
 * packets: pieces of 16,384 packets go through the clock, the flow records, the gaps and the windows in turn.
 */
import { KeyedFlows } from '../../model/packets/keyed-flows.ts'
import { ArrivalClock } from '../../traffic/capture/arrival-clock.ts'
import { COOKED_V2 } from '../../traffic/capture/interfaces.ts'
import { linkTypeName } from '../../traffic/capture/link-names.ts'
import { timeProblems } from '../../traffic/capture/messages.ts'
import type { PacketReader } from '../../traffic/capture/packet-reader.ts'
import type { CaptureStats, CaptureTime } from '../../traffic/capture/stats.ts'
import { FlowRecords } from './flow-records.ts'
import { flowSummary, type Spread } from './flow-summary.ts'
import { Gaps, TTLS, type TtlName } from './gaps.ts'
import type { Inspection } from './inspection.ts'
import { TimedPackets } from './timed-packets.ts'
import { Windows } from './windows.ts'

const SORT_CURE = 'put them in order: --sort'

/**
 * Reads to the end. Throws a UserError where there is no usable packet.
 * @param sorted the reader sorts
 * @param onPiece called after every piece; what it throws ends the reading
 */
export async function inspectCapture(
  reader: PacketReader,
  sorted: boolean,
  onPiece: () => void = () => {},
): Promise<Inspection> {
  const packets = new TimedPackets()
  const clock = new ArrivalClock()
  const records = new FlowRecords(reader.flows)
  const inner = new KeyedFlows(reader.flows, 'inner')
  const { flow: flowOf, variant: variantOf } = packets.columns
  const flowGaps = new Gaps()
  const pairGaps = new Gaps()
  const windows = { '1ms': new Windows(1e6), '10ms': new Windows(10e6), '100ms': new Windows(100e6) }
  const second = new Windows(1e9)
  const all = [...Object.values(windows), second]
  while ((await reader.read(packets.columns)) > 0) {
    clock.read(packets.columns, packets.arrivalNs)
    records.add(packets)
    for (let i = 0; i < packets.count; i++) inner.indexOf(flowOf[i]!, variantOf[i]!)
    flowGaps.add(packets, packets.flowSeenNs)
    pairGaps.add(packets, packets.pairSeenNs)
    for (const cut of all) cut.add(packets)
    onPiece()
  }
  for (const cut of all) cut.finish()

  const { stats, name } = reader
  const { spanNs, clampedPackets, backwardNsMax } = clock
  const summary = flowSummary(records)
  const ipBytes = records.bytes.reduce((sum, bytes) => sum + bytes, 0)
  return {
    schemaVersion: 1,
    capture: name,
    sorted,
    problems: [...reader.problems, ...timeProblems(name, clock, sorted, SORT_CURE)],
    ...frameFields(stats),
    packets: clock.packets,
    ipBytes,
    spanNs,
    clampedPackets,
    backwardNsMax,
    ...protocolFields(stats),
    ratePpsMean: perSecond(clock.packets, spanNs),
    ratePpsPeak10ms: peak(windows['10ms'].packetsMax, windows['10ms'], spanNs),
    ratePpsPeak1s: peak(second.packetsMax, second, spanNs),
    rateBpsMean: perSecond(ipBytes * 8, spanNs),
    rateBpsPeak10ms: peak(windows['10ms'].bytesMax * 8, windows['10ms'], spanNs),
    rateBpsPeak1s: peak(second.bytesMax * 8, second, spanNs),
    flows: summary.flows,
    outerFlows: summary.flows,
    innerFlows: inner.flows.count,
    flowsWithoutPorts: summary.flowsWithoutPorts,
    conversations: summary.conversations,
    conversationsWithoutPorts: summary.conversationsWithoutPorts,
    flows3Tuple: summary.flows3Tuple,
    addressPairs: summary.addressPairs,
    ...spreadFields('flowPackets', summary.packets),
    ...spreadFields('flowLifetimeNs', summary.lifetimeNs),
    activeFlows1msMean: windows['1ms'].flowsMean,
    activeFlows1msMax: windows['1ms'].flowsMax,
    activeFlows10msMean: windows['10ms'].flowsMean,
    activeFlows10msMax: windows['10ms'].flowsMax,
    activeFlows100msMean: windows['100ms'].flowsMean,
    activeFlows100msMax: windows['100ms'].flowsMax,
    flowGaps: flowGaps.count,
    ...gapFields('flow', flowGaps),
    pairGaps: pairGaps.count,
    ...gapFields('pair', pairGaps),
    largestFlows: summary.largest,
  }
}

function frameFields(stats: CaptureStats) {
  const { earliest, latest } = stats
  return {
    frames: stats.frames,
    capturedBytes: stats.capturedBytes,
    wireBytes: stats.wireBytes,
    startTime: earliest === undefined ? null : isoTime(earliest),
    endTime: latest === undefined ? null : isoTime(latest),
    durationNs: earliest === undefined || latest === undefined ? null : between(earliest, latest),
    linkTypes: [...stats.linkTypes].map(([linkType, frames]) => {
      return { linkType, name: linkTypeName(linkType), frames }
    }),
    ...interfaceFields(stats),
    cutFrames: stats.cutFrames,
    framesWithoutIp: stats.framesWithoutIp,
    unreadFrames: stats.unreadFrames,
    brokenIpFrames: stats.brokenIpFrames,
    backwardFrames: stats.backwardTimes,
    equalTimeFrames: stats.equalTimes,
  }
}

function interfaceFields({ interfaces, framesOfIndex, inFrames, outFrames }: CaptureStats) {
  const all = [
    ...interfaces.map(({ name, ...one }) => ({ ...one, name: name ?? null })),
    ...[...framesOfIndex].sort(([a], [b]) => a - b).map(cookedInterface),
  ]
  const named = all.map(({ number, name, linkType, frames }) => {
    return { number, name, linkType, linkTypeName: linkTypeName(linkType), frames }
  })
  const directions = inFrames + outFrames === 0 ? {} : { directions: { in: inFrames, out: outFrames } }
  return { ...(named.length === 0 ? {} : { interfaces: named }), ...directions }
}

function cookedInterface([number, frames]: readonly [number, number]) {
  return { number, name: null, linkType: COOKED_V2, frames }
}

function protocolFields({ ipv4, ipv6, tcp, udp, packets, fragments, laterFragments }: CaptureStats) {
  return { ipv4, ipv6, tcp, udp, otherProtocols: packets - tcp - udp, fragments, laterFragments }
}

function between(from: CaptureTime, to: CaptureTime): number {
  return (to.seconds - from.seconds) * 1e9 + to.nanoseconds - from.nanoseconds
}

/** "2024-05-02T11:12:13.123456789Z"; plain seconds where no calendar goes that far. */
export function isoTime({ seconds, nanoseconds }: CaptureTime): string {
  const fraction = String(nanoseconds).padStart(9, '0')
  const whole = new Date(seconds * 1000)
  if (Number.isNaN(whole.getTime())) return `${seconds}.${fraction} s`
  return whole.toISOString().replace('.000Z', `.${fraction}Z`)
}

/** As source.packetsPerSecond counts: events over the time from the first packet to the last. */
function perSecond(events: number, spanNs: number): number | null {
  return spanNs > 0 ? events / (spanNs / 1e9) : null
}

/** The busiest window's events per second; null where the capture is shorter than the window. */
function peak(events: number, { widthNs }: Windows, spanNs: number): number | null {
  return spanNs < widthNs ? null : events / (widthNs / 1e9)
}

type SpreadFields<Name extends string> = {
  readonly [field in `${Name}${'P50' | 'P90' | 'P99' | 'Max'}`]: number | null
}

function spreadFields<Name extends string>(name: Name, { p50, p90, p99, max }: Spread): SpreadFields<Name> {
  const fields = { [`${name}P50`]: p50, [`${name}P90`]: p90, [`${name}P99`]: p99, [`${name}Max`]: max }
  return fields as SpreadFields<Name>
}

type GapFields<Kind extends 'flow' | 'pair'> = SpreadFields<`${Kind}GapNs`> & {
  readonly [field in `${Kind}GapsFrom${TtlName}Ratio`]: number | null
}

function gapFields<Kind extends 'flow' | 'pair'>(kind: Kind, gaps: Gaps): GapFields<Kind> {
  const [p50, p90, p99] = [0.5, 0.9, 0.99].map((share) => gaps.quantileNs(share)) as [
    number | null,
    number | null,
    number | null,
  ]
  const cuts = TTLS.map(([name], i) => {
    return [`${kind}GapsFrom${name}Ratio`, gaps.count === 0 ? null : gaps.cutBy(i) / gaps.count]
  })
  const spread = spreadFields(`${kind}GapNs`, { p50, p90, p99, max: gaps.maxNs })
  return { ...spread, ...Object.fromEntries(cuts) } as GapFields<Kind>
}
