/** The runs of the OpenVPN fork beside the repository are read as their own page says they are. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readSentArrivals } from '../../measure/sent-run.ts'
import { sharedPath, skipWithout } from '../../shared.testing.ts'

const PAGE = 'models/fork-runs/README.md'
/** file, sent, lost and rewritten of each row of its table. */
const ROW = /^\| `(\S+\.csv\.gz)` \| (\d+) \| (\d+)(?:\+(\d+) rewritten)? \|/gm

test('as many packets were sent and lost as the page of the runs says', {
  skip: skipWithout(PAGE),
}, async () => {
  const rows = [...readFileSync(sharedPath(PAGE), 'utf8').matchAll(ROW)]
  assert.ok(rows.length >= 30, `${rows.length} rows`)
  for (const [, name, sent, lost, rewritten] of rows) {
    const file = await readSentArrivals(sharedPath(`models/fork-runs/given/${name}`), name)
    assert.equal(file.run.count, Number(sent), name)
    assert.deepEqual([file.lost ?? 0, file.rewritten ?? 0], [Number(lost), Number(rewritten ?? 0)], name)
    const { sentNs, receivedNs } = file.run
    assert.ok(
      sentNs.every((ns, i) => i === 0 || ns >= sentNs[i - 1]!),
      name,
    )
    // One clock, and less than the tail that the page tells of.
    assert.ok(
      receivedNs.every((ns, i) => Number.isNaN(ns) || (ns > sentNs[i]! && ns < sentNs[i]! + 1e9)),
      name,
    )
  }
})
