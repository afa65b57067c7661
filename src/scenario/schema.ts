/**
 * The scenario: what a user may write, with which defaults. Quantities stay text ("8us"), so a parsed scenario with
 * all its defaults filled in is itself a scenario file that gives the same results; build.ts turns the text into
 * numbers. Unknown keys are errors everywhere. A key that names its unit or a count takes a bare number; every
 * other duration or size needs its unit. What is checked here is what one file can be wrong about.
 */
import { z } from 'zod'
import { durationText, fineDurationText, sizeText } from '../unit-schemas.ts'
import { parseDurationNs, parseSizeBytes, writeDuration } from '../units.ts'
import { jitter } from './jitter.ts'
import { type Mistake, show } from './mistakes.ts'
import { type PolicyEntry, policyList, refusal } from './policies.ts'

const DEFAULT_DURATION = '10s'
const WARMUP_SHARE = 0.05
const LANES_MAX = 1024
/** Keys that may hold one value per lane. */
const PER_LANE = [
  'lanes.speed',
  'lanes.service.fixed',
  'lanes.service.perByte',
  'link.delay',
  'link.loss',
  'link.rateBps',
]
const PACKET_BYTES_MIN = 20
const PACKET_BYTES_MAX = 65535

const count = z.int().min(1)
const rate = z.number().positive()

const direction = z
  .literal('both', {
    error: ({ input }) =>
      typeof input === 'object' && input !== null
        ? 'telling inside from outside isn\'t modelled yet - use "both" or leave it out'
        : undefined,
  })
  .default('both')
  .describe('Which packets meet the policy: both directions of the capture.')

