/**
 * Every metric that a report can hold, by the question that it answers: names, units, titles, one sentence
 * each, sources. `lanewise list metrics` and docs/metrics.md are made from it, tables and charts show metrics
 * by it (shown.ts), and a test holds it against the golden results. A metric that isn't here was counted by a
 * policy of the user's.
 */

import type { MetricGroup, MetricInfo } from '../metric.ts'
import { cost } from './cost.ts'
import { delayVariation } from './delay-variation.ts'
import { howFar } from './how-far.ts'
import { impact } from './impact.ts'
import { isReordered } from './is-reordered.ts'
import { measured } from './measured.ts'
import { flowTables, moves } from './moves.ts'
import { replayed } from './replayed.ts'

export const TUNNEL = 'tunnel.'

export const metricGroups: readonly MetricGroup[] = [
  { question: 'Is anything reordered?', metrics: isReordered },
  { question: 'How far?', metrics: howFar },
  { question: 'What would it do to TCP, QUIC, voice and VPNs?', metrics: impact },
  { question: 'How much do delays vary?', metrics: delayVariation },
  { question: 'What does it cost?', metrics: cost },
  { question: 'Why: did flows change lanes?', metrics: moves },
  { question: 'What did the flow tables do?', metrics: flowTables },
  { question: 'What does only `lanewise measure` tell?', metrics: measured },
  { question: 'What does only `lanewise replay` tell?', metrics: replayed },
].filter(({ metrics }) => metrics.length > 0)

/** Stands for all metrics that are also tunnel-wide, where a list names each of them once. */
export const tunnelWide: MetricInfo = {
  name: `${TUNNEL}*`,
  unit: '',
  title: 'the same of the whole tunnel',
  description:
    'the same over the whole tunnel as one stream, numbered by the reader as it hands packets over (WireGuard numbers so)',
  lookWhen: 'When a receiver of the tunnel restores order or keeps a replay window over all flows together.',
}

const byName = new Map<string, MetricInfo>()
for (const info of metricGroups.flatMap(({ metrics }) => metrics)) {
  byName.set(patternOf(info.name), info)
  if (info.inTunnel) byName.set(patternOf(TUNNEL + info.name), info)
}
const counted = new Set(flowTables)

/**
 * The entry of a name as it stands in a report, `tunnel.nReordering[3]`; undefined for names that aren't
 * ours.
 */
export function metricInfo(name: string): MetricInfo | undefined {
  return byName.get(patternOf(name))
}

/** Does the policy itself count this: is it of a flow table, or of a policy of the user's? */
export function isCountedByPolicy(name: string): boolean {
  const info = metricInfo(name)
  return info === undefined || counted.has(info)
}

/** The name without what differs between metrics of one kind. */
function patternOf(name: string): string {
  return name.replace(/\[[^[\]]+\]$/, '[]')
}
