/**
 * One trial of a fit (fit.ts): from how the time of a packet is shared out to a machine, simulated, and how
 * far it is from the runs. What is added to lonely packets, which wait for nobody, needs no search: its
 * quantiles are moved until those of the simulation are the measured ones.
 */
import { scenarioSchema } from '../scenario/schema/schema.ts'
import { exp, log } from '../sim/elementary.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { loneliest } from './load-bins.ts'
import { JITTER_SHARES, type Machine, machineKeys, type Place, type Structure } from './machine.ts'
import { Target } from './moments.ts'
import { perByteNs } from './per-byte.ts'
import { quantile } from './quantile.ts'
import { type CreatePolicy, Simulated } from './simulated.ts'
import { firstStalls, type HeldUp, heldUp, movedStalls, STALL_WORKS } from './stalls.ts'

/** Of the packets, those with the longest time before them count as lonely. */
const LONELY_SHARE = 0.3
/** The least delays belong to packets of which nothing was added: this one of the quantiles. */
const LEAST_QUANTILE = 1
const MEDIAN_QUANTILE = JITTER_SHARES.findIndex(
  (_, k) => JITTER_SHARES.slice(0, k + 1).reduce((a, b) => a + b) >= 0.5,
)
const WORK_STARTS = 6

/**
 * How the least time of a packet is shared out: work, the rest of it is the way; and of the work, what isn't
 * the lane's.
 */
export interface Shares {
  /** Natural logarithm of the work, ns. */
  readonly logWork: number
  /** Of the work, 0..1. */
  readonly reader: number
  /** Of what the reader leaves, and of what the receiver leaves, 0..1. */
  readonly receiver: number
  readonly wakeUp: number
  /** Of what is added where it is added, as much is added on the link. */
  readonly linkJitter: number
  /** Of the lane's least time, what it counts as idle in. */
  readonly write: number
}
export interface FitOptions {
  readonly structure: Structure
  readonly create: CreatePolicy
  readonly seed: number | string
  /** Simulations at most. */
  readonly budget: number
  /** Shares that are known. */
  readonly known?: Partial<Shares> | undefined
  /** Clocks differ: the least delay says nothing, and holds all work that there may be. */
  readonly isWayUnknown?: boolean | undefined
  /** Where time is added, if that is known. */
  readonly place?: Place | undefined
}

export interface Trial {
  readonly shares: Shares
  readonly place: Place
  readonly machine: Machine
  readonly distance: number
}

/** Of a packet, ns, in all stages: lanes that took longer would fall ever farther behind. */
export function mostWorkNs({ sentNs, count }: SentRun, lanes: number): number {
  return (2 * lanes * (sentNs[count - 1]! - sentNs[0]!)) / Math.max(1, count - 1)
}

export class Fitting {
  simulations = 0
  /** Are long hold-ups of few packets stalls of their lanes? */
  hasStalls = false
  private readonly runs: readonly SentRun[]
  private readonly options: FitOptions
  private readonly targets: readonly Target[]
  private readonly simulated: readonly Simulated[]
  private readonly lonely: readonly Int32Array[]
  /** Of lonely packets, all runs together: quantiles of the delay without what hangs on size. */
  private readonly lonelyNs: readonly number[]
  private readonly perByteNs: number
  private readonly measured: readonly Float64Array[]

  constructor(runs: readonly SentRun[], options: FitOptions) {
    this.runs = runs
    this.options = options
    this.targets = runs.map((run) => new Target(run, options.structure.lanes))
    this.simulated = runs.map((run, i) => new Simulated(run, i, options.seed))
    this.lonely = runs.map((run) => loneliest(run, LONELY_SHARE))
    this.perByteNs = perByteNs(runs, this.lonely)
    this.measured = runs.map(({ receivedNs }) => receivedNs)
    this.lonelyNs = this.quantilesOf(this.measured)
  }

  /** Simulates the machine that these shares are. @param near one whose jitter may be nearly right */
  trial(shares: Shares, place: Place, near?: Machine): Trial {
    let machine = this.machineOf(shares, place, near)
    let received = this.simulate(machine)
    // What is added is moved by what lonely packets lack.
    const rounds = near === undefined ? (this.hasStalls ? 4 : 2) : 1
    for (let round = 0; round < rounds; round++) {
      machine = this.corrected(machine, received)
      received = this.simulate(machine)
    }
    const distances = this.targets.map((target, i) => target.distance(received[i]!))
    const distance = distances.reduce((sum, one) => sum + one, 0) / distances.length
    return { shares, place, machine, distance }
  }

