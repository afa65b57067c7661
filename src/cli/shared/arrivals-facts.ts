/** What an arrivals CSV says of its system; what judges it is loaded only where there is such a source. */
import type { ArrivalsFacts } from '../../report/comparison/report.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'

/** undefined where the scenario's source is none. Throws a UserError where it can't be read. */
export async function arrivalsFacts(loaded: LoadedScenario): Promise<ArrivalsFacts | undefined> {
  if (!('arrivals' in loaded.scenario.source)) return undefined
  const { factsOf } = await import('./arrivals-measured.ts')
  return factsOf(loaded)
}
