/**
 * Makes src/calibrate/presets/openvpn-fork.ts of a calibration that `lanewise calibrate --as openvpn-fork`
 * has written: `node --import tsx bench/preset.ts calibration.json 2026-11-30 | npx biome format
 * --stdin-file-path=x.ts > src/calibrate/presets/openvpn-fork.ts`. Times are rounded to 10 ns, and what is
 * added by chance becomes 64 quantiles, finer in the tail.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { parseCalibration } from '../src/scenario/schema/calibration.ts'
import { parseDurationNs } from '../src/units.ts'

/** Of the 233 quantiles of a calibration (JITTER_SHARES in src/calibrate/machine.ts), how many become one. */
const TOGETHER = [
  ...new Array<number>(28).fill(7),
  ...new Array<number>(18).fill(1),
  2,
  ...new Array<number>(17).fill(1),
]
const STEP_NS = 10

const { positionals } = parseArgs({ allowPositionals: true })
const [file, date] = positionals
if (file === undefined || date === undefined) throw new Error('name a calibration and its date')
const calibration = parseCalibration(readFileSync(file, 'utf8'), file)
if (!('scenario' in calibration)) throw new Error(`${file}: holds no part of a scenario`)

const rounded = (ns: number) => `${Math.round(ns / STEP_NS) * STEP_NS}ns`
const short = (value: number | null) => (value === null ? null : Number(value.toPrecision(3)))

/** The same quantiles, fewer of them. */
function fewer({ values, weights }: { values: string[]; weights: number[] }) {
  const groups = TOGETHER.map((count, i) => {
    const from = TOGETHER.slice(0, i).reduce((sum, one) => sum + one, 0)
    const shares = weights.slice(from, from + count)
    const share = shares.reduce((sum, one) => sum + one, 0)
    const sum = shares.reduce((all, one, k) => all + one * parseDurationNs(values[from + k]!), 0)
    return { value: rounded(sum / share), weight: Number(share.toPrecision(6)) }
  })
  return { values: groups.map(({ value }) => value), weights: groups.map(({ weight }) => weight) }
}

/** Every time rounded, every empirical one with fewer values. */
function reduced(value: unknown): unknown {
  if (typeof value === 'string' && /^[\d.]+n?s$/.test(value)) return rounded(parseDurationNs(value))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, one]) => [key, key === 'empirical' ? fewer(one) : reduced(one)]),
  )
}

const preset = {
  ...calibration,
  scenario: reduced(calibration.scenario),
  calibratedOn: {
    ...calibration.calibratedOn,
    files: calibration.calibratedOn.files.map((name) => basename(name)),
    date,
  },
  heldOut: calibration.heldOut.map((one) => ({
    ...one,
    predicted: short(one.predicted),
    measured: short(one.measured),
    factor: short(one.factor),
  })),
}
process.stdout.write(`/**
 * What calibrating the OpenVPN fork gave: its branch mtio without the map, four threads and TCP connections
 * with TCP_NODELAY, both ends on the 2 cores of one virtual machine, Linux 6.18. Source: runs of 1,200-byte
 * packets, Poisson, 4,000 a second, recorded for this project in November 2026; which and when, \`calibratedOn\` says.
 * Made by preset.ts in bench/ of what \`lanewise calibrate\` wrote; don't change it by hand.
 */
import type { ScenarioCalibration } from '../../scenario/schema/calibration.ts'

export const OPENVPN_FORK: ScenarioCalibration = ${JSON.stringify(preset)}
`)
