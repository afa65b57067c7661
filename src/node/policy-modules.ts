/**
 * Policies from users' own modules: a path instead of a name, `-p ./my-policy.ts` or the same in a scenario.
 * The module exports `policy = { name, description, parameters, create }` as model/policy.ts describes it;
 * TypeScript is compiled on the way in, by tsx, which is only loaded for that. Built-in and loaded policies
 * are found by one call.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { reasonOf, UserError } from '../errors.ts'
import type { PolicyDefinition, PolicyPlugin } from '../model/policy.ts'
import { policies } from '../policies/index.ts'
import { timeToLiveMistake } from './time-to-live.ts'

interface LoadedModule {
  readonly plugin: PolicyPlugin
  /** Absolute. */
  readonly file: string
}

/** Loaded modules by path as written: a process reads one scenario. */
const modules = new Map<string, LoadedModule>()

/** Is this a path of a module and not a policy's name? */
export function isModulePath(name: string): boolean {
  return /[\\/]|\.[cm]?[jt]s$/.test(name)
}

/** The policy with this name, or of the module at this path if it was loaded. */
export function findPolicy(name: string): PolicyPlugin | undefined {
  return policies.get(name) ?? modules.get(name)?.plugin
}

/** The absolute path of a loaded module; undefined for built-in policies. */
export function moduleFile(name: string): string | undefined {
  return modules.get(name)?.file
}

/**
 * Loads the module and makes its policy known under `written`. Throws UserError, one line that opens with
 * `where`.
 * @param folder what a relative path starts at
 */
export async function loadPolicyModule(written: string, folder: string, where: string): Promise<void> {
  const file = path.resolve(folder, written)
  if (modules.get(written)?.file === file) return
  const fail = (reason: string) => new UserError(`${where}: ${reason}`, 2)
  if (!existsSync(file)) {
    const [, path] = /^(.+\.[cm]?[jt]s):/.exec(written) ?? []
    const cure =
      path === undefined ? 'check the path' : `parameters are a map here: { ${path}: { key: value } }`
    throw fail(`there is no file ${file} - ${cure}`)
  }
  let exported: Record<string, unknown>
  try {
    exported = await importModule(file)
  } catch (error) {
    throw fail(`can't be loaded, ${loadFailure(error, file)}`)
  }
  modules.set(written, { file, plugin: pluginOf(exported.policy, fail) })
}

/** The modules of these policies, loaded where they aren't yet: a thread starts without any. */
export async function loadModulesOf(
  specs: ReadonlyArray<{ name: string; module?: string | undefined }>,
): Promise<void> {
  for (const { name, module } of specs) {
    if (module === undefined || modules.has(name)) continue
    await loadPolicyModule(module, '.', name)
    modules.set(name, modules.get(module)!)
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
export function thrownLater(error: unknown): UserError | undefined {
  const stack = error instanceof Error ? String(error.stack) : ''
  for (const { file, plugin } of modules.values()) {
    const place = placeIn(file, stack)
    if (place === undefined) continue
    return new UserError(
      `policy ${plugin.name}: ${place} threw in a timer or promise, ${reasonOf(error)} - a policy must do all its work within its calls`,
    )
  }
  return undefined
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function pluginOf(policy: unknown, fail: (reason: string) => UserError): PolicyPlugin {
  if (typeof policy !== 'object' || policy === null) {
    throw fail('exports no policy - write: export const policy = { name, description, parameters, create }')
  }
  const { name, parameters, create } = policy as Partial<PolicyPlugin>
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    throw fail('its policy has no proper name - give it one of letters, digits and hyphens')
  }
  if (policies.has(name)) {
    throw fail(`its policy is called ${name} like a built-in one - give it another name`)
  }
  if (typeof create !== 'function') throw fail('its policy has no create function - see docs/plugins.md')
  if (parameters !== undefined && typeof parameters.safeParse !== 'function') {
    throw fail("its policy's parameters are no zod schema - write z.strictObject({ ... }) or leave them out")
  }
  const plugin = completePlugin(policy as PolicyDefinition)
  if (plugin.timeToLive === undefined) return plugin
  const mistake = timeToLiveMistake(plugin.timeToLive, plugin.parameters)
  if (mistake !== undefined) throw fail(`its policy's timeToLive ${mistake}`)
  return plugin
}

/** A definition with what it may leave out filled in. */
export function completePlugin(definition: PolicyDefinition): PolicyPlugin {
  const {
    name,
    description = '',
    parameters = z.strictObject({}),
    usesRandom = true,
    timeToLive,
  } = definition
  const create = definition.create.bind(definition)
  const ttl = timeToLive === undefined ? {} : { timeToLive }
  return { name, description, parameters, usesRandom, ...ttl, create }
}
