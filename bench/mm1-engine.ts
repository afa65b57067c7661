/**
 * M/M/1 on lanewise's engine with no metric but latency (a histogram with its mean), as the peers of the
 * speed page measure it: source, draws, pipeline and policy are those of any scenario. Prints packets, the
 * mean sojourn in ms (theory: 3.333 at load 0.7 and a mean work of 1 ms) and the CPU seconds that the
 * simulation took.
 *
 *     node --import { openBytes } from '../src/node/open-bytes.ts'
import tsx bench/mm1-engine.ts 10000
 *
 * The argument is the simulated time in seconds, 700 packets each.
 */
import { Histogram } from '../src/metrics/delay/histogram.ts'
import type { BlockObserver, Observer } from '../src/model/observer.ts'
import type { PacketStore } from '../src/model/packets/packet-store.ts'
import { Pipeline } from '../src/model/pipeline.ts'
import { drive } from '../src/run/drive.ts'
import { Offer } from '../src/run/offer.ts'
import { planOf } from '../src/run/plan.ts'
import { scenarioFromText } from '../src/scenario/loaded-scenario.ts'

/** Packets of one flow, one lane, no bound on any queue. */
export const MM1 = `source: { synthetic: { arrivals: poisson, packetsPerSecond: 700, flows: { count: 1 } } }
tunQueue: { capacityPackets: unlimited }
lanes: { count: 1, service: { fixed: 0ns, perByte: 0ns, jitter: { exponential: { mean: 1ms } } }, queue: { capacityPackets: unlimited } }
policies: [round-robin]
runs: 1
warmup: 0s
`

class Sojourn implements Observer, BlockObserver {
  readonly blocks = this
  readonly ns = new Histogram()
  private readonly store: PacketStore

  constructor(store: PacketStore) {
    this.store = store
  }

  onDelivery(row: number): void {
    this.ns.record(this.store.nowNs - this.store.arrivalNs[row]!)
  }

  onDepartures(rows: Int32Array, count: number): void {
    const { arrivalNs, dueNs } = this.store
    for (let i = 0; i < count; i++) this.ns.record(dueNs[rows[i]!]! - arrivalNs[rows[i]!]!)
  }

  onBlock(): void {}
  onForesight(): void {}
}

async function simulate(seconds: number): Promise<Sojourn> {
  const plan = planOf(scenarioFromText(MM1, 'mm1.yaml', { set: [`duration=${seconds}s`] }))
  const source = await plan.openTraffic(0)
  const [policy] = plan.policies
  let sojourn: Sojourn | undefined
  const pipeline = new Pipeline(
    { ...plan.settings(0), warmupNs: plan.warmupNs },
    source.flows,
    (lanes) => policy!.create(lanes, 0),
    [
      (store) => {
        sojourn = new Sojourn(store)
        return sojourn
      },
    ],
  )
  const offer = new Offer(plan, 0, source)
  await drive(offer, [{ consume: (chunk) => pipeline.consume(chunk), advanceTo: () => false }])
  pipeline.finish()
  await source.close()
  return sojourn!
}

if (import.meta.filename === process.argv[1]) {
  const begin = process.cpuUsage()
  const { ns } = await simulate(Number(process.argv[2] ?? 1000))
  const { user, system } = process.cpuUsage(begin)
  process.stdout.write(`packets ${ns.count}\nmeanMs ${ns.mean! / 1e6}\ncpuSeconds ${(user + system) / 1e6}\n`)
}
