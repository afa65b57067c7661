import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { savedComparison } from '../../plots/saved.testing.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

const SMALL =
  'source: { synthetic: { packetsPerSecond: 100000, flows: { count: 20 } } }\nduration: 5ms\nruns: 1\n'
const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-plot-'))
const start = process.cwd()
before(() => {
  process.chdir(folder)
  savedComparison('results/made')
  savedComparison('results/other')
  writeFileSync('small.yaml', SMALL)
})
after(() => {
  process.chdir(start)
  rmSync(folder, { recursive: true })
})
const plot = (words: string) => runProgram(['plot', ...words.split(' ').filter((word) => word !== '')])

const DRAWN = [
  'extent-histogram',
  'flow-scatter',
  'late-time-cdf',
  'latency-cdf',
  'n-reordering',
  'reorder-density',
  'reorder-rate',
  'trade-off',
]

test('every chart that a result supports goes to its folder plots, stdout names the files', async () => {
  const { exitCode, stdout, stderr } = await plot('results/made')
  assert.equal(exitCode, 0)
  assert.deepEqual(
    readdirSync('results/made/plots').sort(),
    [...DRAWN.map((name) => `${name}.svg`), 'provenance.json'].sort(),
  )
  assert.deepEqual(
    stdout.trim().split('\n').sort(),
    DRAWN.map((name) => path.join('results/made/plots', `${name}.svg`)),
  )
  assert.match(stderr, /^8 charts are in results\/made\/plots; 7 need other results: --list says which\n$/)
})

test('the same results give the same bytes', async () => {
  await plot('results/made -q -o again')
  for (const name of DRAWN) {
    assert.equal(
      readFileSync(`again/${name}.svg`, 'utf8'),
      readFileSync(`results/made/plots/${name}.svg`, 'utf8'),
    )
  }
})

test('one chart goes to a file of any format, in a folder that is made for it', async () => {
  for (const name of ['a.svg', 'a.png', 'a.vl.json']) {
    const { exitCode, stderr } = await plot(`results/made --chart trade-off -o new/${name}`)
    assert.deepEqual([exitCode, stderr], [0, ''])
  }
  assert.match(readFileSync('new/a.svg', 'utf8'), /^<svg .*Order against latency/s)
  assert.equal(readFileSync('new/a.png').subarray(1, 4).toString(), 'PNG')
  const spec = JSON.parse(readFileSync('new/a.vl.json', 'utf8'))
  assert.equal(spec.$schema, 'https://vega.github.io/schema/vega-lite/v6.json')
  assert.deepEqual(readdirSync('new').sort(), ['a.png', 'a.svg', 'a.vl.json'])
})

test('several formats, policies and results in one command', async () => {
  const { exitCode } = await plot(
    'results/made results/other results/made -q -o both --format svg,vl.json --chart reorder-rate -p any-idle',
  )
  assert.equal(exitCode, 0)
  assert.deepEqual(readdirSync('both').sort(), [
    'provenance.json',
    'reorder-rate.svg',
    'reorder-rate.vl.json',
  ])
  const { concat } = JSON.parse(readFileSync('both/reorder-rate.vl.json', 'utf8'))
  assert.deepEqual(
    concat.map(({ title, data }: { title: { text: string }; data: { values: { policy: string }[] } }) => [
      title.text,
      data.values.map(({ policy }) => policy),
    ]),
    [
      ['Made by hand (results/made)', ['any-idle']],
      ['Made by hand (results/other)', ['any-idle']],
    ],
  )
})

test('the page is one file', async () => {
  const { exitCode, stdout } = await plot('results/made -o page/report.html')
  assert.deepEqual([exitCode, stdout], [0, 'page/report.html\n'])
  assert.deepEqual(readdirSync('page'), ['report.html'])
})

