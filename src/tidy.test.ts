/**
 * The house rules that a machine can check: who imports whom, what may stand where, how long a file may be.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { sourceFolder as root } from './built.testing.ts'

const LINES_MAX = 400
/** The formatter's width, which it doesn't apply to comments. */
const WIDTH = 110

/**
 * Folders in their order. Each imports only from those before it, and from exactly those that are named here:
 * a folder that nothing is imported from any more is taken out. Units and errors serve everybody.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  sim: [],
  model: ['sim'],
  traffic: ['sim', 'model'],
  policies: ['sim', 'model'],
  metrics: ['sim', 'model'],
  scenario: ['sim', 'model', 'traffic', 'policies', 'metrics'],
  run: ['sim', 'model', 'traffic', 'metrics', 'scenario'],
  calibrate: ['sim', 'model', 'traffic', 'scenario', 'run'],
  node: ['model', 'traffic', 'metrics', 'scenario', 'run', 'calibrate'],
  scan: ['metrics', 'scenario', 'run', 'node'],
  tune: ['sim', 'model', 'metrics', 'scenario', 'run', 'node'],
  measure: ['sim', 'model', 'traffic', 'metrics', 'node'],
  live: ['sim', 'model', 'traffic', 'metrics', 'scenario', 'run', 'node'],
  report: ['metrics', 'scenario', 'calibrate', 'tune', 'measure', 'live'],
  plots: ['metrics', 'live', 'report'],
  cli: [
    ...['sim', 'model', 'traffic', 'policies', 'metrics', 'scenario', 'run', 'node'],
    ...['calibrate', 'scan', 'tune', 'measure', 'live', 'report', 'plots'],
  ],
}
/** What runs anywhere, a browser's worker too: no module of Node's, and no package that needs one. */
const core: readonly string[] = [
  ...['sim', 'model', 'traffic', 'policies', 'metrics', 'scenario', 'run', 'calibrate'],
]
const corePackages: readonly string[] = ['seedrandom', 'yaml', 'zod']
/** Most product files side by side; folders of plug-ins may have more of them. */
const FILES_MAX = 25
/** Folders whose imports from these may only be types. */
const typesOnly: Readonly<Record<string, readonly string[]>> = {
  plots: ['metrics', 'live'],
  report: ['metrics', 'scenario', 'calibrate', 'tune', 'measure', 'live'],
}
/** What may be imported from there all the same: names and words, which load nothing else. */
const plainData = /^metrics\/catalogue\/|^tune\/tuning\.ts$/
/** Plug-ins never import each other; the registry and what several share, in parts/, may be imported. */
const plugins: readonly string[] = ['policies', 'traffic/synthetic']
/** Packages that only one folder may use. */
const onlyIn: Readonly<Record<string, string>> = {
  commander: 'cli',
  'cli-table3': 'report',
  koffi: 'live',
  vega: 'plots',
  'vega-lite': 'plots',
  'vega-embed': 'plots',
  '@resvg/resvg-js': 'plots',
}
/** Packages that take long to load: imported only by import(), so that nothing else waits for them. */
const onlyWhenNeeded: readonly string[] = ['vega', 'vega-lite', 'vega-embed', '@resvg/resvg-js']
interface Ban {
  readonly pattern: RegExp
  /** Folders, and paths of files. */
  readonly allowedIn: readonly string[]
  /** Left out: in all folders. */
  readonly bannedIn?: readonly string[]
}
const banned: readonly Ban[] = [
  { pattern: /\bMath\.random\b/, allowedIn: [] },
  // Its last bit differs between versions of Node: write exp(a * log(x)).
  { pattern: /\bMath\.pow\b/, allowedIn: [] },
  // So do theirs: take those of sim/elementary.ts.
  {
    pattern: /\bMath\.(?:log(?:1p|2|10)?|exp|expm1|a?(?:sin|cos|tan)h?|atan2|cbrt|hypot|pow)\b|\bMath(?!\.)/,
    allowedIn: [],
    bannedIn: core,
  },
  // How old a part is, whose process can't be seen, only a clock tells.
  { pattern: /\bDate\.now\b|\bperformance\.now\b/, allowedIn: ['live', 'node/files/parts.ts'] },
  // What is written is a part first, opened exclusively: node/files/. Devices and nameless copies are not.
  {
    pattern: /\b(?:writeFileSync|appendFileSync|createWriteStream|copyFileSync|cpSync)\b/,
    allowedIn: ['live', 'cli/shared/standard-input.ts'],
  },
  { pattern: /\bsetTimeout\b/, allowedIn: ['live', 'cli'] },
  { pattern: /\bconsole\b|\bprocess\.exit\b|\bprocess\.std(out|err)\b/, allowedIn: ['cli'] },
  { pattern: /\bexport default\b/, allowedIn: [] },
]

