/**
 * Test support: what the simulator is asked of closed forms, which are a quick part of the models of
 * src/validation; `npm run validate` simulates all of them, and with more packets where delays are long. The
 * formulas themselves are tested in src/validation/closed-forms.test.ts.
 */
import assert from 'node:assert/strict'
import { compare, nameOf, type Row, Z_MAX, zOf, zText } from '../validation/compare.testing.ts'
import { allModels } from '../validation/models.testing.ts'

/** [what is claimed, name of the models, their parameters] */
export const claims: ReadonlyArray<readonly [claim: string, model: string, parameters: readonly string[]]> = [
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

/**
 * Simulates the models, seed 1, and returns what is compared: within four standard errors, or this throws.
 */
export async function comparedRows(
  name: string,
  settings: readonly string[],
  packets: number,
): Promise<Row[]> {
  const rows: Row[] = []
  for (const parameters of settings) {
    const models = allModels.filter((model) => model.name === name && model.parameters === parameters)
    assert.ok(models.length > 0, `${name}, ${parameters}`)
    for (const model of models) rows.push(...(await compare(model, packets)))
  }
  for (const row of rows) {
    const text = `${nameOf(row)}: ${row.simulated} expected ${row.expected}, z ${zText(row)}`
    assert.ok(Math.abs(zOf(row)) < Z_MAX, text)
  }
  return rows
}
