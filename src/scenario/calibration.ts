/**
 * A calibration: what a live replay has measured of a machine's lanes, in place of what a scenario says of them.
 * Service times are empirical, apart for lanes that were idle (waking up included) and busy; stalls are a renewal
 * process per lane, or per group of lanes that stall together. Made by live/calibration.ts, used by
 * `compare --calibration`. A list of times stands for equal shares of packets, each value their mean.
 */

import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { reasonOf, UserError } from '../errors.ts'
import type { MeasuredService } from '../model/lane.ts'
import type { PipelineSettings } from '../model/pipeline-settings.ts'
import { Stalls } from '../model/stalls.ts'
import { log1p } from '../sim/elementary.ts'
import type { Random } from '../sim/random.ts'
import { explaining, mistakesOf, pathText } from './mistakes.ts'
import type { Scenario } from './schema.ts'

const CURE = 'record it again with lanewise replay'
const times = z.array(z.number().nonnegative()).min(1)
const count = z.int().nonnegative()

const calibrationSchema = z.strictObject({
  kind: z.literal('lanewise calibration'),
  schemaVersion: z.literal(1),
  /** What was replayed. */
  recordedFrom: z.strictObject({
    scenario: z.string(),
    policy: z.string(),
    topology: z.enum(['dispatcher', 'shared', 'multi-queue']),
    lanes: z.int().min(1),
    packets: count,
    idleStarts: count,
    busyStarts: count,
    stalls: count,
  }),
  service: z.strictObject({
    /** Of each byte of a packet, beside the times below. */
    perByteNs: z.number().nonnegative(),
    /** One for all lanes, or one per lane where they differ. Ascending. */
    lanes: z.array(z.strictObject({ idleNs: times, busyNs: times })).min(1),
  }),
  stalls: z.array(
    z.strictObject({
      /** Lanes that stall together. */
      lanes: z.array(count).min(1),
      perSecond: z.number().positive(),
      lengthNs: times,
    }),
  ),
  /** Medians, null where they were never seen: from one waiting packet to the next; to a reader without work. */
  reader: z.strictObject({
    perPacketNs: z.number().nonnegative().nullable(),
    afterSendNsP50: z.number().nonnegative().nullable(),
  }),
  /** From the end of service to the collector's stamp, median; null without packets. */
  delivery: z.strictObject({ afterFinishNsP50: z.number().nullable() }),
})

export type Calibration = z.output<typeof calibrationSchema>

/** Throws UserError: code 1 for a file that can't be read, 2 for one that is no calibration. */
export function readCalibration(file: string): Calibration {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = missing ? 'no such file' : `can't be read, ${reasonOf(error)}`
    throw new UserError(`--calibration ${file}: ${reason} - check the path`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UserError(`--calibration ${file}: not JSON, ${reasonOf(error)} - ${CURE}`, 2)
  }
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined
  if (kind !== 'lanewise calibration') {
    const what = kind === 'replay' ? 'is the report of a replay' : 'is no calibration'
    throw new UserError(
      `--calibration ${file}: ${what} - name the calibration.json that lanewise replay writes`,
      2,
    )
  }
  const result = calibrationSchema.safeParse(value, explaining)
  if (result.success) return result.data
  const lines = mistakesOf(result.error).map(
    ({ path, reason }) => `--calibration ${file}: ${pathText(path)}${path.length > 0 ? ' ' : ''}${reason}`,
  )
  throw new UserError(
    lines.map((line) => `${line} - ${CURE}`),
    2,
  )
}

/**
 * The settings of a pipeline with what was measured in place of what the scenario says. With more lanes than were
 * measured, the stalls of lane i are as those of lane i modulo their number, at times of their own.
 */
export function calibrated(
  settings: PipelineSettings,
  calibration: Calibration,
  stream: (name: string) => Random,
): PipelineSettings {
  const { stalls, reader } = calibration
  const ones = settings.lanes.speed.map(() => 1)
  // What lanes pay that read for themselves is in their service.
  const perPacketNs = calibration.recordedFrom.topology === 'dispatcher' ? reader.perPacketNs : null
  return {
    ...settings,
    reader:
      perPacketNs === null ? settings.reader : { ...settings.reader, perPacketNs: Math.round(perPacketNs) },
    lanes: {
      ...settings.lanes,
      speed: ones,
      cores: undefined,
      measured: measuredService(calibration),
      stalls: stalls.length === 0 ? undefined : (lane) => stallsOf(calibration, lane, stream),
    },
  }
}

function measuredService({ service }: Calibration): MeasuredService {
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
  { stalls, recordedFrom }: Calibration,
  lane: number,
  stream: (name: string) => Random,
): Stalls | undefined {
  const group = stalls.findIndex(({ lanes }) => lanes.includes(lane % recordedFrom.lanes))
  if (group < 0) return undefined
  const { perSecond, lengthNs } = stalls[group]!
  const random = stream(`stalls of group ${group} ${Math.floor(lane / recordedFrom.lanes)}`)
  return new Stalls(
    () => (-log1p(-random()) * 1e9) / perSecond,
    () => lengthNs[Math.floor(random() * lengthNs.length)]!,
  )
}

/** What a report has to say of it. Throws a UserError where it doesn't fit the scenario. */
export function calibrationNotes(
  { recordedFrom, service }: Calibration,
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
