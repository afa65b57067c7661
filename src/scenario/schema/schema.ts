/**
 * The scenario: what a user may write, with which defaults. Quantities stay text ("8us"), so a parsed
 * scenario with all its defaults filled in is itself a scenario file that gives the same results; settings.ts
 * turns the text into numbers. Unknown keys are errors everywhere. A key that names its unit or a count takes
 * a bare number; every other duration or size needs its unit. What spans keys is checked in cross-checks.ts.
 */
import { z } from 'zod'
import { durationText } from '../../unit-schemas.ts'
import { parseDurationNs, writeDuration } from '../../units.ts'
import { type PolicyEntry, policyList } from '../policy-specs.ts'
import { assume } from './assume.ts'
import { acrossKeys, DEFAULT_DURATION } from './cross-checks.ts'
import { jitter } from './jitter.ts'
import { cores, lanes, reader, receiver, releaseSchema } from './machine.ts'
import { source } from './source.ts'
import { capacityPackets, count, perLane, rate } from './values.ts'

const RUNS_MAX = 100_000
const WARMUP_SHARE = 0.05
/** Linux: TCP_MIN_MSS. */
const TCP_MIN_MSS_BYTES = 88
/** The least that tells packets in a stream of bytes from each other. */
const LENGTH_BYTES = 2

/** What is compared where nothing is said. */
const DEFAULT_POLICIES = [
  'any-idle',
  'round-robin',
  'hash',
  { 'flow-pinned': { ttl: '30s', key: 'address-pair' } },
  { 'openvpn-fork': { ttl: '30s' } },
] satisfies PolicyEntry[]
/** The same of an arrivals CSV, which may have no addresses that the fork's exception could go by. */
export const ARRIVALS_POLICIES: readonly PolicyEntry[] = [
  ...DEFAULT_POLICIES.slice(0, -1),
  { 'openvpn-fork': { ttl: '30s', exception: 'none' } },
]

