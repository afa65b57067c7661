import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sumOfPlaces } from '../replay.testing.ts'
import { Fate, ReplayRecord } from '../threads/record.ts'
import { Cell, newCells } from '../threads/shared-counters.ts'
import { accountFor, mismatch } from './accounting.ts'

/**
 * How far a packet came, by letter: nothing, Sent, Held by the reader, Read and given to a lane, Finished,
 * Collected; r refused, l dropped by its lane, w write refused.
 */
function recordOf(ways: string): ReplayRecord {
  const record = new ReplayRecord(ways.length)
  for (const [row, way] of [...ways].entries()) {
    if (way === '.') continue
    record.sentNs[row] = 1
    if (way === 'r') record.fate[row] = Fate.sendFailed
    if ('HlwRFC'.includes(way)) record.readOrder[row] = row
    if ('lwRFC'.includes(way)) record.lane[row] = 0
    if (way === 'l') record.fate[row] = Fate.laneDropped
    if ('wFC'.includes(way)) record.finishNs[row] = 2
    if (way === 'w') record.fate[row] = Fate.writeFailed
    if (way === 'C') record.arrivalOrder[row] = row
  }
  return record
}

function account(
  ways: string,
  tunDropped: number,
  collectorDropped: number,
  endedEarly = false,
  foreign = 0,
) {
  const cells = newCells(1)
  cells[Cell.collectorDropped] = collectorDropped
  const record = recordOf(ways)
  const accounts = accountFor(record, cells, { tunDropped, foreign, writeErrors: 0 }, endedEarly)
  assert.equal(sumOfPlaces(accounts.counts), ways.length)
  return { ...accounts, fates: [...record.fate] }
}

test('each packet is counted in the one place where it was lost', () => {
  const { counts, fates, unexplainedDrops } = account('CCrSlwFCSS', 3, 1)
  const { delivered, sendFailed, tunDropped, laneDropped, writeFailed, collectorDropped, unaccounted } =
    counts
  assert.deepEqual(
    [delivered, sendFailed, tunDropped, laneDropped, writeFailed, collectorDropped, unaccounted],
    [3, 1, 3, 1, 1, 1, 0],
  )
  assert.deepEqual(fates, [1, 1, 4, 2, 3, 5, 6, 1, 2, 2])
  assert.equal(unexplainedDrops, 0)
})

test('a packet that no counter explains is a mismatch, wherever it went', () => {
  for (const ways of ['CSC', 'CRC', 'CFC', 'C.C']) {
    const accounts = account(ways, 0, 0)
    assert.equal(accounts.counts.unaccounted, 1, ways)
    assert.match(mismatch(accounts)!, /^1 of 3 packets are unaccounted for \(delivered 2, /)
  }
  assert.equal(mismatch(account('CCC', 0, 0)), undefined)
})

test('packets that the policy never let go are its own mistake', () => {
  const accounts = account('CHSS', 0, 0)
  assert.equal(accounts.counts.unaccounted, 3)
  assert.match(mismatch(accounts)!, /^its policy held packets for too long, 3 of 4 never came - /)
})

test("drops that are nobody's are a mismatch, unless others have sent", () => {
  assert.match(mismatch(account('CCC', 2, 0))!, /^2 dropped packets are not ours/)
  assert.equal(mismatch(account('CCC', 2, 0, false, 2)), undefined)
})

test('ended early, the last packets are on their way and the earlier ones lost', () => {
  const { counts, fates } = account('CSFRSF..', 1, 1, true)
  assert.deepEqual(
    [counts.tunDropped, counts.collectorDropped, counts.inFlight, counts.notSent],
    [1, 1, 3, 2],
  )
  assert.deepEqual(fates, [1, 2, 6, 7, 7, 7, 0, 0])
})
