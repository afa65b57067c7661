/** The parts of the machine in a scenario: reader, lanes, release. */
import { z } from 'zod'
import { durationText, fineDurationText } from '../unit-schemas.ts'
import { jitter } from './jitter.ts'
import { capacityPackets, count, laneCountSchema, perLane, rate } from './schema-values.ts'

export const lanes = z.strictObject({
  count: laneCountSchema,
  cores: z
    .union([count, z.literal('all')])
    .default('all')
    .describe('Cores that the lanes share, fewer than lanes; all: each lane has its own.'),
  timeSlice: durationText
    .default('3ms')
    .describe('How long a lane keeps its core while another lane waits for one.'),
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

export const reader = z.strictObject({
  perPacket: durationText.default('0ns').describe('Cost of reading one packet.'),
  perPass: durationText.default('0ns').describe('Cost of one pass over the TUN queue.'),
  batch: count.default(1).describe('Packets read per pass.'),
  feedbackDelay: durationText
    .default('0ns')
    .describe('How old the view of the lanes is that policies see; for the topology dispatcher.'),
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

export const releaseSchema = z.union([
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