  /** Logarithms of works that span what is possible: from less than delays differ to all that lanes do. */
  likelyWorks(): number[] {
    const { leastNs, differNs } = this
    const mostNs = Math.min(leastNs, ...this.runs.map((run) => mostWorkNs(run, this.options.structure.lanes)))
    const lowest = log(Math.min(mostNs, 0.5 * differNs))
    const step = (log(mostNs) - lowest) / (WORK_STARTS - 1)
    return Array.from({ length: WORK_STARTS }, (_, k) => lowest + k * step)
  }

  within(share: keyof Shares, value: number): number {
    if (share === 'logWork') return Math.min(log(this.leastNs), Math.max(log(100), value))
    return Math.min(0.98, Math.max(0, value))
  }

  /** What most lonely packets have more than the quickest, ns. */
  private get differNs(): number {
    return Math.max(1000, this.lonelyNs[MEDIAN_QUANTILE]! - this.leastNs)
  }

  private get leastNs(): number {
    return Math.max(1000, this.lonelyNs[LEAST_QUANTILE]!)
  }

  private machineOf(shares: Shares, place: Place, near?: Machine): Machine {
    const { logWork, reader, receiver, wakeUp, linkJitter, write } = shares
    const { leastNs } = this
    const workNs = Math.min(leastNs, exp(logWork))
    const linkNs = leastNs - workNs
    const readerNs = reader * workNs
    const receiverNs = receiver * (workNs - readerNs)
    const restNs = workNs - readerNs - receiverNs
    const wakeUpNs = wakeUp * restNs
    const holdUpNs = this.holdUpNs(workNs)
    const added = near?.jitterNs ?? this.lonelyNs.map((ns) => Math.max(0, ns - leastNs))
    const jitterNs = this.hasStalls ? added.map((ns) => Math.min(ns, holdUpNs)) : added
    const stalls = this.hasStalls
      ? (near?.stalls ?? firstStalls(this.heldUp(this.measured, workNs)))
      : undefined
    return {
      linkNs,
      readerNs,
      receiverNs,
      wakeUpNs,
      laneNs: restNs - wakeUpNs,
      perByteNs: this.perByteNs,
      jitterNs,
      jitterAt: place,
      linkJitterRatio: linkJitter,
      writeRatio: this.options.structure.writeRatio ?? write,
      stalls,
    }
  }

  private corrected(machine: Machine, received: readonly Float64Array[]): Machine {
    const simulatedNs = this.quantilesOf(received)
    const { stalls } = machine
    const workNs = this.leastNs - machine.linkNs
    const holdUpNs = stalls === undefined ? Number.POSITIVE_INFINITY : this.holdUpNs(workNs)
    let highest = 0
    const jitterNs = machine.jitterNs.map((ns, k) => {
      highest = Math.max(highest, ns + this.lonelyNs[k]! - simulatedNs[k]!, 0)
      return Math.min(highest, holdUpNs)
    })
    if (stalls === undefined) return { ...machine, jitterNs }
    const measured = this.heldUp(this.measured, workNs)
    return { ...machine, jitterNs, stalls: movedStalls(stalls, measured, this.heldUp(received, workNs)) }
  }

  /** Are there packets that were held up for several times what packets take? */
  get seesHoldUps(): boolean {
    return firstStalls(this.heldUp(this.measured, this.differNs)) !== undefined
  }

  /** What is longer than that is a stall, ns. */
  private holdUpNs(workNs: number): number {
    return STALL_WORKS * (workNs + this.differNs)
  }

  private heldUp(received: readonly Float64Array[], workNs: number): HeldUp {
    return heldUp(this.sortedLonely(received), this.lonelyNs[MEDIAN_QUANTILE]!, this.holdUpNs(workNs))
  }

  private simulate(machine: Machine): Float64Array[] {
    const { structure, create } = this.options
    const scenario = scenarioSchema.parse({
      source: { synthetic: { packetsPerSecond: 1 } },
      ...machineKeys(machine, structure),
    })
    this.simulations++
    return this.simulated.map((simulated) => simulated.receivedNs(scenario, create))
  }

  private quantilesOf(received: readonly Float64Array[]): number[] {
    const sorted = this.sortedLonely(received)
    let below = 0
    return JITTER_SHARES.map((share) => {
      const middle = below + share / 2
      below += share
      return quantile(sorted, middle)
    })
  }

  /** Delays of lonely packets without what hangs on size, of all runs together, ascending. */
  private sortedLonely(received: readonly Float64Array[]): Float64Array {
    const all = this.runs.flatMap((run, i) => {
      const rows = this.lonely[i]!
      return [...rows].map(
        (row) => received[i]![row]! - run.sentNs[row]! - this.perByteNs * run.sizeBytes[row]!,
      )
    })
    return Float64Array.from(all.filter((ns) => !Number.isNaN(ns))).sort()
  }
}
