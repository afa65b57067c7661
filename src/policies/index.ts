/** The registry of policies: the names that a scenario and the command line know. */
import type { PolicyPlugin } from '../model/policy.ts'
import { roundRobin } from './round-robin.ts'

export const policies: ReadonlyMap<string, PolicyPlugin> = new Map(
  [roundRobin].map((plugin) => [plugin.name, plugin as unknown as PolicyPlugin]),
)
