/** Where a scenario's packets come from: a capture, an arrivals CSV or a synthetic stream. */
import { z } from 'zod'
import { parsePrefix } from '../../model/packets/prefix.ts'
import { distributions } from '../../sim/distributions/index.ts'
import { sizeText } from '../../unit-schemas.ts'
import { parseSizeBytes } from '../../units.ts'
import { arrivals } from './arrivals.ts'
import { jitter } from './jitter.ts'
import { count, LIST_MAX, packetRate, weight } from './values.ts'

/**
 * Instead of a capture's path: one that comes through a pipe. Whoever runs the scenario keeps it in a file
 * first.
 */
export const STANDARD_INPUT = '-'

const FLOWS_MAX = 1_000_000
const PREFIXES_MAX = 1000
const FILES_MAX = 10_000
const PACKET_BYTES_MIN = 20
const PACKET_BYTES_MAX = 65535

const prefix = z
  .string()
  .refine((text) => parsePrefix(text) !== undefined, {
    error: ({ input }) => `${JSON.stringify(input)} is no prefix - write it like 10.8.0.0/24 or fd08::/64`,
  })
  .meta({ title: 'prefix', examples: ['10.8.0.0/24', 'fd08::/64'] })

const direction = z
  .union([
    z.literal('both'),
    z.strictObject({
      inside: z
        .array(prefix)
        .min(1)
        .max(PREFIXES_MAX)
        .meta({
          description: 'Packets from these prefixes meet the policy.',
          examples: [['10.8.0.0/24', 'fd08::/64']],
        }),
      returnLane: z
        .enum(['same', 'hash', 'round-robin'])
        .default('same')
        .describe(
          'The lane that writes packets to the inside; only policies that learn from it hear of them.',
        ),
    }),
  ])
  .default('both')
  .meta({
    description: 'Which packets meet the policy: both directions, or only what comes from the inside.',
    examples: [{ inside: ['10.8.0.0/24'], returnLane: 'hash' }],
  })

const capturePath = z.string().min(1, { error: 'the path is empty - name a pcap or pcapng file' })

const captureList = z
  .array(capturePath)
  .min(1, { error: 'the list is empty - name at least one pcap or pcapng file' })
  .max(FILES_MAX)
  .refine((paths) => paths.length === 1 || !paths.includes(STANDARD_INPUT), {
    error: "standard input can't be joined with other files - save it and name the file",
  })

const captureSource = z
  .strictObject({
    capture: z.union([capturePath, captureList]).meta({
      title: 'path',
      description:
        "A pcap or pcapng file, plain or compressed, '@office' for one that comes with lanewise, - for standard input; both.pcapng#tun0 is one interface of it; a relative path starts at the scenario's folder. A list of files is one capture, joined in order of time.",
      examples: ['captures/office.pcap'],
    }),
    speed: packetRate.default(1).meta({ description: 'Replays so many times faster.', examples: [10] }),
    loop: count.default(1).meta({ description: 'Plays the capture so many times.', examples: [3] }),
    packetsPerSecond: packetRate
      .optional()
      .meta({ description: "Rescales the capture's time to this mean rate.", examples: [20000] }),
    clock: z
      .enum(['poisson', 'periodic'])
      .default('poisson')
      .describe('Arrivals of a capture without usable times, together with packetsPerSecond.'),
    sort: z
      .boolean()
      .default(false)
      .describe(
        'Orders packets by time, within a window of 65,536; otherwise one that goes back arrives with the one before.',
      ),
    direction,
  })
  .meta({ examples: [{ capture: 'captures/office.pcap' }] })

const arrivalsPath = z
  .string()
  .min(1, { error: 'the path is empty - name a CSV with the columns sentNs, flow and sizeBytes' })
  .refine((path) => path !== STANDARD_INPUT, {
    error:
      "standard input can't be an arrivals file, which is read several times - save it and name the file",
  })

const arrivalsSource = z
  .strictObject({
    arrivals: arrivalsPath.meta({
      title: 'path',
      description:
        "A CSV of packets that were sent through a running system, plain or gzip: columns sentNs, flow and sizeBytes, and receivedNs and sequence for what was measured there. Packets of NAME.lost.csv beside it are sent too. Columns source, destination, protocol, sourcePort and destinationPort give their addresses; without them each flow has a UDP 5-tuple and an address pair of its own. A relative path starts at the scenario's folder.",
      examples: ['runs/spray.csv.gz'],
    }),
    speed: packetRate.default(1).meta({ description: 'Sends so many times faster.', examples: [10] }),
    packetsPerSecond: packetRate
      .optional()
      .meta({ description: "Rescales the file's time to this mean rate.", examples: [20000] }),
    direction,
  })
  .meta({ examples: [{ arrivals: 'runs/spray.csv.gz' }] })

const share = weight.default(0).meta({ examples: [0.5] })

const packetBytes = sizeText.superRefine(packetSize)

