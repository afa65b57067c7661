/** --columns and --sort-rows: what is shown, in which order; the files keep everything. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('columns')
writeFileSync(
  'small.yaml',
  `title: Small
source: { synthetic: { packetsPerSecond: 100000, flows: { count: 20 } } }
duration: 30ms
policies: [any-idle, random, hash]
runs: 2
`,
)
const compare = (words: string[] | string) =>
  runProgram([
    'compare',
    'small.yaml',
    '-j',
    '1',
    '-q',
    ...(typeof words === 'string' ? words.split(' ') : words),
  ])
const rowsOf = (csv: string) => csv.trimEnd().split('\n').map((line) => line.split(',')) // biome-ignore format: short

test('--columns chooses what CSV, table and Markdown show, by name or head; summary.csv has all', async () => {
  const words = ['--columns', 'latency p99,reorderedRatio,drops', '-o', 'out']
  const { stdout: csv } = await compare([...words, '-f', 'csv'])
  const bounds = (name: string) => [name, `${name}.low95`, `${name}.high95`]
  const ratio = (name: string) => [...bounds(name), `${name}.count`, `${name}.of`]
  assert.deepEqual(rowsOf(csv)[0], [
    'point',
    'policy',
    ...bounds('latencyNsP99'),
    ...ratio('reorderedRatio'),
    ...ratio('tunQueueDropRatio'),
    ...ratio('laneDropRatio'),
  ])
  const all = rowsOf(readFileSync('out/summary.csv', 'utf8'))
  assert.ok(all[0]!.length > 100)
  const at = all[0]!.indexOf('latencyNsP99')
  assert.deepEqual(rowsOf(csv).map((row) => row[2]), all.map((row) => row[at])) // biome-ignore format: short
  const { stdout: table } = await compare(words)
  assert.match(table, /^ +latency\npolicy +p99 +reordered +drops\n─/m)
  assert.match(table, /^reordered: overtaken/m)
  assert.doesNotMatch(table, /SACK/)
  const { stdout: markdown } = await compare([...words, '-f', 'markdown'])
  assert.match(markdown, /^\| policy \| latency p99 \| reordered \| drops \|$/m)
})

test('one word of a head is enough where the table has it once, whatever its case', async () => {
  const { stdout } = await compare('--columns P99,hit,even --sort-rows p99 -f csv -o out')
  const names = ['latencyNsP99', 'flowsReorderedRatio', 'laneLoadJain']
  assert.deepEqual(rowsOf(stdout)[0]!.filter((name) => !name.includes('.')), ['point', 'policy', ...names]) // biome-ignore format: short
  const values = rowsOf(stdout).slice(1).map((row) => Number(row[2])) // biome-ignore format: short
  assert.deepEqual(
    values,
    values.toSorted((a, b) => a - b),
  )
})

test('without the headline its mark and what it means are left out', async () => {
  const { stdout } = await compare(['--columns', 'latency p50', '-o', 'out'])
  assert.doesNotMatch(stdout, /\*/)
})

test('--sort-rows puts rows in order: the best first, or as said, unknown and failed ones last', async () => {
  const order = async (sort: string) => {
    const { stdout } = await compare(['--sort-rows', sort, '-f', 'csv', '-o', 'out'])
    return rowsOf(stdout).slice(1).map((row) => row[1]) // biome-ignore format: short
  }
  assert.deepEqual(await order('reordered'), ['hash', 'any-idle', 'random'])
  assert.deepEqual(await order('reorderedRatio:desc'), ['random', 'any-idle', 'hash'])
  const evenness = await order('laneLoadJain')
  assert.deepEqual(await order('laneLoadJain:asc'), evenness.toReversed())
  // Nobody knows it of these policies, so they stay as they are.
  assert.deepEqual(await order('tableExpiries'), ['any-idle', 'random', 'hash'])
  const { stdout } = await compare(['--sort-rows', 'reordered', '-o', 'out'])
  assert.match(stdout, /^hash .*\nany-idle .*\nrandom /m)
  const files = rowsOf(readFileSync('out/summary.csv', 'utf8')).slice(1)
  assert.deepEqual(files.map((row) => row[1]), ['any-idle', 'random', 'hash']) // biome-ignore format: short
})

