import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { jsonText } from '../../report/parts/json.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

ownFolder('scan')

writeFileSync('package.json', '{}')
writeFileSync(
  'small.yaml',
  `title: Small
source: { synthetic: { packetsPerSecond: 100000, flows: { count: 20 } } }
duration: 20ms
runs: 2
policies: [round-robin, hash, { flow-pinned: { ttl: 30s } }]
`,
)
const FILES = ['distributions.csv', 'flows.csv', 'points.csv', 'report.json', 'runs.csv', 'summary.csv']
const compare = (words: string, options?: Parameters<typeof runProgram>[1]) =>
  runProgram(withOneJob(`compare ${words}`), options)
const read = (file: string) => readFileSync(file, 'utf8')
const report = (from: string) => JSON.parse(read(`${from}/report.json`))
const sameFiles = (a: string, b: string) => {
  for (const file of FILES) assert.equal(read(`${a}/${file}`), read(`${b}/${file}`), file)
}
const scan = '-P lanes.count=2:4:1 -L lanes.service.fixed=8us,20us'

test('one job and two give the same bytes, in every file', async () => {
  for (const jobs of [1, 2]) {
    const { exitCode, stderr } = await compare(`small.yaml -q -j ${jobs} -o out${jobs} ${scan}`)
    assert.deepEqual([exitCode, stderr], [0, ''])
    const there = readdirSync(`out${jobs}`)
    assert.deepEqual(there, ['distributions.csv', 'flows.csv', 'points', 'points.csv', 'provenance.json', 'report.json', 'runs.csv', 'summary.csv']) // biome-ignore format: names
    assert.equal(readdirSync(`out${jobs}/points`).length, 6)
  }
  sameFiles('out1', 'out2')
})

test('the report says what was varied and what each point is, in the form of all reports', async () => {
  const { scan: axes, points, records, load, winner, scenario, labels, runs } = report('out1')
  assert.deepEqual(axes, [
    { path: 'lanes.count', values: [2, 3, 4] },
    { path: 'lanes.service.fixed', values: ['8us', '20us'] },
  ])
  assert.deepEqual([load, winner, runs, scenario.lanes.count], [null, null, 2, 4])
  assert.deepEqual(
    points.map(({ point, settings }: { point: number; settings: object }) => [
      point,
      ...Object.values(settings),
    ]),
    [
      [0, 2, '8us'],
      [1, 2, '20us'],
      [2, 3, '8us'],
      [3, 3, '20us'],
      [4, 4, '8us'],
      [5, 4, '20us'],
    ],
  )
  assert.deepEqual(
    records.map(({ point, policy }: { point: number; policy: string }) => `${point} ${policy}`),
    points.flatMap(({ point }: { point: number }) => labels.map((label: string) => `${point} ${label}`)),
  )
  assert.equal(jsonText(report('out1')), read('out1/report.json'))
  assert.equal(read('out1/points.csv').split('\n')[2], '1,2,20us')
})

test('a point is what the scenario with its settings gives alone', async () => {
  await compare('small.yaml -q -o alone --set lanes.count=3 --set lanes.service.fixed=20us')
  const alone = report('alone')
  const { points, records } = report('out1')
  const atPoint = ({ point }: { point: number }) => point === 3
  assert.deepEqual(
    records.filter(atPoint).map((record: object) => ({ ...record, point: 0 })),
    alone.records,
  )
  assert.deepEqual(points[3].load, alone.load.mean)
  assert.deepEqual(points[3].winner, alone.winner)
  for (const file of ['distributions.csv', 'runs.csv', 'summary.csv']) {
    const [header, ...rows] = read(`out1/${file}`).trimEnd().split('\n')
    const columns = header!.split(',')
    const ofPoint = rows
      .map((row) => new Map(row.split(',').map((cell, i) => [columns[i], cell])))
      .filter((row) => row.get('point') === '3')
    const [aloneHeader, ...aloneRows] = read(`alone/${file}`).trimEnd().split('\n')
    const expected = aloneRows.map((row) => ['3', ...row.split(',').slice(1)])
    assert.deepEqual(
      ofPoint.map((row) => aloneHeader!.split(',').map((name) => row.get(name))),
      expected,
      file,
    )
  }
  const flows = read('out1/flows.csv')
    .split('\n')
    .filter((row) => row.startsWith('3,'))
  assert.deepEqual(flows.map((row) => row.slice(2)), read('alone/flows.csv').trimEnd().split('\n').slice(1)) // biome-ignore format: one line
})

