/**
 * What the threads of a replay are given: plain data and shared memory, so it can be posted; and what each
 * makes of it.
 */

import type { ReaderSettings } from '../../model/machine/reader.ts'
import type { ResolvedScenario } from '../../run/plan.ts'
import type { DeviceHandle } from '../device/device.ts'
import type { InjectionColumns } from '../packets.ts'
import type { PlainFlows } from './plain-flows.ts'
import { Cell } from './shared-counters.ts'
import type { WorkKind, WorkModel } from './work.ts'

export type Topology = 'dispatcher' | 'shared' | 'multi-queue'

/** Room for packets between reading and writing: slot i begins at i * strideBytes. */
export interface Slots {
  readonly count: number
  readonly strideBytes: number
  readonly bytes: SharedArrayBuffer
  /** Per slot: the row of the packet in it, and its length. */
  readonly packet: Int32Array
  readonly lengthBytes: Int32Array
}

/** What the reader needs for its policy. */
export interface PolicySetup {
  readonly resolved: ResolvedScenario
  /** Which of the scenario's policies, and the run whose random stream it gets. */
  readonly position: number
  readonly run: number
  readonly flows: PlainFlows
  readonly reader: ReaderSettings
}

export interface ReplaySetup {
  readonly topology: Topology
  readonly lanes: number
  readonly device: DeviceHandle
  /** Tells this replay's packets from others'. */
  readonly runId: number
  readonly mtuBytes: number
  /** What the collector keeps of a packet: its beginning, up to behind its mark. */
  readonly collectedBytes: number
  readonly cells: Int32Array
  /** Start of the run on the device's clock, ns; set before the threads are let go. */
  readonly startNs: Float64Array
  readonly columns: InjectionColumns
  /** Of the ReplayRecord. */
  readonly record: SharedArrayBuffer
  /** Packets to send: the first so many. */
  readonly packets: number
  readonly injectorSpinNs: number
  /** Per lane: see LiveLanes. */
  readonly servedNs: Float64Array
  readonly servingSinceNs: Float64Array
  readonly work: WorkKind
  readonly model: WorkModel
  readonly laneSpinNs: number
  readonly slots: Slots
  /** Topology dispatcher only. */
  readonly rings: readonly Int32Array[]
  readonly queue: { readonly capacityPackets: number; readonly onFull: 'drop' | 'hold' }
  readonly policy: PolicySetup | undefined
}

/** What a thread does. */
export type Role = 'injector' | 'reader' | 'lane' | 'collector'

export interface ThreadTask {
  readonly role: Role
  /** Of a lane. */
  readonly lane: number
  readonly setup: ReplaySetup
}

/**
 * What a thread says: it can begin, what the policy has counted, how long it waited for a core from then on,
 * or why the replay can't go on.
 */
export type ThreadMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'counters'; readonly counters: Record<string, number> }
  | { readonly kind: 'waited'; readonly runQueueWaitNs: number }
  | { readonly kind: 'failure'; readonly line: string }

/** Waits for the start; false when the replay was ended before. */
export function waitForStart(cells: Int32Array): boolean {
  while (Atomics.load(cells, Cell.started) === 0) {
    if (Atomics.load(cells, Cell.stopped) !== 0) return false
    Atomics.wait(cells, Cell.started, 0, 100)
  }
  return true
}
