/**
 * PACKET_FANOUT_CPU of AF_PACKET sockets: the socket of the CPU that the packet arrived on, modulo their
 * number. Which CPU that is, receive-side or receive-packet steering decided before: it is a parameter here,
 * `cpus` of them, and flows are spread over them by hash, scaled as RPS does it (reciprocal_scale). With as
 * many CPUs as lanes it is static hashing; with fewer, some lanes get nothing; with one, as without any
 * steering, lane 0 gets everything. A flow stays on its CPU, so order is kept. Source: Linux 6.12
 * net/packet/af_packet.c (fanout_demux_cpu), net/core/dev.c (get_rps_cpu). Not modelled: interrupts that move
 * (irqbalance), RFS (`drained` has its rule). Validation: cpu.test.ts, policies.test.ts (contract).
 */
import { z } from 'zod'
import type { PolicyPlugin } from '../model/policy.ts'

const CPUS_MAX = 8192

const parameters = z.strictObject({
  cpus: z
    .union([z.literal('lanes'), z.int().min(1).max(CPUS_MAX)])
    .default('lanes')
    .describe('how many CPUs take packets from the device: as many as lanes, or a number'),
  key: z
    .enum(['5-tuple', 'symmetric', 'address-pair'])
    .default('5-tuple')
    .describe('what decides the CPU: the directed 5-tuple, both directions alike, or the two addresses'),
})

export const cpu: PolicyPlugin<typeof parameters> = {
  name: 'cpu',
  description: 'the lane of the CPU that the packet arrived on (AF_PACKET fanout by CPU)',
  models: 'AF_PACKET sockets with PACKET_FANOUT_CPU, below RSS or RPS',
  keepsOrder: 'always',
  parameters,
  usesRandom: false,
  create({ cpus, key }, lanes) {
    const { count } = lanes
    const cpuCount = cpus === 'lanes' ? count : cpus
    const laneOf = (hash: number) => Math.floor((hash * cpuCount) / 2 ** 32) % count
    const policy = { name: 'cpu', keepsFlowOrder: true }
    if (key === 'symmetric') return { ...policy, choose: ({ flow }) => laneOf(flow.hashSymmetric) }
    if (key === 'address-pair') return { ...policy, choose: ({ flow }) => laneOf(flow.hashAddressPair) }
    return { ...policy, choose: ({ flow }) => laneOf(flow.hash5Tuple) }
  },
}
