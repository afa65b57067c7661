/**
 * A capture's inspection in words: named facts, small tables and the notes below them, which the terminal's
 * table and markdown lay out. What isn't there (no fragments, nothing cut) isn't mentioned.
 */
import type { Inspection } from '../../measure/inspect/inspection.ts'
import { counted } from '../../units.ts'
import { bitRateText, bytesText, numberText, packetRateText, shareText, spanText } from '../parts/amounts.ts'
import { countText } from '../parts/format-cell.ts'
import type { Fact, SmallTable } from '../parts/small-table.ts'

const INTERFACES_SHOWN_MAX = 16

/** Named facts, in reading order. */
export function inspectionFacts(found: Inspection): Fact[] {
  const facts: Fact[] = [
    ...(found.files === undefined ? [] : [['files', found.files.join(', ')] as const]),
    ['time', timeText(found)],
    ['packets', `${countText(found.packets)} IP packets, ${bytesText(found.ipBytes)} (${protocols(found)})`],
    ['frames', framesText(found)],
    ...interfaceFacts(found),
    ['flows', flowsText(found)],
    ...tunnelFacts(found),
  ]
  const others: [string, string[]][] = [
    ['left out', leftOut(found)],
    ['order', orderTexts(found)],
    ['fragments', fragmentTexts(found)],
  ]
  for (const [name, texts] of others) if (texts.length > 0) facts.push([name, texts.join('; ')])
  return facts
}

function timeText({ startTime, endTime, durationNs }: Inspection): string {
  if (startTime === null || endTime === null) return 'no record has a time'
  const sameDay = startTime.slice(0, 11) === endTime.slice(0, 11)
  return `${startTime} to ${sameDay ? endTime.slice(11) : endTime}, ${spanText(durationNs)}`
}

function protocols({ ipv4, ipv6, tcp, udp, otherProtocols }: Inspection): string {
  const counts = [
    ['IPv4', ipv4],
    ['IPv6', ipv6],
    ['TCP', tcp],
    ['UDP', udp],
    ['other', otherProtocols],
  ] as const
  const there = counts.filter(([, count]) => count > 0)
  return there.map(([name, count]) => `${name} ${countText(count)}`).join(', ')
}

function framesText({ frames, linkTypes, wireBytes, capturedBytes, cutFrames }: Inspection): string {
  const links = linkTypes.map(({ name, frames }) =>
    linkTypes.length === 1 ? name : `${countText(frames)} ${name}`,
  )
  const cut =
    cutFrames === 0 ? '' : `, ${bytesText(capturedBytes)} captured (${counted(cutFrames, 'frame')} cut short)`
  return `${countText(frames)}, ${links.join(', ')}, ${bytesText(wireBytes)} on the wire${cut}`
}

/** With how each is named on a command line; of very many only the first. */
function interfaceFacts({ interfaces = [], directions }: Inspection): Fact[] {
  const shown = interfaces.slice(0, INTERFACES_SHOWN_MAX).map(({ number, name, linkTypeName, frames }) => {
    const called = name === null ? `#${number}` : `${name} (#${number})`
    return `${called} ${counted(frames, 'frame')} of ${linkTypeName}`
  })
  const others = interfaces.length - shown.length
  if (others > 0) shown.push(`${countText(others)} others`)
  const ways = directions && [
    `in (#in) ${countText(directions.in)}`,
    `out (#out) ${countText(directions.out)}`,
  ]
  return [
    ...(shown.length === 0 ? [] : [['interfaces', shown.join(', ')] as const]),
    ...(ways === undefined ? [] : [['directions', `frames ${ways.join(', ')}`] as const]),
  ]
}

function flowsText({
  flows,
  conversations,
  flows3Tuple,
  addressPairs,
  flowsWithoutPorts,
}: Inspection): string {
  const portless = flowsWithoutPorts === 0 ? '' : ` (${countText(flowsWithoutPorts)} without ports)`
  const named = [
    `${countText(flows)} in one direction each${portless}`,
    counted(conversations, 'conversation'),
    counted(flows3Tuple, '3-tuple'),
    counted(addressPairs, 'address pair'),
  ]
  return named.join(', ')
}

function tunnelFacts({ outerFlows, innerFlows }: Inspection): Fact[] {
  if (innerFlows === outerFlows) return []
  const flows = `${counted(innerFlows, 'flow')} by the innermost header, ${countText(outerFlows)} by the outer one`
  return [['tunnels', `${flows}: policies with key=inner go by the former`]]
}

