/**
 * Users' own policies, from modules: a path instead of a name, `-p ./my-policy.ts` or the same in a scenario.
 * The module exports `policy = { name, description, parameters, create }` as model/policy.ts describes it;
 * TypeScript is compiled on the way in, by tsx, which is only loaded for that.
 */
import { statSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { reasonOf, UserError } from '../errors.ts'
import { noFile } from '../regular-file.ts'
import { addAlias, addModule, loadedModules, moduleFile } from '../scenario/known-policies.ts'
import { explainThrownLater } from './thrown-later.ts'

/**
 * Loads the module and makes its policy known under `written`. Throws UserError, one line that opens with
 * `where`.
 * @param folder what a relative path starts at
 */
export async function loadPolicyModule(written: string, folder: string, where: string): Promise<void> {
  const file = path.resolve(folder, written)
  if (moduleFile(written) === file) return
  const fail = (reason: string) => new UserError(`${where}: ${reason}`, 2)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) {
    const [, path] = /^(.+\.[cm]?[jt]s):/.exec(written) ?? []
    const cure =
      path === undefined ? 'check the path' : `parameters are a map here: { ${path}: { key: value } }`
    throw fail(`there is no file ${file} - ${cure}`)
  }
  const kind = noFile(file)
  if (kind !== undefined) throw fail(`${file} is a ${kind} - a policy's module is a file`)
  let exported: Record<string, unknown>
  try {
    exported = await importModule(file)
  } catch (error) {
    throw fail(`can't be loaded, ${loadFailure(error, file)}`)
  }
  addModule(written, file, exported.policy, fail)
}

/** The modules of these policies, loaded where they aren't yet: a thread starts without any. */
export async function loadModulesOf(
  specs: ReadonlyArray<{ name: string; module?: string | undefined }>,
): Promise<void> {
  for (const { name, module } of specs) {
    if (module === undefined || moduleFile(name) !== undefined) continue
    await loadPolicyModule(module, '.', name)
    addAlias(name, module)
  }
}

async function importModule(file: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(file).href
  if (!/\.[cm]?ts$/.test(file)) return import(url)
  const { tsImport } = await import('tsx/esm/api')
  return tsImport(url, import.meta.url)
}

/** `file:line: reason - cure`; of what Node, tsx and esbuild throw, each in its own words. */
function loadFailure(error: unknown, file: string): string {
  const text = error instanceof Error ? `${error.message}\n${error.stack}` : ''
  const [, missing] = /Cannot find (?:module|package) '([^']+)'/.exec(text) ?? []
  if (missing !== undefined) {
    const isFile = /^[./]|^[a-z]:/i.test(missing)
    const cure = isFile
      ? "check the import's path, its extension too"
      : `install it in ${path.dirname(file)} or above, or write a module without this import`
    return `${file}: imports "${missing}", which isn't found there - ${cure}`
  }
  // esbuild names the place in the message, also of a file that the module imports.
  const syntax = /^(.+:\d+):\d+: ERROR: (.+)$/m.exec(text)
  if (syntax !== null) return `${syntax[1]}: ${syntax[2]} - fix the syntax`
  return `${placeIn(file, text) ?? file}: ${reasonOf(error)} - fix the module`
}

/**
 * `file:line` where the stack names a line of the file, the file alone where tsx made a data: URL of it, or
 * undefined.
 */
function placeIn(file: string, stack: string): string | undefined {
  const [, line] = new RegExp(`${escaped(file)}(?:\\?[^\\s:]*)?:(\\d+)`).exec(stack) ?? []
  if (line !== undefined) return `${file}:${line}`
  return stack.includes(encodeURIComponent(file)) ? file : undefined
}

/**
 * The user's mistake where a module's policy threw this outside of a call, in a timer or a promise; undefined
 * where it came from elsewhere. What it throws in a call ends that policy alone and never comes here.
 */
function policysMistake(error: unknown): UserError | undefined {
  const stack = error instanceof Error ? String(error.stack) : ''
  for (const { file, plugin } of loadedModules()) {
    const place = placeIn(file, stack)
    if (place === undefined) continue
    return new UserError(
      `policy ${plugin.name}: ${place} threw in a timer or promise, ${reasonOf(error)} - a policy must do all its work within its calls`,
    )
  }
  return undefined
}

explainThrownLater(policysMistake)

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
