/**
 * `lanewise compare` on arrivals CSVs: what was sent is sent again, what was measured stands beside what is
 * predicted, and rules that go by addresses are refused where there are none.
 */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import type { Report } from '../../report/comparison/report.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

ownFolder('arrivals')

const run = (words: string) => runProgram(withOneJob(words))
const reportIn = (of: string): Report => JSON.parse(readFileSync(path.join(of, 'report.json'), 'utf8'))

/** 60 packets of two flows, every 100 us; each tenth arrives 150 us late and is overtaken. */
function smallRun(): string {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const sentNs = i * 100_000
    return { i, sentNs, receivedNs: sentNs + 40_000 + (i % 10 === 5 ? 350_000 : 0) }
  }).toSorted((a, b) => a.receivedNs - b.receivedNs)
  const lines = rows.map(({ i, sentNs, receivedNs }) => `${i >> 1},${i % 2},${sentNs},${receivedNs},1200`)
  return `sequence,flow,sentNs,receivedNs,sizeBytes\n${lines.join('\n')}\n`
}
writeFileSync('small.csv', smallRun())
writeFileSync('small.lost.csv', 'sentNs,sizeBytes,why\n150000,1200,lost\n250000,60,rewritten\n')

test('the table, markdown and CSV have a row "measured" before the policies, and the head what was lost', async () => {
  const table = await run('compare small.csv -q -r 2 -p hash -p any-idle -o small')
  assert.equal(table.exitCode, 0)
  const { measured, lost, rewritten, addresses } = reportIn('small')
  assert.deepEqual([lost, rewritten, addresses], [1, 1, 'made-up'])
  assert.equal(measured!.reorderedRatio, 0.1)
  assert.equal(measured!.latencyNsP50, 40_000)
  const facts = table.stdout.replaceAll(/\s+/g, ' ')
  assert.match(facts, /small\.csv: 62 packets of 3 flows,/)
  assert.match(
    facts,
    /, 1 of them lost there, 1 rewritten; it has no addresses, so each flow has a UDP 5-tuple/,
  )
  assert.match(facts, /measured: what was measured on the system that the file is of \(lanewise measure\)\./)
  const names = table.stdout
    .split('\n')
    .flatMap((line) => /^(measured|hash|any-idle) .*%/.exec(line)?.[1] ?? [])
  assert.equal(names[0], 'measured')
  assert.match(table.stdout, /^measured +10% /m)

  const markdown = await run('compare small.csv -q -r 2 -p hash -f markdown -o small --sort-rows reordered')
  assert.match(markdown.stdout, /^\| `measured` \| 10% .*\n\| `hash` \|/m)
  const csv = await run('compare small.csv -q -r 2 -p hash -f csv -o small --columns reordered')
  const [, ...rows] = csv.stdout.trimEnd().split('\n')
  assert.deepEqual(
    rows.map((row) => row.split(',').slice(0, 3).join()),
    ['0,measured,0.1', '0,hash,0'],
  )
  assert.match(readFileSync('small/summary.csv', 'utf8'), /^0,measured,/m)
})

test('a comparison of anything else says nothing of measurements', async () => {
  writeFileSync('other.yaml', 'source: { synthetic: { packetsPerSecond: 10000 } }\nduration: 5ms\nruns: 1\n')
  const { stdout } = await run('compare other.yaml -q -p hash -o other')
  assert.doesNotMatch(stdout, /measured:|^measured/m)
  for (const key of ['measured', 'lost', 'rewritten', 'addresses'])
    assert.ok(!(key in reportIn('other')), key)
})

test('without -p the fork stands there without its exception; with it, it is refused in one line', async () => {
  const { exitCode } = await run('compare small.csv -q -r 1 -o all')
  assert.equal(exitCode, 0)
  assert.deepEqual(reportIn('all').labels.at(-1), 'openvpn-fork:ttl=30s,exception=none')
  const none = 'and small.csv has none - add columns source, destination and protocol\n'
  for (const [words, why] of [
    [
      '-p hash -p openvpn-fork',
      '-p openvpn-fork: its exception goes by real addresses (exception=none does without)',
    ],
    [
      '-p openvpn-fork:exception=as-meant',
      '-p openvpn-fork:exception=as-meant: its exception goes by real addresses (exception=none does without)',
    ],
    ['-p split-by-protocol', '-p split-by-protocol: it divides packets by their protocol'],
    [
      '-p hash --set source.direction.inside=[10.8.0.0/24]',
      '--set source.direction.inside=[10.8.0.0/24] source.direction: tells packets by their addresses',
    ],
  ]) {
    const { exitCode, stderr, stdout } = await run(`compare small.csv ${words}`)
    assert.deepEqual([exitCode, stderr, stdout], [2, `${why}, ${none}`, ''])
  }
})

test('with addresses the fork and the split are as they are', async () => {
  const rows = Array.from(
    { length: 20 },
    (_, i) => `${i * 1000},1200,10.8.0.2,10.9.0.1,${i % 2 === 0 ? 'tcp' : 'udp'},1,2`,
  )
  writeFileSync(
    'addressed.csv',
    `sentNs,sizeBytes,source,destination,protocol,sourcePort,destinationPort\n${rows.join('\n')}\n`,
  )
  const { exitCode, stdout } = await run(
    'compare addressed.csv -r 1 -p openvpn-fork -p split-by-protocol -o addressed',
  )
  assert.equal(exitCode, 0)
  assert.doesNotMatch(stdout, /made up/)
  const { measured, lost, addresses, load, warnings } = reportIn('addressed')
  assert.deepEqual([measured, lost, addresses, load.first.flows], [null, null, 'given', 2])
  assert.ok(
    warnings.some((line) => line.includes('its exception leaves all of these packets out')),
    warnings.join('\n'),
  )
})