test('--list names every chart, and says why one is not possible', async () => {
  const { stdout } = await plot('results/made --list')
  assert.match(stdout, /^reorder-rate\n {4}reordered packets by policy/m)
  assert.match(
    stdout,
    /^reorder-over-ttl\n {4}not possible: no TTL was tuned, or no packet arrived - lanewise tune\n {4}SCENARIO/m,
  )
  assert.ok(stdout.split('\n').every((line) => line.length <= 80))
  const all = await plot('--list')
  assert.doesNotMatch(all.stdout, /not possible/)
  assert.ok(!existsSync('plots'))
})

test('what compare, a scan, tune and replay write becomes charts and one page', async () => {
  const setting = '--set runs=2 -q -d 40ms'
  const commands = [
    `compare small.yaml -p random -p hash ${setting} -o e2e/compared`,
    `compare small.yaml -p random -p hash ${setting} -P lanes.count=2:4:2 -o e2e/scanned`,
    `compare small.yaml -p random ${setting} -L lanes.count=3 -o e2e/one-point`,
    `tune small.yaml ${setting} --points 3 -o e2e/tuned`,
    'replay small.yaml -q --loopback --limit 40 --repeat 2 -p random -o e2e/replayed',
  ]
  let isDisturbed = false
  for (const command of commands) {
    const { exitCode, stderr } = await runProgram(
      command.startsWith('replay') ? command.split(' ') : withOneJob(command),
    )
    // A machine that is busy with other tests may disturb every replay: exit code 1, and nothing to draw.
    if (command.startsWith('replay')) isDisturbed = exitCode === 1
    else assert.equal(exitCode, 0, `${command}: ${stderr}`)
  }
  const drawn = { compared: 8, scanned: 1, 'one-point': 8, tuned: 4, ...(isDisturbed ? {} : { replayed: 1 }) }
  for (const [name, atLeast] of Object.entries(drawn)) {
    const charts = await plot(`e2e/${name} -q -o e2e/charts-${name} -f vl.json`)
    assert.equal(charts.exitCode, 0, `${name}: ${charts.stderr}`)
    assert.ok(charts.stdout.trim().split('\n').length >= atLeast, `${name}: ${charts.stdout}`)
    const { exitCode, stderr } = await plot(`e2e/${name} -q -o e2e/${name}.html`)
    assert.equal(exitCode, 0, `${name}: ${stderr}`)
  }
  const point = await plot('e2e/scanned -q --point 1 --chart flow-scatter -o e2e/point.vl.json')
  assert.equal(point.exitCode, 0, point.stderr)
  assert.match(readFileSync('e2e/point.vl.json', 'utf8'), /rate \(packets\/s\)/)
  const page = readFileSync('e2e/scanned.html', 'utf8')
  assert.match(page, /<dt>scan<\/dt><dd>lanes.count 2, 4: 2 points<\/dd>/)
  assert.match(readFileSync('e2e/tuned.html', 'utf8'), /<p class="answer">Set: /)
  const all = Object.keys(drawn).map((name) => `e2e/${name}`)
  const { exitCode, stderr } = await plot(`${all.join(' ')} -q -o e2e/all.html`)
  assert.equal(exitCode, 0, stderr)
})

test("a policy whose parameter was scanned is chosen by its line's name or by its label at a point", async () => {
  const scanned =
    'compare small.yaml -q -o e2e/ttls -p random -p flow-pinned:ttl=1ms -L policies.1.ttl=10us,1ms'
  await runProgram(withOneJob(scanned))
  const policiesOf = async (words: string) => {
    const { exitCode, stderr } = await plot(
      `e2e/ttls -q --chart reorder-over-setting -o ttls.vl.json ${words}`,
    )
    assert.deepEqual([exitCode, stderr], [0, ''], words)
    const { data } = JSON.parse(readFileSync('ttls.vl.json', 'utf8'))
    return data.values.map(({ policy, value }: { policy: string; value: string }) => `${policy} ${value}`)
  }
  const line = ['flow-pinned 10us', 'flow-pinned 1ms']
  assert.deepEqual(await policiesOf(''), ['random 10us', line[0], 'random 1ms', line[1]])
  assert.deepEqual(await policiesOf('-p flow-pinned'), line)
  assert.deepEqual(await policiesOf('-p flow-pinned:ttl=10us'), line.slice(0, 1))
  const { stderr } = await plot('e2e/ttls -p flow-pined')
  assert.match(stderr, /did you mean "flow-pinned"\?/)
  await plot('e2e/ttls -q -o ttls.html')
  const page = readFileSync('ttls.html', 'utf8')
  assert.equal(page.match(/<input type="checkbox" checked data-policy="flow-pinned">/g)?.length, 1)
  assert.equal(page.match(/<tr data-policy="flow-pinned">/g)?.length, 2)
  const list = await plot('e2e/ttls --list')
  assert.match(
    list.stdout.replaceAll(/\n +/g, ' '),
    /latency-cdf not possible: it shows one point of a scan, and none was chosen - add --point N/,
  )
})

