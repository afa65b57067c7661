/**
 * The simulator against closed forms, a million packets each. What is simulated here has to be what its
 * table, results/golden/validation.md, says: after a wanted change `npm run validate -- --update`.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rowText } from '../validation/compare.testing.ts'
import { claims, comparedRows } from './oracles.testing.ts'

const PACKETS = 1_000_000
const table = readFileSync(new URL('../../results/golden/validation.md', import.meta.url), 'utf8').split('\n')

for (const [claim, name, settings] of claims) {
  test(`${claim}, as the table says`, async () => {
    for (const row of await comparedRows(name, settings, PACKETS)) {
      assert.ok(table.includes(rowText(row)), `the table has no line "${rowText(row)}"`)
    }
  })
}