const captureSource = z
  .strictObject({
    capture: z
      .string()
      .min(1, { error: 'the path is empty - name a pcap or pcapng file' })
      .meta({
        title: 'path',
        description:
          "A pcap or pcapng file, plain or gzipped, - for standard input; a relative path starts at the scenario's folder.",
        examples: ['captures/office.pcap'],
      }),
    speed: rate.default(1).describe('Replays so many times faster.'),
    loop: count.default(1).describe('Plays the capture so many times.'),
    packetsPerSecond: rate.optional().describe("Rescales the capture's time to this mean rate."),
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

const syntheticSource = z
  .strictObject({
    synthetic: z.strictObject({
      arrivals: z.enum(['poisson', 'periodic']).default('poisson'),
      packetsPerSecond: rate.describe('Mean arrival rate.'),
      flows: z
        .strictObject({
          count: count.default(1000),
          popularity: z
            .union([
              z.literal('uniform'),
              z
                .strictObject({ zipf: z.strictObject({ exponent: z.number().min(0) }) })
                .meta({ examples: [{ zipf: { exponent: 1.1 } }] }),
            ])
            .default('uniform')
            .describe("The flows' shares of the packets."),
        })
        .prefault({}),
      sizes: z
        .union([
          z.literal('imix'),
          z.strictObject({ fixed: sizeText.superRefine(packetSize) }).meta({ examples: [{ fixed: '700B' }] }),
        ])
        .default({ fixed: '700B' })
        .describe('Length of the IP packets.'),
      protocols: z
        .strictObject({ tcp: z.number().min(0).default(0), udp: z.number().min(0).default(0) })
        .refine(({ tcp, udp }) => tcp + udp > 0, {
          error: 'the shares add up to 0 - give tcp or udp a share above 0',
        })
        .default({ tcp: 0.8, udp: 0.2 })
        .describe("Each protocol's share of the flows."),
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

const source = z
  .union([captureSource, syntheticSource])
  .superRefine((value, context) => {
    if (!('capture' in value) || value.packetsPerSecond === undefined || value.speed === 1) return
    const message = 'has no effect beside packetsPerSecond - keep one of the two'
    context.addIssue({ code: 'custom', message, path: ['speed'], params: { atKey: true } })
  })
  .describe('Where the packets come from: a capture or a synthetic stream.')

/** One value for all lanes, or a list with one value per lane (its length is checked with the whole scenario). */
function perLane<T extends z.ZodType>(schema: T) {
  return z.union([schema, z.array(schema)])
}

const capacityPackets = z.union([count, z.literal('unlimited')])

const laneCountSchema = count.max(LANES_MAX).default(4)

const lanes = z.strictObject({
  count: laneCountSchema,
  speed: perLane(rate).default(1).describe('Service on a lane takes its work divided by this.'),
  service: z
    .strictObject({
      fixed: perLane(durationText).default('8us'),
      perByte: perLane(fineDurationText).default('4ns'),
      jitter: jitter
        .default({ lognormal: { median: '15us', sigma: 0.8 } })
        .describe('Drawn for every packet, added to its work.'),
    })
    .prefault({})
    .describe('Work of one packet.'),
  wakeUp: jitter
    .default('none')
    .describe('Time until an idle lane begins, drawn for the packet that wakes it.'),
  stalls: z
    .union([
      z.literal('none'),
      z.strictObject({
        perSecond: rate.describe('Stalls per second of running; gaps between them are exponential.'),
        length: jitter.describe('How long a stall lasts.'),
      }),
    ])
    .default('none')
    .describe('Times at which a lane does not run (preemption); they suspend the service in progress.'),
  queue: z
    .strictObject({
      capacityPackets: capacityPackets.default(1000),
      onFull: z.enum(['drop', 'hold']).default('drop'),
    })
    .prefault({})
    .describe("Each lane's own queue; hold: the reader waits until the lane has room."),
})

const reader = z.strictObject({
  perPacket: durationText.default('0ns').describe('Cost of reading one packet.'),
  perPass: durationText.default('0ns').describe('Cost of one pass over the TUN queue.'),
  batch: count.default(1).describe('Packets read per pass.'),
  stage: z
    .union([
      z.literal('off'),
      z
        .strictObject({ perLane: count.default(6), total: count.default(24) })
        .meta({ examples: [{ perLane: 6, total: 24 }] }),
    ])
    .default('off')
    .describe("The fork's bulk mode: chosen packets wait in the reader until their lane is idle."),
})

const at = z.enum(['sender', 'receiver']).default('receiver').describe('Before the links or behind them.')

const releaseSchema = z.union([
  z.literal('none'),
  z.strictObject({
    sequence: z
      .strictObject({
        timeout: z
          .union([durationText, z.literal('never')])
          .default('never')
          .describe('A missing packet is given up after it has held something up for so long.'),
        bound: capacityPackets.default('unlimited').describe('More waiting packets give it up too.'),
        at,
      })
      .describe('In the order of hand-over, the head is waited for (WireGuard, padata).'),
  }),
  z.strictObject({
    window: z
      .strictObject({
        size: z
          .int()
          .min(2)
          .refine((size) => Number.isInteger(Math.log2(size)), {
            error: 'is no power of two - use 2, 4, 8, ... like rte_reorder',
          })
          .default(1024),
        at,
      })
      .describe('A window of packets that slides over what is missing (DPDK rte_reorder).'),
  }),
  z.strictObject({
    turns: z
      .strictObject({ packets: count.default(1).describe('Packets that a lane writes per turn.') })
      .describe('Lanes write in turn, like pistons.'),
  }),
])

/** The scenario as written; checks that span keys included, defaults that depend on other keys not yet. */
const written = z
  .strictObject({
    $schema: z.string().optional().describe('For editors; without meaning here.'),
    title: z.string().optional().describe("The report's heading."),
    source,
    topology: z
      .enum(['dispatcher', 'shared', 'multi-queue'])
      .default('dispatcher')
      .describe(
        'dispatcher: one reader hands packets out. shared: all lanes read the one TUN queue themselves, no policy. multi-queue: a TUN queue per lane, the policy chooses on arrival.',
      ),
    tunQueue: z
      .strictObject({
        capacityPackets: capacityPackets.default(500),
        onFull: z.enum(['drop', 'stop']).default('drop'),
      })
      .prefault({})
      .describe("The TUN device's queue; stop: nothing is lost, arrivals wait outside."),
    reader: reader.prefault({}).describe('The one thread that reads the TUN device and asks the policy.'),
    lanes: lanes.prefault({}).describe('The threads that work on packets.'),
    link: z
      .strictObject({
        perLane: z.boolean().default(true).describe('Own connections, or one link that all lanes share.'),
        delay: perLane(durationText).default('0ns'),
        jitter: jitter.default('none').describe('Drawn for every packet, added to the delay.'),
        loss: perLane(z.number().min(0).max(1)).default(0).describe('Share of packets lost, 0 to 1.'),
        rateBps: perLane(z.union([rate, z.literal('unlimited')]))
          .default('unlimited')
          .describe('Bits per second.'),
        keepsOrder: z
          .boolean()
          .default(true)
          .describe('Packets of one link never overtake each other, whatever their jitter.'),
      })
      .prefault({})
      .describe("Each lane's way to the sink."),
    release: releaseSchema.default('none').describe('Egress order.'),
    policies: policyList
      .default([
        'any-idle',
        'round-robin',
        'hash',
        { 'flow-pinned': { ttl: '30s', key: 'address-pair' } },
        { 'openvpn-fork': { ttl: '30s' } },
      ] satisfies PolicyEntry[])
      .describe('The policies to compare on the same packets; the first is the reference.'),
    runs: count.default(5).describe('Independent repetitions.'),
    seed: z.union([z.int(), z.string()]).default(1),
    duration: durationText
      .optional()
      .describe(`Sources stop here; default ${DEFAULT_DURATION} for synthetic, everything for captures.`),
    warmup: durationText
      .optional()
      .describe(
        'Earlier packets are not judged; default 5 % of the duration for synthetic, 0s for captures.',
      ),
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

/**
 * Mistakes between keys. For a scenario with other mistakes zod doesn't get this far, so that load.ts asks for them
 * itself; nothing is taken for granted about the values.
 */
export function acrossKeys(scenario: unknown): Mistake[] {
  const mistakes: Mistake[] = []
  const complain = (path: string, reason: string) =>
    mistakes.push({
      path: path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      reason,
      atKey: false,
    })
  const laneCount = laneCountSchema.safeParse(valueAt(scenario, 'lanes.count')).data
  for (const path of laneCount === undefined ? [] : PER_LANE) {
    const values = valueAt(scenario, path)
    if (!Array.isArray(values) || values.length === laneCount) continue
    const counts = `${plural(values.length, 'value')} for ${plural(laneCount!, 'lane')}`
    complain(path, `has ${counts} - give one per lane, or a single one for all`)
  }
  if (valueAt(scenario, 'topology') === 'multi-queue' && valueAt(scenario, 'tunQueue.onFull') === 'stop') {
    complain('tunQueue.onFull', "stop isn't modelled for several queues - use drop")
  }
  if (losesForEver(scenario)) {
    complain(
      'release.sequence',
      'would wait for ever for packets that the links lose - give a timeout, or a bound',
    )
  }
  const entries = valueAt(scenario, 'policies')
  for (const [i, entry] of (laneCount !== undefined && Array.isArray(entries) ? entries : []).entries()) {
    const reason = refusal(entry, laneCount!)
    if (reason !== undefined) complain(`policies.${i}`, reason)
  }
  const synthetic = valueAt(scenario, 'source.synthetic') !== undefined
  const durationNs = nsOf(valueAt(scenario, 'duration') ?? (synthetic ? DEFAULT_DURATION : undefined))
  const warmupNs = nsOf(valueAt(scenario, 'warmup'))
  if (durationNs === 0) complain('duration', 'must be longer than 0s - leave it out for the default')
  else if (durationNs !== undefined && warmupNs !== undefined && warmupNs >= durationNs) {
    const lengths = `${valueAt(scenario, 'warmup')} leaves nothing of the duration of ${writeDuration(durationNs)}`
    complain('warmup', `${lengths} - shorten it, or lengthen the duration`)
  }
  return mistakes
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** A sequence behind lossy links that never gives anything up. */
function losesForEver(scenario: unknown): boolean {
  const loss = valueAt(scenario, 'link.loss')
  const sequence = valueAt(scenario, 'release.sequence')
  if (sequence === undefined || valueAt(scenario, 'release.sequence.at') === 'sender') return false
  if (!(Array.isArray(loss) ? loss : [loss]).some((ratio) => typeof ratio === 'number' && ratio > 0))
    return false
  const { timeout, bound } = sequence as { timeout?: unknown; bound?: unknown }
  return (timeout ?? 'never') === 'never' && (bound ?? 'unlimited') === 'unlimited'
}

function valueAt(tree: unknown, path: string): unknown {
  let node = tree
  for (const key of path.split('.')) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined
    node = (node as Record<string, unknown>)[key]
  }
  return node
}

function nsOf(text: unknown): number | undefined {
  return durationText.safeParse(text).success ? parseDurationNs(text as string) : undefined
}

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
