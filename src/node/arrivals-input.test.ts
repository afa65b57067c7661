/** Arrivals CSVs as inputs: what is one, whatever it is called, and what lies beside it. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { loadScenario } from './load-scenario.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-arrivals-input-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const whole = path.join(folder, name)
  mkdirSync(path.dirname(whole), { recursive: true })
  writeFileSync(whole, content)
  return whole
}

const CSV = 'flow,sentNs,sizeBytes\na,1,60\n'
for (const [name, content] of [
  ['run.csv', CSV],
  ['run.csv.gz', gzipSync(CSV)],
  ['no-ending', `\ufeff${CSV}`],
  ['quoted.txt', '"sequence";"sentNs";"sizeBytes"\n1;1;60\n'],
  ['zipped', gzipSync(CSV)],
  ['long.csv', `flow,sentNs,sizeBytes\n${'a,1,60\n'.repeat(2_000_000)}`],
] as const) {
  test(`${name} is an arrivals CSV by its first line, or else by its extension`, async () => {
    const whole = file(name, content)
    const { scenario, capturePath } = await loadScenario(whole)
    assert.equal('arrivals' in scenario.source && scenario.source.arrivals, whole)
    assert.deepEqual(capturePath, [whole])
  })
}

test('the file of lost packets beside a CSV is read with it', async () => {
  const whole = file('lossy/run.csv.gz', gzipSync(CSV))
  const lost = file('lossy/run.lost.csv', 'sentNs,sizeBytes,why\n')
  assert.deepEqual((await loadScenario(whole)).capturePath, [whole, lost])
})

test('a scenario whose first line has commas and such names is no CSV', async () => {
  const source = 'source: { synthetic: { packetsPerSecond: 1000 } }'
  for (const text of [
    `# flow, sentNs, sizeBytes\n${source}\n`,
    `title: flow, sentNs\n${source}\n`,
    `{ title: "flow, sentNs, sizeBytes", ${source} }\n`,
  ]) {
    assert.ok('synthetic' in (await loadScenario(file('commas.yaml', text))).scenario.source, text)
  }
})