for (const [name, text, expected] of [
  [
    'no-times.csv',
    'flow,sizeBytes\n1,2\n',
    /^no-times\.csv:1: sentNs is missing \(there is: flow, sizeBytes\) - .*\n$/,
  ],
  [
    'no-sizes.csv',
    'flow,sentNs\n1,2\n',
    /^no-sizes\.csv:1: sizeBytes is missing \(there is: flow, sentNs\) - .*\n$/,
  ],
] as const) {
  test(`${name} is refused in one line, and nothing is written`, async () => {
    writeFileSync(name, text)
    const { exitCode, stderr } = await run(`compare ${name} -p hash -o refused`)
    assert.equal(exitCode, 1)
    assert.match(stderr, expected)
    assert.throws(() => reportIn('refused'))
  })
}

test('several CSVs are compared one by one; joined they are not, nor with a capture', async () => {
  writeFileSync('second.csv', smallRun())
  const both = await run('compare small.csv second.csv -r 1 -p hash -o both')
  assert.equal(both.exitCode, 0)
  assert.match(both.stderr, /^the files are compared one by one: each is a run of its own\n/)
  assert.deepEqual(
    ['small', 'second'].map((name) => reportIn(`both/${name}`).load.first.packets),
    [62, 60],
  )
  const joined = await run('compare small.csv second.csv --as-one -p hash')
  assert.deepEqual(
    [joined.exitCode, joined.stderr],
    [2, '--as-one: only captures are joined, not arrivals CSVs - leave it out\n'],
  )
  const mixed = await run('compare small.csv @office -p hash')
  assert.deepEqual(
    [mixed.exitCode, mixed.stderr],
    [2, '@office: is no arrivals CSV, as small.csv is - name them apart\n'],
  )
})

test('rate and speed rescale the times, and the measurement is said to be of the own rate', async () => {
  const load = async (words: string) => {
    const { stdout, exitCode } = await run(`compare small.csv -q -r 1 -p hash -o scaled${words}`)
    assert.equal(exitCode, 0)
    return { stdout: stdout.replaceAll(/\s+/g, ' '), spanNs: reportIn('scaled').load.first.spanNs }
  }
  assert.equal((await load('')).spanNs, 5_900_000)
  const fast = await load(' --set source.speed=2')
  assert.equal(fast.spanNs, 2_950_000)
  assert.match(fast.stdout, /\(lanewise measure\), at its own rate\./)
  assert.equal((await load(' --set source.packetsPerSecond=1000')).spanNs, 61e6)
})

test('a scan sends the file at every point, and has what was measured once', async () => {
  const { exitCode, stdout } = await run('compare small.csv -q -p any-idle -r 1 -P lanes.count=2:4:2 -o scan')
  assert.equal(exitCode, 0)
  assert.match(stdout, /^ {2}file {3}reordered 10%, latency p99 390us measured there$/m)
  const { measured, lost, records } = reportIn('scan')
  assert.deepEqual([measured!.reorderedRatio, lost, records.length], [0.1, 1, 2])
})

test('tune and diagnose take the file, and say nothing of protocols that nobody knows', async () => {
  const tuned = await run('tune small.csv -q -p flow-pinned -r 1 --points 3 -o tuned')
  assert.deepEqual([tuned.exitCode, tuned.stderr], [0, ''])
  assert.match(tuned.stdout, /small\.csv: 62 packets of 3 flows/)
  const refused = await run('tune small.csv -q -p openvpn-fork -o tuned')
  assert.equal(refused.exitCode, 2)
  assert.match(refused.stderr, /^-p openvpn-fork: its exception goes by real addresses .*\n$/)
  const { exitCode, stdout } = await runProgram(['diagnose', 'small.csv', '-q'])
  assert.equal(exitCode, 0)
  assert.match(stdout, /^small\.csv: 62 packets of 3 flows in 5\.9 ms, [\d,]+ packets\/s on average\.$/m)
  const addressed = await runProgram(['diagnose', 'addressed.csv', '-q'])
  assert.match(addressed.stdout.replaceAll('\n', ' '), /; 50% TCP, 50% UDP\./)
})

test('a scenario names the file from its own folder, and in a message where', async () => {
  mkdirSync('sub')
  writeFileSync('sub/near.csv', smallRun())
  writeFileSync('sub/near.yaml', 'source: { arrivals: near.csv }\npolicies: [hash]\nruns: 1\n')
  assert.equal((await run('compare sub/near.yaml -q -o near')).exitCode, 0)
  assert.equal(reportIn('near').load.first.packets, 60)
  writeFileSync('sub/fork.yaml', 'source: { arrivals: near.csv }\npolicies:\n  - hash\n  - openvpn-fork\n')
  const { exitCode, stderr } = await run('compare sub/fork.yaml')
  assert.equal(exitCode, 2)
  assert.match(stderr, /^sub\/fork\.yaml:4:5 policies\[1\]: its exception .*, and sub\/near\.csv has none - /)
  const other = await run('compare sub/near.yaml -q -r 1 --set source.arrivals=small.csv -o near')
  assert.equal(other.exitCode, 0)
  assert.equal(reportIn('near').load.first.packets, 62)
})
