/**
 * Fits a machine to runs by simulated moments: machines are simulated with the packets that were sent, and
 * the one is kept whose delays and order are nearest to what was measured (D. McFadden, A method of simulated
 * moments, Econometrica 57, 1989). Draws are common to all simulations, so that the distance is a function
 * of the machine. What is added to lonely packets, which wait for nobody, needs no search: its quantiles are
 * moved until those of the simulation are the measured ones. Only how the time is shared out is searched, by
 * steps along each share that are halved when none helps.
 */
import { scenarioSchema } from '../scenario/schema/schema.ts'
import { exp, log } from '../sim/elementary.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { loneliest } from './load-bins.ts'
import { JITTER_SHARES, type Machine, machineKeys, PLACES, type Place, type Structure } from './machine.ts'
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
const FIRST_STEP = 0.2
const LAST_STEP = 0.02

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
type Part = Exclude<keyof Shares, 'logWork'>
const PARTS: readonly Part[] = ['receiver', 'reader', 'wakeUp', 'linkJitter', 'write']

export interface FitOptions {
  readonly structure: Structure
  readonly create: CreatePolicy
  readonly seed: number | string
  /** Simulations at most. */
  readonly budget: number
  /** Shares that are known. */
  readonly known?: Partial<Shares> | undefined
  /** Where time is added, if that is known. */
  readonly place?: Place | undefined
}

export interface Fitted {
  readonly machine: Machine
  readonly shares: Shares
  readonly distance: number
  readonly simulations: number
}

/** Fits one machine to all runs. */
export function fit(runs: readonly SentRun[], options: FitOptions): Fitted {
  const fitting = new Fitting(runs, options)
  let best = search(fitting, options)
  if (fitting.seesHoldUps) {
    // The same with stalls in place of what is added to few packets.
    fitting.hasStalls = true
    const stalling = search(fitting, options)
    if (stalling.distance < best.distance) best = stalling
  }
  const { machine, shares, distance } = best
  return { machine, shares, distance, simulations: fitting.simulations }
}

function search(fitting: Fitting, options: FitOptions): Trial {
  const { known = {}, place } = options
  const budget = fitting.simulations + options.budget
  const works = known.logWork === undefined ? fitting.likelyWorks() : [known.logWork]
  const starts = (place === undefined ? PLACES : [place]).flatMap((one) =>
    works.map((logWork) => fitting.trial({ ...ONLY_LANES, ...atReceiver(one), ...known, logWork }, one)),
  )
  starts.sort((a, b) => a.distance - b.distance)
  const free: (keyof Shares)[] = known.logWork === undefined ? ['logWork'] : []
  let best = starts[0]!
  // The best of each of the two best places: they may lie in different valleys.
  for (const start of firstOfEach(starts, 2)) {
    const found = withParts(fitting, descend(fitting, start, free, WORK_STEP, budget), free, options, budget)
    if (isClearlyNearer(found, best)) best = found
  }
  return best
}

const ONLY_LANES = { reader: 0, receiver: 0, wakeUp: 0, linkJitter: 0, write: 0 }
/** Where a receiver adds time it has some of its own as well. */
const atReceiver = (place: Place) => (place === 'receiver' ? { receiver: 0.4 } : {})
/** Steps along the logarithm of the work. */
const WORK_STEP = 0.35
const PART_STARTS = [0.15, 0.45] as const
/** A part is only taken where the distance gets smaller by that much, and by that share. */
const WORTH = 0.04

function isClearlyNearer(one: Trial, other: Trial): boolean {
  return one.distance < other.distance - WORTH * Math.max(1, other.distance)
}

/** Adds reader, receiver and waking up, each where it brings the simulation clearly nearer. */
function withParts(
  fitting: Fitting,
  start: Trial,
  always: readonly (keyof Shares)[],
  { known = {}, structure }: FitOptions,
  budget: number,
): Trial {
  let best = start
  const used: (keyof Shares)[] = [...always]
  let left = PARTS.filter((part) => known[part] === undefined && isOpen(part, best.place, structure))
  while (left.length > 0) {
    let next: Trial | undefined
    let taken: Part | undefined
    for (const part of left) {
      for (const share of PART_STARTS) {
        const tried = fitting.trial({ ...best.shares, [part]: share }, best.place, best.machine)
        if (next === undefined || tried.distance < next.distance) {
          next = tried
          taken = part
        }
      }
    }
    const found = descend(fitting, next!, [...used, taken!], FIRST_STEP, budget)
    if (!isClearlyNearer(found, best)) return best
    best = found
    used.push(taken!)
    left = left.filter((part) => part !== taken)
  }
  return best
}

function isOpen(part: Part, place: Place, { writeRatio }: Structure): boolean {
  if (part === 'linkJitter') return place !== 'link'
  return part !== 'write' || writeRatio === undefined
}

interface Trial {
  readonly shares: Shares
  readonly place: Place
  readonly machine: Machine
  readonly distance: number
}

function firstOfEach(trials: readonly Trial[], places: number): Trial[] {
  const found = new Map<Place, Trial>()
  for (const trial of trials) {
    if (found.size < places && !found.has(trial.place)) found.set(trial.place, trial)
  }
  return [...found.values()]
}

function descend(
  fitting: Fitting,
  start: Trial,
  free: readonly (keyof Shares)[],
  firstStep: number,
  budget: number,
): Trial {
  let best = start
  for (let step = firstStep; step >= LAST_STEP; step /= 2) {
    for (let hasMoved = true; hasMoved; ) {
      hasMoved = false
      for (const share of free) {
        for (const sign of [1, -1]) {
          if (fitting.simulations >= budget) return best
          const value = fitting.within(share, best.shares[share] + sign * step)
          if (value === best.shares[share]) continue
          const next = fitting.trial({ ...best.shares, [share]: value }, best.place, best.machine)
          if (next.distance >= best.distance) continue
          best = next
          hasMoved = true
          break
        }
      }
    }
  }
  return best
}

class Fitting {
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

  /** Logarithms of works that span what is possible: from much less than delays differ to all of them. */
  likelyWorks(): number[] {
    const { leastNs, differNs } = this
    const works = [0.5, 2, 6, 20].map((times) => times * differNs).filter((ns) => ns < leastNs)
    return [...works, leastNs].map(log)
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
