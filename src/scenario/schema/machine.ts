/** The parts of the machine in a scenario: reader, lanes, release. */
import { z } from 'zod'
import { powerOfTwoUpTo } from '../../sim/power-of-two.ts'
import { durationText, fineDurationText } from '../../unit-schemas.ts'
import { jitter } from './jitter.ts'
import { capacityPackets, count, laneCountSchema, perLane, rate, ratio, threadCount } from './values.ts'

/** rte_reorder's users have some thousands at most. */
const WINDOW_PACKETS_MAX = 1 << 20

/** Of a thread that works on packets, here or at the far end. */
const work = {
  speed: perLane(rate.max(1e6))
    .default(1)
    .meta({ description: 'Service on a lane takes its work divided by this.', examples: [0.5] }),
  wakeUp: jitter.default('none').meta({
    description: 'Time until an idle lane begins, drawn for the packet that wakes it.',
    examples: [{ exponential: { mean: '20us' } }],
  }),
  stalls: z
    .union([
      z.literal('none'),
      z.strictObject({
        perSecond: rate.max(1e6).meta({
          description: 'Stalls per second of running; gaps between them are exponential.',
          examples: [5],
        }),
        length: jitter.meta({
          description: 'How long a stall lasts.',
          examples: [{ pareto: { minimum: '200us', shape: 1.8 } }],
        }),
      }),
    ])
    .default('none')
    .meta({
      examples: [{ perSecond: 5, length: { exponential: { mean: '200us' } } }],
      description: 'Times at which a lane does not run (preemption); they suspend the service in progress.',
    }),
}
const service = {
  fixed: perLane(durationText)
    .default('8us')
    .meta({ description: 'Work of every packet, whatever its size.', examples: ['5us'] }),
  perByte: perLane(fineDurationText)
    .default('4ns')
    .meta({ description: 'Work per byte of the IP packet.', examples: ['0.8ns'] }),
  jitter: jitter.default({ lognormal: { median: '15us', sigma: 0.8 } }).meta({
    description: 'Drawn for every packet, added to its work.',
    examples: [{ gamma: { mean: '20us', shape: 2 } }],
  }),
}

export const lanes = z.strictObject({
  count: laneCountSchema,
  cores: z
    .union([count, z.literal('all')])
    .default('all')
    .meta({
      description: 'Cores that the lanes share, fewer than lanes; all: each lane has its own.',
      examples: [2],
    }),
  timeSlice: durationText.default('3ms').meta({
    description: 'How long a lane keeps its core while another lane waits for one.',
    examples: ['1ms'],
  }),
  speed: work.speed,
  service: z
    .strictObject({
      ...service,
      write: durationText.optional().meta({
        description:
          'Of the work of a packet, its end in which it is written; counts where lanes.idleAt is start-of-write. Default 0ns.',
        examples: ['4us'],
      }),
    })
    .prefault({})
    .describe('Work of one packet.'),
  idleAt: z
    .enum(['end', 'start-of-write'])
    .optional()
    .describe(
      'When a lane says that it is idle: at the end of its service (default), or before the write at its end, as the OpenVPN fork does.',
    ),
  wakeUp: work.wakeUp,
  stalls: work.stalls,
  queue: z
    .strictObject({
      capacityPackets: capacityPackets
        .default(1000)
        .meta({ description: 'Packets that wait, without the one in service.', examples: [64] }),
      onFull: z
        .enum(['drop', 'hold'])
        .default('drop')
        .describe('A packet for a full queue: dropped, or the reader waits until the lane has room.'),
    })
    .prefault({})
    .describe("Each lane's own queue."),
})

export const cores = z.strictObject({
  count: count.meta({ description: 'Cores of the machine.', examples: [2] }),
  timeSlice: durationText.default('3ms').meta({
    description: 'How long a thread keeps its core, at most, while another one waits for it.',
    examples: ['4ms'],
  }),
  wakeOnSameCore: ratio.default(0.2).meta({
    description:
      'Chance that a thread starts on the core of the thread that wakes it, which goes on first, 0 to 1.',
    examples: [0.5],
  }),
  takeOver: ratio.default(0.1).meta({
    description: 'Chance that a core which becomes idle takes over a thread that waits for another, 0 to 1.',
    examples: [1],
  }),
})

export const receiver = z.strictObject({
  assign: z
    .enum(['own', 'shared'])
    .default('own')
    .describe(
      "own: each lane's packets have a thread of their own. shared: any idle thread takes the next packet.",
    ),
  count: threadCount.optional().meta({
    description: 'Threads, where they are shared; default: as many as lanes.',
    examples: [2],
  }),
  speed: work.speed,
  service: z.strictObject(service).prefault({}).describe('Work of one packet at the far end.'),
  wakeUp: work.wakeUp,
  stalls: work.stalls,
})

export const reader = z.strictObject({
  perPacket: durationText
    .default('0ns')
    .meta({ description: 'Cost of reading one packet.', examples: ['1us'] }),
  perPass: durationText
    .default('0ns')
    .meta({ description: 'Cost of one pass over the TUN queue.', examples: ['2us'] }),
  batch: count.default(1).meta({ description: 'Packets read per pass, at most.', examples: [24] }),
  feedbackDelay: durationText.default('0ns').meta({
    description: 'How old the view of the lanes is that policies see; for the topology dispatcher.',
    examples: ['50us'],
  }),
  stage: z
    .union([
      z.literal('off'),
      z
        .strictObject({
          perLane: count
            .default(6)
            .meta({ description: 'Packets that wait for one lane, at most.', examples: [8] }),
          total: count.default(24).meta({
            description: 'Packets that wait for all lanes together; then the reader stops reading.',
            examples: [32],
          }),
        })
        .meta({ examples: [{ perLane: 6, total: 24 }] }),
    ])
    .default('off')
    .describe("The fork's bulk mode: chosen packets wait in the reader until their lane is idle."),
  whenLaneBusy: z
    .enum(['sleep', 'spin'])
    .optional()
    .describe(
      'What the reader does while a packet in it waits for a lane: sleep (default), or spin, which keeps the core that it shares under cores.',
    ),
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
          .meta({
            description: 'A missing packet is given up after it has held something up for so long.',
            examples: ['5ms'],
          }),
        bound: capacityPackets.default('unlimited').meta({
          description: 'More packets than these, waiting, give it up too.',
          examples: [1024],
        }),
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
          .max(WINDOW_PACKETS_MAX)
          .refine((size) => size < 2 || size > WINDOW_PACKETS_MAX || powerOfTwoUpTo(size) === size, {
            error: 'is no power of two - use 2, 4, 8, ... like rte_reorder',
          })
          .default(1024)
          .meta({ description: 'Packets in the window, a power of two.', examples: [512] }),
        at,
      })
      .describe('A window of packets that slides over what is missing (DPDK rte_reorder).'),
  }),
  z.strictObject({
    turns: z
      .strictObject({
        packets: count
          .default(1)
          .meta({ description: 'Packets that a lane writes per turn.', examples: [8] }),
      })
      .describe('Lanes write in turn, like pistons; a lane that was given nothing is skipped.'),
  }),
])
