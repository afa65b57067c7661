/**
 * What the results of a point depend on, as one key: the expanded scenario with its policies, seed and runs,
 * the bytes of the capture's files, of policies' modules (with the files that they import by a relative
 * path) and of a calibration, and the version of lanewise. Points of one key have the same results, whichever
 * scan they belong to.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { captureFileOf } from '../node/capture-part.ts'
import { readRegular } from '../regular-file.ts'
import type { ResolvedScenario } from '../run/plan.ts'

/** Raised when a saved point no longer holds what it did. */
const FORMAT = 1

/**
 * A function that gives a point's key; files are read once each.
 * @param version of the program, its commit too where that is known
 */
export function keysOf(version: string): (resolved: ResolvedScenario) => Promise<string> {
  const captures = new Map<string, string>()
  const modules = new Map<string, string>()
  return async ({ scenario, policies, capturePath, calibration }) => {
    for (const file of [capturePath ?? []].flat()) {
      if (!captures.has(file)) captures.set(file, await hashOfFile(file))
    }
    const hashed = policies.map(({ module, ...spec }) => {
      if (module === undefined) return spec
      if (!modules.has(module)) modules.set(module, hashOfModule(module))
      return { ...spec, module: modules.get(module) }
    })
    const hashes = [capturePath ?? []].flat().map((file) => captures.get(file))
    const capture = hashes.length > 1 ? hashes : (hashes[0] ?? null)
    const all = { format: FORMAT, version, scenario, policies: hashed, capture, calibration }
    return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32)
  }
}

async function hashOfFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(captureFileOf(file), { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** Of the module and of what it imports by a relative path, directly or not; packages aren't looked into. */
function hashOfModule(module: string): string {
  const hash = createHash('sha256')
  const seen = new Set<string>()
  const add = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    const text = textOf(file)
    hash.update(`${text.length}\n${text}`)
    for (const [, specifier] of text.matchAll(/(?:from|import|require)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
      add(path.resolve(path.dirname(file), specifier!))
    }
  }
  add(module)
  return hash.digest('hex')
}

/** '' for what isn't a file: TypeScript may leave extensions out. */
function textOf(file: string): string {
  for (const name of [file, `${file}.ts`, `${file}.js`, file.replace(/\.js$/, '.ts')]) {
    try {
      return readRegular(name)
    } catch {
      // The next name.
    }
  }
  return ''
}
