/**
 * The check of what a user's policy says of its TTL (model/time-to-live.ts), before anything runs: every
 * member is what it must be, and the policy's own schema takes the values that `lanewise tune` will write.
 */
import type { z } from 'zod'
import { didYouMean, shown } from '../errors.ts'
import { gridOf, type TimeToLive } from '../model/time-to-live.ts'
import { writeDuration } from '../units.ts'

const MEMBERS: ReadonlyArray<keyof TimeToLive> = [
  'parameter',
  'never',
  'stepNs',
  'gridNs',
  'learnsFromPackets',
  'movesOnlyByTtl',
  'key',
]

/** *what - cure* of the first mistake; undefined without one. @param parameters the policy's schema */
export function timeToLiveMistake(given: unknown, parameters: z.ZodType): string | undefined {
  if (typeof given !== 'object' || given === null) {
    return `is ${shown(given)} - write timeToLive: { parameter: 'ttl', never: 'never' }`
  }
  const unknown = Object.keys(given).find((name) => !(MEMBERS as readonly string[]).includes(name))
  if (unknown !== undefined) {
    const cure = didYouMean(unknown, MEMBERS) || ` - it has ${MEMBERS.join(', ')}`
    return `has no member "${unknown}"${cure}`
  }
  const timeToLive = given as TimeToLive
  return memberMistake(timeToLive) ?? gridMistake(timeToLive) ?? schemaMistake(timeToLive, parameters)
}

function memberMistake(given: TimeToLive): string | undefined {
  for (const name of ['parameter', 'never'] as const) {
    if (typeof given[name] !== 'string' || given[name] === '') {
      const what = name === 'parameter' ? "the parameter's name" : 'the value that never expires, as text'
      return `${name} is ${shown(given[name])} - give ${what}`
    }
  }
  for (const name of ['movesOnlyByTtl', 'key'] as const) {
    if (given[name] !== undefined && typeof given[name] !== 'function') {
      return `${name} is ${shown(given[name])} - make it a function of the parameters, or leave it out`
    }
  }
  const { learnsFromPackets } = given
  if (learnsFromPackets !== undefined && typeof learnsFromPackets !== 'boolean') {
    return `learnsFromPackets is ${shown(learnsFromPackets)} - give true or false, or leave it out`
  }
  return undefined
}

function gridMistake({ stepNs = 1, gridNs }: TimeToLive): string | undefined {
  const isStep = (ns: unknown) => Number.isSafeInteger(ns) && (ns as number) >= 1
  if (!isStep(stepNs)) {
    return `stepNs is ${shown(stepNs)} - give a whole number of nanoseconds above 0, or leave it out`
  }
  if (gridNs === undefined) return undefined
  if (!Array.isArray(gridNs) || gridNs.length !== 2 || !gridNs.every(isStep)) {
    return `gridNs is ${shown(gridNs)} - give [min, max] in whole nanoseconds above 0, or leave it out`
  }
  const [minNs, maxNs] = gridNs as [number, number]
  if (minNs > maxNs) return 'gridNs has its min above its max - swap them'
  const odd = gridNs.find((ns) => ns % stepNs !== 0)
  return odd === undefined ? undefined : `gridNs has ${odd}, no multiple of stepNs ${stepNs} - give multiples`
}

/** Does the schema have the parameter, with a default, and take `never` and the ends of the grid? */
function schemaMistake(timeToLive: TimeToLive, parameters: z.ZodType): string | undefined {
  const { parameter, never } = timeToLive
  const names = 'shape' in parameters ? Object.keys(parameters.shape as object) : undefined
  /** What the schema says against the parameter, among whatever else it misses. */
  const about = (given: Readonly<Record<string, string>>) =>
    parameters.safeParse(given).error?.issues.find((issue) => {
      const isUnknown = issue.code === 'unrecognized_keys' && issue.keys.includes(parameter)
      return isUnknown || issue.path[0] === parameter
    })
  const refused = about({ [parameter]: never })
  if (names?.includes(parameter) === false || refused?.code === 'unrecognized_keys') {
    const cure = didYouMean(parameter, names ?? []) || ' - name the one of its parameters that is the TTL'
    return `parameter is "${parameter}", which the policy doesn't have${cure}`
  }
  const missing = about({})
  if (missing !== undefined) {
    return `parameter "${parameter}" can't be left out (${missing.message}) - give it a default, such as .prefault('30s')`
  }
  if (refused !== undefined) {
    return `never is "${never}", which ${parameter} doesn't take (${refused.message}) - give the value that never expires`
  }
  for (const ns of gridOf(timeToLive).gridNs) {
    const text = writeDuration(ns)
    const issue = about({ [parameter]: text })
    if (issue === undefined) continue
    return `gridNs has ${text}, which ${parameter} doesn't take (${issue.message}) - let it take durations (durationNs), or give another grid`
  }
  return undefined
}
