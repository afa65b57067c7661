/**
 * An arrival process as a scenario names it: `poisson`, or `{ on-off: { on: 10ms, off: 90ms } }`, one key out
 * of the registry with the parameters that the process's own schema accepts.
 */
import { z } from 'zod'
import { didYouMean } from '../../errors.ts'
import { arrivalProcesses } from '../../traffic/synthetic/index.ts'
import type { ArrivalProcess, Gaps } from '../../traffic/synthetic/parts/arrival-process.ts'
import { delegate, list, show } from '../mistakes.ts'

/** An arrival process as a scenario has it: without parameters just its name. */
export type ArrivalsEntry = string | Record<string, unknown>

/** One arrival process, by name, with its own parameters; kept as written. */
export const arrivals = z
  .union([z.string(), z.record(z.string(), z.unknown())], {
    error: ({ input }) =>
      `expected an arrival process, or a map from it to its parameters, got ${show(input)}`,
  })
  .superRefine((entry, context) => {
    const keys = typeof entry === 'string' ? [entry] : Object.keys(entry)
    const [name] = keys
    const unknown = keys.filter((key) => !arrivalProcesses.has(key))
    for (const key of unknown) {
      const known = [...arrivalProcesses.keys()]
      const cure = didYouMean(key, known) || ` - known are ${list(known, 'and')}`
      const message = `unknown arrival process ${show(key)}${cure} (lanewise list sources)`
      const place = typeof entry === 'string' ? {} : { path: [key], params: { atKey: true } }
      context.addIssue({ code: 'custom', message, ...place })
    }
    if (unknown.length > 0) return
    if (name === undefined || keys.length > 1) {
      const message = `expected one arrival process, got ${show(entry)} - keep one`
      context.addIssue({ code: 'custom', message })
      return
    }
    const { parameters } = arrivalProcesses.get(name)!
    if (typeof entry !== 'string') delegate(context, parameters, entry[name] ?? {}, [name])
    else if (!parameters.safeParse({}).success) {
      const message = `${name} needs its parameters - write it like { ${name}: { ... } } (lanewise list sources)`
      context.addIssue({ code: 'custom', message })
    }
  })
  .transform((entry): ArrivalsEntry => {
    if (typeof entry === 'string') return entry
    const [name, parameters] = Object.entries(entry)[0]!
    return Object.keys(parameters ?? {}).length === 0 ? name : entry
  })

/** Does this arrival process draw random numbers? */
export function drawsArrivals(entry: ArrivalsEntry): boolean {
  return processOf(entry).process.usesRandom !== false
}

/** The gaps of the arrival process that the scenario names, at that mean rate. */
export function gapsOf(entry: ArrivalsEntry, packetsPerSecond: number): (random: () => number) => Gaps {
  const { process, parameters } = processOf(entry)
  return (random) => process.create(parameters, packetsPerSecond, random)
}

function processOf(entry: ArrivalsEntry): { process: ArrivalProcess; parameters: unknown } {
  const [name, given] = typeof entry === 'string' ? [entry, {}] : Object.entries(entry)[0]!
  const process = arrivalProcesses.get(name)!
  return { process, parameters: process.parameters.parse(given) }
}
