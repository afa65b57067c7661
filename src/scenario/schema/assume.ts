/** The part of a scenario that says what metrics assume: round-trip time, play-out depths, replay windows. */
import { z } from 'zod'
import type { MetricSettings } from '../../metrics/settings.ts'
import { durationText } from '../../unit-schemas.ts'
import { parseDurationNs } from '../../units.ts'
import { count } from './values.ts'

/** 64 packets: OpenVPN; 129: quinn; 1024: boringtun; 8128: WireGuard. */
const REPLAY_WINDOWS = [64, 129, 1024, 8128]
const LIST_MAX = 16
const THRESHOLD_MAX = 4096

export const assume = z.strictObject({
  rtt: durationText
    .refine((text) => parseDurationNs(text) > 0, 'expected a time above 0, such as "20ms"')
    .default('20ms')
    .meta({
      description: 'Round-trip time of TCP and QUIC, without what packets wait in the tunnel.',
      examples: ['50ms'],
    }),
  playout: z
    .array(durationText)
    .max(LIST_MAX)
    .default(['20ms', '60ms'])
    .meta({ description: 'Depths of play-out (jitter) buffers.', examples: [['40ms', '100ms']] }),
  replayWindows: z
    .array(count)
    .max(LIST_MAX)
    .default(REPLAY_WINDOWS)
    .meta({
      description: 'Sizes of replay windows, packets: OpenVPN 64, quinn 129, boringtun 1024, WireGuard 8128.',
      examples: [[64, 2048]],
    }),
  rfc5236: z
    .strictObject({
      variant: z
        .enum(['corrected', 'literal'])
        .default('corrected')
        .describe('Follow the definitions, or the pseudo-code as printed, with its defects.'),
      thresholdPackets: count
        .max(THRESHOLD_MAX)
        .default(64)
        .meta({
          description:
            'DT and BT: a packet displaced by more is left out; so many wait for a missing one at most.',
          examples: [256],
        }),
    })
    .prefault({})
    .describe('How reorder densities are counted.'),
})

/** @param smallestDelayNs no packet is on its way for less, ns */
export function metricSettings(
  { rtt, playout, replayWindows, rfc5236 }: z.output<typeof assume>,
  judgesAll: boolean,
  smallestDelayNs: number,
): MetricSettings {
  const rttNs = parseDurationNs(rtt)
  return {
    judgesAll,
    roundTrip: { rttNs, reverseDelayNs: Math.max(0, rttNs - smallestDelayNs) },
    playouts: playout.map((label) => ({
      label: label.replaceAll(/\s/g, ''),
      depthNs: parseDurationNs(label),
    })),
    replayWindows,
    densities: rfc5236,
    smallestDelayNs,
  }
}
