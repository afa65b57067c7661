/** Whose scenario may name modules: by where the file really is, from a folder of the test's own. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { UserError } from '../errors.ts'
import { simulate } from '../index.ts'
import { scanOf } from '../scan/points.ts'
import { refuseModulesFromElsewhere } from './allowed-modules.ts'
import { bundledInputs } from './bundled.ts'
import { type LoadOptions, loadScenario } from './load-scenario.ts'

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'lanewise-allowed-')))
const back = process.cwd()
after(() => {
  process.chdir(back)
  rmSync(folder, { recursive: true })
})
const here = path.join(folder, 'here')
const there = path.join(folder, 'there')
const ran = path.join(folder, 'ran')
let number = 0
let name = ''

/** In each folder a scenario, and a module that leaves a file where it is loaded. */
function setUp(): void {
  rmSync(ran, { force: true })
  // A module is loaded once in a process.
  name = `lane-${++number}`
  for (const one of [here, path.join(here, 'below'), there, `${here}-too`]) writeScenario(one)
}

beforeEach(() => {
  for (const one of [here, there, `${here}-too`]) {
    rmSync(one, { recursive: true, force: true })
    mkdirSync(path.join(one, 'below'), { recursive: true })
  }
  setUp()
  process.chdir(here)
})

function writeScenario(at: string): void {
  const policies = `policies:\n  - hash\n  - ./${name}.mjs\n`
  writeFileSync(
    path.join(at, 's.yaml'),
    `source: { synthetic: { packetsPerSecond: 50000 } }\nduration: 20ms\n${policies}`,
  )
  writeFileSync(
    path.join(at, `${name}.mjs`),
    `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(ran)}, '')\nexport const policy = { name: '${name}', create: () => ({ name: '', keepsFlowOrder: true, choose: () => 0 }) }\n`,
  )
}

const cure =
  'is code that would run with your rights, and this scenario is not below the current folder - look at it, then say --allow-modules'

async function refused(file: string, options: LoadOptions = {}): Promise<void> {
  await assert.rejects(loadScenario(file, options), (error) => {
    assert.ok(error instanceof UserError)
    assert.deepEqual([error.lines, error.exitCode], [[`${file}:5:5 policies[1]: ./${name}.mjs ${cure}`], 2])
    return true
  })
  assert.equal(existsSync(ran), false, 'the module was loaded')
}

async function loaded(file: string, options: LoadOptions = {}): Promise<void> {
  const { policies } = await loadScenario(file, options)
  assert.deepEqual(
    policies.map(({ label }) => label),
    ['hash', name],
  )
  assert.equal(existsSync(ran), true)
}

test('a scenario from elsewhere is not loaded with its modules, whichever way it is named', async () => {
  const links: [target: string, link: string][] = [
    ['../there/s.yaml', 'link.yaml'],
    ['link.yaml', 'again.yaml'],
    ['../there', 'folder'],
    // Its modules would be those beside the link.
    ['../here/s.yaml', '../there/into.yaml'],
  ]
  for (const [target, link] of links) symlinkSync(target, link)
  const plain = [
    '../there/s.yaml',
    path.join(there, 's.yaml'),
    'below/../../there/s.yaml',
    '../here-too/s.yaml',
  ]
  const linked = ['link.yaml', 'again.yaml', './folder/s.yaml', '../there/into.yaml']
  for (const file of [...plain, ...linked]) await refused(file)
})

test('a scenario in the current folder or below needs nothing, whichever way it is named', async () => {
  symlinkSync('below/s.yaml', 'link.yaml')
  symlinkSync('../here/below', '../there/folder')
  const files = ['s.yaml', './below/s.yaml', '../here/s.yaml', path.join(here, 's.yaml'), 'link.yaml']
  for (const file of [...files, '../there/folder/s.yaml']) {
    await loaded(file)
    setUp()
  }
  process.chdir('/')
  await loaded(path.join(there, 's.yaml'))
})

test('a scenario from elsewhere is loaded where modules are allowed, or where -p takes the place of its own', async () => {
  await loaded('../there/s.yaml', { allowModules: true })
  setUp()
  const { policies } = await loadScenario('../there/s.yaml', { policies: ['any-idle'] })
  assert.deepEqual(
    policies.map(({ label }) => label),
    ['any-idle'],
  )
  assert.equal(existsSync(ran), false)
  await loadScenario('../there/s.yaml', { policies: [`../there/${name}.mjs`] })
  assert.equal(existsSync(ran), true)
})

test('a scan asks once, before any of its points', async () => {
  const axes = [{ flag: '-P lanes.count', name: 'lanes.count', path: ['lanes', 'count'], values: [1, 2] }]
  await assert.rejects(scanOf('../there/s.yaml', axes, {}), /say --allow-modules$/)
  assert.equal(existsSync(ran), false)
  const { points } = await scanOf('../there/s.yaml', axes, { allowModules: true })
  assert.equal(points.length, 2)
})

test('what comes with lanewise may name modules wherever the current folder is, and nothing else beside it', () => {
  const bundled = bundledInputs().find(({ kind }) => kind === 'scenario')!.path
  assert.doesNotThrow(() => refuseModulesFromElsewhere(bundled, ['./x.mjs'], 'there'))
  symlinkSync(bundled, 'linked.yaml')
  const beside = path.join(path.dirname(bundled), '..', 'package.json')
  for (const file of ['linked.yaml', beside, 'gone.yaml']) {
    assert.throws(() => refuseModulesFromElsewhere(file, ['./x.mjs'], 'there'), {
      message: `there: ./x.mjs ${cure}`,
    })
  }
})

test('several modules are one line', () => {
  assert.throws(() => refuseModulesFromElsewhere('../there/s.yaml', ['./x.mjs', 'y.ts', 'z.js'], 'there'), {
    message: `there: ./x.mjs (and 2 more) ${cure}`,
  })
})

test('a program that hands its scenario over is not asked', async () => {
  const { runs } = await simulate({
    source: { synthetic: { packetsPerSecond: 50_000 } },
    duration: '20ms',
    runs: 1,
    policies: [`../there/${name}.mjs`],
  })
  assert.equal(runs[0]!.policies[0]!.label, name)
})
