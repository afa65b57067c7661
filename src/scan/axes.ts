/**
 * What a scan varies: `-P path=min:max:step`, `-P path=min:max:log:points` and `-L path=a,b,c`, each one
 * axis. All combinations of their values are the scan's points, the last axis varying fastest.
 */
import { UserError } from '../errors.ts'
import type { Path } from '../scenario/mistakes.ts'
import { parsePath, type Setting } from '../scenario/overrides.ts'
import { flowItems, readValue, writeValue } from '../scenario/values.ts'
import { POINTS_MAX, rangeValues } from './range.ts'

export interface ScanFlags {
  /** `path=min:max:step` or `path=min:max:log:points`. */
  readonly scan?: readonly string[] | undefined
  /** `path=a,b,c`; values follow the rules of --set. */
  readonly scanList?: readonly string[] | undefined
}

export interface Axis {
  /** As it was typed: `-P lanes.count=1:8:1`. */
  readonly flag: string
  /** `lanes.count` */
  readonly name: string
  readonly path: Path
  /** As a scenario would say them. */
  readonly values: readonly unknown[]
}

/** The axes, first those of -P, then those of -L. Throws UserError with all mistakes of form. */
export function axesOf({ scan = [], scanList = [] }: ScanFlags): Axis[] {
  const lines: string[] = []
  const axes: Axis[] = []
  const read = (option: string, text: string, example: string, valuesOf: (text: string) => unknown[]) => {
    const flag = `${option} ${text}`
    const equals = text.indexOf('=')
    const path = parsePath(text.slice(0, Math.max(0, equals)))
    if (path === undefined) {
      lines.push(`${flag}: no path=values - write it like ${option} ${example}`)
      return
    }
    const name = path.join('.')
    if (axes.some((axis) => axis.name === name)) {
      lines.push(`${flag}: ${name} is scanned twice - give all its values with one -P or -L`)
      return
    }
    try {
      axes.push({ flag, name, path, values: valuesOf(text.slice(equals + 1)) })
    } catch (error) {
      lines.push(`${flag}: ${(error as Error).message}`)
    }
  }
  for (const text of scan) read('-P', text, 'lanes.count=1:8:1', rangeValues)
  for (const text of scanList) read('-L', text, 'lanes.count=2,4,8', listValues)
  const points = axes.reduce((product, { values }) => product * values.length, 1)
  if (points > POINTS_MAX) {
    const sizes = axes.map(({ values }) => values.length).join(' x ')
    lines.push(`-P, -L: ${sizes} are ${points} points, more than ${POINTS_MAX} - scan fewer values at once`)
  }
  if (lines.length > 0) throw new UserError(lines, 2)
  return axes
}

/** What else on the command line sets a key that a scan varies, which would have no effect. */
interface FixedFlags {
  readonly policy?: readonly string[] | undefined
  readonly set?: readonly string[] | undefined
  readonly runs?: number | string | undefined
  readonly seed?: number | string | undefined
  readonly duration?: string | undefined
  readonly warmup?: string | undefined
}

/** Throws UserError where a key is both set and scanned, by itself or by a key above it. */
export function refuseSetAndScanned(axes: readonly Axis[], flags: FixedFlags): void {
  const short = { '-r': 'runs', '--seed': 'seed', '-d': 'duration', '-w': 'warmup' } as const
  const fixed = [
    ...(flags.policy ?? []).map((text) => [`-p ${text}`, 'policies'] as const),
    ...(flags.set ?? []).map((text) => [`--set ${text}`, text.split('=')[0]!] as const),
    ...Object.entries(short).flatMap(([flag, key]) =>
      flags[key] === undefined ? [] : [[`${flag} ${flags[key]}`, key] as const],
    ),
  ]
  for (const [flag, key] of fixed) {
    const path = parsePath(key) ?? []
    const scanned = axes.find((axis) => axis.path.every((step, i) => path[i] === step))
    if (scanned === undefined) continue
    throw new UserError(
      `${flag}: ${scanned.name} is scanned too (${scanned.flag}) - leave out one of the two`,
      2,
    )
  }
}

function listValues(text: string): unknown[] {
  const values = flowItems(text).map((item) => {
    const read = readValue(item)
    if (read.problem !== undefined) throw new Error(read.problem)
    if (read.value === '') throw new Error('a value is missing - write it like path=a,b,c')
    return read.value
  })
  const texts = values.map(writeValue)
  const twice = texts.find((value, i) => texts.indexOf(value) !== i)
  if (twice !== undefined) throw new Error(`${twice} is listed twice - keep one`)
  return values
}

/** The settings of every point, in order. */
export function combinations(axes: readonly Axis[]): Setting[][] {
  let points: Setting[][] = [[]]
  for (const { flag, path, values } of axes) {
    points = points.flatMap((settings) =>
      values.map((value) => [...settings, { flag: `${flag}, at ${writeValue(value)}`, path, value }]),
    )
  }
  return points
}
