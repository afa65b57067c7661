/**
 * The points of a scan, each a scenario that has been checked before anything is simulated: a mistake in a
 * path or a value is told at once, of the first point that has one. A capture of each name is opened too.
 */

import { type LoadOptions, scenarioReader } from '../node/load-scenario.ts'
import { openBytes } from '../node/open-bytes.ts'
import { loadPolicyModule } from '../node/policy-modules.ts'
import { planOf, type ResolvedScenario } from '../run/plan.ts'
import type { LoadedScenario } from '../scenario/loaded-scenario.ts'
import type { Setting } from '../scenario/overrides.ts'
import { modulePathsIn } from '../scenario/policy-specs.ts'
import { type Axis, combinations } from './axes.ts'
import type { PointToRun } from './run-points.ts'

export interface ScanPoint extends PointToRun {
  /** Path to value, of every axis. */
  readonly settings: Readonly<Record<string, unknown>>
}

export interface ScanInHand {
  /** The scenario before the scan's settings. */
  readonly base: LoadedScenario
  readonly points: readonly ScanPoint[]
}

/**
 * Throws UserError: of the file, of the scenario without the scan, of the first point that isn't a scenario.
 */
export async function scanOf(
  file: string | readonly string[],
  axes: readonly Axis[],
  overrides: LoadOptions,
): Promise<ScanInHand> {
  for (const { flag, path, values } of axes) {
    if (path[0] !== 'policies') continue
    for (const module of values.flatMap((value) => modulePathsIn([value].flat()))) {
      await loadPolicyModule(module, '.', flag)
    }
  }
  const read = await scenarioReader(file, overrides)
  const points = combinations(axes).map((settings, point) => pointOf(point, settings, read(settings)))
  return { base: read([]), points }
}

function pointOf(
  point: number,
  settings: readonly Setting[],
  { scenario, policies, capturePath, calibration }: LoadedScenario,
): ScanPoint {
  const resolved: ResolvedScenario = {
    scenario,
    policies,
    ...(capturePath === undefined ? {} : { capturePath }),
    ...(calibration === undefined ? {} : { calibration }),
  }
  const named = settings.map(({ path, value }) => [path.join('.'), value])
  return { point, resolved, runs: planOf(resolved).runs, settings: Object.fromEntries(named) }
}

/** Opens every capture once. Throws UserError where one can't be read, in the words of a plain comparison. */
export async function openCaptures(points: readonly ScanPoint[]): Promise<void> {
  const tried = new Set<string>()
  for (const { resolved } of points) {
    const { capturePath } = resolved
    const key = [capturePath].flat().join('\n')
    if (capturePath === undefined || tried.has(key)) continue
    tried.add(key)
    await (await planOf(resolved).openTraffic(0, openBytes)).close()
  }
}
