/**
 * What a scenario says and a replay doesn't do: it has a machine of its own, and flags take the place of some
 * keys. Said, because else the results would look like an answer to it.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Topology } from '../../live/threads/setup.ts'
import type { LoadedScenario } from '../../scenario/loaded-scenario.ts'
import { defaultScenario } from '../../scenario/schema/default-scenario.ts'
import type { Scenario } from '../../scenario/schema/schema.ts'
import type { CheckedReplay } from './options.ts'

/** Times that were measured hold waking up and writing, which lanes here do by themselves. */
const OWN_WORK = 'lanes here work as the scenario says'

/** Keys, and whether the scenario says anything of them. */
type Said = ReadonlyArray<readonly [key: string, isSaid: boolean]>

/** One line each. @param policies as given with -p */
export function withoutEffectHere(
  { scenario, calibratedOn }: LoadedScenario,
  { work, predictRuns, pace, topologies, isRunsSet }: CheckedReplay,
  policies: readonly string[] | undefined,
): string[] {
  const isModel = work === 'model'
  const flag = flagOf(pace)
  const own = said(machinesOwn(scenario))
  const isPredicted = isModel && predictRuns > 0
  const place = isPredicted ? 'is only in (c)' : 'has no effect'
  const idle = (why: string, keys: string, cure: string) =>
    keys === '' ? [] : [`${why}: what the scenario says of ${keys} has no effect${cure}`]
  return [
    ...(own === '' ? [] : [`a replay has the machine's own ${own}: what the scenario says of them ${place}`]),
    ...(calibratedOn?.form === 'measured'
      ? [`--calibration ${calibratedOn.file}: what a replay has measured of lanes ${place}, ${OWN_WORK}`]
      : []),
    ...(isModel ? [] : idle(`--work ${work}`, said(ofWork(scenario)), ' - use --work model')),
    ...(flag === undefined ? [] : idle(flag, said(ofPace(scenario)), ` - leave out ${flag}`)),
    ...(isRunsSet ? ['--set runs has no effect - use --repeat, and --predict-runs for predictions'] : []),
    ...topologiesOf(scenario, topologies, policies).flatMap((topology) =>
      idle(`topology ${topology}`, said(ofReader(scenario)), ', as lanes read for themselves'),
    ),
    ...policiesInVain(scenario, topologies, policies),
    ...(scenario.tunQueue.capacityPackets === 'unlimited'
      ? ['tunQueue.capacityPackets: no TUN device has an unlimited queue - here it has 100,000 packets']
      : []),
  ]
}

function machinesOwn(scenario: Scenario): Said {
  const { reader, lanes, link, release, tunQueue, cores, receiver } = scenario
  const defaults = defaultScenario()
  return [
    ['reader.perPacket', differs(reader.perPacket, defaults.reader.perPacket)],
    ['reader.perPass', differs(reader.perPass, defaults.reader.perPass)],
    ['reader.feedbackDelay', differs(reader.feedbackDelay, defaults.reader.feedbackDelay)],
    ['lanes.stalls', lanes.stalls !== 'none'],
    ['lanes.wakeUp', lanes.wakeUp !== 'none'],
    ['lanes.cores', lanes.cores !== 'all'],
    ['lanes.idleAt', lanes.idleAt !== undefined],
    ['reader.whenLaneBusy', reader.whenLaneBusy !== undefined],
    ['cores', cores !== undefined],
    ['receiver', receiver !== undefined],
    ['lanes.timeSlice', differs(lanes.timeSlice, defaults.lanes.timeSlice)],
    ['link', differs(link, defaults.link)],
    ['release', release !== 'none'],
    ['tunQueue.onFull', tunQueue.onFull === 'stop'],
  ]
}

function ofWork({ lanes }: Scenario): Said {
  const defaults = defaultScenario().lanes
  return [
    ['lanes.service', differs(lanes.service, defaults.service)],
    ['lanes.speed', differs(lanes.speed, defaults.speed)],
  ]
}

/** Keys that say when packets come. */
function ofPace({ source }: Scenario): Said {
  if ('synthetic' in source) return [['source.synthetic.arrivals', source.synthetic.arrivals !== 'poisson']]
  return [
    ['source.packetsPerSecond', source.packetsPerSecond !== undefined],
    ['source.speed', source.speed !== 1],
  ]
}

/** Of a pace that goes by no arrival times. */
function flagOf(pace: CheckedReplay['pace']): string | undefined {
  if (pace === 'topspeed') return '--topspeed'
  if ('multiplier' in pace) return undefined
  return 'packetsPerSecond' in pace ? '--pps' : '--mbps'
}

function ofReader({ reader, lanes }: Scenario): Said {
  const defaults = defaultScenario()
  return [
    ['reader.batch', differs(reader.batch, defaults.reader.batch)],
    ['reader.stage', differs(reader.stage, defaults.reader.stage)],
    ['lanes.queue', differs(lanes.queue, defaults.lanes.queue)],
  ]
}

/** Topologies without a reader, where there is no other that the keys could be meant for. */
function topologiesOf(
  scenario: Scenario,
  topologies: readonly Topology[],
  policies: readonly string[] | undefined,
): readonly Topology[] {
  if (topologies.length === 0) return scenario.topology === 'dispatcher' ? [] : [scenario.topology]
  return policies !== undefined || topologies.includes('dispatcher') ? [] : topologies
}

/** Named for a topology that has none of ours. */
function policiesInVain(
  { topology, policies }: Scenario,
  topologies: readonly Topology[],
  given: readonly string[] | undefined,
): string[] {
  if (topology === 'dispatcher' || topologies.length > 0) return []
  const isKernels = topology === 'multi-queue' && isDeepStrictEqual(policies, ['linux-tun'])
  if (isKernels || (given === undefined && !differs(policies, defaultScenario().policies))) return []
  const names =
    given === undefined ? 'the policies of the scenario' : given.map((name) => `-p ${name}`).join(', ')
  const who =
    topology === 'shared' ? 'each lane takes the next packet itself' : 'the kernel chooses the queue'
  return [`topology ${topology}: ${names} won't be replayed, as ${who} - add --topology dispatcher`]
}

function said(keys: Said): string {
  return keys
    .filter(([, isSaid]) => isSaid)
    .map(([key]) => key)
    .join(', ')
}

function differs(value: unknown, byDefault: unknown): boolean {
  return !isDeepStrictEqual(value, byDefault)
}
