/** Test support: simulates a model and compares what it measures with the closed forms. */
import { simulate } from '../run/simulate.testing.ts'
import { BATCHES, Meter, ratioOverBatches } from './meter.testing.ts'
import type { Model } from './models.testing.ts'
import { type Quantity, quantities } from './quantities.testing.ts'

/** A closed form is missed at this many standard errors. */
export const Z_MAX = 4

/** The mean service time or delay of all models. */
const UNIT_NS = 1e6
/** The part of a run that isn't warm-up. */
const SAMPLE_SHARE = 0.95

export interface Row {
  readonly model: string
  readonly parameters: string
  readonly quantity: string
  readonly packets: number
  readonly expected: number
  readonly simulated: number
  readonly standardError: number
}

/**
 * One row per expected value, over `packets` packets (a multiple of 100). Throws when the simulation gave
 * fewer.
 */
export async function compare(model: Model, packets: number): Promise<Row[]> {
  let meter: Meter | undefined
  const { packetsPerSecond } = (model.scenario.source as { synthetic: { packetsPerSecond: number } })
    .synthetic
  // Eight standard deviations more than needed: Poisson arrivals are not exactly as many as planned.
  const planned = (packets + 8 * Math.sqrt(packets)) / SAMPLE_SHARE
  const duration = `${Math.round((planned * 1e9) / packetsPerSecond)}ns`
  const { policies } = await simulate(
    { ...model.scenario, duration },
    {
      observe(_label, store, reordering) {
        meter = new Meter(store, reordering.tracker, packets / BATCHES)
        return meter
      },
    },
  )
  const sums = meter!.sums.slice(0, BATCHES)
  const lateBeyondWindow = policies[0]!.metrics.lateBeyondWindow
  if (sums.length < BATCHES || lateBeyondWindow !== 0) {
    throw new Error(`${model.name}: ${sums.length} batches, ${lateBeyondWindow} packets beyond the window`)
  }
  const all = meter!.sumsSoFar()
  const beyondThreshold = 2 * all.packets - all.displaced - all.arrivals
  if ('displacement=0' in model.expected && beyondThreshold !== 0) {
    throw new Error(`${model.name}: ${beyondThreshold} packets beyond DT or BT`)
  }
  return Object.entries(model.expected).map(([name, expected]) => {
    const { title, top, bottom, isTime } = quantities[name as Quantity]
    const unit = isTime === true ? UNIT_NS : 1
    const { mean, standardError } = ratioOverBatches(sums, top, bottom)
    return {
      model: model.name,
      parameters: model.parameters,
      quantity: title,
      packets,
      expected,
      simulated: mean / unit,
      standardError: standardError / unit,
    }
  })
}

/**
 * Standard errors between the simulated value and the expected one; a value without any spread is right or
 * wrong.
 */
export function zOf({ expected, simulated, standardError }: Row): number {
  if (standardError > 0) return (simulated - expected) / standardError
  return simulated === expected ? 0 : Number.POSITIVE_INFINITY
}

export function nameOf({ model, parameters, quantity }: Row): string {
  return `${model}, ${parameters}: ${quantity}`
}

/** The row as a line of the Markdown table. */
export function rowText(row: Row): string {
  const digits = (value: number, count: number) => (value === 0 ? '0' : value.toPrecision(count))
  const cells = [
    row.model,
    row.parameters,
    row.quantity,
    row.packets.toLocaleString('en'),
    digits(row.expected, 6),
    digits(row.simulated, 6),
    digits(row.standardError, 2),
    zText(row),
  ]
  return `| ${cells.join(' | ')} |`
}

export function zText(row: Row): string {
  return zOf(row)
    .toFixed(2)
    .replace(/^-(0\.00)$/, '$1')
}
