/**
 * The simulator against closed forms, a million packets each, seed 1: a result may be off by four standard
 * errors. These are a quick part of the models of src/validation; `npm run validate` simulates all of them,
 * and with more packets where delays are long. What is simulated here has to be what its table,
 * results/golden/validation.md, says: after a wanted change `npm run validate -- --update`. The formulas
 * themselves are tested in src/validation/closed-forms.test.ts.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compare, nameOf, rowText, Z_MAX, zOf, zText } from '../validation/compare.testing.ts'
import { allModels } from '../validation/models.testing.ts'

const PACKETS = 1_000_000
const table = readFileSync(new URL('../../results/golden/validation.md', import.meta.url), 'utf8').split('\n')

const claims: ReadonlyArray<readonly [claim: string, model: string, parameters: readonly string[]]> = [
  ['waits at load 0.5 and 0.8 are those of M/M/1', 'M/M/1', ['load 0.5', 'load 0.8']],
  ['waits at load 0.5 and 0.8 are those of M/D/1', 'M/D/1', ['load 0.5', 'load 0.8']],
  ['waits at load 0.5 and 0.8 are those of D/M/1', 'D/M/1', ['load 0.5', 'load 0.8']],
  [
    'two lanes under random reorder and hold as private M/M/1 queues do',
    'private M/M/1 queues, random',
    ['2 lanes, load 0.5', '2 lanes, load 0.8'],
  ],
  [
    'two lanes under any-idle reorder, hold and wait as M/M/2 does',
    'M/M/k, any-idle',
    ['2 lanes, load 0.5', '2 lanes, load 0.8'],
  ],
  [
    'periodic arrivals under round-robin reorder as k D/M/1 queues do',
    'private D/M/1 queues, round-robin',
    ['2 lanes, load 0.5'],
  ],
  [
    'Poisson arrivals over independent exponential delays reorder as M/M/inf does',
    'M/M/inf',
    ['arrivals per mean delay 1'],
  ],
  [
    'uniform delays reorder periodic packets by 1/18 and 1/8 at 1.5 and 2 spacings',
    'D/U(0,J)/inf',
    ['J 1.5 mean spacings', 'J 2 mean spacings'],
  ],
  [
    'two paths of different delay reorder what the fast one overtakes',
    'two paths, poisson',
    ['fast 0.5, 2 mean spacings apart'],
  ],
  ['equal service times in a shared queue never reorder', 'M/D/k, any-idle', ['4 lanes, load 0.8']],
]

for (const [claim, name, settings] of claims) {
  test(claim, async (t) => {
    for (const parameters of settings) {
      const models = allModels.filter((model) => model.name === name && model.parameters === parameters)
      assert.ok(models.length > 0, `${name}, ${parameters}`)
      for (const model of models) {
        for (const row of await compare(model, PACKETS)) {
          const text = `${nameOf(row)}: ${row.simulated} expected ${row.expected}, z ${zText(row)}`
          t.diagnostic(text)
          assert.ok(Math.abs(zOf(row)) < Z_MAX, text)
          assert.ok(table.includes(rowText(row)), `the table has no line "${rowText(row)}"`)
        }
      }
    }
  })
}
