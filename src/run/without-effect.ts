/**
 * Keys of a scenario that have no effect: a thread that spins on a core of its own is in nobody's way, and a
 * lane without a write is idle when it is done; lanes that read for themselves have no reader that could look
 * at old lanes or fill a stage, and with one shared queue there is nothing for a policy to choose. Said,
 * because else the results would look like an answer to it.
 */
import { list } from '../scenario/mistakes.ts'
import { defaultScenario } from '../scenario/schema/default-scenario.ts'
import type { Scenario } from '../scenario/schema/schema.ts'

/** A line each. What stands at its default counts as not said. */
export function withoutEffect(scenario: Scenario): string[] {
  return [...aloneWithoutEffect(scenario), ...ofTopology(scenario)]
}

function aloneWithoutEffect({ reader, lanes, cores, receiver, link }: Scenario): string[] {
  const lines: string[] = []
  if (reader.whenLaneBusy === 'spin' && cores === undefined) {
    lines.push(
      'reader.whenLaneBusy: spin has no effect, as each thread has a core of its own - give cores, or leave it out',
    )
  }
  const writes = lanes.service.write !== undefined
  if ((lanes.idleAt === 'start-of-write') !== writes) {
    const [vain, missing] = writes
      ? ['lanes.service.write', 'lanes.idleAt: start-of-write']
      : ['lanes.idleAt: start-of-write', 'lanes.service.write']
    lines.push(`${vain} has no effect alone - give ${missing} too, or leave it out`)
  }
  if (receiver?.count !== undefined && receiver.assign === 'own') {
    lines.push(
      'receiver.count has no effect, as each lane has a thread of its own there - use receiver.assign: shared, or leave it out',
    )
  }
  if (link.stream?.nagle === false && [link.stream.pingpong].flat().includes(true)) {
    lines.push(
      'link.stream.pingpong has no effect, as each packet goes at once - use link.stream.nagle: true, or leave it out',
    )
  }
  return lines
}

/** What lanes that read for themselves leave without effect. */
function ofTopology(scenario: Scenario): string[] {
  const { topology, reader, policies } = scenario
  if (topology === 'dispatcher') return []
  const defaults = defaultScenario()
  const idle: string[] = []
  if (topology === 'shared' && !isSame(policies, defaults.policies)) idle.push('policies')
  for (const key of ['batch', 'feedbackDelay', 'stage'] as const) {
    if (!isSame(reader[key], defaults.reader[key])) idle.push(`reader.${key}`)
  }
  if (reader.whenLaneBusy === 'spin' && scenario.cores !== undefined) idle.push('reader.whenLaneBusy')
  if (idle.length === 0) return []
  const verb = idle.length === 1 && idle[0] !== 'policies' ? 'has' : 'have'
  return [
    `topology ${topology}: ${list(idle, 'and')} ${verb} no effect, ${reasonFor(topology)} - use topology dispatcher, or leave out what has none`,
  ]
}

function reasonFor(topology: 'shared' | 'multi-queue'): string {
  return topology === 'shared'
    ? 'as each lane takes the next packet itself'
    : 'as each lane reads its own TUN queue'
}

/** Of values as scenarios have them, with their keys in the schema's order. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