interface SourceFile {
  /** Path below src/. */
  readonly path: string
  readonly folder: string
  readonly text: string
  /** The text without comments and strings. */
  readonly code: string
}

const files: SourceFile[] = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name))
  .map((entry) => {
    const path = relative(root, join(entry.parentPath, entry.name))
    const text = readFileSync(join(root, path), 'utf8')
    const code = text
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
      .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    return { path, folder: path.includes('/') ? path.split('/')[0]! : '', text, code }
  })
const isTest = (path: string) => /\.(test|testing|d)\.ts$/.test(path)
const product = files.filter((file) => !isTest(file.path))
const verbsFile = product.find(({ path }) => path === 'cli/verbs.ts')!

/** [path below src/ or package name, types only?] of every import of the file. */
function importsOf({ path, text }: SourceFile): Array<readonly [string, boolean]> {
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)/gm),
  ]
  return found.map((match) => {
    const target = match[2] ?? match[3]!
    const resolved = target.startsWith('.') ? join(path, '..', target) : target
    return [resolved, match[1] !== undefined]
  })
}

test('the rules see the files', () => {
  assert.ok(product.length > 60, `${product.length} files`)
  const pipeline = files.find((file) => file.path === 'model/pipeline.ts')!
  assert.ok(importsOf(pipeline).some(([target]) => target === 'sim/event-queue.ts'))
})

test('folders import only from those below them', () => {
  for (const file of product) {
    if (file.folder === '') continue
    assert.ok(file.folder in mayImport, `${file.path}: folder ${file.folder} has no rule`)
    for (const [target, isType] of importsOf(file)) {
      if (!target.endsWith('.ts')) continue
      const folder = target.includes('/') ? target.split('/')[0]! : ''
      if (folder === '' || folder === file.folder) continue
      assert.ok(mayImport[file.folder]!.includes(folder), `${file.path} must not import ${target}`)
      const needsType = (typesOnly[file.folder]?.includes(folder) ?? false) && !plainData.test(target)
      assert.ok(!needsType || isType, `${file.path} may import only types from ${target}`)
    }
  }
})

test('no folder may import more than it does', () => {
  for (const [folder, allowed] of Object.entries(mayImport)) {
    const files = product.filter((file) => file.folder === folder)
    const used = new Set(files.flatMap(importsOf).map(([target]) => target.split('/')[0]))
    for (const one of allowed) assert.ok(used.has(one), `${folder} imports nothing of ${one}`)
  }
})

test('the core needs nothing of Node', () => {
  for (const file of product.filter(({ folder }) => core.includes(folder))) {
    for (const [target, isType] of importsOf(file)) {
      const isOurs = target.endsWith('.ts')
      assert.ok(isOurs || isType || corePackages.includes(target), `${file.path} imports ${target}`)
    }
    assert.doesNotMatch(
      file.code,
      /\bBuffer\b|\bprocess\.(?!name|parameters|usesRandom|create|description)|\bsetImmediate\b/,
      file.path,
    )
  }
})

test(`no folder has more than ${FILES_MAX} files side by side`, () => {
  const counts = new Map<string, number>()
  for (const { path } of product) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  for (const [folder, count] of counts) {
    assert.ok(count <= FILES_MAX || plugins.includes(folder), `${folder} has ${count} files`)
  }
})

test('plug-ins never import each other', () => {
  for (const file of product) {
    const folder = plugins.find((one) => dirname(file.path) === one)
    if (folder === undefined || file.path.endsWith('/index.ts')) continue
    for (const [target] of importsOf(file)) {
      const isOther = dirname(target) === folder && target.endsWith('.ts')
      assert.ok(!isOther, `${file.path} imports ${target}`)
    }
  }
})

test('packages stay where they belong', () => {
  for (const file of product) {
    for (const [target] of importsOf(file)) {
      const folder = onlyIn[target]
      assert.ok(folder === undefined || folder === file.folder, `${file.path} imports ${target}`)
    }
  }
})

