import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inputOf, savedTune } from '../saved.testing.ts'
import type { SavedResult } from '../saved.ts'
import { reorderOverTtl } from './reorder-over-ttl.ts'

const subtitleOf = (saved: SavedResult) =>
  (reorderOverTtl.draw(inputOf([saved]))!.title as { subtitle: string[] }).subtitle.join(' ')

test('answers that rest on nothing are unknown below the title, and a tuning without packets has no chart', () => {
  const unknown = savedTune({ safe: { kind: 'unknown' } })
  assert.match(subtitleOf(unknown), /Which TTL is safe isn't known: nothing happened that would tell\./)
  const { tune } = unknown.report!
  const curve = tune!.curve.map((point) => ({ ...point, metrics: {} }))
  const records = unknown.report!.records.map((record) => ({ ...record, metrics: {} }))
  const empty = { ...unknown, report: { ...unknown.report!, records, tune: { ...tune!, curve } } }
  assert.equal(reorderOverTtl.draw(inputOf([empty])), null)
})

test('a band is named only where there is one, and one run is one run', () => {
  const tuned = savedTune()
  assert.match(subtitleOf(tuned), /, 3 runs, seed 1 Band: 95 % confidence intervals over the runs\. Dashed: /)
  const report = tuned.report!
  const curve = report.tune!.curve.map((point) => ({
    ...point,
    metrics: { reorderedRatio: { ...point.metrics.reorderedRatio!, low95: null, high95: null } },
  }))
  const once = subtitleOf({ ...tuned, report: { ...report, runs: 1, tune: { ...report.tune!, curve } } })
  assert.match(once, /, 1 run, seed 1 Dashed: the target\./)
})