test('a trace of compare becomes a lane timeline', async () => {
  await runProgram(withOneJob('compare small.yaml -q -p random -p hash -o small --trace packets.csv'))
  const { exitCode, stderr } = await plot('packets.csv --from 1ms --for 400us -o timeline.vl.json')
  assert.deepEqual([exitCode, stderr], [0, ''])
  const { data } = JSON.parse(readFileSync('timeline.vl.json', 'utf8'))
  const bars = data.values as { policy: string; lane: number; from: number; to: number }[]
  assert.deepEqual([...new Set(bars.map(({ policy }) => policy))], ['random', 'hash'])
  for (const bar of bars) {
    assert.ok(bar.from >= 0 && bar.to <= 400 && bar.to > bar.from, JSON.stringify(bar))
    const together = bars.filter(
      (other) =>
        other.policy === bar.policy && other.lane === bar.lane && other.from < bar.to && bar.from < other.to,
    )
    assert.equal(together.length, 1, 'a lane serves one packet at a time')
  }
})

test('mistakes cost one line and leave nothing behind', async () => {
  const cases: [string, number, RegExp][] = [
    ['', 2, /^lanewise plot: which results\? - name a folder/],
    ['absent', 1, /^absent: there is no such folder - /],
    ['results/made --chart trade', 2, /^--chart trade: there is no such chart - /],
    ['results/made --chart reorder-ratee', 2, /did you mean "reorder-rate"\?$/],
    [
      'results/made --chart reorder-over-ttl',
      1,
      /^--chart reorder-over-ttl: no TTL was tuned, or no packet arrived - lanewise tune/,
    ],
    ['results/made --chart lane-timeline', 1, /^--chart lane-timeline: no packet trace was given - /],
    ['results/made -o bad/x.svg', 2, /^-o bad\/x.svg: holds one chart - choose with --chart: reorder-rate, /],
    ['results/made -o bad/x.pdf', 2, /^-o bad\/x.pdf: .pdf isn't made - use .svg, .png, .vl.json or .html/],
    ['results/made -f gif', 2, /^-f gif: "gif" isn't a format of charts - use svg, png, vl.json$/],
    ['results/made -f html', 2, /for a page: -o report.html$/],
    [
      'results/made -p any-idel',
      2,
      /^-p any-idel: no such policy in these results - did you mean "any-idle"\?$/,
    ],
    ['results/made --point 3', 2, /^--point 3: there is no such point - these results aren't of a scan/],
    ['results/made --point 0', 2, /^--point 0: there is no such point - these results aren't of a scan/],
    ['results/made --from 3ms', 2, /^--from, --for: are about a packet trace/],
    ['results/made --frm 3ms', 2, /^lanewise plot: unknown option '--frm' - /],
  ]
  for (const [words, code, message] of cases) {
    const { exitCode, stdout, stderr } = await plot(words)
    assert.deepEqual([exitCode, stdout], [code, ''], words)
    assert.match(stderr.trimEnd(), message, words)
    assert.equal(stderr.trimEnd().split('\n').length, 1, words)
  }
  assert.ok(!existsSync('bad'))
})
