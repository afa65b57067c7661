/** `lanewise tune` as a whole: its files, its answers on small traffic, its options and their mistakes. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Report } from '../../report/comparison/report.ts'
import type { TuneReport } from '../../report/tune/tune-report.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

ownFolder('tune')

const SOURCE = 'source: { synthetic: { packetsPerSecond: 60000, flows: { count: 40 } } }\n'
writeFileSync('small.yaml', `title: Small\n${SOURCE}duration: 200ms\nruns: 3\n`)
writeFileSync(
  'fixed.yaml',
  `source: { synthetic: { arrivals: periodic, packetsPerSecond: 1000, flows: { count: 1 }, sizes: { fixed: 700B } } }
lanes: { service: { fixed: 100us, perByte: 0ns, jitter: none } }
duration: 100ms
`,
)
writeFileSync('shared.yaml', `${SOURCE}topology: shared\n`)
const FILES = ['provenance.json', 'report.json', 'runs.csv', 'summary.csv', 'ttl.csv']
const tune = (words: string, options?: Parameters<typeof runProgram>[1]) =>
  runProgram(withOneJob(`tune ${words}`), options)
const compare = (words: string) => runProgram(withOneJob(`compare -q -f json ${words}`))
const read = (file: string) => readFileSync(file, 'utf8')
const reportOf = async (words: string): Promise<TuneReport> => {
  const { exitCode, stdout, stderr } = await tune(`${words} -q -f json`)
  assert.deepEqual([exitCode, stderr], [0, ''])
  return JSON.parse(stdout) as TuneReport
}

let tuned: Promise<TuneReport> | undefined
/** What several tests look at. */
function onTarget(): Promise<TuneReport> {
  tuned ??= reportOf('small.yaml -o target --target-reordered 1%')
  return tuned
}

test('one job and two give the same bytes in every file, and what is printed is in them', async () => {
  for (const jobs of [1, 2]) {
    const { exitCode, stderr, stdout } = await tune(
      `small.yaml -q -j ${jobs} -o out${jobs} --points 6 -f csv`,
    )
    assert.deepEqual([exitCode, stderr], [0, ''])
    assert.equal(stdout, read(`out${jobs}/ttl.csv`))
    assert.deepEqual(readdirSync(`out${jobs}`), FILES)
  }
  for (const file of FILES.slice(1)) assert.equal(read(`out1/${file}`), read(`out2/${file}`), file)
})

test('every TTL of the curve is a policy of one comparison, with its row in ttl.csv, ascending, never last', async () => {
  const { tune: answer, records, reference } = await reportOf('small.yaml --points 6 -o curve')
  const labels = answer.curve.map(({ policy }) => policy)
  assert.deepEqual(
    records.map(({ policy }) => policy),
    [...labels, answer.drained],
  )
  assert.equal(answer.drained, 'drained:key=address-pair')
  assert.deepEqual([labels.at(-1), reference], [answer.never, answer.never])
  const ttls = answer.curve.map(({ ttlNs }) => ttlNs)
  assert.equal(ttls.at(-1), null)
  assert.ok(ttls.slice(1, -1).every((ttlNs, i) => ttlNs! > ttls[i]!))
  assert.ok(labels.length > 7, 'six of the grid, never, and some between')
  const [header, ...rows] = read('curve/ttl.csv').trimEnd().split('\n')
  assert.match(header!, /^ttlNs,reorderedRatio,reorderedRatio.low95,reorderedRatio.high95,sackLostRatio,/)
  assert.match(header!, /,tableEvictions,tableEvictions.low95,tableEvictions.high95$/)
  assert.deepEqual(
    rows.map((row) => row.split(',')[0]),
    ttls.map((ttlNs) => String(ttlNs ?? '')),
  )
})

test('values of both comparisons are those of compare with the same seed', async () => {
  const { tune: answer, records } = await reportOf('small.yaml --points 4 -o again')
  const some = [1, Math.floor(answer.curve.length / 2)].map((i) => answer.curve[i]!.policy)
  const { stdout } = await compare(`small.yaml ${some.map((policy) => `-p ${policy}`).join(' ')}`)
  for (const { policy, metrics } of (JSON.parse(stdout) as Report).records) {
    assert.deepEqual(records.find((record) => record.policy === policy)!.metrics, metrics, policy)
  }
})

