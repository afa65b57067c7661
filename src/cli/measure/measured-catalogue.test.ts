import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { metricInfo } from '../../metrics/catalogue/catalogue.ts'
import { measured } from '../../metrics/catalogue/measured.ts'
import { report } from './command.testing.ts'

test('every metric of a measurement is in the catalogue, and what the catalogue has of measure is in a measurement', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-catalogue-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'arrivals.csv')
  writeFileSync(
    file,
    'sequence,sentNs,receivedNs,sizeBytes\n1,0,5,100\n3,20,26,100\n2,10,27,100\n2,10,28,100\n',
  )
  const { records } = await report(`${file} -o ${path.join(folder, 'out')}`)
  const [{ metrics }] = records
  for (const name of Object.keys(metrics))
    assert.ok(metricInfo(name) !== undefined, `${name} isn't explained`)
  const others = ['iperf3.jitterNs', 'corruptedRatio', 'unmatchedRatio']
  const stems = new Set(Object.keys(metrics).map((name) => name.replace(/\[\w+\]$/, '[n]')))
  for (const { name } of measured) assert.ok(stems.has(name) || others.includes(name), `no ${name}`)
})
