/**
 * From a scenario's text, or a capture's name, to a checked scenario. Flags are applied, all defaults filled
 * in, and every mistake is reported at once, one line each: `file:line:column path: reason - cure`, or the
 * flag's words in place of the position.
 */
import { closest, UserError } from '../errors.ts'
import { type CapturePaths, listed, withPartInStem } from '../traffic/capture/capture-files.ts'
import { counted } from '../units.ts'
import { explaining, MISTAKES_MAX, type Mistake, mistakesOf, type Path, pathText, show } from './mistakes.ts'
import { applyOverrides, type Change, type Overrides } from './overrides.ts'
import { baseName, beside, withoutExtension } from './paths.ts'
import { type PolicySpec, policiesOf } from './policy-specs.ts'
import type { MeasuredLanes } from './schema/calibration.ts'
import { acrossKeys } from './schema/cross-checks.ts'
import { defaultScenario } from './schema/default-scenario.ts'
import { ARRIVALS_POLICIES, type Scenario, scenarioSchema } from './schema/schema.ts'
import { STANDARD_INPUT } from './schema/source.ts'
import { readSourceText, type SourceText } from './source-text.ts'

const NAMES_SHOWN_MAX = 3
/** Keys that are looked at to see whether a text is meant as a scenario. */
const KEYS_SEEN_MAX = 1000

export interface LoadedScenario {
  /** All defaults filled in, quantities as text: itself a valid scenario. */
  readonly scenario: Scenario
  readonly policies: readonly PolicySpec[]
  /** The file, of several captures the first: as given, or of a bundled input (`@02`) where it is. */
  readonly path: string
  /** The file's name without folder and extensions: what results/<name> is called. */
  readonly name: string
  /**
   * The capture to open, relative to the current folder or absolute, `-`, or the `@name` of a bundled one, or
   * the files that are one capture; of an arrivals CSV it and its file of lost packets. The scenario keeps it
   * as written.
   */
  readonly capturePath?: CapturePaths
  /** Not of the file: lanes as a replay has measured them, in place of what the scenario says. */
  readonly calibration?: MeasuredLanes
  /** Not of the file: which calibration it was changed by. */
  readonly calibratedOn?: CalibratedOn
  /** Where a key stands, to open a message about it with: `gateway.yaml:3:12 source.capture`, or the flag. */
  where(path: Path): string
}

/** A calibration that was used, for reports. */
export interface CalibratedOn {
  /** As named: the file, or the system that it comes with. */
  readonly file: string
  /** Of a system that lanewise has a calibration of (--as): when and on what that was made. */
  readonly builtLike?: string
  readonly sha256: string
  /** Lanes as measured, in place of the scenario's; or a part of a scenario. */
  readonly form: 'measured' | 'scenario'
  /** How far its predictions were from data that it hasn't seen, at most, as a share; null: unknown. */
  readonly missRatioMax: number | null
}

/**
 * A scenario that is the capture `file`, or several files as one, or an arrivals CSV, and otherwise defaults.
 * @param at its path, where `file` is a name of it
 */
export function captureAlone(
  file: CapturePaths,
  overrides: Overrides = {},
  at: CapturePaths = file,
  kind: 'capture' | 'arrivals' = 'capture',
): LoadedScenario {
  const files = listed(file)
  const [first = '', ...others] = listed(at)
  const title = files[0] === STANDARD_INPUT ? 'standard input' : namesText(listed(at).map(baseName))
  const tree = { title, source: { [kind]: typeof file === 'string' ? file : [...file] } }
  const loaded = check(tree, undefined, files.join(' '), overrides, first)
  return others.length === 0 ? loaded : { ...loaded, name: `${loaded.name}+${others.length}` }
}

/** The names; of many only the first and the last. */
function namesText(names: readonly string[]): string {
  if (names.length <= NAMES_SHOWN_MAX) return names.join(', ')
  return `${names[0]} ... ${names.at(-1)}`
}

/**
 * The scenario in `text`; `file` is its path for messages and for the folder that captures are relative to.
 */
export function scenarioFromText(text: string, file: string, overrides: Overrides = {}): LoadedScenario {
  return scenarioFromSource(readSourceText(text), file, overrides)
}

/**
 * The same of text that was read before, so that it can be checked with many settings.
 * @param at its path, where `file` is a name of it: what captures are relative to
 */
export function scenarioFromSource(
  source: SourceText,
  file: string,
  overrides: Overrides,
  at = file,
): LoadedScenario {
  const { tree, tooMuch } = source
  if (tooMuch !== undefined) {
    throw new UserError(`${file}:${tooMuch.line}:${tooMuch.column}: ${tooMuch.reason}`, 2)
  }
  if (!isMeantAsScenario(source)) throw neitherOfBoth(file)
  if (source.problems.length === 0 || tree !== undefined) {
    if (tree === null || tree === undefined) {
      throw new UserError(
        `${file}: the scenario is empty - it needs at least a source (see lanewise list scenarios)`,
        2,
      )
    }
    if (typeof tree !== 'object' || Array.isArray(tree)) {
      const { line, column } = source.place([])
      throw new UserError(
        `${file}:${line}:${column}: a scenario is a map with at least the key source, got ${show(tree)} (see lanewise list scenarios)`,
        2,
      )
    }
  }
  return check(tree as Record<string, unknown> | undefined, source, file, overrides, at)
}

export function neitherOfBoth(file: string): UserError {
  return new UserError(
    `${file}: neither a scenario (YAML or JSON text) nor a capture (pcap, pcapng, or one of them compressed) - check the path`,
    2,
  )
}

