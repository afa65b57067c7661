/** The cases of ../shared/cases/field that are arrival files, by their commands: each gives its value. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { report, values } from './cli/measure/command.testing.ts'
import { runProgram } from './cli/run-program.testing.ts'
import { readSharedJson, sharedPath, skipWithout } from './shared.testing.ts'

const FIELD = 'cases/field'
const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-cases-'))
after(() => rmSync(folder, { recursive: true }))

interface Expected {
  readonly sent?: number
  readonly lost?: number
  readonly reordered?: number
  readonly of?: number
  readonly lateTimeMaxMs?: number
  readonly gateExit?: number
}

for (const [name, file] of [
  ['28-wrap-without-sequence-bits', 'rtp.csv'],
  ['30-tshark-field-names', 'wg.csv'],
  ['34-owping-raw', 'owping-raw.txt'],
] as const) {
  test(name, { skip: skipWithout(`${FIELD}/${name}`) }, async () => {
    const { sent, lost, reordered, of, lateTimeMaxMs } = readSharedJson<Expected>(
      `${FIELD}/${name}/expected.json`,
    )
    const found = await report(`${sharedPath(`${FIELD}/${name}/${file}`)} -o ${folder}`)
    const [[count, all], lateNs] = values(found, 'reorderedRatio', 'lateTimeNsMax') as [
      number[],
      number | null,
    ]
    assert.equal(count, reordered)
    if (of !== undefined) assert.equal(all, of)
    if (sent !== undefined) assert.equal(found.packets.sent, sent)
    if (lost !== undefined) assert.equal(found.packets.lost, lost)
    if (lateTimeMaxMs !== undefined) assert.ok(Math.abs(lateNs! / 1e6 - lateTimeMaxMs) < 1e-5, `${lateNs}`)
  })
}

const SECONDS = '29-seconds-in-a-nanosecond-column'
test(SECONDS, { skip: skipWithout(`${FIELD}/${SECONDS}`) }, async () => {
  const { gateExit } = readSharedJson<Expected>(`${FIELD}/${SECONDS}/expected.json`)
  const file = sharedPath(`${FIELD}/${SECONDS}/arrivals.csv`)
  const words = ['measure', file, '-o', folder, '--max-late-time', '1ms']
  const { exitCode, stderr } = await runProgram(words)
  assert.equal(exitCode, gateExit)
  assert.match(stderr, /these are seconds since 1970: [^\n]*rename receivedNs to receivedS[^\n]*\n$/)
  const mapped = await runProgram([
    ...words,
    '--map',
    'sentS=sentNs,receivedS=receivedNs',
    '-f',
    'json',
    '-q',
  ])
  assert.equal(mapped.exitCode, gateExit)
  const [lateNs] = values(JSON.parse(mapped.stdout), 'lateTimeNsMax')
  assert.ok(Math.abs((lateNs as number) / 1e6 - 3) < 0.001, `${lateNs}`)
})
