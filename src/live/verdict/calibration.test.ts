import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { Stalls } from '../../model/machine/stalls.ts'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { readCalibration } from '../../node/calibration-file.ts'
import type { Plan } from '../../run/plan.ts'
import { randomStream } from '../../sim/random.ts'
import { replayOn } from '../threads/machine.testing.ts'
import { stallingMachine, unequalMachine, wakingMachine } from '../threads/machines.testing.ts'
import { Fate, ReplayRecord } from '../threads/record.ts'
import { calibrate } from './calibration.ts'
import type { Replayed } from './replayed.ts'

const HEAD = { kind: 'lanewise calibration' }

/** A packet of a record: read at, in service for. */
interface Made {
  readonly readNs: number
  readonly serviceNs: number
  readonly sizeBytes?: number
  readonly sentNs?: number
  readonly workNs?: number
}

/** One lane that serves these packets one after the other. */
function oneLane(packets: readonly Made[]): Replayed {
  const record = new ReplayRecord(packets.length)
  let freeNs = 0
  for (const [
    row,
    { readNs, serviceNs, sizeBytes = 100, sentNs = readNs, workNs = 0 },
  ] of packets.entries()) {
    freeNs = Math.max(freeNs, readNs) + serviceNs
    record.sentNs[row] = sentNs
    record.readNs[row] = readNs
    record.readOrder[row] = row
    record.lane[row] = 0
    record.finishNs[row] = freeNs
    record.collectedNs[row] = freeNs + 2200
    record.arrivalOrder[row] = row
    record.sizeBytes[row] = sizeBytes
    record.workNs[row] = workNs
    record.fate[row] = Fate.delivered
  }
  return { label: 'made', topology: 'dispatcher', lanes: 1, record, flows: new FlowTable() }
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

test('a record with constant service is calibrated to that constant, without stalls and cost per byte', () => {
  const gap = fc.integer({ min: 1, max: 300_000 })
  fc.assert(
    fc.property(
      fc.array(gap, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 500_000 }),
      (gaps, serviceNs) => {
        let readNs = 0
        const packets = gaps.map((gapNs, i) => {
          readNs += gapNs
          return { readNs, serviceNs, sizeBytes: 40 + ((i * 37) % 1400) }
        })
        const { service, stalls } = calibrate(oneLane(packets), 'constant')
        assert.equal(service.perByteNs, 0)
        assert.deepEqual(stalls, [])
        assert.equal(service.lanes.length, 1)
        for (const times of [service.lanes[0]!.idleNs, service.lanes[0]!.busyNs]) {
          assert.deepEqual(new Set(times), new Set([serviceNs]))
        }
      },
    ),
    { numRuns: 200, seed: 1 },
  )
})

test('idle and busy starts are told apart, and each keeps its mean', () => {
  const random = randomStream(1, 0, 'test')
  // Pairs: the first finds the lane idle and takes 50 to 70 us, the second 10 to 12 us.
  const packets = Array.from({ length: 6000 }, (_, i) => {
    const isIdle = i % 2 === 0
    const serviceNs = Math.round(isIdle ? 50_000 + 20_000 * random() : 10_000 + 2000 * random())
    return { readNs: Math.floor(i / 2) * 1e6 + (isIdle ? 0 : 1000), serviceNs }
  })
  const { service, recordedFrom, delivery } = calibrate(oneLane(packets), 'pairs')
  const [{ idleNs, busyNs }] = service.lanes as [(typeof service.lanes)[0]]
  assert.deepEqual([recordedFrom.idleStarts, recordedFrom.busyStarts, recordedFrom.stalls], [3000, 3000, 0])
  assert.deepEqual([idleNs.length, busyNs.length], [2000, 2000])
  const kept = (odd: number) => packets.filter((_, i) => i % 2 === odd).map(({ serviceNs }) => serviceNs)
  assert.ok(Math.abs(mean(idleNs) - mean(kept(0))) < 0.5)
  assert.ok(Math.abs(mean(busyNs) - mean(kept(1))) < 0.5)
  assert.deepEqual(
    idleNs,
    idleNs.toSorted((a, b) => a - b),
  )
  assert.equal(delivery.afterFinishNsP50, 2200)
})

test('a cost per byte is found beside the rest', () => {
  const random = randomStream(2, 0, 'test')
  const packets = Array.from({ length: 2000 }, (_, i) => {
    const sizeBytes = 40 + Math.floor(1400 * random())
    return { readNs: i * 30_000, serviceNs: Math.round(10_000 + 8 * sizeBytes + 5000 * random()), sizeBytes }
  })
  const { service } = calibrate(oneLane(packets), 'sizes')
  assert.ok(Math.abs(service.perByteNs - 8) < 0.5, `${service.perByteNs}`)
  assert.ok(Math.abs(mean(service.lanes[0]!.idleNs) - 12_500) < 500)
})

