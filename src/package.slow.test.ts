/**
 * What is published: the packed package, installed in an empty project, where it type-checks, runs and
 * answers as its documents say. Installing asks the registry for what npm hasn't got already; out of its
 * reach that is skipped.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { after, describe, it } from 'node:test'
import { repository } from './built.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-package-'))
after(() => rmSync(folder, { recursive: true }))

/** What the command prints; it has to succeed. */
function run(command: string, argv: readonly string[], cwd: string): string {
  const { stdout, stderr, status } = spawnSync(command, argv, { cwd, encoding: 'utf8', maxBuffer: 1e8 })
  assert.equal(status, 0, `${command} ${argv.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

interface Packed {
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
}

run(process.execPath, ['scripts/build.mjs'], repository)
const [packed] = JSON.parse(
  run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], repository),
) as [Packed]
const tarball = path.join(folder, packed.filename)
run('tar', ['-xzf', tarball], folder)
const unpacked = path.join(folder, 'package')

const RUNS_MB = 1

describe('what is packed', () => {
  const names = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(unpacked, path.join(entry.parentPath, entry.name)))

  it('is small', (t) => {
    const [packedMb, unpackedMb] = [packed.size, packed.unpackedSize].map((bytes) => bytes / 1e6)
    t.diagnostic(`${names.length} files, ${packedMb!.toFixed(2)} MB, ${unpackedMb!.toFixed(2)} MB unpacked`)
    // A megabyte of it is for recorded runs, which are packed already.
    assert.ok(packedMb! < 2 + RUNS_MB && unpackedMb! < 4 + RUNS_MB)
  })

  it('has every file that its pages link to', (t) => {
    const links = names.filter((name) => name.endsWith('.md')).flatMap(linksOf)
    t.diagnostic(`${links.length} relative links`)
    assert.ok(links.length > 60)
    const broken = links.filter(({ target }) => !existsSync(path.join(unpacked, target)))
    assert.deepEqual(broken, [])
  })

  it('has no tests, no sources, no recording scripts, no notebooks', () => {
    const unwanted = /\.(test|testing)\.|\.(sh|py|ipynb|c|cc|tgz|map)$|(^|\/)(results\/(?!golden)|notebooks)/
    const isSource = (name: string) => /^(src|bench|scripts|\.ci)\//.test(name) && !name.endsWith('.md')
    assert.deepEqual(
      names.filter((name) => unwanted.test(name) || isSource(name)),
      [],
    )
  })

  it('has the manual page that its manifest names', () => {
    const { man, version } = JSON.parse(readFileSync(path.join(unpacked, 'package.json'), 'utf8'))
    assert.match(
      readFileSync(path.join(unpacked, man), 'utf8'),
      new RegExp(`^\\.TH LANEWISE 1 .*${version}`, 'm'),
    )
  })

  it('has types that need no package but zod', () => {
    const reached = typesFrom('dist/index.d.ts')
    assert.ok(reached.files.size > 10)
    assert.deepEqual([...reached.packages], ['zod'])
  })

  /** What types import, directly or through others. */
  function typesFrom(name: string, files = new Set<string>(), packages = new Set<string>()) {
    files.add(name)
    const text = readFileSync(path.join(unpacked, name), 'utf8')
    for (const [, target] of text.matchAll(/(?:from |import\()['"]([^'"]+)['"]/g)) {
      const file = path.join(path.dirname(name), target!.replace(/\.[jt]s$/, '.d.ts'))
      if (!target!.startsWith('.')) packages.add(target!)
      else if (!files.has(file)) typesFrom(file, files, packages)
    }
    return { files, packages }
  }

  interface Link {
    readonly page: string
    /** Below the package. */
    readonly target: string
  }

  /** The relative links of a page, in Markdown and HTML. */
  function linksOf(page: string): Link[] {
    const text = readFileSync(path.join(unpacked, page), 'utf8')
    const found = [...text.matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)|\b(?:src|href)="([^"]+)"/gm)]
    return found
      .map((match) => (match[1] ?? match[2] ?? match[3])!)
      .filter((link) => !/^#|^[a-z]+:/.test(link))
      .map((link) => ({ page, target: path.join(path.dirname(page), link.replace(/#.*/, '')) }))
  }
})

describe('the package in a project of somebody else', () => {
  const project = path.join(folder, 'project')
  const inProject = (name: string) => path.join(project, name)
  const write = (name: string, text: string) => writeFileSync(inProject(name), text)
  mkdirSync(project)
  write('package.json', '{ "name": "consumer", "private": true, "type": "module" }')
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=0']
  const installed = spawnSync('npm', ['install', ...options, tarball], { cwd: project, encoding: 'utf8' })
  const isOffline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENOTCACHED/.test(installed.stderr)
  const skip = isOffline ? "npm can't reach its registry" : false

  it('installs', { skip }, () => assert.equal(installed.status, 0, installed.stderr))

  it('type-checks strictly, its libraries too, by the rules of Node and of bundlers', { skip }, (t) => {
    const typesOfNode = path.join(repository, 'node_modules/@types/node')
    cpSync(typesOfNode, inProject('node_modules/@types/node'), { recursive: true })
    cpSync(path.join(repository, 'node_modules/undici-types'), inProject('node_modules/undici-types'), {
      recursive: true,
    })
    const sources = writeSources()
    t.diagnostic(sources.join(', '))
    checkTypes('nodenext', { module: 'nodenext', moduleResolution: 'nodenext', types: ['node'] })
    checkTypes('bundler', {
      ...{ module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['es2023', 'dom'] },
      noEmit: true,
    })
  })

  it('runs what was compiled against it', { skip }, () => {
    assert.match(runCompiled('consumer'), /^hash 0 number\nthreshold:bytes=300 0/)
    const library = writeSources().find((name) => /\bsimulate\(/.test(readProject(name)))!
    assert.match(runCompiled(path.parse(library).name), /^any-idle 0\.\d+\nhash 0\none-lane:lane=2 0\n$/)
  })

  it('takes the policies of its documents and examples by their paths', { skip }, (t) => {
    const argv = ['compare', '@02', '-d', '50ms', '-r', '1', '-q', '-o', 'results']
    const rows = (file: string) =>
      run(inProject('node_modules/.bin/lanewise'), [...argv, '-p', file], project)
    const modules = writeSources().filter((name) => /export const policy\b/.test(readProject(name)))
    t.diagnostic(modules.join(', '))
    assert.ok(modules.length >= 4)
    for (const file of modules) {
      const [, name] = /name: '([\w-]+)'/.exec(readProject(file))!
      assert.match(rows(`./${file}`), new RegExp(`^${name} `, 'm'), file)
    }
  })

  it('exports its manifest and the schema of scenarios, and nothing internal', { skip }, () => {
    const { resolve } = createRequire(inProject('index.js'))
    const read = (name: string) => JSON.parse(readFileSync(resolve(name), 'utf8'))
    assert.equal(read('lanewise/package.json').name, 'lanewise')
    assert.equal(read('lanewise/scenario.schema.json').title, 'lanewise scenario')
    assert.throws(() => resolve('lanewise/dist/run/plan.js'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' })
  })

  const readProject = (name: string) => readFileSync(inProject(name), 'utf8')

  /** The modules in docs/plugins.md, the examples and one of our own; their names. */
  function writeSources(): string[] {
    const page = readFileSync(path.join(unpacked, 'docs/plugins.md'), 'utf8')
    const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block!)
    const modules = blocks.filter((block) => /^(?:import|export) /m.test(block))
    for (const [i, block] of modules.entries()) write(`plugins-${i}.ts`, block)
    const examples = readdirSync(path.join(unpacked, 'examples'))
    for (const name of examples) cpSync(path.join(unpacked, 'examples', name), inProject(name))
    write('consumer.ts', CONSUMER)
    return [...modules.map((_, i) => `plugins-${i}.ts`), ...examples, 'consumer.ts']
  }

  function checkTypes(name: string, compilerOptions: object): void {
    const require = createRequire(import.meta.url)
    const manifest = require.resolve('typescript/package.json')
    const tsc = path.join(path.dirname(manifest), require(manifest).bin.tsc)
    const strictly = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, target: 'es2023' }
    const config = {
      compilerOptions: { ...strictly, outDir: 'built', ...compilerOptions },
      include: ['*.ts'],
    }
    write(`tsconfig.${name}.json`, JSON.stringify(config))
    run(process.execPath, [tsc, '-p', `tsconfig.${name}.json`], project)
  }

  const runCompiled = (name: string) => run(process.execPath, [inProject(`built/${name}.js`)], project)
})

/** A program with a policy that has parameters, and mistakes that the types have to see. */
const CONSUMER = `
import { definePolicy, durationNs, type PolicyPlugin, type Simulation, simulate, z } from 'lanewise'

const threshold = definePolicy({
  name: 'threshold',
  description: 'packets of so many bytes to the second lane',
  parameters: z.strictObject({ bytes: z.int().default(200), ttl: durationNs.prefault('1s') }),
  timeToLive: { parameter: 'ttl', never: '9995s', movesOnlyByTtl: ({ ttl }) => Number.isFinite(ttl) },
  create({ bytes, ttl }, lanes) {
    const sum: number = bytes + ttl
    // @ts-expect-error: a number has no length
    bytes.length
    return {
      name: 'threshold',
      keepsFlowOrder: false,
      choose: ({ sizeBytes }) => (sizeBytes < bytes && sum > 0 ? 0 : 1 % lanes.count),
    }
  },
})
const parameters = z.strictObject({ lane: z.int().default(0) })
const typed: PolicyPlugin<typeof parameters> = {
  name: 'typed',
  description: '',
  parameters,
  create: ({ lane }) => ({ name: 'typed', keepsFlowOrder: true, choose: () => lane + 0 }),
}
const plain = definePolicy({
  name: 'plain',
  description: '',
  create: () => ({ name: 'plain', keepsFlowOrder: true, choose: () => 0 }),
})
// @ts-expect-error: there is no create
definePolicy({ name: 'half', description: '' })
const all: PolicyPlugin[] = [threshold, typed, plain]

const { policies, scenario }: Simulation = await simulate(
  { source: { synthetic: { packetsPerSecond: 20_000 } }, policies: ['hash'], duration: '100ms', runs: 2 },
  { policies: all.map((plugin) => (plugin === threshold ? { plugin, parameters: { bytes: 300 } } : { plugin })) },
)
const seed: string | number = scenario.seed
for (const { label, metrics } of policies) console.log(label, metrics.reorderedRatio?.mean, typeof seed)
`