test('json and csv on stdout are the files; the table and markdown have a row per point', async () => {
  const short = `small.yaml -q -r 1 -o formats -P lanes.count=2:4:1`
  assert.equal((await compare(`${short} -f json`)).stdout, read('formats/report.json'))
  assert.equal((await compare(`${short} -f csv`)).stdout, read('formats/summary.csv'))
  const { stdout } = await compare(short)
  assert.match(stdout, /^Small\n {2}scan {3}lanes\.count 2, 3, 4: 3 points\n/)
  assert.equal(stdout.match(/^ {10}[234] +\d/gm)?.length, 9)
  assert.ok(Math.max(...stdout.split('\n').map((line) => line.length)) <= 80)
  assert.equal((await compare(`${short} -f markdown`)).stdout.match(/^\| [234] \| /gm)?.length, 9)
})

test('a resumed scan takes what is there, and only what is the same', async () => {
  const reused = async (words: string) => {
    const { stderr } = await compare(`small.yaml -j 1 -r 1 -o resumed ${words}`)
    return /^--resume: (.*) are there already$/m.exec(stderr)?.[1]
  }
  assert.equal(await reused('-P lanes.count=2:4:1'), undefined)
  assert.equal(await reused('-P lanes.count=2:4:1 --resume'), '3 of 3 points')
  assert.equal(await reused('-P lanes.count=2:6:1 --resume'), '3 of 5 points')
  for (const changed of ['--seed 2', '-r 2', '-d 19ms', '-p hash', '--set reader.batch=2', '-w 2ms']) {
    assert.equal(await reused(`-P lanes.count=2:6:1 --resume ${changed}`), '0 of 5 points', changed)
  }
  assert.equal(await reused('-P lanes.count=2:6:1 --resume --reference hash'), '5 of 5 points')
  // Begun anew: nothing of before is kept.
  assert.equal(await reused('-P lanes.count=2:2:1'), undefined)
  assert.equal(await reused('-P lanes.count=2:6:1 --resume'), '1 of 5 points')
})

