/**
 * The committed results of every numbered scenario: the table that a user sees and summary.csv stand in
 * results/golden/<scenario>/, the other files as checksums. They are the same bytes on every supported Node
 * and with any number of jobs (with two: golden.slow.test.ts). After a wanted change:
 * LANEWISE_UPDATE=1 npm test, read the difference, and say why under "Numbers changed" in CHANGELOG.md. Files
 * beside the folders are not of scenarios (validation.md: npm run validate).
 */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertGolden, golden, goldenFilesOf, scenarioNames } from './golden.testing.ts'

const updates = process.env.LANEWISE_UPDATE === '1'

test('every numbered scenario has its golden results, and no other has', () => {
  assert.ok(scenarioNames.length >= 6)
  if (updates) return
  const folders = readdirSync(golden, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  assert.deepEqual(folders.map(({ name }) => name).toSorted(), scenarioNames.toSorted())
})

for (const name of scenarioNames) {
  test(`${name} gives its golden results`, async () => {
    const files = await goldenFilesOf(name, 1)
    if (updates) {
      mkdirSync(join(golden, name), { recursive: true })
      for (const [file, text] of Object.entries(files)) writeFileSync(join(golden, name, file), text)
    }
    assertGolden(name, files)
  })
}
