/**
 * Removes declarations that no consumer of the package can reach from its entry: types of the program's own
 * parts, which `tsc` writes for every file.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

const ENTRY = 'index.d.ts'
const IMPORTED = /(?:from|import\()\s*['"](\.[^'"]+)['"]/g

/** @param made a folder with compiled files; one without the entry keeps all of its declarations */
export function keepReachedDeclarations(made) {
  const reached = new Set()
  const reach = (file) => {
    if (reached.has(file) || !existsSync(file)) return
    reached.add(file)
    for (const [, target] of readFileSync(file, 'utf8').matchAll(IMPORTED)) {
      reach(path.join(path.dirname(file), target.replace(/\.[jt]s$/, '.d.ts')))
    }
  }
  reach(path.join(made, ENTRY))
  if (reached.size === 0) return
  for (const name of readdirSync(made, { recursive: true })) {
    const file = path.join(made, name)
    if (name.endsWith('.d.ts') && !reached.has(file)) rmSync(file)
  }
}
