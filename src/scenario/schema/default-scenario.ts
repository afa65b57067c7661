/** What a scenario is that says nothing but its source: where defaults are looked up. */
import { type Scenario, scenarioSchema } from './schema.ts'

/** All defaults; the source is synthetic, and its rate, which has none, is 1 packet per second. */
export function defaultScenario(): Scenario {
  return scenarioSchema.parse({ source: { synthetic: { packetsPerSecond: 1 } } })
}
