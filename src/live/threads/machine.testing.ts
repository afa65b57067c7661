/**
 * Test support: a machine whose truth is known. It is the simulator itself, with the wake-ups, write costs,
 * stalls and unequal lanes that a scenario says, and leaves behind the record that a replay on threads would
 * have left.
 */

import type { Observer } from '../../model/observer.ts'
import type { PacketStore } from '../../model/packets/packet-store.ts'
import { openBytes } from '../../node/open-bytes.ts'
import { simulateWithFiles } from '../../node/simulate.ts'
import { type Plan, planOf, type ResolvedScenario } from '../../run/plan.ts'
import { policiesOf } from '../../scenario/policy-specs.ts'
import { type ScenarioInput, scenarioSchema } from '../../scenario/schema/schema.ts'
import type { Replayed } from '../verdict/replayed.ts'
import { Fate, ReplayRecord } from './record.ts'

export interface MachineOptions {
  readonly run?: number
  /**
   * Beside its jitter, what a packet's service takes and nobody asked for: the scenario's fixed part. Default
   * true.
   */
  readonly knowsWork?: boolean
  /** Changes the plan, where a scenario can't say it. */
  readonly change?: (plan: Plan) => Plan
}

/** The scenario as the CLI would have it in hand. */
export function resolved(input: ScenarioInput): ResolvedScenario {
  const scenario = scenarioSchema.parse(input)
  return { scenario, policies: policiesOf(scenario) }
}

/**
 * Replays the scenario's first policy. Every run has the arrivals of run 0, as replays of one list of packets
 * do.
 */
export async function replayOn(input: ScenarioInput, options: MachineOptions = {}): Promise<Replayed> {
  const { scenario, policies } = resolved({ ...input, warmup: '0s' })
  const given = planOf({ scenario, policies: policies.slice(0, 1) })
  const { run = 0, knowsWork = true, change = (plan: Plan) => plan } = options
  const source = await given.openTraffic(0, openBytes)
  const plan = change({ ...given, openTraffic: async () => source })
  const noted: Noted = { rows: [], reads: 0, deliveries: 0 }
  const result = await simulateWithFiles(plan, run, {
    observe: (_label, store) => noteTaker(store, noted, knowsWork),
  })
  const [policy] = result.policies
  if (policy!.error !== null) throw new Error(policy!.error)
  const record = new ReplayRecord(noted.rows.length)
  for (const [row, values] of noted.rows.entries()) {
    record.plannedNs[row] = values.sentNs
    record.protocol[row] = source.flows.protocol[values.flow]!
    for (const [column, value] of Object.entries(values)) record[column as keyof Row][row] = value
  }
  const { topology, lanes } = scenario
  return { label: policy!.label, topology, lanes: lanes.count, record, flows: source.flows }
}

interface Noted {
  readonly rows: Row[]
  reads: number
  deliveries: number
}

type Column = 'sentNs' | 'readNs' | 'startNs' | 'finishNs' | 'collectedNs' | 'workNs' | 'flow' | 'flowNumber'
type Row = Record<
  Column | 'dataNumber' | 'sizeBytes' | 'payloadBytes' | 'readOrder' | 'arrivalOrder' | 'lane' | 'fate',
  number
>

function noteTaker(store: PacketStore, noted: Noted, knowsWork: boolean): Observer {
  const of = (at: number) => noted.rows[store.index[at]!]!
  return {
    onArrival(at) {
      const { nowNs } = store
      noted.rows[store.index[at]!] = {
        sentNs: nowNs,
        readNs: Number.NaN,
        startNs: Number.NaN,
        finishNs: Number.NaN,
        collectedNs: Number.NaN,
        workNs: knowsWork ? store.serviceDraw[at]! : 0,
        flow: store.flow[at]!,
        flowNumber: store.flowNumber[at]!,
        dataNumber: store.flowNumber[at]!,
        sizeBytes: store.sizeBytes[at]!,
        payloadBytes: store.payloadBytes[at]!,
        readOrder: -1,
        arrivalOrder: -1,
        lane: -1,
        fate: Fate.inFlight,
      }
    },
    onTunDrop(at) {
      of(at).fate = Fate.tunDropped
    },
    onChoice(at) {
      const { nowNs } = store
      of(at).readNs = nowNs
      of(at).readOrder = noted.reads++
      of(at).lane = store.lane[at]!
    },
    onLaneExit(at) {
      const { nowNs } = store
      if (Number.isNaN(store.startNs[at]!)) of(at).fate = Fate.laneDropped
      else {
        of(at).startNs = store.startNs[at]!
        of(at).finishNs = nowNs
      }
    },
    onDelivery(at) {
      const { nowNs } = store
      of(at).collectedNs = nowNs
      of(at).arrivalOrder = noted.deliveries++
      of(at).fate = Fate.delivered
    },
  }
}