/**
 * Sets of files that import each other, directly or through others: strongly connected components (Tarjan,
 * SIAM J. Comput. 1(2), 1972).
 */
function circlesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const number = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const visit = (path: string): void => {
    number.set(path, number.size)
    lowest.set(path, number.get(path)!)
    stack.push(path)
    for (const target of imports.get(path) ?? []) {
      if (!number.has(target)) visit(target)
      if (stack.includes(target)) lowest.set(path, Math.min(lowest.get(path)!, lowest.get(target)!))
    }
    if (lowest.get(path) !== number.get(path)) return
    const circle = stack.splice(stack.indexOf(path))
    if (circle.length > 1) found.push(circle.sort())
  }
  for (const path of imports.keys()) if (!number.has(path)) visit(path)
  return found
}

test('no two files import each other, directly or through others, types and import() counted', (t) => {
  const made = new Map([
    ['a', ['b', 'd']],
    ['b', ['c']],
    ['c', ['a', 'd']],
    ['d', ['e']],
    ['e', []],
  ])
  assert.deepEqual(circlesIn(made), [['a', 'b', 'c']])
  const imports = new Map(product.map((file) => [file.path, importsOf(file).map(([target]) => target)]))
  const lines = circlesIn(imports).map((circle) => circle.join(' <-> '))
  t.diagnostic(`${product.length} files, ${lines.length} import circles`)
  assert.deepEqual(lines, [])
})

/** Packages that are loaded with the file, and the files of ours; what it imports when it needs it isn't. */
function loadedWith(path: string, seen = new Map<string, string>()): Map<string, string> {
  const file = product.find((one) => one.path === path)!
  for (const [target, isType] of importsOf({ ...file, text: file.text.replaceAll(/import\(/g, 'lazily(') })) {
    if (isType || seen.has(target)) continue
    seen.set(target, path)
    if (target.endsWith('.ts')) loadedWith(target, seen)
  }
  return seen
}

test('help starts without what only work needs: no package but commander, few files', () => {
  const verbs = importsOf(verbsFile)
    .map(([target]) => target)
    .filter((target) => new RegExp(`import\\('\\./${target.slice(4)}'\\)`).test(verbsFile.text))
  assert.ok(verbs.length >= 5, verbs.join(' '))
  for (const start of ['cli/main.ts', ...verbs]) {
    const loaded = loadedWith(start)
    const packages = [...loaded].filter(([target]) => !/^node:|\.ts$|^commander$/.test(target))
    assert.deepEqual(packages, [], start)
    assert.ok(loaded.size < 20, `${start}: ${[...loaded.keys()].join(' ')}`)
  }
})

test('slow packages are loaded only when they are needed', () => {
  const isStatic = (text: string, name: string) =>
    new RegExp(`^(?:import|export)(?!\\s+type)[^'"(]*'${name}'`, 'm').test(text)
  assert.ok(isStatic("import { View } from 'vega'", 'vega') && !isStatic("await import('vega')", 'vega'))
  for (const file of product) {
    for (const name of onlyWhenNeeded) assert.ok(!isStatic(file.text, name), `${file.path} imports ${name}`)
  }
})

test('time, chance, powers, printing and exits happen only where they may', () => {
  for (const file of product) {
    for (const { pattern, allowedIn, bannedIn } of banned) {
      if (allowedIn.includes(file.folder) || allowedIn.includes(file.path)) continue
      if (bannedIn?.includes(file.folder) === false) continue
      assert.ok(!pattern.test(file.code), `${file.path}: ${pattern.source}`)
    }
  }
})

test(`no file has more than ${LINES_MAX} lines, no comment is wider than the formatter's width, and every one opens by saying what it is`, () => {
  for (const file of files) {
    const lines = file.text.split('\n').length - 1
    assert.ok(lines <= LINES_MAX, `${file.path} has ${lines} lines`)
    if (!isTest(file.path)) assert.match(file.text, /^(#!.*\n)?\/\*\*/, `${file.path} has no header`)
    for (const [i, line] of file.text.split('\n').entries()) {
      const isComment = /^\s*(\*|\/\/|\/\*\*)/.test(line)
      assert.ok(
        !isComment || line.length <= WIDTH,
        `${file.path}:${i + 1}: a comment of ${line.length} characters`,
      )
    }
  }
})