test('the recommended TTL and all longer ones are within the target, and fresh runs with the seed that is named agree', async () => {
  const { tune: answer } = await onTarget()
  assert.equal(answer.recommended.kind, 'value')
  const { ttlNs } = answer.recommended as { ttlNs: number }
  const bounds = answer.curve.map(({ ttlNs: at, metrics }) => [at, metrics.reorderedRatio!.high95!] as const)
  for (const [at, bound] of bounds)
    if (at === null || at >= ttlNs) assert.ok(bound <= 0.01, `${at}: ${bound}`)
  const below = answer.curve.filter((point) => point.ttlNs !== null && point.ttlNs < ttlNs).at(-1)!
  assert.ok(below.metrics.reorderedRatio!.high95! > 0.01)
  const { check } = answer
  assert.deepEqual([check!.seed, check!.isKept], ['1-check', true])
  const { stdout } = await compare(`small.yaml --seed ${check!.seed} -p ${check!.policy}`)
  const fresh = (JSON.parse(stdout) as Report).records[0]!.metrics.reorderedRatio!
  assert.deepEqual(check!.reorderedRatio, fresh)
  const other = answer.curve.find(({ policy }) => policy === check!.policy)!.metrics.reorderedRatio!
  assert.notEqual(fresh.count, other.count, 'other random numbers')
})

test('--no-check, a range and points are kept to', async () => {
  const { tune: answer } = await reportOf('small.yaml -o range --no-check --ttl 50us:5ms --points 3')
  assert.equal(answer.check, null)
  const ttls = answer.curve.map(({ ttlNs }) => ttlNs).filter((ttlNs) => ttlNs !== null)
  assert.deepEqual([ttls[0], ttls.at(-1)], [50e3, 5e6])
  assert.ok(ttls.includes(500e3))
})

test('the table fits 80 columns, names both TTLs before the curve and costs behind it', async () => {
  const { stdout, stderr } = await tune('small.yaml')
  assert.ok(
    stdout.split('\n').every((line) => line.length <= 80),
    stdout,
  )
  assert.match(stdout, /\nSmallest TTL within the target: .*\n[\s\S]*\nSmallest safe TTL: [\s\S]*\n {2}ttl /)
  assert.match(stdout, /it rests on\s[\d,]+\smoves/)
  assert.match(stdout, /No\sTTL\sis\ssafe\sfor\sever\shere:\swork\shas\sno\sbound\s\(lognormal\)/)
  assert.match(stdout, /\n {2}never /)
  assert.match(stdout, /\n {2}drained .*-\n {2}\(yardstick\)\n/)
  assert.match(stdout, /against never expiring: /)
  assert.equal(stderr, 'results are in results/small-ttl\n')
  const { stdout: markdown } = await tune('small.yaml -q -f markdown')
  assert.match(
    markdown,
    /^\*\*Small\*\*\n\n- source: [\s\S]*\*\*Smallest TTL within the target\*\*: [\s\S]*\n\| ttl \| reordered \|/,
  )
})

test('--columns and --sort-rows choose what stands on stdout, of all metrics; ttl.csv keeps its columns', async () => {
  const words = 'small.yaml -q -r 1 --no-check --points 3 -o view --columns p50,even --sort-rows even'
  const { stdout: csv } = await tune(`${words} -f csv`)
  const [head, ...rows] = csv.trimEnd().split('\n').map((line) => line.split(',')) // biome-ignore format: rows
  const names = ['latencyNsP50', 'laneLoadJain']
  assert.deepEqual(head, ['ttlNs', ...names.flatMap((name) => [name, `${name}.low95`, `${name}.high95`])])
  const evenness = rows.map((row) => Number(row[4]))
  assert.ok(evenness.length > 3 && evenness.every((value) => value > 0))
  assert.deepEqual(
    evenness,
    evenness.toSorted((a, b) => b - a),
  )
  assert.match(read('view/ttl.csv'), /^ttlNs,reorderedRatio,.*,tableEvictions.high95\n\d/)
  const { stdout: table } = await tune(words)
  assert.match(table, /^ +latency +lanes\n +ttl +p50 +even$/m)
  assert.doesNotMatch(table, /^reordered: /m)
  const { stdout: markdown } = await tune(`${words} -f markdown`)
  assert.match(markdown, /^\| ttl \| latency p50 \| lanes even \|$/m)
  const { exitCode, stdout, stderr } = await tune('small.yaml --columns evne -o none')
  assert.deepEqual([exitCode, stdout], [2, ''])
  assert.match(stderr, /^--columns evne: no metric of a simulation is called so - /)
  assert.equal(existsSync('none'), false)
})

