import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import { builtFile, repository } from '../built.testing.ts'
import { UserError } from '../errors.ts'
import { type PolicyPlugin, type ScenarioInput, simulate } from '../index.ts'
import { findPolicy } from '../scenario/known-policies.ts'
import { loadScenario } from './load-scenario.ts'
import { runScenario } from './runs.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-plugins-'))
after(() => rmSync(folder, { recursive: true }))
const written = (name: string, text: string) => {
  writeFileSync(path.join(folder, name), text)
  return path.join(folder, name)
}
// Whatever stands in the folders above, such as a package called lanewise, has no say here.
written('package.json', '{}')
const scenarioWith = (name: string, policies: string) =>
  written(
    name,
    `source: { synthetic: { packetsPerSecond: 50000 } }\nduration: 20ms\nruns: 2\npolicies: ${policies}\n`,
  )
/** The folder isn't below the current one. */
const allowed = (file: string) => loadScenario(file, { allowModules: true })
const lane = (number: string) =>
  `export const policy = { name: 'fixed-lane', create: () => ({ name: 'fixed-lane', keepsFlowOrder: true, choose: () => ${number} }) }\n`

test('a module named in a scenario is found from its folder, in TypeScript and JavaScript, in any number of threads', async () => {
  written('typed.ts', `const second: number = 1\n${lane('second').replace('fixed-lane', 'typed')}`)
  written('plain.mjs', lane('2'))
  const loaded = await allowed(scenarioWith('both.yaml', '[hash, ./typed.ts, ./plain.mjs]'))
  assert.deepEqual(
    loaded.policies.map(({ label }) => label),
    ['hash', 'typed', 'fixed-lane'],
  )
  const results = await runScenario(loaded, { jobs: 2 })
  for (const { policies } of results) {
    assert.deepEqual(
      policies.map(({ error }) => error),
      [null, null, null],
    )
    assert.ok((policies[1]!.metrics['laneUtilization[1]'] as number) > 0.5)
    assert.equal(policies[1]!.metrics['laneUtilization[0]'], 0)
    assert.ok((policies[2]!.metrics['laneUtilization[2]'] as number) > 0.5)
  }
})

test('the documented example runs, and its parameters are checked by its own schema', async () => {
  // It imports 'lanewise', which in a user's folder is the installed package, and here what is tested.
  const index = pathToFileURL(builtFile('index')).href
  mkdirSync(path.join(folder, 'user/node_modules/lanewise'), { recursive: true })
  written('user/node_modules/lanewise/package.json', '{ "type": "module", "exports": "./index.js" }')
  written('user/node_modules/lanewise/index.js', `export * from ${JSON.stringify(index)}\n`)
  written('user/package.json', '{}')
  const example = path.join(folder, 'user/small-first.ts')
  cpSync(path.join(repository, 'examples/small-first.ts'), example)
  const file = scenarioWith('example.yaml', '[hash]')
  const { policies } = await loadScenario(file, { policies: [`${example}:belowBytes=300`] })
  assert.deepEqual(
    policies.map(({ label }) => label),
    ['small-first:belowBytes=300'],
  )
  await assert.rejects(loadScenario(file, { policies: [`${example}:belowBytes=0`] }), /-p .*belowBytes/)
})

