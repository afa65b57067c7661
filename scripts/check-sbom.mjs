/**
 * Checks a bill of materials (`npm sbom --sbom-format cyclonedx --package-lock-only`): does it name every
 * package of package-lock.json that is installed with lanewise, in its version? It is made with development
 * packages too, because npm's --omit dev leaves out those that both kinds need.
 */
import { readFileSync } from 'node:fs'

const [file, lock = 'package-lock.json'] = process.argv.slice(2)
const { bomFormat, components } = JSON.parse(readFileSync(file, 'utf8'))
const named = new Set(components.map(({ purl }) => decodeURIComponent(purl)))
const wanted = Object.entries(JSON.parse(readFileSync(lock, 'utf8')).packages)
  .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  .map(([path, { version }]) => `pkg:npm/${path.split('node_modules/').at(-1)}@${version}`)
const missing = wanted.filter((one) => !named.has(one))
if (bomFormat !== 'CycloneDX' || wanted.length === 0 || missing.length > 0) {
  throw new Error(`${file}: of ${wanted.length} packages it doesn't name ${missing.join(', ')}`)
}
process.stdout.write(`the bill of materials names all ${wanted.length} packages that lanewise needs\n`)