test('where nothing is random one run decides by its values, and is checked by none', async () => {
  const { stdout } = await tune('fixed.yaml -q')
  assert.match(
    stdout,
    /Smallest TTL within the target: any\. .*\n?.*nothing is\s+random, so the one\s+run decides/,
  )
  assert.match(stdout, /Proven: no packet stays longer than 100 ms/)
  assert.match(stdout, /No two packets overlap/)
  assert.match(stdout, /it rests on [\d,]+ moves/)
  const { tune: answer } = await reportOf('fixed.yaml')
  assert.deepEqual([answer.check, answer.decidedBy, answer.recommended.kind], [null, 'value', 'any'])
})

test('a table too small for its flows overflows, and the report says where', async () => {
  const { tune: answer } = await reportOf('small.yaml -o over --points 5 -p flow-pinned:capacity=16')
  assert.equal(answer.safe.kind, 'none', 'an eviction may come at any time')
  assert.ok(answer.curve.at(-1)!.metrics.tableEvictions!.mean! > 1000)
  assert.match(
    answer.notes.join(),
    /The table overflows from ttl=\S+ on: up to \d+ live entries per run are evicted/,
  )
  assert.match(answer.unproven.notCovered.join(), /flow-pinned moves flows for other reasons too/)
  assert.equal(answer.drained, 'drained')
})

test('the fork is tuned in whole seconds from five on, flowlet by its gap, linux-tun by its ageing', async () => {
  const long = 'small.yaml --set source.synthetic.packetsPerSecond=200 -d 30s -r 2 --points 4'
  const fork = await reportOf(`${long} -o fork -p openvpn-fork --ttl 5s:20s`)
  assert.ok(fork.tune.curve.every(({ ttlNs }) => ttlNs === null || (ttlNs >= 5e9 && ttlNs % 1e9 === 0)))
  assert.equal(fork.tune.never, 'openvpn-fork:ttl=9995s')
  const flowlet = await reportOf('small.yaml -o flowlet --points 4 -p flowlet:assign=least-loaded')
  assert.equal(flowlet.tune.parameter, 'gap')
  assert.equal(flowlet.tune.never, 'flowlet:assign=least-loaded,gap=never')
  assert.ok(flowlet.tune.curve[0]!.metrics.unsafeMoves!.count! > 0)
  assert.deepEqual(flowlet.tune.parameters, { assign: 'least-loaded' })
  const tun = await reportOf(`${long} -o tun -p linux-tun --ttl 1s:10s`)
  assert.match(tun.tune.curve[0]!.policy, /^linux-tun:ageing=1s$/)
  assert.match(tun.tune.notes[0]!, /^linux-tun learns from return traffic only/)
})

const mistakes: [words: string, message: RegExp][] = [
  ['small.yaml --ttl 5ms', /^--ttl 5ms: expected min:max - write it like 100us:10s$/],
  ['small.yaml --ttl 5:9ms', /^--ttl 5:9ms: 5 has no unit - write it like/],
  ['small.yaml --ttl 9ms:5ms', /^--ttl 9ms:5ms: min is above max - swap them$/],
  ['small.yaml --ttl 0s:5ms', /^--ttl 0s:5ms: 0s has no place on a logarithmic grid/],
  [
    'small.yaml -p openvpn-fork --ttl 1s:9s',
    /^--ttl 1s:9s: 1s is outside of what the fork takes - give 5s to/,
  ],
  ['small.yaml -p linux-tun --ttl 1ms:9s', /^--ttl 1ms:9s: 1ms is less than a jiffy - give 4ms or more$/],
  ['small.yaml --points 1', /^--points 1: expected a whole number from 2 to 200$/],
  ['small.yaml --target-reordered 5', /^--target-reordered 5: expected a share below 1 - write it like/],
  [
    'small.yaml -p hash',
    /^-p hash: has no TTL to tune - use one of flow-pinned, openvpn-fork, linux-tun, flowlet$/,
  ],
  ['small.yaml -p flowlet -p hash', /^-p hash: tune looks at one policy - leave out all but one$/],
  [
    'small.yaml -p flow-pinned:ttl=5s',
    /^-p flow-pinned:ttl=5s: ttl is what tune looks for - leave it out, and/,
  ],
  ['small.yaml -p flow-pined', /^-p flow-pined: unknown policy "flow-pined" - did you mean "flow-pinned"\?/],
  [
    'shared.yaml',
    /^shared\.yaml:2:11 topology: shared has no policy, and so no TTL - use topology dispatcher$/,
  ],
  ['small.yaml -j 0', /^-j 0: expected a number of threads/],
  ['small.yaml -f yaml', /^-f yaml: unknown format/],
]
for (const [words, message] of mistakes) {
  test(`tune ${words} is one line and exit code 2`, async () => {
    const { exitCode, stdout, stderr } = await tune(words)
    assert.deepEqual([exitCode, stdout], [2, ''])
    assert.match(stderr.trimEnd(), message)
  })
}

