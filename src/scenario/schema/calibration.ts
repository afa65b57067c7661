/**
 * A calibration file: what a live replay has measured of a machine's lanes. A list of times stands for equal
 * shares of packets, each value their mean. run/calibration.ts says what a simulation makes of it.
 */
import { z } from 'zod'
import { reasonOf, UserError } from '../../errors.ts'
import { DURATION_NS_MAX } from '../../units.ts'
import { explaining, mistakesOf, pathText } from '../mistakes.ts'

const CURE = 'record it again with lanewise replay'
const ns = z.number().min(0).max(DURATION_NS_MAX)
const times = z.array(ns).min(1).max(100_000)
const count = z.int().min(0)

const calibrationSchema = z.strictObject({
  kind: z.literal('lanewise calibration'),
  schemaVersion: z.literal(1),
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
})

export type Calibration = z.output<typeof calibrationSchema>

/**
 * The calibration in `text`. Throws UserError, exit code 2, for one that is none.
 * @param file stands for it in messages
 */
export function parseCalibration(text: string, file: string): Calibration {
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
