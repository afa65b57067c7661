/**
 * From a path to a checked scenario. The file is a scenario (YAML or JSON), or a capture or an arrivals CSV,
 * which alone are enough: its content decides. What it holds is checked by scenario/loaded-scenario.ts.
 * Several captures are read as one.
 */
import path from 'node:path'
import { UserError } from '../errors.ts'
import { findPolicy } from '../scenario/known-policies.ts'
import { captureAlone, type LoadedScenario, scenarioFromSource } from '../scenario/loaded-scenario.ts'
import { pathText } from '../scenario/mistakes.ts'
import type { Overrides, Setting } from '../scenario/overrides.ts'
import { modulePathsIn } from '../scenario/policy-specs.ts'
import { readSourceText, type SourceText } from '../scenario/source-text.ts'
import { hasAddresses } from '../traffic/arrivals/first-look.ts'
import { type CapturePaths, listed } from '../traffic/capture/capture-files.ts'
import { refuseModulesFromElsewhere } from './allowed-modules.ts'
import { withLost } from './arrivals-input.ts'
import { inputPath } from './bundled.ts'
import type { ReadCalibration } from './calibration-file.ts'
import { readInput } from './input-file.ts'
import { loadPolicyModule } from './policy-modules.ts'
import { spooledName } from './spooled.ts'

export interface LoadOptions extends Omit<Overrides, 'calibrated'> {
  /** What --calibration names. */
  readonly calibration?: string | undefined
  /** What --as names, in its place. */
  readonly as?: string | undefined
  /** Policies' modules that the scenario names may be loaded wherever it is. */
  readonly allowModules?: boolean | undefined
}

/**
 * Reads and checks a scenario or capture. Throws UserError: code 1 for a file that can't be read, 2 for
 * mistakes, and for a scenario from elsewhere that names policies' modules and may not: then none is loaded.
 */
export async function loadScenario(file: CapturePaths, overrides: LoadOptions = {}): Promise<LoadedScenario> {
  return (await scenarioReader(file, overrides))([])
}

/**
 * Reads a scenario or capture once, to be checked with many settings: `reader(settings)` applies them after
 * the other flags. Throws UserError as {@link loadScenario} does, for the file here and for mistakes there.
 */
export async function scenarioReader(
  given: CapturePaths,
  { calibration: named, as, ...flags }: LoadOptions = {},
): Promise<(settings: readonly Setting[]) => LoadedScenario> {
  const files = listed(given)
  const paths = files.map((file) => spooledName(inputPath(file)))
  const [file, at] = [files[0]!, paths[0]!]
  const input = readInput(at)
  const calibration = await calibrationOf(named, as)
  const overrides = { ...flags, calibrated: calibration?.calibrated }
  const found = (loaded: LoadedScenario) => withCalibration(withBundled(loaded), calibration)
  for (const argument of overrides.policies ?? []) {
    const [module] = modulePathsIn([argument.split(':')[0]!.trim()])
    if (module !== undefined) await loadPolicyModule(module, '.', `-p ${argument}`)
  }
  if (files.length > 1) {
    refuseScenarios(files)
    return (settings) => found(captureAlone(files, { ...overrides, settings }, paths))
  }
  const { kind } = input
  if (kind !== 'scenario') {
    return (settings) => found(captureAlone(file, { ...overrides, settings }, at, kind))
  }
  const source = readSourceText(input.text)
  if (overrides.policies === undefined) {
    const { tree } = source
    const entries =
      typeof tree === 'object' && tree !== null && 'policies' in tree ? tree.policies : undefined
    const modules = modulePathsIn(entries)
    if (modules.length > 0 && !overrides.allowModules) {
      refuseModulesFromElsewhere(at, modules, `${file}${placeOf(modules[0]!, entries, source)}`)
    }
    for (const module of modules) {
      await loadPolicyModule(module, path.dirname(at), `${file} policies: ${module}`)
    }
  }
  return (settings) => found(scenarioFromSource(source, file, { ...overrides, settings }, at))
}

/** `:3:5 policies[0]`: where a module is named. */
function placeOf(module: string, entries: unknown, { place }: SourceText): string {
  const number = (entries as readonly unknown[]).findIndex((entry) => modulePathsIn([entry]).includes(module))
  const path = ['policies', number]
  const { line, column } = place(path)
  return `:${line}:${column} ${pathText(path)}`
}

/** Throws UserError: (2) where one of several files is no capture, (1) where one can't be read. */
export function refuseScenarios(files: readonly string[]): void {
  for (const file of files) {
    const { kind } = readInput(inputPath(file))
    if (kind === 'capture') continue
    const what = kind === 'scenario' ? 'a scenario' : 'an arrivals CSV'
    throw new UserError(`${file}: is ${what}, and only captures are read together - name it alone`, 2)
  }
}

/** The same, with the path of its capture where it has the name of a bundled one. */
function withBundled(loaded: LoadedScenario): LoadedScenario {
  const { capturePath } = loaded
  if (capturePath === undefined) return loaded
  if ('arrivals' in loaded.scenario.source) return withArrivals(loaded, listed(capturePath)[0]!)
  const where = loaded.where(['source', 'capture'])
  const paths = listed(capturePath).map((path) => inputPath(path, 'capture', where))
  return { ...loaded, capturePath: typeof capturePath === 'string' ? paths[0]! : paths }
}

/**
 * The same of an arrivals CSV, with the file of lost packets beside it. Throws a UserError where it is none
 * (1), and for what goes by addresses that it hasn't (2).
 */
function withArrivals(loaded: LoadedScenario, given: string): LoadedScenario {
  const { scenario, policies } = loaded
  const where = loaded.where(['source', 'arrivals'])
  const path = inputPath(given, 'capture', where)
  const input = readInput(path)
  if (input.kind !== 'arrivals') {
    const cure = input.kind === 'capture' ? 'write capture: in place of arrivals:' : 'name a CSV'
    throw new UserError(`${where}: ${given} is a ${input.kind}, not an arrivals CSV - ${cure}`)
  }
  if (!hasAddresses(input.header)) {
    const none = `and ${spooledName(path)} has none - add columns source, destination and protocol`
    for (const [i, { name, parameters }] of policies.entries()) {
      const plugin = findPolicy(name)!
      const why = plugin.needsAddresses?.(plugin.parameters.parse(parameters))
      if (why !== undefined) throw new UserError(`${loaded.where(['policies', i])}: ${why}, ${none}`, 2)
    }
    if (scenario.source.direction !== 'both') {
      const at = loaded.where(['source', 'direction'])
      throw new UserError(`${at}: tells packets by their addresses, ${none}`, 2)
    }
  }
  return { ...loaded, capturePath: withLost(path) }
}

async function calibrationOf(
  named: string | undefined,
  as: string | undefined,
): Promise<ReadCalibration | undefined> {
  if (as === undefined && named === undefined) return undefined
  const { presetCalibration, readCalibration } = await import('./calibration-file.ts')
  if (as === undefined) return readCalibration(named!)
  if (named === undefined) return presetCalibration(as)
  throw new UserError(`--as ${as}: is a calibration too, beside --calibration ${named} - leave out one`, 2)
}

function withCalibration(loaded: LoadedScenario, calibration: ReadCalibration | undefined): LoadedScenario {
  if (calibration === undefined) return loaded
  const { calibratedOn, measured } = calibration
  return { ...loaded, calibratedOn, ...(measured === undefined ? {} : { calibration: measured }) }
}
