/**
 * Keys of a scenario that have no effect: lanes that read for themselves have no reader that could look at
 * old lanes or fill a stage, and with one shared queue there is nothing for a policy to choose. Said, because
 * else the results would look like an answer to it.
 */
import { list } from '../scenario/mistakes.ts'
import { defaultScenario } from '../scenario/schema/default-scenario.ts'
import type { Scenario } from '../scenario/schema/schema.ts'

/** One line, or none. What stands at its default counts as not said. */
export function withoutEffect(scenario: Scenario): string[] {
  const { topology, reader, policies } = scenario
  if (topology === 'dispatcher') return []
  const defaults = defaultScenario()
  const idle: string[] = []
  if (topology === 'shared' && !isSame(policies, defaults.policies)) idle.push('policies')
  for (const key of ['batch', 'feedbackDelay', 'stage'] as const) {
    if (!isSame(reader[key], defaults.reader[key])) idle.push(`reader.${key}`)
  }
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
