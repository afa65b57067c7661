/**
 * A calibration file: what was measured of a machine, in one of two forms. `measured` is what a live replay
 * has recorded of its lanes: a list of times stands for equal shares of packets, each value their mean
 * (run/calibration.ts says what a simulation makes of it). `scenario` is a part of a scenario, with what it
 * was found from and how well it predicts: changes to a scenario before it is checked. Version 1 held the
 * first form alone, and is still read.
 */
import { z } from 'zod'
import { reasonOf, UserError } from '../../errors.ts'
import { DURATION_NS_MAX } from '../../units.ts'
import { delegate, explaining, mistakesOf, type Path, pathText } from '../mistakes.ts'
import { CHOICES, type Setting } from '../overrides.ts'
import { scenarioSchema } from './schema.ts'

const ns = z.number().min(0).max(DURATION_NS_MAX)
const times = z.array(ns).min(1).max(100_000)
const count = z.int().min(0)
const number = z.number().nullable()
const line = z.string().max(1000)

const measured = {
  /** What was replayed. */
  recordedFrom: z.strictObject({
    scenario: z.string(),
    policy: z.string(),
    topology: z.enum(['dispatcher', 'shared', 'multi-queue']),
    lanes: z.int().min(1).max(1024),
    packets: count,
    idleStarts: count,
    busyStarts: count,
    stalls: count,
  }),
  service: z.strictObject({
    /** Of each byte of a packet, beside the times below. */
    perByteNs: ns,
    /** One for all lanes, or one per lane where they differ. Ascending. */
    lanes: z.array(z.strictObject({ idleNs: times, busyNs: times })).min(1),
  }),
  stalls: z.array(
    z.strictObject({
      /** Lanes that stall together. */
      lanes: z.array(count).min(1),
      perSecond: z.number().positive().max(1e6),
      lengthNs: times,
    }),
  ),
  /**
   * Medians, null where they were never seen: from one waiting packet to the next; to a reader without work.
   */
  reader: z.strictObject({
    perPacketNs: ns.nullable(),
    afterSendNsP50: ns.nullable(),
  }),
  /** From the end of service to the collector's stamp, median; null without packets. */
  delivery: z.strictObject({ afterFinishNsP50: z.number().nullable() }),
}

const { reader, lanes, cores, receiver, link } = scenarioSchema.in.shape
const partSchema = z.strictObject({ reader, lanes, cores, receiver, link }).partial()

/** Kept as written: what it leaves out is the scenario's. */
const part = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  delegate(context, partSchema, value, [])
})

const found = {
  scenario: part,
  /** What it was found from. */
  calibratedOn: z.strictObject({
    files: z.array(z.string()),
    sha256: z.array(z.string()),
    packets: count,
    policy: z.string().nullable(),
    lanes: z.int().min(1).max(1024),
    /** The number of lanes isn't from the data. */
    lanesAssumed: z.boolean(),
    date: z.string().optional(),
  }),
  /** Of data that was held back: null is unknown; factor: predicted / measured. */
  heldOut: z.array(
    z.strictObject({
      metric: z.string(),
      predicted: number,
      measured: number,
      factor: z.number().min(0).nullable(),
      isRight: z.boolean().nullable(),
    }),
  ),
  /** What it can't tell, one line each. */
  notKnown: z.array(line),
  method: line,
  /** null: nothing was drawn. */
  seed: z.union([z.int(), z.string()]).nullable(),
}

const kind = z.literal('lanewise calibration')
const version1 = z.strictObject({ kind, schemaVersion: z.literal(1), ...measured })
const schemaVersion = z.literal(2)
const version2 = {
  measured: z.strictObject({ kind, schemaVersion, measured: z.strictObject(measured) }),
  scenario: z.strictObject({ kind, schemaVersion, ...found }),
}

/** What a replay has measured of its lanes. */
export type MeasuredLanes = z.output<typeof version2.measured>['measured']
/** Of a replay, as it is written. */
export type ReplayCalibration = z.output<typeof version2.measured>
/** A part of a scenario, as it is written. */
export type ScenarioCalibration = z.output<typeof version2.scenario>
export type Calibration = ReplayCalibration | ScenarioCalibration

/**
 * The calibration in `text`, of version 2. Throws UserError, exit code 2, for one that is none.
 * @param file stands for it in messages
 */
export function parseCalibration(text: string, file: string): Calibration {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UserError(`--calibration ${file}: not JSON, ${reasonOf(error)} - ${cureOf(undefined)}`, 2)
  }
  const fields: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? { ...value } : {}
  if (fields.kind !== 'lanewise calibration') {
    const what = fields.kind === 'replay' ? 'is the report of a replay' : 'is no calibration'
    throw new UserError(
      `--calibration ${file}: ${what} - name the calibration.json that lanewise replay writes`,
      2,
    )
  }
  const schema = schemaOf(fields)
  const result = schema.safeParse(value, explaining)
  if (!result.success) {
    const lines = mistakesOf(result.error).map(
      ({ path, reason }) => `--calibration ${file}: ${pathText(path)}${path.length > 0 ? ' ' : ''}${reason}`,
    )
    throw new UserError(
      lines.map((line) => `${line} - ${cureOf(schema)}`),
      2,
    )
  }
  const { data } = result
  if (data.schemaVersion === 2) return data
  const { kind, schemaVersion: _, ...lanes } = data
  return { kind, schemaVersion: 2, measured: lanes }
}

function schemaOf({ schemaVersion, scenario }: Readonly<Record<string, unknown>>) {
  if (schemaVersion === 1) return version1
  return scenario === undefined ? version2.measured : version2.scenario
}

function cureOf(schema: unknown): string {
  return `record it again with lanewise ${schema === version2.scenario ? 'calibrate' : 'replay'}`
}

/**
 * What the part of a scenario changes, key by key; a map of which one key says what is meant is one value.
 * @param flag what the user named it with, for messages
 */
export function settingsOf({ scenario }: ScenarioCalibration, flag: string): Setting[] {
  const settings: Setting[] = []
  const add = (value: unknown, path: Path): void => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (!isMap || CHOICES.some((pattern) => pattern.test(path.join('.')))) {
      settings.push({ flag, path, value })
      return
    }
    for (const [key, inner] of Object.entries(value)) add(inner, [...path, key])
  }
  add(scenario, [])
  return settings
}

/**
 * How far predictions of what was held back were from it, at most, as a share; null where nothing was, or
 * where it isn't known.
 */
export function worstMiss({ heldOut }: ScenarioCalibration): number | null {
  const misses = heldOut.flatMap(({ factor }) => (factor === null ? [] : [Math.abs(factor - 1)]))
  return misses.length === 0 ? null : Math.max(...misses)
}
