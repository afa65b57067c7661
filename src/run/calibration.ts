/**
 * A calibration: what a live replay has measured of a machine's lanes, in place of what a scenario says of
 * them. Service times are empirical, apart for lanes that were idle (waking up included) and busy; stalls are
 * a renewal process per lane, or per group of lanes that stall together. Made by live/verdict/calibration.ts,
 * used by `compare --calibration`.
 */
import { UserError } from '../errors.ts'
import type { MeasuredService } from '../model/machine/lane.ts'
import type { ReaderSettings } from '../model/machine/reader.ts'
import { Stalls } from '../model/machine/stalls.ts'
import type { MachineSettings } from '../model/pipeline-settings.ts'
import type { MeasuredLanes } from '../scenario/schema/calibration.ts'
import type { Scenario } from '../scenario/schema/schema.ts'
import { exponentialDraws } from '../sim/exponential.ts'
import type { Random } from '../sim/random.ts'

/**
 * The settings of a dispatcher's pipeline with what was measured in place of what the scenario says. With
 * more lanes than were measured, the stalls of lane i are as those of lane i modulo their number, at times of
 * their own.
 * @param topology of the scenario: lanes that read for themselves are given the reader's cost afterwards
 */
export function calibrated(
  settings: MachineSettings,
  calibration: MeasuredLanes,
  topology: Scenario['topology'],
  stream: (name: string) => Random,
): MachineSettings {
  const ones = settings.lanes.speed.map(() => 1)
  return {
    ...settings,
    reader: measuredReader(settings.reader, calibration, topology),
    lanes: {
      ...settings.lanes,
      speed: ones,
      cores: undefined,
      measured: measuredService(calibration),
      stalls: calibration.stalls.length === 0 ? undefined : (lane) => stallsOf(calibration, lane, stream),
    },
  }
}

/**
 * What reading costs: as a dispatcher's reader was measured, else as the scenario says. Lanes that were
 * measured reading for themselves have it in their service (live/verdict/calibration.ts), and where they do
 * so here too it is counted once.
 */
function measuredReader(
  reader: ReaderSettings,
  { recordedFrom, reader: { perPacketNs } }: MeasuredLanes,
  topology: Scenario['topology'],
): ReaderSettings {
  if (recordedFrom.topology === 'dispatcher') {
    return perPacketNs === null ? reader : { ...reader, perPacketNs: Math.round(perPacketNs) }
  }
  return topology === 'dispatcher' ? reader : { ...reader, perPacketNs: 0, perPassNs: 0 }
}

function measuredService({ service }: MeasuredLanes): MeasuredService {
  const { perByteNs, lanes } = service
  const idle = lanes.map(({ idleNs }) => Float64Array.from(idleNs))
  const busy = lanes.map(({ busyNs }) => Float64Array.from(busyNs))
  const isPooled = lanes.length === 1
  const pick = (times: Float64Array, draw: number) => times[Math.floor(draw * times.length)]!
  return {
    idleNs: (lane, draw, sizeBytes) => pick(idle[isPooled ? 0 : lane]!, draw) + perByteNs * sizeBytes,
    busyNs: (lane, draw, sizeBytes) => pick(busy[isPooled ? 0 : lane]!, draw) + perByteNs * sizeBytes,
  }
}

/** Lanes of a group have streams of one name, and so stall at the same times. */
function stallsOf(
  { stalls, recordedFrom }: MeasuredLanes,
  lane: number,
  stream: (name: string) => Random,
): Stalls | undefined {
  const group = stalls.findIndex(({ lanes }) => lanes.includes(lane % recordedFrom.lanes))
  if (group < 0) return undefined
  const { perSecond, lengthNs } = stalls[group]!
  const random = stream(`stalls of group ${group} ${Math.floor(lane / recordedFrom.lanes)}`)
  const exponential = exponentialDraws(random)
  return new Stalls(
    () => (exponential() * 1e9) / perSecond,
    () => lengthNs[Math.floor(random() * lengthNs.length)]!,
  )
}

/** What a report has to say of it. Throws a UserError where it doesn't fit the scenario. */
export function calibrationNotes(
  { recordedFrom, service }: MeasuredLanes,
  { lanes, topology }: Scenario,
): string[] {
  if (service.lanes.length > 1 && service.lanes.length !== lanes.count) {
    throw new UserError(
      `--calibration: its ${service.lanes.length} lanes differ from each other, and the scenario has ${lanes.count} - use --set lanes.count=${service.lanes.length}, or record one with ${lanes.count} lanes`,
      2,
    )
  }
  const { scenario, policy, packets } = recordedFrom
  const notes = [
    `calibration: service, wake-up, stalls, speed and cores of lanes and the reader's cost per packet are as measured (${scenario}, ${policy}, ${packets} packets), not as the scenario says`,
  ]
  if (recordedFrom.topology !== topology) {
    notes.push(
      `calibration: measured with topology ${recordedFrom.topology}, used for ${topology}, where reading costs something else - record one with --topology ${topology}`,
    )
  }
  return notes
}