/** The scenario as written; checks that span keys included, defaults that depend on other keys not yet. */
const written = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .meta({ description: 'For editors; without meaning here.', examples: ['./scenario.schema.json'] }),
    title: z
      .string()
      .optional()
      .meta({ description: "The report's heading.", examples: ['Gateway, four threads'] }),
    source,
    topology: z
      .enum(['dispatcher', 'shared', 'multi-queue'])
      .default('dispatcher')
      .describe(
        'dispatcher: one reader hands packets out. shared: all lanes read the one TUN queue themselves, no policy. multi-queue: a TUN queue per lane, the policy chooses on arrival.',
      ),
    tunQueue: z
      .strictObject({
        capacityPackets: capacityPackets
          .default(500)
          .meta({ description: 'Packets that it holds; Linux has 500.', examples: [1000] }),
        onFull: z
          .enum(['drop', 'stop'])
          .default('drop')
          .describe('A packet that finds it full: dropped, or kept outside until half of the queue is free.'),
      })
      .prefault({})
      .describe("The TUN device's queue."),
    reader: reader.prefault({}).describe('The one thread that reads the TUN device and asks the policy.'),
    lanes: lanes.prefault({}).describe('The threads that work on packets.'),
    cores: cores.optional().meta({
      description:
        'Cores that reader, lanes and receiver share, with run queues. Left out: each thread has a core of its own, but for lanes.cores.',
      examples: [{ count: 2 }],
    }),
    receiver: receiver.optional().meta({
      description:
        'Threads at the far end, behind the links. Left out: packets arrive when they leave their link.',
      examples: [{ service: { fixed: '10us', perByte: '0ns', jitter: 'none' } }],
    }),
    link: z
      .strictObject({
        perLane: z.boolean().default(true).describe('Own connections, or one link that all lanes share.'),
        delay: perLane(durationText)
          .default('0ns')
          .meta({ description: 'Time that every packet is on its way.', examples: ['10ms'] }),
        jitter: jitter.default('none').meta({
          description: 'Drawn for every packet, added to the delay.',
          examples: [{ uniform: { low: '0us', high: '200us' } }],
        }),
        loss: perLane(z.number().min(0).max(1))
          .default(0)
          .meta({ description: 'Share of packets lost, 0 to 1.', examples: [0.001] }),
        rateBps: perLane(z.union([rate, z.literal('unlimited')]))
          .default('unlimited')
          .meta({
            description: 'Bits per second; a packet occupies the link for its size over this.',
            examples: [1e8],
          }),
        keepsOrder: z
          .boolean()
          .default(true)
          .describe('Packets of one link never overtake each other, whatever their jitter.'),
        stream: z
          .strictObject({
            nagle: z
              .boolean()
              .default(true)
              .describe(
                'Less than a full segment waits for an acknowledgement; false: each packet goes at once (TCP_NODELAY).',
              ),
            mssBytes: z
              .int()
              .min(TCP_MIN_MSS_BYTES)
              .max(65_495)
              .default(1448)
              .meta({ description: 'Bytes of a full segment.', examples: [1400] }),
            overheadBytes: z
              .int()
              .min(LENGTH_BYTES)
              .max(10_000)
              .default(26)
              .meta({ description: 'Bytes that the tunnel adds to each packet.', examples: [40] }),
            pingpong: perLane(z.boolean())
              .default(false)
              .meta({
                description:
                  'Has the far end sent data of its own? Then it acknowledges later, until a pause of 40 ms.',
                examples: [true],
              }),
          })
          .optional()
          .meta({
            description:
              "Each lane's packets are bytes of one TCP connection. Left out: each packet goes for itself.",
            examples: [{ nagle: true }],
          }),
      })
      .prefault({})
      .describe("Each lane's way to the sink."),
    release: releaseSchema.default('none').meta({
      description: 'Egress order: what is done about reordering behind the lanes.',
      examples: [{ sequence: { timeout: '5ms' } }],
    }),
    policies: policyList.default(DEFAULT_POLICIES).meta({
      description:
        'The policies to compare on the same packets; the first is the reference. Of an arrivals CSV openvpn-fork has exception=none by default.',
      examples: [['hash', { 'flow-pinned': { ttl: '5s' } }]],
    }),
    assume: assume.prefault({}).describe('What the metrics of TCP, QUIC, voice and VPNs assume.'),
    runs: count
      .max(RUNS_MAX)
      .default(5)
      .meta({
        description: 'Independent repetitions; one is enough where nothing is random.',
        examples: [20],
      }),
    seed: z
      .union([z.int(), z.string()])
      .default(1)
      .meta({ description: 'Another seed gives other random numbers.', examples: [7] }),
    duration: durationText.optional().meta({
      description: `Sources stop so long after a capture's first packet, or after a synthetic source's start; default ${DEFAULT_DURATION} for synthetic, everything for captures.`,
      examples: ['30s'],
    }),
    warmup: durationText.optional().meta({
      description:
        'Packets of so long a time are not judged, counted like the duration; default 5 % of it for synthetic, 0s for captures.',
      examples: ['500ms'],
    }),
  })
  .superRefine((scenario, context) => {
    for (const { path, reason } of acrossKeys(scenario)) {
      context.addIssue({ code: 'custom', message: reason, path: [...path] })
    }
  })

/** The schema of a scenario file; its output is the expanded scenario. */
export const scenarioSchema = written.transform(expand)

/** A scenario with all defaults filled in, quantities as text. */
export type Scenario = z.output<typeof scenarioSchema>
/** A scenario as a file may say it. */
export type ScenarioInput = z.input<typeof scenarioSchema>

/** Fills in what depends on the kind of source, and puts the keys into one order. */
function expand({ $schema: _, duration, warmup, ...scenario }: z.output<typeof written>) {
  const kept = 'synthetic' in scenario.source ? (duration ?? DEFAULT_DURATION) : duration
  const share = 'synthetic' in scenario.source ? Math.round(parseDurationNs(kept!) * WARMUP_SHARE) : 0
  return {
    ...scenario,
    ...(kept === undefined ? {} : { duration: kept }),
    warmup: warmup ?? writeDuration(share),
  }
}