test('what was asked for is no stall, however long; what takes longer than asked is', () => {
  const work = (i: number) => (i % 100 === 0 ? 900_000 : 10_000)
  const packets = Array.from({ length: 400 }, (_, i) => {
    const extraNs = i === 150 || i === 250 ? 300_000 : 5000
    return { readNs: i * 2e6, serviceNs: work(i) + extraNs, workNs: work(i) }
  })
  const { stalls, service } = calibrate(oneLane(packets), 'work')
  assert.deepEqual(
    stalls.map(({ lanes, lengthNs }) => ({ lanes, lengthNs })),
    [{ lanes: [0], lengthNs: [295_000, 295_000] }],
  )
  assert.equal(Math.max(...service.lanes[0]!.idleNs), 905_000)
  const unknown = calibrate(oneLane(packets.map((packet) => ({ ...packet, workNs: 0 }))), 'work')
  assert.equal(unknown.recordedFrom.stalls, 6)
})

test("the reader's cost is the step between packets that were waiting already", () => {
  // Bursts of 4 at once, read 3 us apart.
  const packets = Array.from({ length: 400 }, (_, i) => {
    const sentNs = Math.floor(i / 4) * 1e6
    return { sentNs, readNs: sentNs + 20_000 + (i % 4) * 3000, serviceNs: 1000 }
  })
  const expected = { perPacketNs: 3000, afterSendNsP50: 20_000 }
  assert.deepEqual(calibrate(oneLane(packets), 'bursts').reader, expected)
  const alone = packets.filter((_, i) => i % 4 === 0)
  assert.deepEqual(calibrate(oneLane(alone), 'alone').reader, { ...expected, perPacketNs: null })
  // Lanes that take longer than the step: the reader may have waited for them.
  const slow = packets.map((packet) => ({ ...packet, serviceNs: 50_000 }))
  const idleOnly = calibrate(oneLane(slow), 'slow').reader.perPacketNs
  assert.equal(idleOnly, 3000, 'behind the first of each burst')
})

test('a kind of start that hardly occurred has the times of the other', () => {
  const packets = Array.from({ length: 100 }, (_, i) => ({ readNs: i * 1e6, serviceNs: 40_000 + i }))
  const [{ idleNs, busyNs }] = calibrate(oneLane(packets), 'idle').service.lanes as [
    { idleNs: number[]; busyNs: number[] },
  ]
  assert.equal(idleNs.length, 100)
  assert.deepEqual(busyNs, idleNs)
})

test('lanes are pooled unless they differ', async () => {
  const even = calibrate(await replayOn(wakingMachine(1)), 'even').service.lanes
  const uneven = calibrate(await replayOn(unequalMachine(1)), 'uneven').service.lanes
  assert.equal(even.length, 1)
  assert.equal(uneven.length, 4)
  // Twice as slow: 206 us of service in place of 103, both with 30 us of waking up.
  const [fast, slow] = [mean(uneven[0]!.idleNs), mean(uneven[2]!.idleNs)]
  assert.ok(Math.abs(slow - fast - 103_000) < 15_000, `${fast} ${slow}`)
})

test('stalls that lanes have in common belong to a group of lanes', async () => {
  const twoCores = (plan: Plan): Plan => ({
    ...plan,
    settings(run) {
      const settings = plan.settings(run)
      const stalls = (lane: number) => {
        const random = randomStream(7, run, `core ${lane >> 1}`)
        return new Stalls(
          () => -Math.log1p(-random()) * 12.5e6,
          () => 800_000 + 1.2e6 * random(),
        )
      }
      return { ...settings, lanes: { ...settings.lanes, stalls } }
    },
  })
  const { stalls } = calibrate(await replayOn(stallingMachine(1), { change: twoCores }), 'cores')
  assert.deepEqual(
    stalls.map(({ lanes }) => lanes),
    [
      [0, 1],
      [2, 3],
    ],
  )
  for (const { perSecond } of stalls) assert.ok(Math.abs(perSecond - 80) < 20, `${perSecond} a second`)
})

test('lanes that stall at unlike rates keep their own', async () => {
  const onlyFirst = (plan: Plan): Plan => ({
    ...plan,
    settings(run) {
      const settings = plan.settings(run)
      const stalls = (lane: number) => (lane === 0 ? settings.lanes.stalls!(lane) : undefined)
      return { ...settings, lanes: { ...settings.lanes, stalls } }
    },
  })
  const { stalls } = calibrate(await replayOn(stallingMachine(1), { change: onlyFirst }), 'first')
  assert.deepEqual(
    stalls.map(({ lanes }) => lanes),
    [[0]],
  )
  assert.ok(Math.abs(stalls[0]!.perSecond - 80) < 35, `${stalls[0]!.perSecond} a second`)
})

test('a calibration is the same when it is read back from its file', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-calibrate-'))
  try {
    const calibration = calibrate(await replayOn(stallingMachine(1)), 'gateway')
    const file = path.join(folder, 'calibration.json')
    writeFileSync(file, JSON.stringify({ ...HEAD, schemaVersion: 2, measured: calibration }))
    assert.deepEqual(readCalibration(file).measured, calibration)
    assert.deepEqual(calibration.recordedFrom.scenario, 'gateway')
    assert.ok(calibration.stalls.length === 4 && calibration.service.lanes[0]!.busyNs.length > 1000)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a record without a served packet is refused', () => {
  assert.throws(() => calibrate(oneLane([]), 'nothing'), /record of made: no lane has served a packet/)
})
