/**
 * What the observers of a run cost alone: columns of deliveries are kept in memory and judged again and
 * again.
 */

import { Passage } from '../src/metrics/cost/passage.ts'
import { FlowReordering, TunnelReordering } from '../src/metrics/order/reordering.ts'
import type { MetricSettings } from '../src/metrics/settings.ts'
import { Deliveries } from '../src/model/packets/deliveries.ts'
import type { FlowTable } from '../src/model/packets/flow-table.ts'
import { PacketStore } from '../src/model/packets/packet-store.ts'
import type { LaneView } from '../src/model/policy.ts'
import { loadScenario } from '../src/node/load-scenario.ts'
import { openBytes } from '../src/node/open-bytes.ts'
import { simulateWithFiles } from '../src/node/simulate.ts'
import { type Plan, planOf } from '../src/run/plan.ts'

const PACKETS = 1_000_000

/** @returns per observer the median cost, ns per packet */
export async function metricCosts(rounds: number): Promise<Array<readonly [observer: string, ns: number]>> {
  const loaded = await loadScenario('scenarios/reference.yaml', { duration: '10s' })
  const plan = planOf(loaded)
  const { blocks, flows } = await deliveriesOf(plan)
  const { metrics: settings } = plan
  const cases: ReadonlyArray<readonly [string, () => { record(deliveries: Deliveries): void }]> = [
    ['latency', () => new Passage(new PacketStore(), { count: 0 } as LaneView)],
    ['order, delays and loss rules per flow', () => new FlowReordering(flows, settings)],
    [
      '... without delays above play-out depths',
      () => new FlowReordering(flows, { ...settings, playouts: [] }),
    ],
    ['... without densities', () => new FlowReordering(flows, without(settings))],
    ['order and loss rules of the tunnel', () => new TunnelReordering(settings)],
    ['... without densities', () => new TunnelReordering(without(settings))],
  ]
  return cases.map(([name, create]) => {
    const ns = Array.from({ length: rounds + 1 }, () => {
      const observer = create()
      const begin = process.hrtime.bigint()
      for (const block of blocks) observer.record(block)
      return Number(process.hrtime.bigint() - begin) / (blocks.length * blocks[0]!.capacity)
    })
    return [name, ns.slice(1).sort((a, b) => a - b)[rounds >> 1]!]
  })
}

/** Trackers take null for none; scenarios can't say so. */
function without(settings: MetricSettings): MetricSettings {
  return { ...settings, densities: null } as unknown as MetricSettings
}

async function deliveriesOf(plan: Plan): Promise<{ blocks: Deliveries[]; flows: FlowTable }> {
  const blocks: Deliveries[] = [new Deliveries(512)]
  const source = await plan.openTraffic(0, openBytes)
  await simulateWithFiles({ ...plan, openTraffic: async () => source }, 0, {
    observe: (_label, store) => ({
      onDelivery(row) {
        if (blocks.length * 512 > PACKETS) return
        if (blocks.at(-1)!.room === 0) blocks.push(new Deliveries(512))
        if (store.flowNumber[row]! >= 0) blocks.at(-1)!.add(store, row)
      },
    }),
  })
  return { blocks: blocks.slice(0, -1), flows: source.flows }
}
