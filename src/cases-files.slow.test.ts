/**
 * Cases from the field about several files and several interfaces, with the figures that are right; skipped
 * where they aren't there.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from './cli/run-program.testing.ts'
import { readSharedJson, sharedPath, skipWithout } from './shared.testing.ts'

const measured = {
  sent: ['packets', 'sent'],
  arrived: ['packets', 'arrived'],
  lost: ['packets', 'lost'],
  reordered: ['records', '0', 'metrics', 'reorderedRatio', 'count'],
}
/** A case with its command (CASE stands for its folder), and where each figure is in the JSON. */
const cases: readonly (readonly [
  folder: string,
  command: string,
  paths: Readonly<Record<string, readonly string[]>>,
])[] = [
  [
    '20-rotated-captures-last-wins',
    'measure --sent CASE/sent.pcap0 --sent CASE/sent.pcap1 --received CASE/received.pcap',
    measured,
  ],
  ['21-compare-rotated', 'inspect CASE/cap.pcap0 CASE/cap.pcap1', { packets: ['packets'], flows: ['flows'] }],
  ['22-two-interfaces-in-one-pcapng', 'measure CASE/both.pcapng', measured],
  [
    '22-two-interfaces-in-one-pcapng',
    'measure --sent CASE/both.pcapng#tun0 --received CASE/both.pcapng#eth1',
    measured,
  ],
]

for (const [folder, command, paths] of cases) {
  const name = `cases/field/${folder}`
  test(`case ${folder}: ${command} gives what is right`, { skip: skipWithout(name) }, async () => {
    const found = JSON.parse(await output(command.replaceAll('CASE', sharedPath(name)), 'report.json'))
    const expected = readSharedJson<Record<string, number>>(`${name}/expected.json`)
    for (const [key, value] of Object.entries(expected)) {
      const path = paths[key]
      assert.ok(path, `no path for ${key}`)
      assert.equal(at(found, path), value, key)
    }
  })
}

const compared = 'cases/field/21-compare-rotated'
test('case 21-compare-rotated: compare takes the files as one', { skip: skipWithout(compared) }, async () => {
  const files = ['cap.pcap0', 'cap.pcap1'].map((file) => sharedPath(`${compared}/${file}`))
  const report = JSON.parse(await output(`compare ${files.join(' ')} -p hash -r 1`, 'report.json'))
  assert.deepEqual(report.scenario.source.capture, files)
  assert.equal(at(report, ['records', '0', 'metrics', 'reorderedRatio', 'of']), 200)
})

function at(tree: unknown, path: readonly string[]): unknown {
  return path.reduce((part, step) => (part as Readonly<Record<string, unknown>>)[step], tree)
}

/** A result's file, or where nothing is written, what is printed. */
async function output(command: string, file: string): Promise<string> {
  const results = mkdtempSync(join(tmpdir(), 'lanewise-case-'))
  try {
    const writes = !command.startsWith('inspect')
    const argv = [...command.split(' '), '-f', 'json', '-q', ...(writes ? ['-o', results] : [])]
    const { exitCode, stdout, stderr } = await runProgram(argv)
    assert.equal(exitCode, 0, stderr)
    return writes ? readFileSync(join(results, file), 'utf8') : stdout
  } finally {
    rmSync(results, { recursive: true, force: true })
  }
}