/** Broken text must have mostly keys of a scenario, whole text one of them; misspelt ones count. */
function isMeantAsScenario({ tree, problems, keys: all }: SourceText): boolean {
  const keys = all.slice(0, KEYS_SEEN_MAX)
  const known = Object.keys(scenarioSchema.in.shape).filter((key) => !key.startsWith('$'))
  const meant = keys.filter((key) => known.includes(key) || closest(key, known) !== undefined).length
  const isMostly = meant > 0 && 2 * meant >= keys.length
  if (problems.length > 0 && tree === undefined) return isMostly
  return keys.length === 0 || isMostly || keys.some((key) => known.includes(key))
}

function check(
  tree: Record<string, unknown> | undefined,
  source: SourceText | undefined,
  file: string,
  overrides: Overrides,
  at: string,
): LoadedScenario {
  const inText = (source?.problems ?? []).map(({ line, column, reason }) => ({
    line,
    column,
    text: `${file}:${line}:${column}: ${reason}`,
  }))
  const inFlags: string[] = []
  const edited = structuredClone(tree ?? {})
  const changes = applyOverrides(edited, overrides, unsaid(), inFlags)
  if (isOfArrivals(edited)) edited.policies ??= structuredClone(ARRIVALS_POLICIES)
  const result = scenarioSchema.safeParse(edited, explaining)
  const where = (at: Path) => locate({ path: at, reason: '', atKey: false }, source, changes, file).text
  if (!result.success && tree !== undefined) {
    const mistakes = [...mistakesOf(result.error), ...acrossKeys(edited)]
    for (const mistake of mistakes.slice(0, MISTAKES_MAX)) {
      const { text, line, column } = locate(mistake, source, changes, file)
      const whole = `${text}: ${mistake.reason}`
      if (line === undefined || column === undefined) inFlags.push(whole)
      else inText.push({ line, column, text: whole })
    }
    const untold = mistakes.length - MISTAKES_MAX
    if (untold > 0) inFlags.push(`${file}: and ${counted(untold, 'more mistake')} - fix these first`)
  }
  inText.sort((a, b) => a.line - b.line || a.column - b.column)
  const lines = [...new Set([...inText.map(({ text }) => text), ...inFlags])]
  if (lines.length > 0 || !result.success) throw new UserError(lines, 2)
  const scenario = result.data
  const capturePath = captureToOpen(scenario, at, source !== undefined, changes)
  return {
    scenario,
    policies: policiesOf(scenario),
    path: at,
    name: nameOf(at),
    ...(capturePath === undefined ? {} : { capturePath }),
    where,
  }
}

/** The text that opens a message about a place, with its position unless a flag is to blame. */
function locate(
  { path: at, atKey }: Mistake,
  source: SourceText | undefined,
  changes: readonly Change[],
  file: string,
): { text: string; line?: number; column?: number } {
  const place = source?.place(at, atKey)
  const depth = place?.depth ?? 0
  // The flag that set this very place; else one that changed what the file says there.
  const blamed =
    changes.findLast(({ path: set }) => commonSteps(set, at) === set.length) ??
    changes.findLast(({ path: set }) => commonSteps(set, at) > depth)
  if (blamed !== undefined) {
    // Behind -p the user wrote no path, only the policy's parameters: policies[0].hash.key is key.
    const rest = blamed.flag.startsWith('-p') ? at.slice(3) : at
    const isOneKey = !/^--(calibration|as) /.test(blamed.flag)
    const told =
      rest.length === 0 ||
      (isOneKey && blamed.path.length === at.length && commonSteps(blamed.path, at) === at.length)
    return { text: told ? blamed.flag : `${blamed.flag} ${pathText(rest)}` }
  }
  if (place === undefined) return { text: `${file} ${pathText(at)}` }
  const { line, column } = place
  return { text: `${file}:${line}:${column} ${pathText(at)}`, line, column }
}

function commonSteps(a: Path, b: Path): number {
  let n = 0
  while (n < a.length && n < b.length && String(a[n]) === String(b[n])) n++
  return n
}

/** A path in a file starts at the file's folder, one typed on the command line at the current folder. */
function captureToOpen(
  { source }: Scenario,
  file: string,
  fromFile: boolean,
  changes: readonly Change[],
): CapturePaths | undefined {
  if ('synthetic' in source) return undefined
  const [key, capture] =
    'capture' in source ? (['capture', source.capture] as const) : (['arrivals', source.arrivals] as const)
  const typed = changes.some(({ path: set }) => ['source', `source.${key}`].includes(set.join('.')))
  if (!fromFile || typed) return capture
  const opened = (path: string) => (path === STANDARD_INPUT || /^[/@]/.test(path) ? path : beside(file, path))
  return typeof capture === 'string' ? opened(capture) : capture.map(opened)
}

function nameOf(file: string): string {
  if (file === STANDARD_INPUT) return 'stdin'
  const base = withPartInStem(baseName(file)).replace(/\.(gz|zst)$/i, '')
  return withoutExtension(base).replace(/^\.+/, '') || 'scenario'
}

function isOfArrivals({ source }: Record<string, unknown>): boolean {
  return typeof source === 'object' && source !== null && Object.hasOwn(source, 'arrivals')
}

/** What --set finds where the file says nothing. */
function unsaid(): Record<string, unknown> {
  const synthetic = defaultScenario()
  const { packetsPerSecond: _, ...kept } = (synthetic.source as { synthetic: Record<string, unknown> })
    .synthetic
  return { ...synthetic, source: { synthetic: kept } }
}
