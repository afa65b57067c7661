/** Several captures on a command line: as one they give what the whole gives, separate ones a table each. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { captureBytes } from '../../live/device/templates.ts'
import { ethernet, ipv4, pcap, udp } from '../../traffic/capture/captures.testing.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('several')

const PACKETS = 400
const records = Array.from({ length: PACKETS }, (_, i) => ({
  seconds: 1_700_000_000,
  fraction: i * 15,
  frame: ethernet(0x0800, ipv4(17, udp(1 + (i % 7), 2, 100 + i))),
}))
const write = (name: string, from: number, to: number) => writeFileSync(name, pcap(records.slice(from, to)))
write('whole.pcap', 0, PACKETS)
write('a.pcap', 0, 150)
write('b.pcap', 150, PACKETS)
write('early.pcap', 0, 200)

const lanewise = (words: string) => runProgram(words.split(' '))
const report = (name: string) => JSON.parse(readFileSync(`${name}/report.json`, 'utf8'))

/** Without what the source is called, in the next command too. */
function unnamed({ title, name, ...found }: ReturnType<typeof report>): unknown {
  delete found.scenario.title
  delete found.scenario.source.capture
  delete found.verdict.next
  return found
}

test('a capture cut anywhere, its files in any order, gives the report of the whole', async () => {
  const flags = '-q -j 1 -r 2 -p any-idle -p hash --set lanes.count=2'
  assert.equal((await lanewise(`compare whole.pcap ${flags} -o whole`)).exitCode, 0)
  const whole = unnamed(report('whole'))
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: PACKETS - 1 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(
      cuts,
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      async (at, keys) => {
        const ends = [0, ...at.sort((a, b) => a - b), PACKETS]
        const files = ends.slice(1).map((end, i) => {
          write(`cut${i}.pcap`, ends[i]!, end)
          return { name: `cut${i}.pcap`, key: keys.next().value }
        })
        const given = files.toSorted((a, b) => a.key! - b.key!).map(({ name }) => name)
        const { exitCode } = await lanewise(`compare ${given.join(' ')} ${flags} -o cut`)
        assert.equal(exitCode, 0)
        const found = report('cut')
        assert.deepEqual(
          found.scenario.source.capture,
          files.map(({ name }) => name),
        )
        assert.deepEqual(unnamed(found), whole)
      },
    ),
    { seed: 7, numRuns: 15 },
  )
})

test('the head says how many files are one capture, and the folder is named by the first', async () => {
  const { exitCode, stdout, stderr } = await lanewise('compare b.pcap a.pcap -j 1 -r 1 -p hash')
  assert.equal(exitCode, 0)
  assert.match(stdout, /^a\.pcap, b\.pcap\n {2}source 2 files as one capture: 400 packets of 7 flows/)
  assert.match(
    stderr,
    /^2 files are read as one capture, since their times follow each other - one by one: --sep/,
  )
  assert.match(stderr, /results are in results\/a\+1\n$/)
  const { capture, inputs } = JSON.parse(readFileSync('results/a+1/provenance.json', 'utf8'))
  assert.equal(capture, null)
  assert.deepEqual(
    inputs.map(({ path }: { path: string }) => path),
    ['a.pcap', 'b.pcap'],
  )
})

test('separate captures have a table and a folder each, then come the verdicts', async () => {
  const flags = '-j 1 -r 1 -p any-idle -p hash'
  const { exitCode, stdout, stderr } = await lanewise(`compare early.pcap whole.pcap ${flags}`)
  assert.equal(exitCode, 0)
  assert.match(
    stderr,
    /^the captures are compared one by one: early\.pcap and whole\.pcap overlap in time - /,
  )
  assert.match(stdout, /^early\.pcap\n(.*\n)+\nwhole\.pcap\n/)
  assert.match(stdout, /\nThe verdict, capture by capture:\n {2}early\.pcap {2}\S(.*\n)+ {2}whole\.pcap {2}/)
  assert.match(stdout, /\nTo choose in all 2: \S/)
  for (const name of ['early', 'whole']) assert.ok(readdirSync('results').includes(name))
  const json = await lanewise(`compare a.pcap b.pcap --separate -q ${flags} -f json -o out`)
  assert.deepEqual(
    JSON.parse(json.stdout).reports.map(({ name }: { name: string }) => name),
    ['a', 'b'],
  )
  assert.equal(json.stderr, '')
  assert.deepEqual(readdirSync('out'), ['a', 'b'])
  const csv = await lanewise(`compare a.pcap b.pcap --separate -q ${flags} -f csv -o out`)
  assert.deepEqual(
    csv.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').slice(0, 3).join(' ')),
    ['name point policy', 'a 0 any-idle', 'a 0 hash', 'b 0 any-idle', 'b 0 hash'],
  )
  const joined = await lanewise(`compare early.pcap whole.pcap --as-one -q ${flags} -f json -o out`)
  assert.equal(JSON.parse(joined.stdout).load.first.packets, PACKETS + 200)
})

