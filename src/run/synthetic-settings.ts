/** From a scenario's synthetic source to the numbers that the source takes. */

import { drawsArrivals, gapsOf } from '../scenario/schema/arrivals.ts'
import type { Scenario } from '../scenario/schema/schema.ts'
import type { SyntheticSettings } from '../traffic/synthetic/synthetic-traffic.ts'
import { parseSizeBytes } from '../units.ts'
import { samplerOf } from './draws.ts'

type Synthetic = Extract<Scenario['source'], { synthetic: unknown }>['synthetic']

/** @param durationNs the source stops here */
export function syntheticSettings(synthetic: Synthetic, durationNs: number): SyntheticSettings {
  const { arrivals, packetsPerSecond, flows, protocols } = synthetic
  const { lifetime = 'none' } = flows
  return {
    gapsNs: gapsOf(arrivals, packetsPerSecond),
    flowCount: flows.count,
    zipfExponent: flows.popularity === 'uniform' ? 0 : flows.popularity.zipf.exponent,
    lifeNs: lifetime === 'none' ? undefined : (random) => samplerOf(lifetime, random),
    sizeBytes: sizesOf(synthetic),
    tcpShare: protocols.tcp / (protocols.tcp + protocols.udp),
    durationNs,
  }
}

/** Does anything about the packets differ from run to run? */
export function drawsPackets({ arrivals, flows, sizes }: Synthetic): boolean {
  const mortal = flows.lifetime !== undefined && flows.lifetime !== 'none'
  return drawsArrivals(arrivals) || flows.count > 1 || mortal || sizes === 'imix' || 'empirical' in sizes
}

function sizesOf({ sizes }: Synthetic): SyntheticSettings['sizeBytes'] {
  if (sizes === 'imix') return 'imix'
  if ('fixed' in sizes) return parseSizeBytes(sizes.fixed)
  return { values: sizes.empirical.values.map(parseSizeBytes), weights: sizes.empirical.weights }
}
