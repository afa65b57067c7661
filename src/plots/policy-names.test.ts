import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { charts } from './charts/index.ts'
import { dropRatioOf, plainName, withDagger } from './policy-names.ts'
import { inputOf, made, savedComparison, savedReplay, savedScan } from './saved.testing.ts'
import type { SavedResult } from './saved.ts'
import type { Row, Spec } from './spec.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-names-'))
after(() => rmSync(folder, { recursive: true }))

/** What any-idle dropped; at both places together. */
const dropping = (saved: SavedResult, tun: number, lane: number): SavedResult => ({
  ...saved,
  report: {
    ...saved.report!,
    records: saved.report!.records.map((record) =>
      record.policy === 'any-idle'
        ? {
            ...record,
            metrics: { ...record.metrics, tunQueueDropRatio: made(tun), laneDropRatio: made(lane) },
          }
        : record,
    ),
  },
})
const comparison = savedComparison(path.join(folder, 'made'))
const charted = (name: string, saved: SavedResult) =>
  charts.find((chart) => chart.name === name)!.draw(inputOf([saved]))!
const subtitleOf = (spec: Spec) => (spec.title as { subtitle: string[] }).subtitle.join(' ')

test('drops are those of the TUN queue and of the lanes together', () => {
  const metrics = { tunQueueDropRatio: made(0.0006), laneDropRatio: made(0.0006), linkLossRatio: made(0.5) }
  assert.equal(dropRatioOf(metrics), 0.0012)
  assert.equal(withDagger('hash', metrics), 'hash \u2020')
  assert.equal(withDagger('hash', { laneDropRatio: made(0.001) }), 'hash', 'not more than 0.1 %')
  assert.equal(withDagger('hash', {}), 'hash')
})

test('drained is the yardstick of comparisons, and what it is elsewhere', () => {
  assert.equal(plainName('drained'), 'drained (yardstick)')
  assert.equal(plainName('drained:key=address-pair'), 'drained:key=address-pair (yardstick)')
  assert.equal(plainName('drained-too'), 'drained-too')
  const replay = savedReplay()
  const subjects = replay.live!.subjects.map((subject) => ({ ...subject, label: 'drained' }))
  const input = inputOf([{ ...replay, live: { ...replay.live!, subjects } }])
  for (const { draw } of charts) assert.doesNotMatch(JSON.stringify(draw(input)), /yardstick/)
})

test('every chart of a comparison that shows reordering marks who dropped packets, and says what the mark is', () => {
  const ofOnePoint = charts.filter(({ ofOnePoint }) => ofOnePoint !== undefined)
  for (const { name } of ofOnePoint) {
    const clean = JSON.stringify(charted(name, dropping(comparison, 0.0005, 0.0005)))
    assert.ok(!clean.includes('any-idle \u2020'), name)
    const spec = charted(name, dropping(comparison, 0.0005, 0.0006))
    assert.ok(JSON.stringify(spec).includes('any-idle \u2020'), name)
    assert.match(subtitleOf(spec), /\u2020 dropped more than 0\.1 % of the packets/, name)
  }
})

test('lines over a scan are hollow where packets were dropped', () => {
  const scan = dropping(savedScan([['source.packetsPerSecond', [10_000, 20_000]]]), 0.01, 0)
  const spec = charted('reorder-over-load', scan)
  const rows = (spec.data as { values: Row[] }).values
  assert.ok(rows.every(({ policy, isHollow }) => isHollow === (policy === 'any-idle')))
  assert.match(subtitleOf(spec), /Hollow: dropped more than 0\.1 %/)
})
