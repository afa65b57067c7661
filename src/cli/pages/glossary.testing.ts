/**
 * The generated parts of docs/metrics.md: the tables of the catalogue, a worked example that the metrics
 * themselves have counted, and the keys of `assume` with their defaults.
 */
import { z } from 'zod'
import { recordOne } from '../../metrics/arrivals.testing.ts'
import { metricGroups, tunnelWide } from '../../metrics/catalogue/catalogue.ts'
import type { MetricGroup } from '../../metrics/metric.ts'
import { OrderTracker } from '../../metrics/order/order.ts'
import { assume } from '../../scenario/schema/assume.ts'
import { anchorOf, code, type Parts, table } from './generated-page.testing.ts'

export const metricParts: Parts = {
  contents: () => metricGroups.map(({ question }) => `- [${question}](#${anchorOf(question)})\n`).join(''),
  example: exampleTable,
  metrics: () =>
    `${metricGroups.map(section).join('\n')}\n## ${TUNNEL_TITLE}\n\n${code(tunnelWide.name)}: ${tunnelWide.description}. ${tunnelWide.lookWhen}\n\nGiven so: ${tunnelNames()}.\n`,
  assume: assumeTable,
}
const TUNNEL_TITLE = 'Of the tunnel as a whole'

function section({ question, metrics }: MetricGroup): string {
  const isPrediction = metrics.some(({ notModelled }) => notModelled !== undefined)
  const heads = [
    'metric',
    'unit',
    'shown as',
    'better',
    'what it is',
    'look at it',
    'source',
    ...(isPrediction ? ['not modelled'] : []),
  ]
  const rows = metrics.map(({ name, unit, title, shortTitle, better, ...info }) => [
    `**${code(name)}**`,
    unit,
    shortTitle === undefined ? title : `${title}; ${shortTitle}`,
    better ?? '',
    info.description,
    info.lookWhen,
    info.source ?? '',
    ...(isPrediction ? [info.notModelled ?? ''] : []),
  ])
  return `## ${question}\n\n${table(heads, rows)}`
}

function tunnelNames(): string {
  const names = metricGroups.flatMap(({ metrics }) => metrics.filter(({ inTunnel }) => inTunnel))
  return names.map(({ name }) => code(`tunnel.${name}`)).join(', ')
}

const examples: ReadonlyArray<readonly [string, readonly number[]]> = [
  ['3 is late', [1, 2, 4, 5, 6, 3, 7, 8]],
  ['6 is early', [1, 2, 6, 3, 4, 5, 7, 8]],
]

/** Two orders of eight packets of 1000 bytes, one arriving every millisecond, as the metrics see them. */
function exampleTable(): string {
  const judged = examples.map(([, numbers]) => {
    const tracker = new OrderTracker()
    for (const [i, number] of numbers.entries()) {
      recordOne(tracker, 0, number - 1, number * 1e6, i * 1e6, 1000)
    }
    tracker.finish()
    return tracker
  })
  const row = (name: string, value: (tracker: OrderTracker) => string | number) => [
    name,
    ...judged.map((tracker) => String(value(tracker))),
  ]
  const of8 = (count: number) => `${count}/8`
  return table(
    ['', ...examples.map(([what, numbers]) => `${numbers.join(' ')} (${what})`)],
    [
      row(code('reorderedRatio'), ({ reordered }) => of8(reordered)),
      row(code('extentMax'), ({ extent }) => extent.max),
      row(code('lateTimeNsMax'), ({ lateTimeNs }) => `${lateTimeNs.max / 1e6} ms`),
      row(code('byteOffsetMax'), ({ byteOffsetBytesMax }) => byteOffsetBytesMax),
      row(code('overtakersMean'), ({ overtakers }) => of8(overtakers)),
      row(code('nReordering[1]'), (tracker) => of8(tracker.nReordered(1))),
      row(code('nReordering[3]'), (tracker) => of8(tracker.nReordered(3))),
      row(code('reorderDensity[d]'), ({ densities: { displacements, thresholdPackets } }) =>
        [...displacements]
          .flatMap((count, i) => (count > 0 ? [`${of8(count)} at ${i - thresholdPackets}`] : []))
          .join(', '),
      ),
      row(code('renoRetransmitRatio'), ({ lossRules }) => of8(lossRules.renoLost)),
      row(code('sackLostRatio'), ({ lossRules }) => of8(lossRules.sackLost)),
      row(code('quicLostRatio'), ({ lossRules }) => of8(lossRules.quicLost)),
      row(code('linuxReorderingMax'), ({ lossRules }) => lossRules.linuxReordering),
    ],
  )
}

interface Property {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Property>>
}

function assumeTable(): string {
  const { properties = {} } = z.toJSONSchema(assume, { io: 'input' }) as Property
  return table(['key', 'default', 'what it says'], keysOf('assume', properties))
}

function keysOf(path: string, properties: Readonly<Record<string, Property>>): string[][] {
  return Object.entries(properties).flatMap(
    ([key, { description = '', default: usual, properties: inner }]) => {
      const name = `${path}.${key}`
      if (inner !== undefined) return keysOf(name, inner)
      const value = Array.isArray(usual) ? `[${usual.join(', ')}]` : String(usual)
      return [[code(name), code(value), description]]
    },
  )
}
