/** The size of a trace is said before it is written, and a very large one is asked for twice. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadScenario } from '../../node/load-scenario.ts'
import { planOf } from '../../run/plan.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'
import { checkTraceSize } from './trace-size.ts'

ownFolder('trace-size')
writeFileSync(
  'fast.yaml',
  'source: { synthetic: { packetsPerSecond: 1000000, flows: { count: 9 } } }\nduration: 1s\npolicies: [hash, any-idle]\nruns: 20\n',
)
const compare = (words: string) => runProgram(withOneJob(`compare ${words}`))

/** What is said of a trace that would be written. */
async function said(
  file: string,
  more: Parameters<typeof checkTraceSize>[2],
  set: string[] = [],
): Promise<string> {
  const loaded = await loadScenario(file, { set })
  let text = ''
  const stderr = { write: (piece: string) => (text += piece) }
  await checkTraceSize(
    loaded,
    planOf(loaded),
    { trace: 't.csv', ...more },
    { stderr, signal: new AbortController().signal },
  )
  return text
}

test('from 50 MB on the size of a trace is said, packets x policies x traced runs x 110 bytes', async () => {
  const one = { traceRuns: 1 }
  assert.equal(
    await said('fast.yaml', one),
    '--trace t.csv: will be about 220 MB: 1,000,000 packets, 2 policies, 1 run\n',
  )
  assert.equal(await said('fast.yaml', { ...one, quiet: true }), '')
  assert.equal(await said('fast.yaml', one, ['duration=200ms']), '')
  assert.match(
    await said('fast.yaml', { traceRuns: Number.POSITIVE_INFINITY, yes: true }),
    /4\.4 GB: .*, 20 runs\n$/,
  )
})

test('packets of a capture are counted, what is cut off and looped too', async () => {
  const all = { traceRuns: 5, yes: true } as const
  assert.match(
    await said('@02', all),
    /^--trace t\.csv: will be about 75\.8 MB: 22,982 packets, 6 policies, 5 runs\n$/,
  )
  assert.equal(await said('@02', all, ['duration=2s']), '')
  assert.match(await said('@02', all, ['source.loop=2']), / 45,964 packets, /)
})

test('from 500 MB on a trace needs --yes, and nothing is written without', async () => {
  const { exitCode, stdout, stderr } = await compare('fast.yaml --trace t.csv --trace-runs all -o out')
  assert.deepEqual([exitCode, stdout], [2, ''])
  assert.equal(
    stderr,
    '--trace t.csv: would be about 4.4 GB: 1,000,000 packets, 2 policies, 20 runs - trace fewer runs (--trace-runs 1), policies (-p) or less time (-d), or say --yes\n',
  )
  assert.ok(!existsSync('out') && !existsSync('t.csv'))
})

test('a trace has the first run, unless --trace-runs says more; the estimate is near', async () => {
  const runsIn = () => [...new Set(readFileSync('t.csv', 'utf8').trim().split('\n').slice(1).map((row) => row.split(',')[1]))] // biome-ignore format: one expression
  await compare('@office -q -r 3 -d 3s -p hash --trace t.csv -o out')
  assert.deepEqual(runsIn(), ['0'])
  const rows = readFileSync('t.csv', 'utf8').trim().split('\n').length - 1
  const bytesPerRow = statSync('t.csv').size / rows
  assert.ok(bytesPerRow > 80 && bytesPerRow < 140, String(bytesPerRow))
  await compare('@office -q -r 3 -d 3s -p hash --trace t.csv --trace-runs 2 -o out')
  assert.deepEqual(runsIn(), ['0', '1'])
  await compare('@office -q -r 3 -d 3s -p hash --trace t.csv --trace-runs 9 -o out')
  assert.deepEqual(runsIn(), ['0', '1', '2'])
})

test('--trace-runs takes a number or all, and belongs to --trace', async () => {
  for (const [words, message] of [
    ['--trace-runs 2', /^--trace-runs 2: there is no trace - add --trace packets\.csv, or leave it out\n$/],
    ['--trace t.csv --trace-runs 0', /^--trace-runs 0: expected a number of runs, or all - leave it out/],
    ['--trace t.csv --trace-runs some', /^--trace-runs some: expected a number of runs, or all/],
  ] as const) {
    const { exitCode, stderr } = await compare(`@office ${words}`)
    assert.equal(exitCode, 2)
    assert.match(stderr, message)
  }
})
