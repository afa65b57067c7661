/**
 * From what entered and left a running system to a part of a scenario that predicts it, and to how wrong that
 * is. Two thirds of each run are learnt from; the rest is predicted and compared. The method is simulated
 * moments (fit.ts). Assumed: lanes take packets as the policy says, work hangs on size alone and otherwise on
 * chance, and the system is the same all the time.
 */
import { findPolicy } from '../scenario/known-policies.ts'
import { scenarioSchema } from '../scenario/schema/schema.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { formatDurationNs } from '../units.ts'
import { type Clock, clockOf, fromQuickest, onOneClock } from './clock.ts'
import { type Fitted, fit } from './fit.ts'
import { type FitOptions, mostWorkNs } from './fitting.ts'
import { type HeldOut, heldOutOf } from './held-out.ts'
import { machineKeys, type Structure } from './machine.ts'
import { orderMoments } from './order-moments.ts'
import { asPinned, type PinnedLanes, pinnedLanes } from './pinned-lanes.ts'
import type { Preset } from './presets.ts'
import { partOf } from './run-parts.ts'
import { type CreatePolicy, Simulated } from './simulated.ts'

const LEARNT_SHARE = 0.7
/** More packets make the search slower and hardly better. */
const LEARNT_PACKETS_MAX = 48_000
const SIMULATIONS_MAX = 420
const LANES = 4
export const METHOD =
  'simulated moments with common random numbers: delays over what was sent before, who waited, order'

export interface CalibrateRequest {
  readonly runs: readonly SentRun[]
  readonly lanes?: number | undefined
  /** As -p takes it, its name alone; undefined: as the runs show. */
  readonly policy?: { readonly name: string; readonly parameters: unknown } | undefined
  readonly cores?: number | undefined
  readonly preset?: Preset | undefined
  /** CPU time per packet of reader, lanes and receivers together, ns. */
  readonly cpuNs?: { readonly reader: number; readonly lane: number; readonly receiver: number } | undefined
  readonly clock?: Clock | undefined
  readonly seed: number | string
}

export interface Calibrated {
  /** Keys of a scenario. */
  readonly scenario: Record<string, unknown>
  readonly lanes: number
  readonly lanesAssumed: boolean
  readonly policy: string
  readonly clock: Clock
  readonly heldOut: readonly HeldOut[]
  readonly notKnown: readonly string[]
  readonly fitted: Fitted
}

export function calibrateRuns(request: CalibrateRequest): Calibrated {
  const clock =
    request.clock ?? (request.runs.some((run) => clockOf(run) === 'different') ? 'different' : 'same')
  const mostNs = (lanes: number) => Math.max(...request.runs.map((run) => mostWorkNs(run, lanes)))
  const given = request.lanes ?? request.preset?.structure.lanes
  // Between two clocks the quickest packet gets all the time that there may be of work.
  const leastNs = clock === 'same' ? 0 : Math.round(mostNs(given ?? LANES))
  const runs = clock === 'same' ? request.runs : request.runs.map((run) => onOneClock(run, leastNs))
  const pinned = runs.map(pinnedLanes)
  const policy = policyOf(request, runs, pinned)
  const seenLanes = Math.max(0, ...pinned.map((seen) => seen?.lanes ?? 0))
  const lanes = given ?? (seenLanes > 1 ? seenLanes : LANES)
  const structure: Structure = { ...request.preset?.structure, lanes, ...coresOf(request) }
  const fromNs = runs.map(({ sentNs, count }) => sentNs[Math.floor(LEARNT_SHARE * (count - 1))] ?? 0)
  const most = LEARNT_PACKETS_MAX / runs.length
  const learnt = runs.map((run, i) =>
    partOf(run, 0, Math.min(fromNs[i]!, run.sentNs[Math.floor(most)] ?? Infinity)),
  )
  const options: FitOptions = {
    structure,
    create: policy.create,
    seed: request.seed,
    isWayUnknown: clock === 'different',
    budget: SIMULATIONS_MAX,
    known: {
      ...request.preset?.known,
      ...sharesOf(request),
      ...(clock === 'same' && isOneHost(request) ? { logWork: ALL } : {}),
    },
    ...(request.preset === undefined ? {} : { place: 'lane' as const }),
  }
  const fitted = withoutWay(fit(learnt, options), clock)
  const keys = machineKeys(fitted.machine, structure)
  const scenario = scenarioSchema.parse({ source: { synthetic: { packetsPerSecond: 1 } }, ...keys })
  const predicted = runs.map((run, i) => {
    const predictedNs = new Simulated(run, i, `${request.seed} held out`).receivedNs(scenario, policy.create)
    if (clock === 'same') return { run, predictedNs }
    const measuredNs = fromQuickest(run, run.receivedNs)
    return { run: { ...run, receivedNs: measuredNs }, predictedNs: fromQuickest(run, predictedNs) }
  })
  return {
    scenario: keys,
    lanes,
    lanesAssumed: request.lanes === undefined && request.preset === undefined && seenLanes < 2,
    policy: policy.name,
    clock,
    heldOut: heldOutOf(predicted, fromNs),
    notKnown: notKnown(request, fitted, clock, lanes, seenLanes),
    fitted,
  }
}

