/**
 * The flows of synthetic packets: so many are alive at any time, and each packet belongs to one of them,
 * drawn by popularity. Without lifetimes they are the same all the time. With them, each is replaced by a new
 * flow of the same popularity when its life ends, so that new flows come at count / mean lifetime per second;
 * a flow that lives and dies without a packet is never seen and gets no number. Those alive at time zero
 * began before it: what is left of their lives has the equilibrium distribution of renewal theory (Cox,
 * Renewal Theory, 1962), a life drawn in proportion to its length, times a uniform number. So flows end at a
 * steady rate from the start, and constant lifetimes don't end all at once. Flow i goes from 10.0.0.0 + i to
 * 198.18.0.0 + i (the benchmark network of RFC 2544) with ports of its own, so flows and address pairs are
 * equally many.
 */
import { CHUNK_PACKETS } from '../../../model/packets/chunk.ts'
import { FlowTable } from '../../../model/packets/flow-table.ts'
import { BulkDraws } from '../../../sim/bulk-draws.ts'
import type { Sampler } from '../../../sim/distributions/distribution.ts'
import type { Random } from '../../../sim/random.ts'
import { weightedIndex } from '../../../sim/weighted-index.ts'
import { zipfIndex } from './zipf.ts'

export interface FlowSettings {
  /** Flows alive at any time. */
  readonly flowCount: number
  /** 0: all flows equally likely. */
  readonly zipfExponent: number
  /** Share of flows that are TCP, 0..1; the others are UDP. */
  readonly tcpShare: number
  /** How long flows live, ns, of a mean above 0; left out: for ever. */
  readonly lifeNs?: ((random: Random) => Sampler) | undefined
}

export interface FlowPopulation {
  readonly flows: FlowTable
  /** The flow of a packet that arrives now; times never go back. */
  pick(arrivalNs: number): number
  /**
   * Where flows don't depend on time, and at most a chunk: those of the next packets at once. Whoever uses it
   * picks in no other way.
   */
  readonly fill?: (out: Int32Array, count: number) => void
}

/** Lives from which those alive at time zero are drawn. */
const POOL = 65_536
/** After so many lives without a packet a flow's clock may as well be set anew. */
const UNSEEN_LIVES_MAX = 100

/** @param stream gives the random stream with that name */
export function flowPopulation(settings: FlowSettings, stream: (name: string) => Random): FlowPopulation {
  const { flowCount, tcpShare, lifeNs } = settings
  const flows = new FlowTable()
  const place = placePicker(settings, stream)
  if (lifeNs !== undefined) return { flows, pick: mortal(settings, flows, place, stream('lifetimes')) }
  for (let i = 0; i < flowCount; i++) addFlow(flows, tcpShare)
  const { fill } = place
  return fill === undefined ? { flows, pick: place } : { flows, pick: place, fill }
}

/** Flows that live in places, one after the other. */
function mortal(
  { flowCount, tcpShare, lifeNs }: FlowSettings,
  flows: FlowTable,
  place: () => number,
  random: Random,
): (arrivalNs: number) => number {
  const life = lifeNs!(random)
  const residual = residualLives(life, random)
  const endNs = Float64Array.from({ length: flowCount }, residual)
  const flowAt = new Int32Array(flowCount).fill(-1)
  return (arrivalNs) => {
    const at = place()
    if (arrivalNs >= endNs[at]!) {
      flowAt[at] = -1
      let unseen = 0
      do endNs[at]! += life()
      while (arrivalNs >= endNs[at]! && unseen++ < UNSEEN_LIVES_MAX)
      if (arrivalNs >= endNs[at]!) endNs[at] = arrivalNs + residual()
    }
    if (flowAt[at]! < 0) flowAt[at] = addFlow(flows, tcpShare)
    return flowAt[at]!
  }
}

/**
 * What is left of a life at a moment picked without regard to it; the longest of `POOL` lives is the longest
 * there is.
 */
function residualLives(life: Sampler, random: Random): Sampler {
  const pool = Float64Array.from({ length: POOL }, life)
  const pick = weightedIndex(pool, random)
  return () => pool[pick()]! * random()
}

/** The number of a flow that is like no other. */
function addFlow(flows: FlowTable, tcpShare: number): number {
  const i = flows.count
  flows.key[0] = 0x0a000000 + i
  flows.key[4] = 0xc6120000 + (i & 0x1ffff)
  // Spread evenly: flow i is TCP when the running share of TCP flows falls short.
  const isTcp = Math.floor((i + 1) * tcpShare) > Math.floor(i * tcpShare)
  return flows.intern(4, isTcp ? 6 : 17, 49152 + (i & 0x3fff), 443)
}

interface PlacePicker {
  (): number
  readonly fill?: (out: Int32Array, count: number) => void
}

/** Draws the place of popularity that a packet's flow has. */
function placePicker(
  { flowCount, zipfExponent }: FlowSettings,
  stream: (name: string) => Random,
): PlacePicker {
  if (flowCount === 1) {
    return Object.assign(() => 0, { fill: (out: Int32Array, count: number) => void out.fill(0, 0, count) })
  }
  const random = stream('flows')
  if (zipfExponent > 0) return zipfIndex(flowCount, zipfExponent, random)
  const one = () => Math.floor(random() * flowCount)
  const bulk = BulkDraws.of(random)
  if (bulk === undefined) return one
  const draws = new Float64Array(CHUNK_PACKETS)
  return Object.assign(one, {
    fill(out: Int32Array, count: number) {
      bulk.uniforms(draws, count)
      for (let i = 0; i < count; i++) out[i] = Math.floor(draws[i]! * flowCount)
    },
  })
}
