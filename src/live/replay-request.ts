/** What one replay is asked for: which packets, when, through which devices and policy, with which work. */
import type { ResolvedScenario } from '../run/plan.ts'
import type { DeviceOpener } from './device/opener.ts'
import type { InjectionList } from './packets.ts'
import type { Schedule } from './schedule.ts'
import type { Topology } from './threads/setup.ts'
import type { WorkKind } from './threads/work.ts'

/** Where the packets of a replay under way are. */
export interface ReplayState {
  readonly packets: number
  readonly sent: number
  readonly delivered: number
  /** At the first device, at lanes, at the collector, or refused by a device. */
  readonly dropped: number
  /** Per lane: packets in front of it and in service; empty where lanes read for themselves. */
  readonly atLane: readonly number[]
}

export interface ReplayRequest {
  readonly device: 'tun' | 'loopback'
  /** Who opens real devices, where this process may not. */
  readonly opener?: DeviceOpener | undefined
  readonly resolved: ResolvedScenario
  /** From preparePackets for the same scenario. */
  readonly list: InjectionList
  readonly schedule: Schedule
  readonly topology: Topology
  /** Which of the scenario's policies; for the topology dispatcher. */
  readonly policy: number
  /** The run whose random stream the policy gets; default 0. */
  readonly run?: number | undefined
  readonly work: WorkKind
  /** Of each queue of the first device; default the scenario's, 500. */
  readonly queueLengthPackets?: number | undefined
  /** Of the collector's socket; default 64 MiB. */
  readonly receiveBufferBytes?: number | undefined
  /**
   * Called now and then while packets are sent, with how many were. `look` reads where the others are, from
   * counters only: it costs the threads nothing.
   */
  readonly onProgress?: ((sentPackets: number, look: () => ReplayState) => void) | undefined
  /** Ends the replay early, with the results so far. */
  readonly signal?: AbortSignal | undefined
}
