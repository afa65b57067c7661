/**
 * The simulator against closed forms: a result may be off by four standard errors. With ten times as many
 * packets, and against the committed table, in oracles.slow.test.ts.
 */
import { test } from 'node:test'
import { claims, comparedRows } from './oracles.testing.ts'

const PACKETS = 100_000

for (const [claim, name, settings] of claims) {
  test(claim, async () => {
    await comparedRows(name, settings, PACKETS)
  })
}
