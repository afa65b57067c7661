/** The committed results of every numbered scenario (golden.test.ts), with two jobs: the same bytes. */
import { test } from 'node:test'
import { assertGolden, goldenFilesOf, scenarioNames } from './golden.testing.ts'

for (const name of scenarioNames) {
  test(`${name} gives its golden results with two jobs`, async () => {
    assertGolden(name, await goldenFilesOf(name, 2))
  })
}
