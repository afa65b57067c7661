/**
 * Where the policy sits in a pipeline: it is told and asked things here, with packet and lanes as it may see
 * them, its answers are checked, and its timer is kept in the event queue.
 */
import { reasonOf, shown } from '../errors.ts'
import type { EventQueue } from '../sim/event-queue.ts'
import type { ReturnPath } from './machine/return-path.ts'
import type { PacketChunk } from './packets/chunk.ts'
import { FLOW_KEYS } from './packets/flow-key.ts'
import type { FlowTable } from './packets/flow-table.ts'
import type { PacketStore } from './packets/packet-store.ts'
import { PacketView } from './packets/packet-view.ts'
import { type DispatchPolicy, HOLD, type LaneView } from './policy.ts'

/** A policy broke its contract; the message names the packet and the answer. */
export class PolicyError extends Error {}

/** Members that a policy may leave out. */
const OPTIONAL_CALLS = [
  'onPass',
  'onDeparture',
  'onReturn',
  'nextTimerNs',
  'onTimer',
  'counters',
  'remarks',
] as const

/** The one line for what a policy's code threw. @param at where: `packet 17`, or `create` */
export function policyFailure(label: string, at: string, error: unknown): string {
  const threw = error instanceof PolicyError ? '' : `threw at ${at}, `
  return `policy ${label}: ${threw}${reasonOf(error)}`
}

/** The lanes as they are: how many, and the clock that their view goes by. */
export interface HarnessLanes {
  readonly count: number
  nowNs: number
}

const IDLE_TIMERS_MAX = 1_000_000
const TIMERS_ON_HOLD_MAX = 1_000_000
const TIMERS_AT_ONE_INSTANT_MAX = 10_000

export class PolicyHarness {
  readonly policy: DispatchPolicy
  private readonly store: PacketStore
  private readonly flows: FlowTable
  private readonly view: PacketView
  private readonly hasTimer: boolean
  private readonly lanes: HarnessLanes
  private readonly laneCount: number
  /** The lanes as the policy sees them; an old view, maybe. */
  private readonly seen: LaneView
  private readonly returnPath: ReturnPath | undefined
  private readonly events: EventQueue
  private readonly timerComponent: number
  /** Number of the packet that the policy was told or asked of last; its row may hold another one by now. */
  packetAtHand = 0
  /** Timers since a packet has left its lane, or since the run began. */
  private timersWithoutProgress = 0
  /** Of these, the latest while it held every packet. */
  private timersOnHold = 0
  private lastTimerNs = -1
  private timersAtThisInstant = 0

  constructor(
    policy: DispatchPolicy,
    store: PacketStore,
    flows: FlowTable,
    lanes: { readonly real: HarnessLanes; readonly seen: LaneView },
    returnPath: ReturnPath | undefined,
    timer: { readonly events: EventQueue; readonly component: number },
  ) {
    if (typeof policy?.choose !== 'function') {
      throw new PolicyError(
        `create gave ${shown(policy)} - it must return an object with choose(packet, lanes, nowNs)`,
      )
    }
    for (const member of OPTIONAL_CALLS) {
      if (policy[member] === undefined || typeof policy[member] === 'function') continue
      throw new PolicyError(`${member} is ${shown(policy[member])} - it must be a function, or be left out`)
    }
    const { flowKey = '5-tuple' } = policy
    if (!FLOW_KEYS.includes(flowKey)) {
      throw new PolicyError(`flowKey is ${shown(flowKey)} - it must be one of ${FLOW_KEYS.join(', ')}`)
    }
    this.policy = policy
    this.store = store
    this.flows = flows
    this.view = new PacketView(store, flows, flowKey)
    this.hasTimer = policy.nextTimerNs !== undefined
    this.lanes = lanes.real
    this.laneCount = lanes.real.count
    this.seen = lanes.seen
    this.returnPath = returnPath
    this.events = timer.events
    this.timerComponent = timer.component
    this.syncTimer(0)
  }

  /** A pass of the reader begins. */
  beginPass(packets: number): void {
    if (this.policy.onPass === undefined) return
    const { nowNs } = this.store
    this.lanes.nowNs = nowNs
    this.policy.onPass(packets, this.seen, nowNs)
    this.syncTimer(nowNs)
  }

  /** The lane for the packet, or HOLD; anything else throws a PolicyError. */
  choose(row: number): number {
    const { store, lanes, policy } = this
    const { nowNs } = store
    this.pointAt(row)
    lanes.nowNs = nowNs
    const lane = policy.choose(this.view, this.seen, nowNs)
    if (typeof lane === 'number' && lane >= 0 && lane < this.laneCount && lane === (lane | 0)) {
      store.lane[row] = lane
      this.returnPath?.onChoice(store.flow[row]!, lane)
    } else if (lane !== HOLD) {
      throw new PolicyError(
        `chose lane ${shown(lane)} for packet ${store.index[row]} - ` +
          `choose must return a whole number from 0 to ${this.laneCount - 1}, or HOLD (-1)`,
      )
    }
    if (this.hasTimer) this.syncTimer(nowNs)
    return lane
  }

