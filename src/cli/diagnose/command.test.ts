import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import type { Diagnosis } from '../../report/diagnose/diagnosis.ts'
import { diagnosisTexts } from '../../report/diagnose/diagnosis.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram } from '../run-program.testing.ts'

ownFolder('diagnose')

test('a diagnosis says what the traffic is, whom it hurts, what to choose, in at most 25 lines', async () => {
  const { exitCode, stdout, stderr } = await runProgram(['diagnose', '@voice'])
  assert.equal(exitCode, 0)
  assert.match(
    stderr,
    /^@voice: 1 packet is earlier than one before, [^\n]*\n$/,
    'what the capture lacks is said',
  )
  const lines = stdout.trimEnd().split('\n')
  assert.ok(lines.length <= 25, `${lines.length} lines`)
  assert.ok(lines.every((line) => line.length <= 80))
  const text = stdout.replaceAll('\n', ' ')
  assert.match(text, /^@voice: 6,390 packets of 78 flows in 9\.96 s/)
  assert.match(text, /any-idle would reorder 0\.\d+% of the packets, of \d+ flows, worst /)
  assert.match(text, /Of the policies that keep order hash is quickest: p99 /)
  assert.match(text, /This rests on lanes of 29\.3 us of work per packet that are assumed/)
  assert.match(text, /Next: lanewise replay @voice -p hash -p any-idle $/)
  assert.deepEqual(existsSync('results'), false)
})

test('its sentences are made of its JSON, which it writes where it is told', async () => {
  const { stdout } = await runProgram(['diagnose', '@voice', '-f', 'json', '-o', 'found'])
  const diagnosis = JSON.parse(stdout) as Diagnosis
  const { hurt, verdict, next, restsOn, measured } = diagnosis
  assert.deepEqual(Object.keys(diagnosis).slice(3), [
    'traffic',
    'hurt',
    'verdict',
    'restsOn',
    'measured',
    'ttl',
    'records',
    'next',
  ])
  assert.deepEqual([verdict.kind, verdict.policies[0], restsOn.lanes], ['order-kept', 'hash', 'assumed'])
  assert.equal(measured, null)
  assert.deepEqual(next, [['lanewise', 'replay', '@voice', '-p', 'hash', '-p', 'any-idle']])
  assert.ok(
    hurt.length === 2 && hurt[0]!.reorderedRatio >= hurt[1]!.reorderedRatio && hurt[0]!.who.length > 0,
  )
  assert.ok(existsSync('found/diagnosis.json'))
  const { stdout: markdown } = await runProgram(['diagnose', '@voice', '-f', 'markdown'])
  assert.equal(markdown.split('\n').length - 1, diagnosisTexts(diagnosis).length)
})

test('what it cannot diagnose is one line, exit 2', async () => {
  for (const [argv, said] of [
    [
      ['@01'],
      /^@01: is a scenario, and diagnose is of a capture - name a capture, or see lanewise compare @01\n$/,
    ],
    [['@02'], /^@02: is a scenario, .* - name a capture, or see lanewise compare @02\n$/],
    [['@voice', '-f', 'jsn'], /^-f jsn: unknown format - did you mean "json"\?\n$/],
    [['-'], /^-: a capture is read several times here - save it to a file first\n$/],
  ] as const) {
    const { exitCode, stderr } = await runProgram(['diagnose', ...argv])
    assert.equal(exitCode, 2)
    assert.match(stderr, said)
  }
})