function leftOut({ framesWithoutIp, unreadFrames, brokenIpFrames }: Inspection): string[] {
  const counts = [
    [framesWithoutIp, 'without IP'],
    [unreadFrames, 'of a link type that is not read'],
    [brokenIpFrames, 'with a cut or damaged IP header'],
  ] as const
  return counts.flatMap(([count, what]) => (count > 0 ? [`${counted(count, 'frame')} ${what}`] : []))
}

function orderTexts({ backwardFrames, equalTimeFrames, sorted }: Inspection): string[] {
  const done = sorted ? ' (sorted)' : ''
  return [
    ...(backwardFrames > 0 ? [`${counted(backwardFrames, 'frame')} earlier than the one before${done}`] : []),
    ...(equalTimeFrames > 0 ? [`${counted(equalTimeFrames, 'frame')} with the time of the one before`] : []),
  ]
}

function fragmentTexts({ fragments, laterFragments }: Inspection): string[] {
  if (fragments === 0) return []
  if (laterFragments === 0) return [`${countText(fragments)}, all of them first ones`]
  return [
    `${countText(fragments)}, ${countText(laterFragments)} of them without ports (not the first of their packet): a ` +
      'policy that goes by the 5-tuple may send those to another lane than the first fragment; linux-tun and rss ' +
      'keep them together, but not with whole packets of their flow; one that goes by addresses keeps all together',
  ]
}

/** Rates, distributions, activity, what a TTL would cut. */
export function inspectionTables(found: Inspection): SmallTable[] {
  return [
    {
      heads: ['rate', 'mean', 'busiest 1 s', 'busiest 10 ms'],
      rows: [
        ['packets', ...[found.ratePpsMean, found.ratePpsPeak1s, found.ratePpsPeak10ms].map(packetRateText)],
        ['bits of IP', ...[found.rateBpsMean, found.rateBpsPeak1s, found.rateBpsPeak10ms].map(bitRateText)],
      ],
    },
    {
      heads: ['', 'p50', 'p90', 'p99', 'max'],
      rows: [
        ['packets of a flow', ...percentiles(found, 'flowPackets').map(numberText)],
        ['lifetime of a flow', ...percentiles(found, 'flowLifetimeNs').map(spanText)],
        ['gap in a flow', ...percentiles(found, 'flowGapNs').map(spanText)],
        ['gap in an address pair', ...percentiles(found, 'pairGapNs').map(spanText)],
      ],
    },
    {
      heads: ['flows active within', '1 ms', '10 ms', '100 ms'],
      rows: [
        [
          'mean where there are packets',
          numberText(found.activeFlows1msMean),
          numberText(found.activeFlows10msMean),
          numberText(found.activeFlows100msMean),
        ],
        [
          'max',
          numberText(found.activeFlows1msMax),
          numberText(found.activeFlows10msMax),
          numberText(found.activeFlows100msMax),
        ],
      ],
    },
    {
      heads: ['gaps that a TTL would cut', '1 ms', '10 ms', '100 ms', '1 s', '5 s', '30 s'],
      rows: [
        ['in a flow (5-tuple)', ...cuts(found, 'flow')],
        ['in an address pair', ...cuts(found, 'pair')],
      ],
    },
  ]
}

type Spread = 'flowPackets' | 'flowLifetimeNs' | 'flowGapNs' | 'pairGapNs'

function percentiles(found: Inspection, name: Spread): (number | null)[] {
  return [found[`${name}P50`], found[`${name}P90`], found[`${name}P99`], found[`${name}Max`]]
}

function cuts(found: Inspection, kind: 'flow' | 'pair'): string[] {
  const ttls = ['1ms', '10ms', '100ms', '1s', '5s', '30s'] as const
  return ttls.map((ttl) => shareText(found[`${kind}GapsFrom${ttl}Ratio`]))
}

/** The largest flows: everything but their names is a number. */
export function largestFlows({ largestFlows }: Inspection): SmallTable {
  return {
    heads: ['largest flows', 'packets', 'share', 'bytes', 'lasts'],
    rows: largestFlows.map(({ flow, packets, packetsRatio, bytes, durationNs }) => [
      flow,
      countText(packets),
      shareText(packetsRatio),
      bytesText(bytes),
      spanText(durationNs),
    ]),
  }
}
