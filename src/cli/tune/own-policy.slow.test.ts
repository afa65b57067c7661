/** `lanewise tune` with a user's own policy: the same answer as for a built-in one of the same rule. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { builtFile } from '../../built.testing.ts'
import { policies } from '../../policies/index.ts'
import type { TuneReport } from '../../report/tune/tune-report.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('tune-own')

const scenario = 'source: { synthetic: { packetsPerSecond: 60000, flows: { count: 40 } } }\nduration: 100ms\n'
writeFileSync('small.yaml', `${scenario}runs: 2\n`)
writeFileSync('listed.yaml', `${scenario}runs: 2\npolicies: [hash, ./kept.ts: { capacity: 16 }]\n`)
const rule = JSON.stringify(pathToFileURL(builtFile('policies/flow-pinned')).href)
const copy = (name: string, members = '') =>
  writeFileSync(
    `${name}.ts`,
    `import { flowPinned } from ${rule}\nexport const policy = { ...flowPinned, name: '${name}', ${members} }\n`,
  )
copy('kept')
const sticky = fileURLToPath(new URL('../../../examples/sticky.ts', import.meta.url))

const tune = (words: string) => runProgram(['tune', ...words.split(' ')])
async function answerOf(words: string): Promise<TuneReport['tune']> {
  const { exitCode, stdout, stderr } = await tune(`${words} -q -f json -o out --points 6`)
  assert.deepEqual([exitCode, stderr], [0, ''])
  return (JSON.parse(stdout) as TuneReport).tune
}

test("a copy of flow-pinned's rule in a module gets the answer of flow-pinned, in one thread and in two", async () => {
  const built = await answerOf('small.yaml -p flow-pinned:key=address-pair,assign=least-loaded')
  const expected = JSON.stringify(built)
  assert.equal(built.policy, 'flow-pinned')
  for (const jobs of [1, 2]) {
    const own = await answerOf(`small.yaml -j ${jobs} -p ./kept.ts:key=address-pair,assign=least-loaded`)
    assert.equal(own.policy, 'kept')
    assert.equal(JSON.stringify(own).replaceAll('kept', 'flow-pinned'), expected)
  }
})

test('without -p the first policy with a TTL is one of a module too, with what the scenario gives it', async () => {
  const own = await answerOf('listed.yaml')
  assert.deepEqual([own.policy, own.parameters], ['kept', { capacity: 16 }])
  assert.match(own.unproven.notCovered.join(), /kept moves flows for other reasons too/)
  const built = await answerOf('small.yaml -p flow-pinned:capacity=16')
  assert.deepEqual(
    own.curve.map(({ metrics }) => metrics),
    built.curve.map(({ metrics }) => metrics),
  )
})

test('the documented example reorders as flow-pinned does, whose rule it has', async () => {
  const [own, built] = [
    await answerOf(`small.yaml -p ${sticky}`),
    await answerOf('small.yaml -p flow-pinned'),
  ]
  const reordered = ({ curve }: TuneReport['tune']) =>
    curve.map(({ ttlNs, metrics }) => [ttlNs, metrics.reorderedRatio, metrics.unsafeMoves])
  assert.deepEqual(reordered(own), reordered(built))
  assert.deepEqual(own.unproven, built.unproven)
})

copy('without', 'timeToLive: undefined')
copy('odd-key', "timeToLive: { ...flowPinned.timeToLive, key: () => 'flow' }")
copy('throws', "timeToLive: { ...flowPinned.timeToLive, movesOnlyByTtl() { throw new Error('no idea') } }")
writeFileSync(
  'odd.ts',
  `import { flowPinned } from ${rule}
const { shape } = flowPinned.parameters
const ttl = shape.ttl.refine((ns) => ns === Infinity || ns % 7 === 0 || [1e4, 3e10, 6e10].includes(ns), { error: 'is odd' })
export const policy = { ...flowPinned, name: 'odd', parameters: flowPinned.parameters.extend({ ttl }) }
`,
)
const mistakes: [words: string, message: RegExp][] = [
  [
    'small.yaml -p ./without.ts',
    /^-p \.\/without\.ts: its policy doesn't say which parameter is its TTL - add timeToLive: \{ parameter: 'ttl', never: 'never' \} \(docs\/plugins\.md\), or use one of flow-pinned, openvpn-fork, linux-tun, flowlet$/,
  ],
  ['small.yaml -p ./kept.ts:ttl=5s', /^-p \.\/kept\.ts:ttl=5s: ttl is what tune looks for - leave it out/],
  ['small.yaml -p ./kept.ts --ttl 5:9s', /^--ttl 5:9s: 5 has no unit/],
  [
    'small.yaml -p ./odd-key.ts',
    /^policy odd-key: timeToLive\.key gave "flow" - let it give one of 5-tuple, 3-tuple, address-pair, inner$/,
  ],
  [
    'small.yaml -p ./throws.ts',
    /^policy throws: timeToLive\.movesOnlyByTtl threw no idea - let it give one of true, false$/,
  ],
  [
    'small.yaml -p ./odd.ts',
    /^policy odd: its ttl doesn't take \S+ \(is odd\) - say in timeToLive which values it takes \(stepNs, gridNs\)/,
  ],
]
for (const [words, message] of mistakes) {
  test(`tune ${words} is one line and exit code 2`, async () => {
    const { exitCode, stdout, stderr } = await tune(`${words} -q -j 1`)
    assert.deepEqual([exitCode, stdout], [2, ''])
    assert.match(stderr.trimEnd(), message)
  })
}

test('the help lists the built-in policies that have a TTL, in the order of the registry', async () => {
  const { stdout } = await tune('--help')
  const [list] = /Policies with a TTL:[\s\S]*?\./.exec(stdout)!
  const named = [...list.matchAll(/([\w-]+) \((\w+)/g)].map(([, name, parameter]) => [name, parameter])
  const known = [...policies.values()].flatMap(({ name, timeToLive }) =>
    timeToLive === undefined ? [] : [[name, timeToLive.parameter]],
  )
  assert.deepEqual(named, known)
})
