/**
 * The parts of a replay that calibration, prediction and verdicts look at: the record and what it is a record
 * of.
 */
import type { FlowTable } from '../../model/packets/flow-table.ts'
import type { ReplayRecord } from '../threads/record.ts'

export interface Replayed {
  /** The policy's label; without a policy the topology. */
  readonly label: string
  readonly topology: 'dispatcher' | 'shared' | 'multi-queue'
  readonly lanes: number
  readonly record: ReplayRecord
  readonly flows: FlowTable
  /** By row of the record, for policies that look at them; left out: none are set. */
  readonly tcpFlags?: Uint8Array | undefined
  /** By row of the record, of the flow table; left out: every key takes packets for their flow. */
  readonly variant?: Int32Array | undefined
}
