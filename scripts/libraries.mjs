/**
 * Puts libraries of many small modules into one file each, and has a compiled program import those: most of the
 * time until a comparison's first packet went into opening them. zod's 64 languages stay behind but for its
 * English, which is the one that messages are in. Types still come from the packages.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { build } from 'esbuild'

const LIBRARIES = ['yaml', 'zod']

/** Where the files go in the compiled program. */
const PLACE = 'libraries'

/** The end of a statement that imports one of them, as tsc writes it. */
const IMPORTS = new RegExp(`^((?:import|export|}) [^'\\n]*from )'(${LIBRARIES.join('|')})'`, 'gm')

/** Instead of zod's module that exports every language. */
const english = {
  name: 'english',
  setup(bundle) {
    bundle.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, ({ path: file }) => ({
      contents: "export { default as en } from './en.js'",
      resolveDir: path.dirname(file),
    }))
  },
}

/** The library's own licence, as a comment. */
function licenceOf(name) {
  const at = path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
  return `/*!\n${name}\n\n${readFileSync(path.join(at, 'LICENSE'), 'utf8').trim()}\n*/`
}

/** A module with all that the library exports by name, also of one in CommonJS. */
async function bundle(name, into) {
  const exported = Object.keys(await import(name)).filter((key) => /^[$\w]+$/.test(key) && key !== 'default')
  await build({
    stdin: { contents: `export { ${exported.join(', ')} } from '${name}'`, resolveDir: import.meta.dirname },
    outfile: path.join(into, PLACE, `${name}.js`),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    banner: {
      js: `${licenceOf(name)}\nimport { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)`,
    },
    plugins: [english],
    logLevel: 'warning',
  })
}

/** Has a compiled module import the bundles; the libraries that it imports. */
function redirect(file, into) {
  const way = path.relative(path.dirname(file), path.join(into, PLACE))
  const place = way.startsWith('.') ? way : `./${way}`
  const used = []
  const changed = readFileSync(file, 'utf8').replaceAll(IMPORTS, (_, before, name) => {
    used.push(name)
    return `${before}'${place}/${name}.js'`
  })
  if (used.length > 0) writeFileSync(file, changed)
  return used
}

/** Bundles what the compiled program in the folder imports of the libraries. */
export async function bundleLibraries(into) {
  const compiled = readdirSync(into, { recursive: true }).filter((name) => name.endsWith('.js'))
  const used = new Set(compiled.flatMap((name) => redirect(path.join(into, name), into)))
  await Promise.all([...used].map((name) => bundle(name, into)))
}
