/**
 * Cases of false blame, sizes and bounds, as they were found: the inputs beside the repository, if they are
 * there. What they are about has tests of its own beside the code.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from './cli/run-program.testing.ts'
import { sharedPath, skipWithout } from './shared.testing.ts'

const folder = 'cases/faults'
const skip = skipWithout(folder)
const input = (name: string) => sharedPath(`${folder}/${name}`)
const scratch = () => mkdtempSync(join(tmpdir(), 'lanewise-case-'))

test('01: a policy with a timer behind a window release has results', { skip }, async () => {
  const out = scratch()
  const argv = ['compare', input('01-timer-policy-with-window-release/s.json'), '-q', '-o', out, '-j', '1']
  const { exitCode, stdout, stderr } = await runProgram(argv)
  assert.deepEqual([exitCode, stderr], [0, ''])
  for (const label of ['hash', 'rss-rebalance']) assert.match(stdout, new RegExp(`^${label} .*%`, 'm'))
})

test('02: a silence changes no displacement', { skip }, async () => {
  for (const name of ['silence', 'no-silence']) {
    const out = scratch()
    const file = input(`02-displacement-after-giving-up-by-time/${name}.csv`)
    const { exitCode } = await runProgram(['measure', file, '-q', '-o', out])
    assert.equal(exitCode, 0)
    const rows = readFileSync(join(out, 'distributions.csv'), 'utf8')
      .split('\n')
      .filter((row) => row.includes(',reorderDensity,'))
    assert.deepEqual(rows, ['0,measured,reorderDensity,0,1,10'])
  }
})

for (const [name, file, packets] of [
  ['03: two packets on four lanes', '03-replay-of-few-packets/two.pcap', 2],
  ['04: packets whose marks stand far behind', '04-mark-behind-256-bytes/rh.pcap', 5],
] as const) {
  test(`${name} are replayed`, { skip }, async () => {
    const out = scratch()
    const words = '--loopback --topspeed --no-predict --repeat 1 -p hash -q --work none'.split(' ')
    // A busy machine may disturb the replay, which is another line and exit code; the packets come.
    const { stderr } = await runProgram(['replay', input(file), ...words, '-o', out])
    assert.doesNotMatch(stderr, /defect|memory/)
    const { subjects } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'))
    assert.equal(subjects[0].replays[0].counts.delivered, packets)
  })
}

/** A file with this text, that no scenario may be; the one line that it is refused with. */
async function refusalOf(name: string, text: string): Promise<string> {
  const file = join(scratch(), name)
  writeFileSync(file, text)
  const { exitCode, stderr } = await runProgram(['compare', file, '-q'])
  assert.equal(exitCode, 2)
  assert.match(stderr, /^[^\n]+\n$/)
  return stderr
}

test('08: aliases without end are refused', { skip }, async () => {
  const aliases = `x: &x 1\ntitle: [${Array(40_000).fill('*x').join(',')}]\n`
  const text = `source: {synthetic: {packetsPerSecond: 1000}}\n${aliases}`
  assert.match(await refusalOf('a.yaml', text), /more than 500 aliases - /)
})

test('09: nesting without end is refused', { skip }, async () => {
  const yaml = await refusalOf('d.yaml', `source: ${'['.repeat(200_000)}`)
  const json = await refusalOf('d.json', '{"a": '.repeat(100_000))
  for (const line of [yaml, json]) assert.match(line, /nested deeper than 64 - /)
})

test('11: numbers without bound are refused with their range', { skip }, async () => {
  const file = input('11-numbers-without-bound/s.yaml')
  const cases: ReadonlyArray<readonly [set: string, reason: RegExp]> = [
    [
      'lanes.stalls={perSecond: 1e308, length: {constant: {value: 1us}}}',
      /perSecond: expected a number from/,
    ],
    ['release={window: {size: 1073741824}}', /size: expected a whole number from 2 to 1048576/],
    ['release={window: {size: 2147483648}}', /size: expected a whole number from 2 to 1048576/],
    ['release={window: {size: 4503599627370496}}', /size: expected a whole number from 2 to 1048576/],
    ['lanes.speed=5e-324', /lanes.speed=5e-324: expected a number from 1e-6 to 1000000/],
  ]
  for (const [set, reason] of cases) {
    const { exitCode, stderr } = await runProgram(['compare', file, '-q', '-o', scratch(), '--set', set])
    assert.equal(exitCode, 2)
    assert.match(stderr, /^[^\n]+\n$/)
    assert.match(stderr, reason)
  }
})