test('a scan shows a grid for each of the columns, and CSV has them alone', async () => {
  const words = ['-P', 'lanes.count=1:2:1', '--columns', 'drops,flowsReorderedRatio', '-o', 'scan']
  const { stdout: table } = await compare(words)
  assert.match(table, /^drops\nlanes/m)
  assert.match(table, /^flows hit\nlanes/m)
  assert.doesNotMatch(table, /latency p99/)
  const { stdout: csv } = await compare([...words, '-f', 'csv'])
  const [head, ...rows] = rowsOf(csv)
  assert.deepEqual(head!.slice(0, 3), ['point', 'policy', 'tunQueueDropRatio'])
  assert.equal(head!.length, 2 + 3 * 5)
  assert.deepEqual(rows.map((row) => row.slice(0, 2).join(' ')), ['0 any-idle', '0 random', '0 hash', '1 any-idle', '1 random', '1 hash']) // biome-ignore format: short
})

test('captures that are compared one by one have the columns and the order each', async () => {
  const files = ['@office', '@voice']
  const separately = (words: string) =>
    runProgram(['compare', ...files, ...`-r 1 -d 300ms -j 1 -q --separate -o apart ${words}`.split(' ')])
  const words = '--columns p99,drops --sort-rows p99:desc'
  const { stdout: csv } = await separately(`${words} -f csv`)
  const [head, ...rows] = rowsOf(csv)
  const names = ['latencyNsP99', 'tunQueueDropRatio', 'laneDropRatio']
  assert.deepEqual(head!.filter((name) => !name.includes('.')), ['name', 'point', 'policy', ...names]) // biome-ignore format: short
  for (const name of ['office', 'voice']) {
    const own = rows.filter((row) => row[0] === name).map((row) => Number(row[3]))
    assert.ok(own.length > 3, name)
    assert.deepEqual(
      own,
      own.toSorted((a, b) => b - a),
      name,
    )
  }
  const { stdout: table } = await separately(words)
  assert.equal(table.match(/^policy +p99 +drops$/gm)?.length, 2)
  const { exitCode, stdout, stderr } = await separately('--columns reorderd')
  assert.deepEqual([exitCode, stdout], [2, ''])
  assert.equal(stderr.match(/\n/g)?.length, 1, 'once, not for every capture')
})

test('what is no metric, or several, is refused before anything is simulated', async () => {
  for (const [words, message] of [
    [
      ['--columns', 'reorderedRatoi'],
      /^--columns reorderedRatoi: no metric of a simulation is called so - did you mean "reorderedRatio"\?\n$/,
    ],
    [
      ['--columns', 'reordered,latncy p99'],
      /^--columns latncy p99: no metric of a simulation is called so - did you mean "latency p99"\?\n$/,
    ],
    [
      ['--columns', 'xyzzy'],
      /^--columns xyzzy: no metric of a simulation is called so - lanewise list metrics has them\n$/,
    ],
    [
      ['--columns', 'nReordering[n]'],
      /^--columns nReordering\[n\]: there is one for every \[n\] - give the name that summary\.csv has\n$/,
    ],
    [
      ['--columns', 'latency'],
      /^--columns latency: several metrics are called so - give latencyNsP50 or latencyNsP99\n$/,
    ],
    [['--columns', 'reordered,'], /^--columns: a name is missing - lanewise list metrics has them\n$/],
    [
      ['--columns', 'reordered', '-f', 'json'],
      /^--columns reordered: not with -f json, which has everything - leave/,
    ],
    [['--sort-rows', 'reordered:up'], /^--sort-rows reordered:up: "up" is no direction - use asc or desc\n$/],
    [
      ['--sort-rows', 'reorderd'],
      /^--sort-rows reorderd: no metric of a simulation is called so - did you mean "reordered"\?\n$/,
    ],
    [
      ['--sort-rows', 'reordered', '-P', 'lanes.count=1:2:1'],
      /^--sort-rows reordered: not with a scan, .* - leave it out\n$/,
    ],
  ] as const) {
    const { exitCode, stdout, stderr } = await compare([...words, '-o', 'refused'])
    assert.deepEqual([exitCode, stdout], [2, ''])
    assert.match(stderr, message)
  }
  assert.throws(() => readFileSync('refused/report.json'))
})
