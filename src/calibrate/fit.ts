/**
 * Fits a machine to runs by simulated moments: machines are simulated with the packets that were sent, and
 * the one is kept whose delays and order are nearest to what was measured (D. McFadden, A method of simulated
 * moments, Econometrica 57, 1989). Draws are common to all simulations, so that the distance is a function
 * of the machine. What is added to lonely packets needs no search (fitting.ts). Only how the time is shared
 * out is searched, by steps along each share that are halved when none helps.
 */
import { exp, log } from '../sim/elementary.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { type FitOptions, Fitting, type Shares, type Trial } from './fitting.ts'
import { type Machine, PLACES, type Place, type Structure } from './machine.ts'

const FIRST_STEP = 0.2
const LAST_STEP = 0.02

type Part = Exclude<keyof Shares, 'logWork'>
const PARTS: readonly Part[] = ['receiver', 'reader', 'wakeUp', 'linkJitter', 'write']

export interface Fitted {
  readonly machine: Machine
  readonly shares: Shares
  readonly distance: number
  readonly simulations: number
  /** Works that these runs can't tell from the one found, ns; undefined: it was known. */
  readonly likeWorkNs?: readonly [lowest: number, highest: number] | undefined
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
    else fitting.hasStalls = false
  }
  const found = options.known?.logWork === undefined ? profiled(fitting, best, options) : { best }
  const { machine, shares, distance } = found.best
  const { likeWorkNs } = found
  return { machine, shares, distance, simulations: fitting.simulations, likeWorkNs }
}

interface Profiled {
  readonly best: Trial
  readonly likeWorkNs?: readonly [number, number]
}

/**
 * The distance along the work, to both sides of the best until it clearly rises. Where all of the least delay
 * may as well be work, it is: a way is only assumed where the runs show one.
 */
function profiled(fitting: Fitting, best: Trial, { isWayUnknown = false }: FitOptions): Profiled {
  const most = fitting.within('logWork', Number.POSITIVE_INFINITY)
  const ends = [-1, 1].map((sign) => {
    let end = best
    for (let step = PROFILE_STEP; step <= PROFILE_STEP_LAST; step *= 2) {
      const logWork = fitting.within('logWork', best.shares.logWork + sign * step)
      if (logWork === end.shares.logWork) break
      const next = fitting.trial({ ...best.shares, logWork }, best.place, best.machine)
      if (!isAlike(next, best)) break
      end = next
    }
    return end
  })
  const [lowest, highest] = ends as [Trial, Trial]
  const likeWorkNs = [exp(lowest.shares.logWork), exp(highest.shares.logWork)] as const
  const isAllWork = !isWayUnknown && highest.shares.logWork === most
  return { best: isAllWork ? highest : best, likeWorkNs }
}

function search(fitting: Fitting, options: FitOptions): Trial {
  const { known = {}, place } = options
  const budget = fitting.simulations + options.budget
  const works = known.logWork === undefined ? fitting.likelyWorks() : [known.logWork]
  const starts = (place === undefined ? PLACES : [place]).flatMap((one) =>
    beginnings(one, options).flatMap((shares) =>
      works.map((logWork) => fitting.trial({ ...shares, ...known, logWork }, one)),
    ),
  )
  starts.sort((a, b) => a.distance - b.distance)
  const free: (keyof Shares)[] = known.logWork === undefined ? ['logWork'] : []
  let best: Trial | undefined
  // Two places, because they may lie in different valleys; time is added on lanes unless runs show otherwise.
  const places = likelyPlaces(starts)
  for (const [i, start] of places.entries()) {
    const most = fitting.simulations + (budget - fitting.simulations) / (places.length - i)
    const found = withParts(fitting, descend(fitting, start, free, WORK_STEP, most), free, options, most)
    if (best === undefined || !isAlike(best, found)) best = found
  }
  return best!
}

/** The best of the trials on lanes, then the best of all others. */
function likelyPlaces(starts: readonly Trial[]): Trial[] {
  const onLanes = starts.filter((start) => start.place === 'lane')
  const elsewhere = starts.filter((start) => start.place !== 'lane')
  return [...onLanes.slice(0, 1), ...elsewhere.slice(0, 1)]
}

/** Does the other one fit no better than by what other draws may do? */
function isAlike(one: Trial, other: Trial): boolean {
  return one.distance <= other.distance + ALIKE * Math.max(1, other.distance)
}

const ONLY_LANES = { reader: 0, receiver: 0, wakeUp: 0, linkJitter: 0, write: 0 }
const EARLY = 0.3

/**
 * Where a receiver adds time it has some of its own as well. Lanes that are idle early make packets wait
 * where others make none, so no step from the one leads to the other.
 */
function beginnings(place: Place, { known = {}, structure }: FitOptions): Omit<Shares, 'logWork'>[] {
  if (place === 'receiver') return [{ ...ONLY_LANES, receiver: 0.4 }]
  const mayBeEarly = place === 'lane' && known.write === undefined && structure.writeRatio === undefined
  return mayBeEarly ? [ONLY_LANES, { ...ONLY_LANES, write: EARLY }] : [ONLY_LANES]
}
/** Steps along the logarithm of the work. */
const WORK_STEP = 0.35
const PART_STARTS = [0.15, 0.45] as const
/** Works are told apart where 30 % more or less is farther; logarithms, each step twice the last. */
const PROFILE_STEP = log(1.3)
const PROFILE_STEP_LAST = 32 * PROFILE_STEP
/** Two machines whose distances differ by this share fit alike: other draws move them as much. */
const ALIKE = 0.1
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
  const used = [...always, ...PARTS.filter((part) => known[part] === undefined && start.shares[part] > 0)]
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
