/** Checks between keys of a scenario: what no key can be wrong about alone. */
import { durationText } from '../../unit-schemas.ts'
import { parseDurationNs, writeDuration } from '../../units.ts'
import type { Mistake } from '../mistakes.ts'
import { refusal } from '../policy-specs.ts'
import { laneCountSchema } from './values.ts'

/** Synthetic sources stop here unless the scenario says otherwise. */
export const DEFAULT_DURATION = '10s'
/** Keys that may hold one value per lane. */
export const PER_LANE: readonly string[] = [
  'lanes.speed',
  'lanes.service.fixed',
  'lanes.service.perByte',
  'receiver.speed',
  'receiver.service.fixed',
  'receiver.service.perByte',
  'link.delay',
  'link.loss',
  'link.rateBps',
  'link.stream.pingpong',
]

/** What links must be that carry a stream. */
const PLAIN_LINK = { perLane: true, jitter: 'none', loss: 0, rateBps: 'unlimited' }

/**
 * Mistakes between keys. For a scenario with other mistakes zod doesn't get this far, so that
 * loaded-scenario.ts asks for them itself; nothing is taken for granted about the values.
 */
export function acrossKeys(scenario: unknown): Mistake[] {
  const mistakes: Mistake[] = []
  const complain = (path: string, reason: string) =>
    mistakes.push({
      path: path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      reason,
      atKey: false,
    })
  const laneCount = laneCountSchema.safeParse(valueAt(scenario, 'lanes.count')).data
  for (const path of laneCount === undefined ? [] : PER_LANE) {
    const values = valueAt(scenario, path)
    const isFar = path.startsWith('receiver.')
    const threads = isFar ? receivers(scenario, laneCount!) : laneCount!
    if (!Array.isArray(values) || values.length === threads) continue
    const noun = isFar ? 'thread' : 'lane'
    const counts = `${plural(values.length, 'value')} for ${plural(threads, noun)}`
    complain(path, `has ${counts} - give one per ${noun}, or a single one for all`)
  }
  const cores = valueAt(scenario, 'lanes.cores')
  if (laneCount !== undefined && typeof cores === 'number') {
    if (cores > laneCount) {
      const counts = `${plural(cores, 'core')} for ${plural(laneCount, 'lane')}`
      complain('lanes.cores', `has ${counts} - give at most ${laneCount}, or all`)
    } else if (cores < laneCount && (valueAt(scenario, 'lanes.stalls') ?? 'none') !== 'none') {
      complain(
        'lanes.stalls',
        "aren't modelled with fewer cores than lanes - set stalls: none, or cores: all",
      )
    }
  }
  if (valueAt(scenario, 'cores') !== undefined && typeof cores === 'number') {
    complain('lanes.cores', 'is a second pool beside cores - give one of the two')
  }
  if (nsOf(valueAt(scenario, 'cores.timeSlice')) === 0) {
    complain('cores.timeSlice', 'is no time at all - give 1us or more')
  }
  if (nsOf(valueAt(scenario, 'lanes.timeSlice')) === 0) {
    complain('lanes.timeSlice', 'is no time at all - give 1us or more')
  }
  if (valueAt(scenario, 'topology') === 'multi-queue' && valueAt(scenario, 'tunQueue.onFull') === 'stop') {
    complain('tunQueue.onFull', "stop isn't modelled for several queues - use drop")
  }
  for (const [path, value] of Object.entries(
    valueAt(scenario, 'link.stream') === undefined ? {} : PLAIN_LINK,
  )) {
    const given = valueAt(scenario, `link.${path}`) ?? value
    if ([given].flat().every((one) => one === value)) continue
    complain(`link.${path}`, `isn't modelled with link.stream - use ${value}, or leave stream out`)
  }
  if (losesForEver(scenario)) {
    complain(
      'release.sequence',
      'would wait for ever for packets that the links lose - give a timeout, or a bound',
    )
  }
  const entries = valueAt(scenario, 'policies')
  for (const [i, entry] of (laneCount !== undefined && Array.isArray(entries) ? entries : []).entries()) {
    const reason = refusal(entry, laneCount!)
    if (reason !== undefined) complain(`policies.${i}`, reason)
  }
  const synthetic = valueAt(scenario, 'source.synthetic') !== undefined
  const durationNs = nsOf(valueAt(scenario, 'duration') ?? (synthetic ? DEFAULT_DURATION : undefined))
  const warmupNs = nsOf(valueAt(scenario, 'warmup'))
  if (durationNs === 0) complain('duration', 'must be longer than 0s - leave it out for the default')
  else if (durationNs !== undefined && warmupNs !== undefined && warmupNs >= durationNs) {
    const lengths = `${valueAt(scenario, 'warmup')} leaves nothing of the duration of ${writeDuration(durationNs)}`
    complain('warmup', `${lengths} - shorten it, or lengthen the duration`)
  }
  return mistakes
}

function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** Threads at the far end: one per lane, or as many as share the work. */
function receivers(scenario: unknown, lanes: number): number {
  const count = valueAt(scenario, 'receiver.count')
  const isShared = valueAt(scenario, 'receiver.assign') === 'shared'
  return isShared && typeof count === 'number' ? count : lanes
}

/** A sequence behind lossy links that never gives anything up. */
function losesForEver(scenario: unknown): boolean {
  const loss = valueAt(scenario, 'link.loss')
  const sequence = valueAt(scenario, 'release.sequence')
  if (sequence === undefined || valueAt(scenario, 'release.sequence.at') === 'sender') return false
  if (!(Array.isArray(loss) ? loss : [loss]).some((ratio) => typeof ratio === 'number' && ratio > 0))
    return false
  const { timeout, bound } = sequence as { timeout?: unknown; bound?: unknown }
  return (timeout ?? 'never') === 'never' && (bound ?? 'unlimited') === 'unlimited'
}

function valueAt(tree: unknown, path: string): unknown {
  let node = tree
  for (const key of path.split('.')) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined
    node = (node as Record<string, unknown>)[key]
  }
  return node
}

function nsOf(text: unknown): number | undefined {
  return durationText.safeParse(text).success ? parseDurationNs(text as string) : undefined
}
