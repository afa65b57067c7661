/** Test support: asks a policy directly, with hand-made packets and lanes whose state the test sets. */
import { type Flow, FlowTable, NO_PORT } from '../model/packets/flow-table.ts'
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

export function packetOf(flow: Flow, index = 0, tcpFlags = 0x10): Packet {
  return Object.freeze({ flow, index, sizeBytes: 700, payloadBytes: 660, tcpFlags, arrivalNs: 0 })
}

/** A policy with lanes that are as idle and as full as the test says. */
export class Asked {
  readonly policy: DispatchPolicy
  idle: boolean[]
  queuedPackets: number[]
  busyNs: number[]
  private readonly view: LaneView

  constructor(name: string, parameters: object, lanes: number) {
    this.idle = new Array<boolean>(lanes).fill(true)
    this.queuedPackets = new Array<number>(lanes).fill(0)
    this.busyNs = new Array<number>(lanes).fill(0)
    this.view = Object.freeze({
      count: lanes,
      queued: (lane: number) => this.queuedPackets[lane]!,
      inService: (lane: number) => (this.idle[lane]! ? 0 : 1),
      isIdle: (lane: number) => this.idle[lane]!,
      freeSlots: (lane: number) => 1000 - this.queuedPackets[lane]!,
      finished: () => 0,
      busyNs: (lane: number) => this.busyNs[lane]!,
      oracle: { doneNs: (_lane: number, nowNs: number) => nowNs, serviceNs: () => 1000 },
    })
    const plugin = policies.get(name)!
    this.policy = plugin.create(plugin.parameters.parse(parameters), this.view, randomStream(1, 0, name))
  }

  /** One reader pass over this packet: the lane it is given. */
  lane(packet: Packet, nowNs: number): number {
    this.policy.onPass?.(1, this.view, nowNs)
    return this.policy.choose(packet, this.view, nowNs)
  }

  /** One reader pass over these packets: the lanes they are given. */
  pass(packets: readonly Packet[], nowNs: number): number[] {
    this.policy.onPass?.(packets.length, this.view, nowNs)
    return packets.map((packet) => this.policy.choose(packet, this.view, nowNs))
  }

  /** The packet is asked about again, after a HOLD. */
  again(packet: Packet, nowNs: number): number {
    return this.policy.choose(packet, this.view, nowNs)
  }

  /** The packet has left its lane. */
  depart(packet: Packet, lane: number, nowNs: number): void {
    this.policy.onDeparture!(packet, lane, nowNs)
  }

  /** Fires every timer that is due by `nowNs`, each at its time; the times. */
  timersUntil(nowNs: number): number[] {
    const times: number[] = []
    for (let dueNs = this.policy.nextTimerNs!(); dueNs <= nowNs; dueNs = this.policy.nextTimerNs!()) {
      times.push(dueNs)
      this.policy.onTimer!(dueNs, this.view)
    }
    return times
  }
}

export function ask(name: string, parameters: object, lanes: number): Asked {
  return new Asked(name, parameters, lanes)
}
