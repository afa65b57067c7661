/** `npm run build` on a program of three files: what it keeps, replaces and removes, and after an error. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { builtFile, builtFolder, repository } from './built.testing.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-build-'))
after(() => rmSync(folder, { recursive: true }))
/** As that of the product, without types of packages: there are none. */
const CONFIG = `{
  "compilerOptions": { "module": "nodenext", "target": "es2023", "types": [], "rootDir": "src", "outDir": "dist",
    "rewriteRelativeImportExtensions": true },
  "include": ["src"]
}
`
const inFolder = (name: string) => path.join(folder, name)

function write(name: string, text: string): void {
  mkdirSync(path.dirname(inFolder(name)), { recursive: true })
  writeFileSync(inFolder(name), text)
}

/** Compiles src/ of the folder into its dist/. */
function build(): { status: number | null; stdout: string } {
  const argv = [path.join(repository, 'scripts/build.mjs')]
  const { status, stdout } = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8' })
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('dist')),
    existsSync(inFolder('dist')) ? ['dist'] : [],
    'only dist/ is left',
  )
  return { status, stdout }
}

const built = () =>
  readdirSync(inFolder('dist'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(inFolder('dist'), path.join(entry.parentPath, entry.name)))
    .sort()
const fileOf = (name: string) => statSync(inFolder(`dist/${name}`)).ino

test('what changed is replaced, what did not stays the same file, and what is gone goes', () => {
  write('package.json', '{ "type": "module" }')
  write('tsconfig.build.json', CONFIG)
  write('src/cli/main.ts', "#!/usr/bin/env node\nimport { one } from '../one.ts'\nconsole.log(one)\n")
  write('src/one.ts', 'export const one = 1\n')
  write('src/old/two.ts', 'export const two = 2\n')
  assert.deepEqual(build(), { status: 0, stdout: '' })
  assert.deepEqual(built(), ['cli/main.js', 'old/two.js', 'one.js'])
  assert.equal(spawnSync(inFolder('dist/cli/main.js')).error, undefined, 'main.js is executable')
  const before = { main: fileOf('cli/main.js'), one: fileOf('one.js') }

  write('src/one.ts', 'export const one = 11\n')
  rmSync(inFolder('src/old'), { recursive: true })
  write('src/new/three.ts', 'export const three = 3\n')
  assert.deepEqual(build(), { status: 0, stdout: '' })
  assert.deepEqual(readdirSync(inFolder('dist')).sort(), ['cli', 'new', 'one.js'])
  assert.deepEqual(built(), ['cli/main.js', 'new/three.js', 'one.js'])
  assert.equal(fileOf('cli/main.js'), before.main)
  assert.notEqual(fileOf('one.js'), before.one)
  assert.match(readFileSync(inFolder('dist/one.js'), 'utf8'), /one = 11/)
})

test('after an error everything is as it was', () => {
  const before = built().map(fileOf)
  write('src/one.ts', "export const one: number = 'x'\n")
  const { status, stdout } = build()
  assert.notEqual(status, 0)
  assert.match(stdout, /src\/one\.ts.*TS2322/)
  assert.deepEqual(built().map(fileOf), before)
})

test('the program finds zod and yaml in one file each, with everything that the packages export', async (t) => {
  if (builtFile('x').endsWith('.ts')) return t.skip('sources import the packages')
  for (const name of ['zod', 'yaml']) {
    const bundled = await import(pathToFileURL(path.join(builtFolder, `libraries/${name}.js`)).href)
    const names = Object.keys(await import(name)).filter(
      (key) => key !== 'default' && key !== 'module.exports',
    )
    assert.deepEqual(Object.keys(bundled).sort(), names.sort())
  }
  const imports = /^(import|export|\}) .*from '(zod|yaml)'/m
  const modules = readdirSync(builtFolder, { recursive: true, encoding: 'utf8' })
  assert.deepEqual(
    modules.filter(
      (name) => name.endsWith('.js') && imports.test(readFileSync(path.join(builtFolder, name), 'utf8')),
    ),
    [],
  )
})