const broken: ReadonlyArray<[name: string, text: string | undefined, reason: RegExp]> = [
  ['missing.ts', undefined, /there is no file .*missing\.ts - check the path$/],
  ['nothing.ts', 'export const other = 1\n', /exports no policy - write: export const policy = /],
  ['nameless.ts', 'export const policy = { create() {} }\n', /has no proper name/],
  ['idle.ts', "export const policy = { name: 'idle' }\n", /has no create function/],
  ['loose.ts', "export const policy = { name: 'x', parameters: {}, create() {} }\n", /are no zod schema/],
  ['throws.ts', "throw new Error('no\\nway')\n", /can't be loaded, \S+throws\.ts: no way - fix the module$/],
  [
    'throws.mjs',
    "const a = 1\nthrow new Error('no\\nway')\n",
    /can't be loaded, \S+throws\.mjs:2: no way - fix the module$/,
  ],
  [
    'syntax.ts',
    'const a = 1\n\nexport const = 1\n',
    /can't be loaded, \S+syntax\.ts:3: Expected identifier but found "=" - fix the syntax$/,
  ],
  [
    'syntax.mjs',
    'export const = 1\n',
    /can't be loaded, \S+syntax\.mjs: Unexpected token '=' - fix the module$/,
  ],
  [
    'uses-package.ts',
    "import { z } from 'lanewise'\nexport const policy = z\n",
    /uses-package\.ts: imports "lanewise", which isn't found there - install it in \S+ or above, or write a module without this import$/,
  ],
  [
    'uses-package.mjs',
    "import { z } from 'lanewise'\nexport const policy = z\n",
    /uses-package\.mjs: imports "lanewise", which isn't found there - install it in \S+ or above/,
  ],
  [
    'uses-file.mjs',
    "import './helper'\n",
    /uses-file\.mjs: imports "\S+helper", which isn't found there - check the import's path, its extension too$/,
  ],
  [
    'hash.ts',
    lane('0').replace('fixed-lane', 'hash'),
    /is called hash like a built-in one - give it another name$/,
  ],
]
for (const [name, text, reason] of broken) {
  test(`a module like ${name} is refused in one line`, async () => {
    if (text !== undefined) written(name, text)
    const file = scenarioWith('refused.yaml', `[./${name}]`)
    await assert.rejects(allowed(file), (error) => {
      assert.ok(error instanceof UserError)
      assert.equal(error.exitCode, 2)
      assert.equal(error.lines.length, 1)
      assert.ok(error.lines[0]!.startsWith(`${file} policies: ./${name}: `), error.lines[0])
      assert.match(error.lines[0]!, reason)
      return true
    })
  })
}

/** A module that has a TTL; its schemas are ours by their paths, as no package is installed there. */
const withTtl = (timeToLive: string) => `import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
import { durationNs } from ${JSON.stringify(pathToFileURL(builtFile('unit-schemas')).href)}
const never = z.literal('never').transform(() => Number.POSITIVE_INFINITY)
const seconds = durationNs.refine((ns) => ns % 1e9 === 0, { error: 'has a fraction' }).prefault('3s')
export const policy = {
  name: 'with-ttl',
  parameters: z.strictObject({ ttl: z.union([never, durationNs]).prefault('30s'), seconds, needed: durationNs, count: z.int().default(3) }),
  timeToLive: ${timeToLive},
  create: () => ({ name: 'with-ttl', keepsFlowOrder: true, choose: () => 0 }),
}
`
const NEVER = "never: 'never'"
const wrongTtls: readonly [timeToLive: string, reason: RegExp][] = [
  ["'ttl'", /is "ttl" - write timeToLive: \{ parameter: 'ttl', never: 'never' \}$/],
  ['null', /is null - write timeToLive: \{ parameter/],
  [`{ ${NEVER} }`, /parameter is undefined - give the parameter's name$/],
  ["{ parameter: 'ttl' }", /never is undefined - give the value that never expires, as text$/],
  [`{ parameter: 'ttl', ${NEVER}, table: 1 }`, /has no member "table" - it has parameter, never, stepNs, /],
  [`{ parameter: 'ttl', ${NEVER}, gridNS: [1, 2] }`, /has no member "gridNS" - did you mean "gridNs"\?$/],
  [
    `{ parameter: 'tll', ${NEVER} }`,
    /parameter is "tll", which the policy doesn't have - did you mean "ttl"\?$/,
  ],
  [
    `{ parameter: 'idle', ${NEVER} }`,
    /parameter is "idle", which the policy doesn't have - name the one of its parameters that is the TTL$/,
  ],
  [
    `{ parameter: 'needed', never: '9s' }`,
    /parameter "needed" can't be left out \(.+\) - give it a default, such as \.prefault\('30s'\)$/,
  ],
  [
    `{ parameter: 'ttl', never: 'ever' }`,
    /never is "ever", which ttl doesn't take \(.+\) - give the value that/,
  ],
  [
    `{ parameter: 'ttl', ${NEVER}, stepNs: 0 }`,
    /stepNs is 0 - give a whole number of nanoseconds above 0, or/,
  ],
  [`{ parameter: 'ttl', ${NEVER}, stepNs: '1s' }`, /stepNs is "1s" - give a whole number of nanoseconds/],
  [
    `{ parameter: 'ttl', ${NEVER}, gridNs: [0, 1e9] }`,
    /gridNs is \[Array\] - give \[min, max\] in whole nano/,
  ],
  [`{ parameter: 'ttl', ${NEVER}, gridNs: 1e9 }`, /gridNs is 1000000000 - give \[min, max\]/],
  [`{ parameter: 'ttl', ${NEVER}, gridNs: [2e9, 1e9] }`, /gridNs has its min above its max - swap them$/],
  [
    `{ parameter: 'seconds', never: '90s', stepNs: 1e9, gridNs: [1500e6, 9e9] }`,
    /gridNs has 1500000000, no multiple of stepNs 1000000000 - give multiples$/,
  ],
  [
    `{ parameter: 'seconds', never: '90s' }`,
    /gridNs has 10us, which seconds doesn't take \(has a fraction\) - let it take durations \(durationNs\), or give/,
  ],
  [`{ parameter: 'count', never: 'never' }`, /never is "never", which count doesn't take/],
  [
    `{ parameter: 'ttl', ${NEVER}, key: '3-tuple' }`,
    /key is "3-tuple" - make it a function of the parameters, or/,
  ],
  [`{ parameter: 'ttl', ${NEVER}, movesOnlyByTtl: true }`, /movesOnlyByTtl is true - make it a function/],
  [
    `{ parameter: 'ttl', ${NEVER}, learnsFromPackets: 1 }`,
    /learnsFromPackets is 1 - give true or false, or leave/,
  ],
]
for (const [i, [timeToLive, reason]] of wrongTtls.entries()) {
  test(`a module with timeToLive: ${timeToLive} is refused in one line`, async () => {
    written(`ttl-${i}.ts`, withTtl(timeToLive))
    const file = scenarioWith('refused.yaml', `[./ttl-${i}.ts]`)
    await assert.rejects(allowed(file), ({ lines, exitCode }: UserError) => {
      assert.deepEqual([lines.length, exitCode], [1, 2])
      const where = `${file} policies: ./ttl-${i}.ts: its policy's timeToLive `
      assert.ok(lines[0]!.startsWith(where), lines[0])
      assert.match(lines[0]!.slice(where.length), reason)
      return true
    })
  })
}

test('a module that says what its TTL is right is taken, whatever else its parameters need', async () => {
  written('ttl.ts', withTtl("{ parameter: 'seconds', never: '90s', stepNs: 1e9 }"))
  await allowed(scenarioWith('ttl.yaml', '[./ttl.ts: { needed: 5s }]'))
  assert.equal(findPolicy('./ttl.ts')!.timeToLive!.parameter, 'seconds')
})

test('a module whose policy fails in a run ends with one line, and the others go on', async () => {
  written('wrong.ts', lane('packet.index').replace('choose: ()', 'choose: (packet: { index: number })'))
  const loaded = await allowed(scenarioWith('wrong.yaml', '[hash, ./wrong.ts]'))
  const [first] = await runScenario(loaded, { jobs: 1 })
  assert.equal(first!.policies[0]!.error, null)
  assert.match(
    first!.policies[1]!.error!,
    /^policy fixed-lane: chose lane 4 for packet 4 - choose must return/,
  )
})

test('parameters behind a path, as on the command line, are told how a scenario says them', async () => {
  written('given.mjs', lane('0'))
  const file = scenarioWith('colon.yaml', '["./given.mjs:lane=1"]')
  await assert.rejects(allowed(file), ({ lines }: UserError) => {
    assert.match(lines.join(), / - parameters are a map here: \{ \.\/given\.mjs: \{ key: value \} \}$/)
    return true
  })
})

test('modules whose policies have one name are refused, as their rows could not be told apart', async () => {
  written('one.mjs', lane('0'))
  written('two.mjs', lane('1'))
  const file = scenarioWith('same.yaml', '[./one.mjs, ./two.mjs]')
  await assert.rejects(
    allowed(file),
    new UserError(
      `${file}:4:23 policies[1]: "fixed-lane" is what another module calls its policy too - rename one of the two`,
      2,
    ),
  )
})

test('a module whose create fails ends alone, and the others go on', async () => {
  written(
    'refuses.mjs',
    "export const policy = { name: 'refuses', create() { throw new Error('not with 4') } }\n",
  )
  written('empty.mjs', "export const policy = { name: 'empty', create() {} }\n")
  const loaded = await allowed(scenarioWith('refuses.yaml', '[hash, ./refuses.mjs, ./empty.mjs]'))
  for (const jobs of [1, 2]) {
    const [first] = await runScenario(loaded, { jobs })
    assert.deepEqual(
      first!.policies.map(({ error }) => error),
      [
        null,
        'policy refuses: threw at create, not with 4',
        'policy empty: create gave undefined - it must return an object with choose(packet, lanes, nowNs)',
      ],
    )
  }
})

test('a create that uses `this`, of a class even, works', async () => {
  written(
    'classy.mjs',
    "class P { name = 'classy'; lane = 2; create() { return { keepsFlowOrder: true, choose: () => this.lane } } }\nexport const policy = new P()\n",
  )
  const [first] = await runScenario(await allowed(scenarioWith('classy.yaml', '[./classy.mjs]')), {
    jobs: 1,
  })
  assert.equal(first!.policies[0]!.error, null)
  assert.ok((first!.policies[0]!.metrics['laneUtilization[2]'] as number) > 0.5)
})

test('a program names modules by their paths, and its own policies may lack parameters', async () => {
  const module = written('by-path.mjs', lane('2').replace('fixed-lane', 'by-path'))
  const own: PolicyPlugin = {
    name: 'own',
    description: '',
    create: () => ({ name: 'own', keepsFlowOrder: true, choose: () => 1 }),
  }
  const input = {
    source: { synthetic: { packetsPerSecond: 50_000 } },
    duration: '20ms',
    runs: 1,
    policies: [path.relative('.', module)],
  }
  const { policies } = await simulate(input, { policies: [{ plugin: own }] })
  assert.deepEqual(
    policies.map(({ label, error }) => [label, error]),
    [
      ['by-path', null],
      ['own', null],
    ],
  )
  assert.ok(policies[0]!.metrics['laneUtilization[2]']!.mean! > 0.5)
  await assert.rejects(
    simulate(input, { policies: [{ plugin: own }, { plugin: own }] }),
    new UserError('policies: two are called own - rename one of the two', 2),
  )
})

test('a program may simulate its own policies alone, in as many runs as they need', async () => {
  const own = (usesRandom: boolean): PolicyPlugin => ({
    name: 'own',
    description: '',
    usesRandom,
    create: (_parameters, _lanes, random) => ({
      name: 'own',
      keepsFlowOrder: false,
      choose: () => (usesRandom && random() < 0.5 ? 2 : 1),
    }),
  })
  const capture = fileURLToPath(new URL('../../scenarios/captures/ten-net.pcap.gz', import.meta.url))
  const input: ScenarioInput = {
    source: { capture, clock: 'periodic', packetsPerSecond: 1000 },
    lanes: { service: { fixed: '1us', perByte: '0ns', jitter: 'none' } },
    runs: 2,
    policies: [],
  }
  for (const usesRandom of [false, true]) {
    const { policies, runs, scenario } = await simulate(input, { policies: [{ plugin: own(usesRandom) }] })
    assert.deepEqual(
      policies.map(({ label, error }) => [label, error]),
      [['own', null]],
    )
    assert.equal(runs.length, usesRandom ? 2 : 1)
    assert.deepEqual(scenario.policies, [])
    assert.equal(policies[0]!.metrics['laneUtilization[2]']!.mean! > 0, usesRandom)
  }
  await assert.rejects(simulate(input), /the list is empty/)
})

test('a program simulates with policies of its own, beside those of the scenario', async () => {
  const parameters = z.strictObject({ lane: z.int() })
  const own: PolicyPlugin<typeof parameters> = {
    name: 'own',
    description: '',
    parameters,
    create: ({ lane }) => ({ name: 'own', keepsFlowOrder: true, choose: () => lane }),
  }
  const { scenario, policies, runs } = await simulate(
    {
      source: { synthetic: { packetsPerSecond: 50_000 } },
      duration: '20ms',
      runs: 2,
      policies: ['any-idle'],
    },
    { policies: [{ plugin: own, parameters: { lane: 3 } }] },
  )
  assert.equal(scenario.lanes.count, 4)
  assert.equal(runs.length, 2)
  assert.deepEqual(
    policies.map(({ label, error }) => [label, error]),
    [
      ['any-idle', null],
      ['own:lane=3', null],
    ],
  )
  assert.equal(policies[1]!.metrics.reorderedRatio!.mean, 0)
  assert.ok(policies[1]!.difference!.latencyNsMean!.mean! > 0)
})
