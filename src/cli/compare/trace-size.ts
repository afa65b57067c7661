/**
 * How large a packet trace will be, before anything is simulated: a row for every packet, policy and traced
 * run. A capture's packets are counted by a first pass, a synthetic source's are its rate times the duration.
 */
import { UserError } from '../../errors.ts'
import { Way } from '../../model/packets/direction.ts'
import { openBytes } from '../../node/open-bytes.ts'
import { bytesText } from '../../report/parts/amounts.ts'
import { Offer } from '../../run/offer.ts'
import type { Plan } from '../../run/plan.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { counted } from '../../units.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import { remark } from '../shared/process-io.ts'
import type { CheckedCompare } from './options.ts'

/** As in captures of IPv4; of long labels and IPv6 a row is longer. */
const ROW_BYTES = 110
/** The events of a packet in a .json. */
const EVENTS_BYTES = 600
const SAID_FROM_BYTES = 50e6
const ASKED_FROM_BYTES = 500e6

/** Says a large trace's size. Throws UserError (2) for a very large one that --yes doesn't want. */
export async function checkTraceSize(
  { scenario, policies }: LoadedScenario,
  plan: Plan,
  { trace, traceRuns, yes, quiet }: Pick<CheckedCompare, 'trace' | 'traceRuns' | 'yes' | 'quiet'>,
  { stderr, signal }: Pick<ProcessIo, 'stderr' | 'signal'>,
): Promise<void> {
  if (trace === undefined) return
  const { source } = scenario
  const packets =
    'synthetic' in source
      ? (source.synthetic.packetsPerSecond * plan.durationNs) / 1e9
      : await packetsOf(plan, signal)
  const runs = Math.min(traceRuns, plan.runs)
  const bytes = packets * policies.length * runs * (trace.endsWith('.json') ? EVENTS_BYTES : ROW_BYTES)
  if (bytes < SAID_FROM_BYTES) return
  const policiesText = policies.length === 1 ? '1 policy' : `${policies.length} policies`
  const size = `about ${bytesText(bytes)}: ${counted(packets, 'packet')}, ${policiesText}, ${counted(runs, 'run')}`
  if (bytes >= ASKED_FROM_BYTES && yes !== true) {
    const fewer = runs === 1 ? '' : ' runs (--trace-runs 1),'
    throw new UserError(
      `--trace ${trace}: would be ${size} - trace fewer${fewer} policies (-p) or less time (-d), or say --yes`,
      2,
    )
  }
  if (!quiet) remark(`--trace ${trace}: will be ${size}`, stderr)
}

/** Packets of a capture that meet a policy. */
async function packetsOf(plan: Plan, signal: AbortSignal): Promise<number> {
  const traffic = await plan.openTraffic(0, openBytes)
  try {
    const offer = new Offer(plan, 0, traffic, { draws: false })
    const { chunk } = offer
    let packets = 0
    while (offer.nextNs < Number.POSITIVE_INFINITY) {
      await offer.fill(Number.POSITIVE_INFINITY)
      signal.throwIfAborted()
      if (!chunk.hasWays) packets += chunk.count
      else for (let i = 0; i < chunk.count; i++) if (chunk.way[i] === Way.out) packets++
    }
    return packets
  } finally {
    await traffic.close()
  }
}