/** Between two clocks the way is what was given to the quickest packet: nothing that is known. */
function withoutWay(fitted: Fitted, clock: Clock): Fitted {
  return clock === 'same' ? fitted : { ...fitted, machine: { ...fitted.machine, linkNs: 0 } }
}

/** Works of which the most is this much more than the least are several. */
const TOLD_APART = 1.2

/** A logarithm of work that no run reaches: all of the least delay is work. */
const ALL = 60

/** Both ends on one machine have no way between them. */
function isOneHost({ preset }: CalibrateRequest): boolean {
  return preset?.structure.cores !== undefined
}

function coresOf({ cores }: CalibrateRequest) {
  return cores === undefined ? {} : { cores }
}

function sharesOf({ cpuNs }: CalibrateRequest) {
  if (cpuNs === undefined) return {}
  const { reader, lane, receiver } = cpuNs
  return { reader: reader / (reader + lane + receiver), receiver: receiver / Math.max(1e-9, lane + receiver) }
}

interface NamedPolicy {
  readonly name: string
  readonly create: CreatePolicy
}

/** The policy that is said, or the simplest one that the runs look like. */
function policyOf(
  { policy, preset }: CalibrateRequest,
  runs: readonly SentRun[],
  pinned: readonly (PinnedLanes | undefined)[],
): NamedPolicy {
  const isReordered = runs.some((run) => orderMoments(run, run.receivedNs).reordered > 0)
  const seen = pinned.find((lanes) => lanes !== undefined && lanes.lanes > 1)
  const name = policy?.name ?? preset?.policy ?? (isReordered ? 'any-idle' : 'flow-pinned')
  const plugin = findPolicy(name)!
  const parameters = plugin.parameters.parse(policy?.parameters ?? {})
  const create: CreatePolicy = (lanes, random) => plugin.create(parameters, lanes, random)
  // Which lane a hash or a table gave each flow is better seen than guessed from addresses.
  if (!isReordered && seen !== undefined && runs.length === 1) return { name, create: asPinned(seen) }
  return { name, create }
}

function notKnown(
  request: CalibrateRequest,
  { likeWorkNs }: Fitted,
  clock: Clock,
  lanes: number,
  seenLanes: number,
): string[] {
  const lines: string[] = []
  if (clock === 'different') {
    lines.push(
      'the clocks differ: what all packets take on the way is unknown, link.delay is 0, and delays are counted from the quickest packet',
    )
  }
  if (request.lanes === undefined && request.preset === undefined && seenLanes < 2) {
    lines.push(`nothing shows the number of lanes: ${lanes} is assumed - give --lanes`)
  }
  if (request.cpuNs === undefined && request.preset === undefined) {
    lines.push(
      'which stage takes how much (reader, lanes, far end) is known as their sum only - give --threads for the rest',
    )
  }
  if (likeWorkNs !== undefined && likeWorkNs[1] > TOLD_APART * likeWorkNs[0]) {
    const [lowest, highest] = likeWorkNs.map(formatDurationNs)
    lines.push(
      `how much of the least delay is work, and how much is the way, shows only where packets wait: a work of ${lowest} to ${highest} fits these runs alike - record another rate beside this one`,
    )
  }
  if (new Set(request.runs.flatMap(({ sizeBytes }) => [...new Set(sizeBytes)])).size < 2) {
    lines.push('all packets have one size: time per byte is unknown - record another size beside this one')
  }
  return lines
}
