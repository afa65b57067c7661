/** What a run tells of work and way, and what is said where it can't: lanes that are busy, and idle ones. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { log } from '../sim/elementary.ts'
import { randomStream } from '../sim/random.ts'
import type { SentRun } from '../traffic/arrivals/sent-run.ts'
import { calibrateRuns } from './calibrate.ts'
import { type Row, runOf } from './runs.testing.ts'

const WORK_NS = 30_000
const LANES = 2

/** Packets by turns to two lanes that take 30 us each, and a way behind them. */
function byTurns(load: number, wayNs: number, clock = { offsetNs: 0, ppm: 0 }): SentRun {
  const random = randomStream(5, 0, 'turns')
  const meanGapNs = WORK_NS / LANES / load
  const freeNs = new Array<number>(LANES).fill(0)
  let atNs = 0
  return runOf(
    Array.from({ length: 4000 }, (_, i): Row => {
      const sentNs = atNs
      atNs -= Math.round(meanGapNs * log(1 - random()))
      const lane = i % LANES
      freeNs[lane] = Math.max(freeNs[lane]!, sentNs) + WORK_NS + Math.round(2000 * random())
      const receivedNs = (freeNs[lane]! + wayNs) * (1 + clock.ppm / 1e6) + clock.offsetNs
      return [sentNs, Math.round(receivedNs), Math.floor(4 * random())]
    }),
  )
}

function calibrated(run: SentRun) {
  const policy = { name: 'round-robin', parameters: {} }
  const { fitted, notKnown, clock } = calibrateRuns({ runs: [run], lanes: LANES, policy, seed: 1 })
  const { readerNs, laneNs, wakeUpNs, receiverNs, linkNs } = fitted.machine
  const isSaid = notKnown.some((line) => line.startsWith('how much of the least delay is work'))
  return { workNs: readerNs + laneNs + wakeUpNs + receiverNs, linkNs, clock, isSaid, notKnown, fitted }
}

test('where packets wait, the work is found within a tenth, and the way is the rest', () => {
  const { workNs, linkNs, clock } = calibrated(byTurns(0.6, 2e6))
  assert.equal(clock, 'same')
  assert.ok(Math.abs(workNs / WORK_NS - 1) < 0.1, `${workNs}`)
  assert.ok(Math.abs(workNs + linkNs - WORK_NS - 2e6) < 500)
})

test('between two clocks it is found as well, and of the way nothing is', () => {
  const { workNs, linkNs, clock } = calibrated(byTurns(0.6, 2e6, { offsetNs: -7e6, ppm: 20 }))
  assert.equal(clock, 'different')
  assert.ok(Math.abs(workNs / WORK_NS - 1) < 0.1, `${workNs}`)
  assert.equal(linkNs, 0)
})

test('where nobody waits, both ends of what fits are said, and all of the delay is work', () => {
  const { workNs, linkNs, isSaid, notKnown, fitted } = calibrated(byTurns(0.002, 20_000))
  assert.ok(isSaid, notKnown.join('; '))
  assert.ok(Math.abs(workNs - WORK_NS - 20_000) < 500, `${workNs}`)
  assert.ok(linkNs < 1)
  const [lowest, highest] = fitted.likeWorkNs!
  assert.ok(lowest < WORK_NS && highest > 49_500, `${lowest} to ${highest}`)
  assert.match(
    notKnown.join('; '),
    /: a work of [\d.]+\s[nu]s to 50(\.\d)?\sus fits these runs alike - record/,
  )
})
