/**
 * Compiles into a folder while somebody may be running what is in it: tsc writes beside it, then each file
 * that is new or has changed is renamed over its place, and what no longer exists is removed last. After an
 * error the folder is as it was. Libraries of many small modules become one file each (libraries.mjs), types
 * that nobody can reach are left out (declarations.mjs); the manual page is made by the program itself,
 * `completion man`. Plain JavaScript that imports nothing of ours: `npm ci` runs it on a clean clone.
 *
 * node scripts/build.mjs [PROJECT [FOLDER]]
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import process from 'node:process'
import { keepReachedDeclarations } from './declarations.mjs'
import { bundleLibraries } from './libraries.mjs'

const [, , project = 'tsconfig.build.json', folder = 'dist'] = process.argv
/** What package.json calls bin has to be executable. */
const PROGRAM = 'cli/main.js'

/** The verb that makes the manual page, and where it goes; programs without that verb have none. */
const MANUAL = { verb: 'cli/completion/manual-page.js', page: 'lanewise.1' }

/** Paths below a folder. */
const filesIn = (top) =>
  readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(top, path.join(entry.parentPath, entry.name)))

function compile(into) {
  const require = createRequire(import.meta.url)
  const manifest = require.resolve('typescript/package.json')
  const tsc = path.join(path.dirname(manifest), require(manifest).bin.tsc)
  const { status } = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', into], { stdio: 'inherit' })
  return status ?? 1
}

/** Has the compiled program write its manual page; not where it is one of many builds, for tests. */
function writeManual(made) {
  if (folder !== 'dist' || !existsSync(path.join(made, MANUAL.verb))) return 0
  const argv = [path.join(made, PROGRAM), 'completion', 'man']
  const { status, stdout } = spawnSync(process.execPath, argv, {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The program's files are about to be moved: what Node keeps of them would be for nothing.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
  })
  if (status === 0) writeFileSync(path.join(made, MANUAL.page), stdout)
  return status ?? 1
}

/** Makes the folder what the other one is, whose files are used up. */
function replaceWith(made) {
  const names = filesIn(made)
  const place = (name) => path.join(folder, name)
  const isNew = (name) => !existsSync(place(name))
  const hasChanged = (name) => !readFileSync(place(name)).equals(readFileSync(path.join(made, name)))
  // Before what imports them: what nobody knows yet, then all that has changed at once.
  const added = names.filter(isNew)
  const changed = names.filter((name) => !isNew(name) && hasChanged(name))
  for (const name of names) mkdirSync(path.dirname(place(name)), { recursive: true })
  for (const name of [...added, ...changed]) renameSync(path.join(made, name), place(name))
  const kept = new Set(names)
  for (const name of filesIn(folder)) {
    if (kept.has(name)) continue
    rmSync(place(name), { force: true })
    removeEmpty(path.dirname(place(name)))
  }
}

/** Removes folders that have become empty, up to the one that is built. */
function removeEmpty(at) {
  if (path.resolve(at) === path.resolve(folder)) return
  try {
    rmdirSync(at)
  } catch {
    // It isn't empty, or another build was quicker.
    return
  }
  removeEmpty(path.dirname(at))
}

// So that an interrupt, which ends tsc, is an error like another.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
const made = mkdtempSync(`${path.resolve(folder)}-new-`)
try {
  let status = compile(made)
  if (status === 0) await bundleLibraries(made)
  if (status === 0) keepReachedDeclarations(made)
  status ||= writeManual(made)
  if (status === 0) {
    const program = path.join(made, PROGRAM)
    if (existsSync(program)) chmodSync(program, 0o755)
    replaceWith(made)
  }
  process.exitCode = status
} finally {
  rmSync(made, { recursive: true })
}
