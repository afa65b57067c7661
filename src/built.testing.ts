/**
 * Test support: what tests start as a process. `npm test` compiles everything into a folder of its own
 * beside dist/, which nobody else uses or replaces, and runs the tests there; a test file that is run by
 * itself, under tsx, starts the sources that it stands in.
 */
import { fileURLToPath } from 'node:url'

const isSource = import.meta.url.endsWith('.ts')
/** Where the program stands that is tested: as deep below the repository as src/ and dist/. */
export const builtFolder = fileURLToPath(new URL('.', import.meta.url))
/** The checkout. */
export const repository = fileURLToPath(new URL('../', import.meta.url))
/** The sources, for tests that read them. */
export const sourceFolder = fileURLToPath(new URL('../src/', import.meta.url))
/** What Node needs to be told before a file of ours. */
export const nodeOptions: readonly string[] = isSource ? ['--import', import.meta.resolve('tsx')] : []

/** Path of a file of ours by its name without extension, below src/: `cli/main`. */
export function builtFile(name: string): string {
  return `${builtFolder}${name}${isSource ? '.ts' : '.js'}`
}

/** The command line as a process: arguments of Node before the program's own. */
export const builtMain: readonly string[] = [...nodeOptions, builtFile('cli/main')]