test('a list in a scenario is one capture, and a scan of it depends on all files', async () => {
  writeFileSync('ring.yaml', 'source: { capture: [b.pcap, a.pcap] }\nruns: 1\npolicies: [hash]\n')
  const { exitCode, stdout } = await lanewise('compare ring.yaml -q -j 1 -f json')
  assert.equal(exitCode, 0)
  assert.equal(JSON.parse(stdout).load.first.packets, PACKETS)
  const scan = 'compare a.pcap b.pcap -j 1 -r 1 -p hash -P lanes.count=1:2:1 -o scan'
  assert.equal((await lanewise(scan)).exitCode, 0)
  assert.match((await lanewise(`${scan} --resume`)).stderr, /2 of 2 points are there already/)
  write('b.pcap', 150, PACKETS - 1)
  assert.match((await lanewise(`${scan} --resume`)).stderr, /0 of 2 points are there already/)
  write('b.pcap', 150, PACKETS)
})

test('inspect describes a ring as the whole, others one by one', async () => {
  const facts = async (words: string) => {
    const { stdout } = await lanewise(`inspect ${words} -f json`)
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
  const [whole] = await facts('whole.pcap')
  const [{ files, capture, ...ring }, ...none] = await facts('b.pcap a.pcap')
  assert.deepEqual(none, [])
  assert.deepEqual([files, capture], [['a.pcap', 'b.pcap'], 'a.pcap (2 files as one capture)'])
  assert.deepEqual({ ...ring, capture: 'whole.pcap' }, { ...whole })
  assert.equal((await facts('b.pcap a.pcap --separate')).length, 2)
  assert.equal((await facts('whole.pcap a.pcap')).length, 2)
})

test('repeated sides of measure are one capture, or an error that says why', async () => {
  const ring = await lanewise('measure --sent b.pcap --sent a.pcap --received whole.pcap -q -f json')
  assert.equal(ring.exitCode, 0)
  const { counts, inputs, name } = JSON.parse(ring.stdout)
  assert.deepEqual([counts.sent, counts.matched], [PACKETS, PACKETS])
  assert.deepEqual(inputs, { sent: ['a.pcap', 'b.pcap'], received: 'whole.pcap' })
  assert.equal(name, 'a+1-whole')
  const apart = await lanewise('measure --sent a.pcap --sent early.pcap --received whole.pcap')
  assert.deepEqual(
    [apart.exitCode, apart.stderr],
    [
      2,
      '--sent: one capture is needed, and here are several: a.pcap and early.pcap overlap in time - name one at a time, or join them: --as-one\n',
    ],
  )
  const side = await lanewise('measure --received b.pcap --received a.pcap')
  assert.match(side.stdout, /^a\.pcap \(2 files as one capture\): one capture does not tell/)
})

test('tune and replay take several files as one capture only', async () => {
  const tuned = await lanewise('tune b.pcap a.pcap -q -r 1 -j 1 --points 2 --no-check -f json -o tuned')
  assert.equal(tuned.exitCode, 0)
  assert.equal(JSON.parse(tuned.stdout).load.first.packets, PACKETS)
  for (const verb of ['tune', 'replay --loopback']) {
    const { exitCode, stderr } = await lanewise(`${verb} whole.pcap a.pcap`)
    assert.equal(exitCode, 2)
    assert.match(
      stderr,
      /^lanewise (tune|replay): one capture is needed, .* overlap in time - .*: --as-one\n$/,
    )
  }
})

test('a replay takes the bytes of a list in the order in which it is played', async () => {
  const bytesOf = async (capture: string | string[], sort: boolean) => {
    const { templates, order } = await captureBytes(capture, sort, PACKETS)
    return order.map((at) =>
      Buffer.from(templates.bytes.slice(templates.startOf(at), templates.startOf(at + 1))).toString('hex'),
    )
  }
  const whole = await bytesOf('whole.pcap', false)
  assert.equal(whole.length, PACKETS)
  for (const sort of [false, true]) assert.deepEqual(await bytesOf(['b.pcap', 'a.pcap'], sort), whole)
})

const mistakes: readonly [words: string, exitCode: number, stderr: RegExp][] = [
  ['compare a.pcap b.pcap --as-one --separate', 2, /^--as-one, --separate: exclude each other - keep one$/],
  ['compare a.pcap ring.yaml', 2, /^ring\.yaml: is a scenario, and only captures are read together - /],
  ['compare - a.pcap', 2, /^standard input: it can't be combined with other files - /],
  ['inspect a.pcap -', 2, /^standard input: it can't be combined with other files - /],
  ['compare a.pcap missing.pcap', 1, /^missing\.pcap: no such file/],
  ['compare a.pcap b.pcap --separate --trace t.csv', 2, /^--trace t\.csv: not of several captures - /],
  ['compare a.pcap whole.pcap -P lanes.count=1:2:1', 2, /^-P, -L: one capture is needed, .*: --as-one$/],
  [
    'compare a.pcap --set source.capture=["-","a.pcap"]',
    2,
    /standard input can't be joined with other files - /,
  ],
]
for (const [words, exitCode, stderr] of mistakes) {
  test(`lanewise ${words}: ${exitCode}`, async () => {
    const found = await lanewise(words)
    assert.match(found.stderr.trimEnd(), stderr)
    assert.equal(found.exitCode, exitCode)
  })
}