  /** The packet has left its lane, finished or dropped. */
  departed(row: number, lane: number): void {
    this.timersWithoutProgress = 0
    this.timersOnHold = 0
    if (this.policy.onDeparture === undefined) return
    const { nowNs } = this.store
    this.lanes.nowNs = nowNs
    this.pointAt(row)
    this.policy.onDeparture(this.view, lane, nowNs)
    this.syncTimer(nowNs)
  }

  /** A packet of the return traffic comes: a lane writes it, and the policy may learn from that. */
  returned(chunk: PacketChunk, i: number, nowNs: number): void {
    if (this.policy.onReturn === undefined) return
    const row = this.store.add(chunk, i)
    this.pointAt(row)
    const flow = this.flows.get(this.store.flow[row]!)
    this.policy.onReturn(this.view, this.returnPath!.laneOf(flow), nowNs)
    this.store.remove(row)
    this.syncTimer(nowNs)
  }

  /** @param isHeld does nothing but this policy keep the packets from going on? */
  fireTimer(nowNs: number, isHeld: boolean): void {
    this.events.cancel(this.timerComponent)
    this.timersWithoutProgress++
    this.timersOnHold = isHeld ? this.timersOnHold + 1 : 0
    if (this.timersOnHold > TIMERS_ON_HOLD_MAX) {
      throw new PolicyError(`its timer fired ${TIMERS_ON_HOLD_MAX} times while it held every packet`)
    }
    this.timersAtThisInstant = nowNs === this.lastTimerNs ? this.timersAtThisInstant + 1 : 1
    this.lastTimerNs = nowNs
    if (this.timersAtThisInstant > TIMERS_AT_ONE_INSTANT_MAX) {
      throw new PolicyError(
        `its timer is always due at ${nowNs} ns - nextTimerNs must give a later time, or Infinity`,
      )
    }
    this.lanes.nowNs = nowNs
    this.policy.onTimer?.(nowNs, this.seen)
    this.syncTimer(nowNs)
  }

  /** Nothing is left to be decided: a timer that goes on and on while packets are on their way has an end. */
  endIdleTimer(): void {
    if (this.timersWithoutProgress > IDLE_TIMERS_MAX) this.events.cancel(this.timerComponent)
  }

  /** The policy's own totals; throws a PolicyError for anything but finite numbers by name. */
  counters(): Record<string, number> {
    if (this.policy.counters === undefined) return {}
    let totals: Record<string, number>
    try {
      totals = this.policy.counters()
    } catch (error) {
      throw new PolicyError(`counters threw, ${reasonOf(error)}`)
    }
    if (typeof totals !== 'object' || totals === null) {
      throw new PolicyError(`counters gave ${shown(totals)} - it must return numbers by name`)
    }
    for (const [name, total] of Object.entries(totals)) {
      if (Number.isFinite(total)) continue
      throw new PolicyError(`counters gave ${shown(total)} for ${name} - it must be a number, and finite`)
    }
    return { ...totals }
  }

  /** What the policy says of the run; throws a PolicyError for anything but lines of text. */
  remarks(): readonly string[] {
    if (this.policy.remarks === undefined) return []
    let lines: readonly string[]
    try {
      lines = this.policy.remarks()
    } catch (error) {
      throw new PolicyError(`remarks threw, ${reasonOf(error)}`)
    }
    if (Array.isArray(lines) && lines.every((line) => typeof line === 'string')) return lines
    throw new PolicyError(`remarks gave ${shown(lines)} - it must return a list of lines`)
  }

  heldForEver(row: number): never {
    throw new PolicyError(
      `held packet ${this.store.index[row]} while every lane is idle and no timer is set - choose a lane, or set a timer`,
    )
  }

  private pointAt(row: number): void {
    this.view.pointAt(row)
    this.packetAtHand = this.store.index[row]!
  }

  /** Keeps the timer's event where the policy wants it. */
  private syncTimer(nowNs: number): void {
    if (!this.hasTimer) return
    const timeNs = this.policy.nextTimerNs!()
    if (typeof timeNs !== 'number' || Number.isNaN(timeNs)) {
      throw new PolicyError(`nextTimerNs gave ${shown(timeNs)} - give a time in ns, or Infinity for none`)
    }
    if (timeNs === this.events.timeOf(this.timerComponent)) return
    if (timeNs === Number.POSITIVE_INFINITY) this.events.cancel(this.timerComponent)
    else this.events.schedule(this.timerComponent, Math.max(timeNs, nowNs))
  }
}
