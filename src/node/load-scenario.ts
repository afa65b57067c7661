/**
 * From a path to a checked scenario. The file is a scenario (YAML or JSON) or a capture, which alone is
 * enough: its content decides. What it holds is checked by scenario/loaded-scenario.ts.
 */
import path from 'node:path'
import { captureAlone, type LoadedScenario, scenarioFromSource } from '../scenario/loaded-scenario.ts'
import type { Overrides, Setting } from '../scenario/overrides.ts'
import { modulePathsIn } from '../scenario/policy-specs.ts'
import { readSourceText } from '../scenario/source-text.ts'
import { inputPath, isBundledName } from './bundled.ts'
import { readInput } from './input-file.ts'
import { loadPolicyModule } from './policy-modules.ts'

/**
 * Reads and checks a scenario or capture. Throws UserError: code 1 for a file that can't be read, 2 for
 * mistakes.
 */
export async function loadScenario(file: string, overrides: Overrides = {}): Promise<LoadedScenario> {
  return (await scenarioReader(file, overrides))([])
}

/**
 * Reads a scenario or capture once, to be checked with many settings: `reader(settings)` applies them after
 * the other flags. Throws UserError as {@link loadScenario} does, for the file here and for mistakes there.
 */
export async function scenarioReader(
  file: string,
  overrides: Overrides = {},
): Promise<(settings: readonly Setting[]) => LoadedScenario> {
  const at = inputPath(file)
  const input = readInput(at)
  for (const argument of overrides.policies ?? []) {
    const [module] = modulePathsIn([argument.split(':')[0]!.trim()])
    if (module !== undefined) await loadPolicyModule(module, '.', `-p ${argument}`)
  }
  if (input.kind === 'capture') return (settings) => found(captureAlone(file, { ...overrides, settings }, at))
  if (overrides.policies === undefined) {
    const { tree } = readSourceText(input.text)
    const entries =
      typeof tree === 'object' && tree !== null && 'policies' in tree ? tree.policies : undefined
    for (const module of modulePathsIn(entries)) {
      await loadPolicyModule(module, path.dirname(at), `${file} policies: ${module}`)
    }
  }
  const source = readSourceText(input.text)
  return (settings) => found(scenarioFromSource(source, file, { ...overrides, settings }, at))
}

/** The same, with the path of its capture where it has the name of a bundled one. */
function found(loaded: LoadedScenario): LoadedScenario {
  const { capturePath } = loaded
  if (capturePath === undefined || !isBundledName(capturePath)) return loaded
  const where = loaded.where(['source', 'capture'])
  return { ...loaded, capturePath: inputPath(capturePath, 'capture', where) }
}
