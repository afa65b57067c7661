/**
 * From a path to a checked scenario. The file is a scenario (YAML or JSON) or a capture, which alone is
 * enough: its content decides. What it holds is checked by scenario/loaded-scenario.ts. Several captures are
 * read as one.
 */
import path from 'node:path'
import { UserError } from '../errors.ts'
import { captureAlone, type LoadedScenario, scenarioFromSource } from '../scenario/loaded-scenario.ts'
import type { Overrides, Setting } from '../scenario/overrides.ts'
import { modulePathsIn } from '../scenario/policy-specs.ts'
import { readSourceText } from '../scenario/source-text.ts'
import { type CapturePaths, listed } from '../traffic/capture/capture-files.ts'
import { inputPath } from './bundled.ts'
import { readInput } from './input-file.ts'
import { loadPolicyModule } from './policy-modules.ts'
import { spooledName } from './spooled.ts'

/**
 * Reads and checks a scenario or capture. Throws UserError: code 1 for a file that can't be read, 2 for
 * mistakes.
 */
export async function loadScenario(file: CapturePaths, overrides: Overrides = {}): Promise<LoadedScenario> {
  return (await scenarioReader(file, overrides))([])
}

/**
 * Reads a scenario or capture once, to be checked with many settings: `reader(settings)` applies them after
 * the other flags. Throws UserError as {@link loadScenario} does, for the file here and for mistakes there.
 */
export async function scenarioReader(
  given: CapturePaths,
  overrides: Overrides = {},
): Promise<(settings: readonly Setting[]) => LoadedScenario> {
  const files = listed(given)
  const paths = files.map((file) => spooledName(inputPath(file)))
  const [file, at] = [files[0]!, paths[0]!]
  const input = readInput(at)
  for (const argument of overrides.policies ?? []) {
    const [module] = modulePathsIn([argument.split(':')[0]!.trim()])
    if (module !== undefined) await loadPolicyModule(module, '.', `-p ${argument}`)
  }
  if (files.length > 1) {
    refuseScenarios(files)
    return (settings) => found(captureAlone(files, { ...overrides, settings }, paths))
  }
  if (input.kind === 'capture') return (settings) => found(captureAlone(file, { ...overrides, settings }, at))
  const source = readSourceText(input.text)
  if (overrides.policies === undefined) {
    const { tree } = source
    const entries =
      typeof tree === 'object' && tree !== null && 'policies' in tree ? tree.policies : undefined
    for (const module of modulePathsIn(entries)) {
      await loadPolicyModule(module, path.dirname(at), `${file} policies: ${module}`)
    }
  }
  return (settings) => found(scenarioFromSource(source, file, { ...overrides, settings }, at))
}

/** Throws UserError: (2) where one of several files is a scenario, (1) where one can't be read. */
export function refuseScenarios(files: readonly string[]): void {
  for (const file of files) {
    if (readInput(inputPath(file)).kind !== 'scenario') continue
    throw new UserError(`${file}: is a scenario, and only captures are read together - name it alone`, 2)
  }
}

/** The same, with the path of its capture where it has the name of a bundled one. */
function found(loaded: LoadedScenario): LoadedScenario {
  const { capturePath } = loaded
  if (capturePath === undefined) return loaded
  const where = loaded.where(['source', 'capture'])
  const paths = listed(capturePath).map((path) => inputPath(path, 'capture', where))
  return { ...loaded, capturePath: typeof capturePath === 'string' ? paths[0]! : paths }
}
