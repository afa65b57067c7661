/** Test support: asks a policy directly, with hand-made packets and lanes whose state the test sets. */
import { type Flow, FlowTable, NO_PORT } from '../model/flow-table.ts'
import type { DispatchPolicy, LaneView, Packet } from '../model/policy.ts'
import { randomStream } from '../sim/random.ts'
import { policies } from './index.ts'

const flows = new FlowTable()

/** A frozen packet between two IPv4 addresses. */
export function packetBetween(
  source: number,
  destination: number,
  protocol = 17,
  sourcePort = NO_PORT,
  destinationPort = NO_PORT,
): Packet {
  flows.key.fill(0)
  flows.key[0] = source
  flows.key[4] = destination
  const flow = flows.get(flows.intern(4, protocol, sourcePort, destinationPort))
  return packetOf(flow)
}

export function packetOf(flow: Flow): Packet {
  return Object.freeze({ flow, index: 0, sizeBytes: 700, payloadBytes: 660, tcpFlags: 0x10, arrivalNs: 0 })
}

/** A policy with lanes that are as idle and as full as the test says. */
export class Asked {
  readonly policy: DispatchPolicy
  idle: boolean[]
  queuedPackets: number[]
  private readonly view: LaneView

  constructor(name: string, parameters: object, lanes: number) {
    this.idle = new Array<boolean>(lanes).fill(true)
    this.queuedPackets = new Array<number>(lanes).fill(0)
    this.view = Object.freeze({
      count: lanes,
      queued: (lane: number) => this.queuedPackets[lane]!,
      inService: (lane: number) => (this.idle[lane]! ? 0 : 1),
      isIdle: (lane: number) => this.idle[lane]!,
      freeSlots: (lane: number) => 1000 - this.queuedPackets[lane]!,
      finished: () => 0,
      busyNs: () => 0,
    })
    const plugin = policies.get(name)!
    this.policy = plugin.create(plugin.parameters.parse(parameters), this.view, randomStream(1, 0, name))
  }

  /** One reader pass over this packet: the lane it is given. */
  lane(packet: Packet, nowNs: number): number {
    this.policy.onPass?.(1, this.view, nowNs)
    return this.policy.choose(packet, this.view, nowNs)
  }
}

export function ask(name: string, parameters: object, lanes: number): Asked {
  return new Asked(name, parameters, lanes)
}