const flows = z
  .strictObject({
    count: count
      .max(FLOWS_MAX)
      .default(1000)
      .meta({ description: 'Flows alive at any time.', examples: [200] }),
    popularity: z
      .union([
        z.literal('uniform'),
        z
          .strictObject({
            zipf: z
              .strictObject({
                exponent: z
                  .number()
                  .min(0)
                  .max(20)
                  .meta({
                    description: '0 is uniform; the larger, the fewer flows have most packets.',
                    examples: [1.1],
                  }),
              })
              .describe('The k-th flow has a share of the packets in proportion to k^-exponent.'),
          })
          .meta({ examples: [{ zipf: { exponent: 1.1 } }] }),
      ])
      .default('uniform')
      .describe("The flows' shares of the packets."),
    lifetime: jitter.optional().meta({
      description: 'How long a flow lives until a new one takes its place; for ever when left out.',
      examples: [{ exponential: { mean: '2s' } }],
    }),
  })
  .superRefine(({ lifetime }, context) => {
    const meanNs = lifetime === undefined || lifetime === 'none' ? 1 : meanNsOf(lifetime)
    if (meanNs > 0 && meanNs < Number.POSITIVE_INFINITY) return
    const message =
      meanNs === 0
        ? 'a flow of no lifetime sends nothing - give it a longer one, or leave lifetime out'
        : 'has no mean, so that no rate of new flows follows - use a shape above 1'
    context.addIssue({ code: 'custom', message, path: ['lifetime'] })
  })

/** Mean of a distribution of times; 1 where other mistakes leave none. */
function meanNsOf(spec: Readonly<Record<string, unknown>>): number {
  const [name, given] = Object.entries(spec)[0] ?? ['', undefined]
  const distribution = distributions.get(name)
  const parsed = distribution?.parameters.safeParse(given)
  return parsed?.success ? distribution!.meanNs(parsed.data) : 1
}

const sizes = z.union([
  z.literal('imix'),
  z
    .strictObject({
      fixed: packetBytes.meta({ description: 'All packets are this long.', examples: ['1400B'] }),
    })
    .meta({ examples: [{ fixed: '700B' }] }),
  z
    .strictObject({
      empirical: z
        .strictObject({
          values: z
            .array(packetBytes)
            .min(1, { error: 'the list is empty - give at least one size' })
            .max(LIST_MAX)
            .meta({ description: 'The sizes that occur.', examples: [['64B', '1500B']] }),
          weights: z
            .array(weight)
            .max(LIST_MAX)
            .optional()
            .meta({ description: 'One per value; equal without.', examples: [[3, 1]] }),
        })
        .refine(({ values, weights }) => weights === undefined || weights.length === values.length, {
          error: 'values and weights differ in number - give one weight per value',
        })
        .refine(({ weights }) => weights === undefined || weights.some((weight) => weight > 0), {
          error: 'all weights are 0 - give one above 0',
        })
        .describe('Sizes drawn independently, one per packet.'),
    })
    .meta({ examples: [{ empirical: { values: ['64B', '1500B'], weights: [3, 1] } }] }),
])

const syntheticSource = z
  .strictObject({
    synthetic: z
      .strictObject({
        arrivals: arrivals.default('poisson').describe('When packets come; default poisson.'),
        packetsPerSecond: packetRate.meta({
          description: 'Mean arrival rate, bursts and silences included.',
          examples: [100000],
        }),
        flows: flows.prefault({}).describe('The flows that packets belong to, drawn for every packet.'),
        sizes: sizes
          .default({ fixed: '700B' })
          .describe('Length of the IP packets; imix: 40, 576 and 1500 bytes, 7 : 4 : 1.'),
        protocols: z
          .strictObject({
            tcp: share.describe('Share of the flows that are TCP, relative to the other.'),
            udp: share.describe('Share of the flows that are UDP, relative to the other.'),
          })
          .refine(({ tcp, udp }) => tcp + udp > 0, {
            error: 'the shares add up to 0 - give tcp or udp a share above 0',
          })
          .default({ tcp: 0.8, udp: 0.2 })
          .meta({ description: "Each protocol's share of the flows.", examples: [{ tcp: 1, udp: 3 }] }),
      })
      .meta({
        description: 'Packets made at random, until the duration is over.',
        examples: [{ packetsPerSecond: 100000 }],
      }),
    direction,
  })
  .meta({ examples: [{ synthetic: { packetsPerSecond: 100000 } }] })

function packetSize(text: string, context: z.core.$RefinementCtx): void {
  let bytes: number
  try {
    bytes = parseSizeBytes(text)
  } catch {
    return
  }
  if (bytes >= PACKET_BYTES_MIN && bytes <= PACKET_BYTES_MAX) return
  const message = `${text} is no size of an IP packet - use ${PACKET_BYTES_MIN}B to ${PACKET_BYTES_MAX}B`
  context.addIssue({ code: 'custom', message })
}

export const source = z
  .union([captureSource, arrivalsSource, syntheticSource])
  .superRefine((value, context) => {
    if ('synthetic' in value || value.packetsPerSecond === undefined || value.speed === 1) return
    const message = 'has no effect beside packetsPerSecond - keep one of the two'
    context.addIssue({ code: 'custom', message, path: ['speed'], params: { atKey: true } })
  })
  .describe('Where the packets come from: a capture, an arrivals CSV or a synthetic stream.')
