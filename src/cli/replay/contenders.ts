/**
 * What a replay replays: policies under the dispatcher, and topologies without one of ours; each with the
 * scenario that predictions are made from. What no device or thread could do is refused here, before anything
 * starts.
 */
import { UserError } from '../../errors.ts'
import { type Contender, labelOf } from '../../live/replays.ts'
import type { Topology } from '../../live/threads/setup.ts'
import { type LoadOptions, loadScenario } from '../../node/load-scenario.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { STANDARD_INPUT } from '../../scenario/schema/source.ts'
import type { CapturePaths } from '../../traffic/capture/capture-files.ts'

/** Queues of one TUN device: MAX_TAP_QUEUES of the kernel's drivers/net/tun.c. */
const TUN_QUEUES_MAX = 256

export interface WantedContenders {
  /** A scenario, a capture or the files of one. */
  readonly file: CapturePaths
  readonly overrides: LoadOptions
  /** Of --topology. */
  readonly topologies: readonly Topology[]
  readonly isLive: boolean
}

/** Throws UserError (2) for a path that stands for standard input, which is read several times. */
export function requireFile(path: CapturePaths | undefined): void {
  if (path !== STANDARD_INPUT) return
  throw new UserError(
    'replay: standard input is gone once it is read, and a replay reads it more than once - save it and name the file',
    2,
  )
}

/** Without --topology it is the scenario's own; beside -p the dispatcher is added. Throws UserError. */
export async function contendersOf(loaded: LoadedScenario, wanted: WantedContenders): Promise<Contender[]> {
  const { file, overrides, topologies, isLive } = wanted
  const { policies } = overrides
  const hasDispatcher = policies === undefined || topologies.includes('dispatcher')
  const added: readonly Topology[] = hasDispatcher ? [] : ['dispatcher']
  const all = topologies.length > 0 ? [...added, ...topologies] : [loaded.scenario.topology]
  const contenders: Contender[] = []
  for (const topology of all) {
    const resolved = await loadScenario(file, {
      ...overrides,
      set: [...(overrides.set ?? []), `topology=${topology}`],
      // (c) imitates what the kernel does.
      policies: topology === 'multi-queue' ? ['linux-tun'] : policies,
    })
    if (topology === 'multi-queue' && isLive) checkQueues(resolved)
    if (topology === 'dispatcher') refuseOracle(resolved)
    for (const policy of resolved.policies.keys()) contenders.push({ topology, policy, resolved })
  }
  const labels = contenders.map(labelOf)
  const twice = labels.find((label, i) => labels.indexOf(label) < i)
  if (twice !== undefined) {
    throw new UserError(`replay: a policy is called ${twice} like a topology - give it another name`, 2)
  }
  return contenders
}

function checkQueues({ scenario, where }: LoadedScenario): void {
  const { count } = scenario.lanes
  if (count <= TUN_QUEUES_MAX) return
  throw new UserError(
    `${where(['lanes', 'count'])}: ${count} lanes with topology multi-queue, and a TUN device has at most ${TUN_QUEUES_MAX} queues - use fewer, or another topology`,
    2,
  )
}

/** The oracle asks the simulator how long each packet will take. */
function refuseOracle({ policies }: LoadedScenario): void {
  if (!policies.some(({ name }) => name === 'oracle')) return
  throw new UserError(
    'replay: policy oracle foresees what only the simulator knows - leave it out, name others with -p',
    2,
  )
}