test('an interrupt keeps the finished points, and going on gives the same bytes', async () => {
  const words = `small.yaml -P lanes.count=1:12:1`
  await compare(`${words} -q -o whole`)
  for (const jobs of [1, 2]) {
    const stop = new AbortController()
    const { exitCode, stdout, stderr } = await compare(`${words} -v -j ${jobs} -o stopped${jobs}`, {
      signal: stop.signal,
      onStderr: (text) => {
        if (/^point \d+ finished \(4 of 12/.test(text)) stop.abort('SIGINT')
      },
    })
    assert.deepEqual([exitCode, stdout], [130, ''])
    assert.match(stderr, /interrupted: 4 of 12 points are saved in stopped\d - go on with --resume\n$/)
    assert.deepEqual(readdirSync(`stopped${jobs}`), ['points', 'provenance.json'])
    const resumed = await compare(`${words} -j ${jobs} -o stopped${jobs} --resume`)
    assert.equal(resumed.exitCode, 0)
    assert.match(resumed.stderr, /^--resume: 4 of 12 points are there already\n/)
    sameFiles('whole', `stopped${jobs}`)
  }
})

test('a point that fails is told, costs the others nothing and is tried again', async () => {
  writeFileSync(
    'picky.mjs',
    `export const policy = { name: 'picky', create(_, lanes) {
  if (lanes.count === 3) throw new Error('three is odd')
  return { name: 'picky', keepsFlowOrder: false, choose: () => 0 } } }
`,
  )
  for (const jobs of [1, 2]) {
    const words = `small.yaml -q -j ${jobs} -o picky${jobs} -p hash -p ./picky.mjs -P lanes.count=2:4:1`
    const { exitCode, stdout, stderr } = await compare(words)
    assert.equal(exitCode, 1)
    assert.equal(stderr, 'point 1 (lanes.count=3): policy picky: threw at create, three is odd\n')
    assert.match(stdout, /^ {10}3 .* failed$/m)
    const { records, points } = report(`picky${jobs}`)
    assert.deepEqual(
      records.map(({ error }: { error: string | null }) => error !== null),
      [false, false, false, true, false, false],
    )
    assert.equal(points[1].error, null, 'the other policy has its results')
  }
  sameFiles('picky1', 'picky2')
})

test('a module that ends its thread fails its points only', async () => {
  writeFileSync(
    'exits.mjs',
    `export const policy = { name: 'exits', create(_, lanes) {
  return { name: 'exits', keepsFlowOrder: false, choose: (packet) => lanes.count === 3 ? process.exit() : 0 } } }
`,
  )
  const { exitCode, stdout, stderr } = await compare(
    'small.yaml -q -j 2 -r 3 -o exits -p hash -p ./exits.mjs -P lanes.count=2:5:1',
  )
  assert.equal(exitCode, 1)
  const line = 'policy exits: its thread ended within a run - a policy must not exit'
  assert.equal(stderr, `point 1 (lanes.count=3) failed: ${line}\n`)
  assert.match(stdout, new RegExp(`The point lanes\\.count=3 failed: ${line.slice(0, 20)}`))
  const { points, records } = report('exits')
  assert.deepEqual(
    points.map(({ error }: { error: string | null }) => error),
    [null, line, null, null],
  )
  assert.deepEqual(
    records
      .filter(({ point }: { point: number }) => point === 1)
      .map((record: { error: string }) => record.error),
    [line, line],
  )
  assert.equal(readdirSync('exits/points').length, 3)
  const again = await compare(
    'small.yaml -j 2 -r 3 -o exits -p hash -p ./exits.mjs -P lanes.count=2:5:1 --resume',
  )
  assert.match(again.stderr, /^--resume: 3 of 4 points are there already\n/)
})

test("a scan over a policy's parameter, with and without the policy's name in the path", async () => {
  for (const [name, key] of [
    ['short', 'policies.2.ttl'],
    ['long', 'policies.2.flow-pinned.ttl'],
  ]) {
    await compare(`small.yaml -q -o ${name} -L ${key}=1us,30s --reference flow-pinned`)
    const { labels, reference, records } = report(name!)
    assert.deepEqual([labels[2], reference], ['flow-pinned:ttl=30s', 'flow-pinned:ttl=30s'])
    assert.deepEqual(
      records.map(({ policy }: { policy: string }) => policy),
      ['1us', '30s'].flatMap((ttl) => ['round-robin', 'hash', `flow-pinned:ttl=${ttl}`]),
    )
    assert.deepEqual(
      records.map(({ difference }: { difference: object | null }) => difference === null),
      [false, false, true, false, false, true],
    )
  }
  assert.equal(read('short/summary.csv'), read('long/summary.csv'))
})

test('a scan over topologies has what each point compares', async () => {
  const { exitCode, stdout } = await compare('small.yaml -q -o topologies -L topology=dispatcher,shared')
  assert.equal(exitCode, 0)
  assert.deepEqual(
    report('topologies').records.map(
      ({ point, policy }: { point: number; policy: string }) => `${point} ${policy}`,
    ),
    ['0 round-robin', '0 hash', '0 flow-pinned:ttl=30s', '1 shared'],
  )
  assert.match(stdout, /^ +shared +\d/m)
})

const mistakes: ReadonlyArray<[words: string, line: RegExp]> = [
  ['-P lanes.cuont=1:2:1', /^-P lanes\.cuont=1:2:1, at 1: unknown key .*did you mean "count"/],
  ['-P lanes.count=0:4:2', /^-P lanes\.count=0:4:2, at 0: expected a whole number from 1 to 1024, got 0$/],
  ['-L lanes.count=2,x', /^-L lanes\.count=2,x, at x: expected a whole number/],
  ['-P lanes.service.fixed=1:9:1', /^-P lanes\.service\.fixed=1:9:1, at 1: 1 has no unit - write it like "8us"/],
  ['-P lanes.count=1:4:1 --set lanes.count=3', /^--set lanes\.count=3: lanes\.count is scanned too \(-P lanes\.count=1:4:1\) - leave out one of the two$/],
  ['-L lanes.service.jitter=none --set lanes.service.jitter.constant=1us', /^--set .*: lanes\.service\.jitter is scanned too/],
  ['-L policies=[hash],[random] -p rss', /^-p rss: policies is scanned too \(-L policies=\[hash\],\[random\]\) - leave out one of the two$/],
  ['-P runs=1:2:1 -r 2', /^-r 2: runs is scanned too \(-P runs=1:2:1\) - leave out one of the two$/],
  ['-P lanes.count=1:4', /^-P lanes\.count=1:4: 1:4 is no range - write min:max:step/],
  ['-P policies.0.ttl=1s:2s:1s', /^-P policies\.0\.ttl=1s:2s:1s, at 1s: unknown key - none is allowed here$/],
  ['-L source.synthetic=1,2', /^-L source\.synthetic=1,2, at 1: expected \{ packetsPerSecond: 100000 \}, got 1/],
  ['-P lanes.count=1:4:1 --trace t.csv', /^--trace t\.csv: not with a scan - trace one point, with --set/],
  ['--resume', /^--resume: only a scan can be gone on with - add -P or -L, or leave it out$/],
  ['-P lanes.count=1:4:1 --reference hsah', /^--reference hsah: no such policy in this comparison - did you mean "hash"\?$/],
  ['-L topology=dispatcher,shared --reference hash', /^--reference hash: no such policy in this comparison - there are shared$/],
  ['-L policies.0=hash,./nobody.mjs', /^-L policies\.0=hash,\.\/nobody\.mjs: there is no file .*nobody\.mjs - check the path$/],
] // biome-ignore format: one line each
for (const [words, line] of mistakes) {
  test(`before anything is simulated: ${words}`, async () => {
    const { exitCode, stdout, stderr } = await compare(`small.yaml -o never ${words}`)
    assert.equal(stdout, '')
    assert.match(stderr.trimEnd(), line)
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    assert.equal(exitCode, 2)
    assert.equal(existsSync('never'), false)
  })
}

test('a capture that cannot be read is told before anything is simulated, and costs no results', async () => {
  mkdirSync('kept/points', { recursive: true })
  const saved = `kept/points/${'0'.repeat(32)}.json`
  writeFileSync(saved, '{}')
  const { exitCode, stderr } = await compare('missing.pcap -o kept -P lanes.count=1:4:1')
  assert.deepEqual([exitCode, stderr.split('\n').length], [1, 2])
  assert.match(stderr, /^missing\.pcap: no such file/)
  assert.ok(existsSync(saved))
})

test('a result in the same folder leaves none of the files of another kind, and what is not ours', async () => {
  const COMPARED = FILES.filter((file) => file !== 'points.csv')
  const TUNED = ['report.json', 'runs.csv', 'summary.csv', 'ttl.csv']
  const kinds: [words: string, files: string[]][] = [
    ['compare small.yaml -P lanes.count=1:2:1', [...FILES, 'points']],
    ['compare small.yaml', COMPARED],
    ['tune small.yaml --points 2', TUNED],
    ['compare small.yaml -P lanes.count=1:2:1', [...FILES, 'points']],
    ['tune small.yaml --points 2', TUNED],
    ['compare small.yaml', COMPARED],
  ]
  mkdirSync('both', { recursive: true })
  // With an input in the folder it isn't kept elsewhere as a whole.
  writeFileSync('both/own.yaml', read('small.yaml'))
  const mine = ['own.yaml']
  for (const [words, files] of kinds) {
    const inside = words.replace('small.yaml', 'both/own.yaml')
    const { exitCode, stderr } = await runProgram(withOneJob(`${inside} -q -r 1 -o both`))
    assert.equal(exitCode, 0, stderr)
    assert.deepEqual(readdirSync('both').sort(), [...files, ...mine, 'provenance.json'].sort(), words)
    if (mine.length > 1) continue
    writeFileSync('both/notes.csv', 'mine')
    mine.push('notes.csv')
  }
  await compare('both/own.yaml -q -r 1 -P lanes.count=1:2:1 -o both')
  writeFileSync('both/points/mine.json', '{}')
  await compare('both/own.yaml -q -r 1 -o both')
  assert.deepEqual(readdirSync('both/points'), ['mine.json'])
})

test('a setting that changed nothing is named in the table, in Markdown, on stderr and in report.json', async () => {
  const line = 'reader.batch changed nothing: all its values give the same results (reader.perPass is 0)'
  const words = 'small.yaml -r 1 -P lanes.count=1:2:1 -L reader.batch=1,8 -o batches'
  const { stdout: table } = await compare(words)
  assert.ok(table.replaceAll(/\s+/g, ' ').includes(line), table)
  const { unchangedAxes, points } = report('batches')
  assert.deepEqual([unchangedAxes, points.length], [['reader.batch'], 4])
  assert.ok((await compare(`${words} -q -f markdown`)).stdout.includes(line))
  assert.ok((await compare(`${words} -f csv`)).stderr.includes(`${line}\n`))
  await compare('small.yaml -q -r 1 -P lanes.count=1:2:1 -o lanes')
  assert.deepEqual(report('lanes').unchangedAxes, [])
})

test('a damaged point is simulated again, with one line', async () => {
  const words = 'small.yaml -r 1 -P lanes.count=2:4:1'
  await compare(`${words} -q -o intact`)
  await compare(`${words} -q -o damaged`)
  const [cut, swapped, whole] = readdirSync('damaged/points')
  writeFileSync(`damaged/points/${cut}`, read(`damaged/points/${cut}`).slice(0, 500))
  writeFileSync(`damaged/points/${swapped}`, read(`damaged/points/${whole}`))
  const { exitCode, stderr } = await compare(`${words} -o damaged --resume`)
  assert.equal(exitCode, 0)
  for (const name of [cut, swapped]) {
    assert.match(
      stderr,
      new RegExp(`^damaged/points/${name}: a saved point is damaged, so it is simulated again$`, 'm'),
    )
  }
  assert.match(stderr, /^--resume: 1 of 3 points are there already$/m)
  sameFiles('intact', 'damaged')
})

test('a scan of the runs says so above the table', async () => {
  const { stdout } = await compare('small.yaml -q -o runs -P runs=1:2:1')
  assert.match(stdout, /^ {2}runs {3}as scanned \(each with its own random numbers\), seed 1$/m)
  assert.match(stdout, /^±: half of the 95 % interval over the runs, of one run over its parts\.$/m)
})

test('a scan to which no packet came says what a comparison says', async () => {
  const { stdout, exitCode } = await compare('small.yaml -q -o empty -w 19999us -P lanes.count=1:2:1')
  assert.equal(exitCode, 0)
  const words = stdout.replaceAll('\n', ' ')
  assert.match(
    words,
    /No packet arrived after the warm-up, so there is nothing to compare: lengthen the duration/,
  )
  assert.doesNotMatch(words, /overlap/)
  const plotted = await runProgram(['plot', 'empty', '--chart', 'reorder-over-threads', '-o', 'empty.png'])
  assert.equal(plotted.exitCode, 1)
  assert.match(
    plotted.stderr,
    /^--chart reorder-over-threads: no such setting was scanned, or nothing arrived - /,
  )
})
