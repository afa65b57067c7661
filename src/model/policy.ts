/**
 * The dispatch policy: which lane does this packet go to? A policy is a name, parameters checked by a schema,
 * and a factory whose instance keeps its state in a closure. One instance serves one run; the same code runs
 * in the simulator and on live packets. Between packets the order is: departures, due timers, onPass, choose.
 */
import type { z } from 'zod'
import type { Random } from '../sim/random.ts'
import type { FlowKey } from './packets/flow-key.ts'
import type { Flow } from './packets/flow-table.ts'
import type { TimeToLive } from './time-to-live.ts'

/**
 * What a policy sees of a packet. One object is reused for all packets: take what you need, don't keep it.
 */
export interface Packet {
  /** The packet's flow, by the policy's `flowKey`; this object may be kept. */
  readonly flow: Flow
  /** Number of the packet in the source, from 0. */
  readonly index: number
  /** Length of the IP packet. */
  readonly sizeBytes: number
  /** Bytes above the transport header. */
  readonly payloadBytes: number
  /** The TCP header's flag byte; 0 for everything else. */
  readonly tcpFlags: number
  /** Time at the source, ns from the start of the run. */
  readonly arrivalNs: number
}

/**
 * What a policy sees of the lanes, under `reader.feedbackDelay` as they were so long ago. Lanes are numbered
 * from 0.
 */
export interface LaneView {
  readonly count: number
  /** Packets waiting in the lane's queue, without the one in service. */
  queued(lane: number): number
  /** Packets in service: 0 or 1. */
  inService(lane: number): number
  /** Nothing in service, nothing queued. */
  isIdle(lane: number): boolean
  /** Room in the lane's queue, in packets; Infinity for an unlimited one. */
  freeSlots(lane: number): number
  /** Packets that the lane has finished since the start of the run. */
  finished(lane: number): number
  /** Time that the lane has spent in service since the start of the run, ns. */
  busyNs(lane: number): number
  /** What only a simulator can know; not there on live lanes, nor when the view is stale. */
  readonly oracle?: LaneOracle
}

/** The future of the lanes, as far as stalls don't change it. */
export interface LaneOracle {
  /** When the lane will have done all that it has been given, ns; now when it is idle. */
  doneNs(lane: number, nowNs: number): number
  /** How long this lane would serve this packet, ns. */
  serviceNs(packet: Packet, lane: number): number
}

/**
 * A policy's answer "no lane now": the packet stays first in line and is asked about again after the next
 * departure or timer.
 */
export const HOLD = -1

export interface DispatchPolicy {
  readonly name: string
  /**
   * True when no packet of a flow can overtake another one with these parameters, on order-keeping links of
   * equal delay.
   */
  readonly keepsFlowOrder: boolean
  /**
   * What the `flow` of packets is. Left out: the 5-tuple, by which order is judged, too. With another one,
   * `keepsFlowOrder` speaks of its flows.
   */
  readonly flowKey?: FlowKey
  /** A reader pass over `packets` packets begins. */
  onPass?(packets: number, lanes: LaneView, nowNs: number): void
  /** The packet's lane, 0 .. lanes.count - 1, or HOLD. */
  choose(packet: Packet, lanes: LaneView, nowNs: number): number
  /** The packet left its lane: it was finished or dropped there. */
  onDeparture?(packet: Packet, lane: number, nowNs: number): void
  /** A lane wrote a packet of the reverse direction, which no policy has met. */
  onReturn?(packet: Packet, lane: number, nowNs: number): void
  /** Time of the next timer in ns, Infinity for none; asked after every call into the policy. */
  nextTimerNs?(): number
  onTimer?(nowNs: number, lanes: LaneView): void
  /** Named totals since the start of the run, for the report. */
  counters?(): Record<string, number>
  /** What a reader of the results has to know of this run, a line each; said once where runs say the same. */
  remarks?(): readonly string[]
}

/** What a user's module exports, and what a program hands to `simulate`. */
export interface PolicyDefinition<P extends z.ZodType = z.ZodType> {
  /** Letters, digits and hyphens. */
  readonly name: string
  /** One line for `lanewise list policies`. */
  readonly description: string
  /** The system that has this rule, for docs/policies.md. */
  readonly models?: string
  /** When it keeps the order of every flow: "always", or the condition. */
  readonly keepsOrder?: string
  /** Left out: it takes none. */
  readonly parameters?: P
  /** Does it draw random numbers? Left out: it may. A scenario without any randomness is run once only. */
  readonly usesRandom?: boolean | ((parameters: z.output<P>) => boolean)
  /** What `lanewise tune` has to know of the policy's TTL. Left out: it has none to tune. */
  readonly timeToLive?: TimeToLive<P>
  /**
   * What of its rule goes by real addresses and protocols, as the beginning of a message; undefined where
   * made up ones will do that tell flows apart, as an arrivals CSV may have. Left out: they always do.
   */
  readonly needsAddresses?: (parameters: z.output<P>) => string | undefined
  create(parameters: z.output<P>, lanes: LaneView, random: Random): DispatchPolicy
}

/**
 * The definition, unchanged: `create` and `timeToLive` get their parameters' types from the schema beside
 * them.
 */
export function definePolicy<P extends z.ZodType = NoParameters>(
  definition: PolicyDefinition<P>,
): PolicyDefinition<P> {
  return definition
}

/** Does the policy draw random numbers with these parameters? */
export function drawsRandom({ usesRandom = true }: PolicyDefinition, parameters: unknown): boolean {
  return typeof usesRandom === 'function' ? usesRandom(parameters) : usesRandom
}

type NoParameters = z.ZodObject<Record<never, never>>

/** A policy as the simulator holds it, built in or loaded. */
export interface PolicyPlugin<P extends z.ZodType = z.ZodType> extends PolicyDefinition<P> {
  readonly parameters: P
}