test('a target that no TTL keeps is an answer, not a failure', async () => {
  const { tune: answer } = await reportOf(
    'small.yaml -o none --ttl 10us:100us --points 3 --target-reordered 0.001%',
  )
  assert.deepEqual([answer.recommended, answer.check], [{ kind: 'none' }, null])
})

test('too few packets to tell, and a policy that no TTL helps, are said', async () => {
  const few = await reportOf('small.yaml -o few -d 3ms -w 0s -r 2 --points 3 --target-reordered 0.5%')
  assert.equal(few.tune.recommended.kind, 'none')
  assert.match(
    few.tune.notes.join(),
    /^Too few packets to tell: none of \d+ was reordered, which leaves up to 3\/\d+/,
  )
  const links = '--set link.keepsOrder=false --set link.jitter.exponential.mean=5ms'
  const behind = await reportOf(`small.yaml -o helpless --points 3 ${links}`)
  assert.equal(behind.tune.recommended.kind, 'none')
  assert.match(behind.tune.notes.join(), /^Even never expiring misses the target, so no TTL is the cure/)
})

test('without a packet both answers are unknown, with one hint', async () => {
  const { exitCode, stdout } = await tune('small.yaml -q -o empty -w 199999us --points 3')
  assert.equal(exitCode, 0)
  const from = stdout.indexOf('Smallest TTL')
  assert.match(
    stdout.slice(from),
    /^Smallest TTL within the target: unknown\. No packet was judged\.\nSmallest safe TTL: unknown\.\n\nNo packet arrived after the warm-up, so there is nothing to compare: lengthen\n.*\n\n$/,
  )
  const { tune: answer } = JSON.parse(read('empty/report.json')) as TuneReport
  assert.deepEqual(
    [answer.recommended, answer.safe.kind, answer.check, answer.notes],
    [{ kind: 'unknown' }, 'unknown', null, []],
  )
})

test('where no flow moves nothing is safe, and an only TTL that is good asks to look lower', async () => {
  const { tune: still } = await reportOf('small.yaml -o still --ttl 10s:10s')
  assert.deepEqual(still.safe, { kind: 'unknown', ttlNs: 10e9, moves: 0, bound: null })
  const { stdout } = await tune('small.yaml -q -o high --ttl 20ms:20ms')
  assert.match(
    stdout,
    /^Smallest TTL within the target: 20ms or less: the shortest tried; look lower\swith --ttl\. 0 \(/m,
  )
  assert.match(stdout, /^Smallest safe TTL: unknown\. From 20ms on no flow moved at all/m)
})

test('a grid that ends too early says to widen it', async () => {
  const { tune: answer } = await reportOf('small.yaml -o narrow --ttl 10us:100us --points 2')
  assert.equal(answer.recommended.kind, 'none')
  assert.match(
    answer.notes.join(),
    /Never expiring keeps the target, so longer TTLs than 100us may too: widen --ttl\./,
  )
})

test('the check says what its bound and its unsafe moves are', async () => {
  const { tune: answer } = await onTarget()
  const { reorderedRatio, upperBound, unsafeMoves, ttlNs, policy } = answer.check!
  assert.equal(upperBound, reorderedRatio.count === 0 ? 3 / reorderedRatio.of! : reorderedRatio.high95)
  assert.equal(answer.curve.find((point) => point.ttlNs === ttlNs)!.policy, policy)
  assert.ok(unsafeMoves!.of! > 0)
  if (answer.safe.ttlNs !== null && answer.safe.ttlNs <= ttlNs) assert.equal(unsafeMoves!.count, 0)
})

test('^C keeps the runs of the grid that have finished', async () => {
  const stop = new AbortController()
  const { exitCode, stderr } = await tune('small.yaml -v -j 1 -o stopped', {
    signal: stop.signal,
    onStderr(text) {
      if (text.startsWith('run 0')) stop.abort('SIGINT')
    },
  })
  assert.equal(exitCode, 130)
  assert.match(stderr, /\ninterrupted: the results of 1 of 3 runs are in stopped\n$/)
  const { runs, runsPlanned, tune: answer } = JSON.parse(read('stopped/report.json')) as TuneReport
  assert.deepEqual([runs, runsPlanned], [1, 3])
  assert.ok(answer.curve.length > 5)
})
