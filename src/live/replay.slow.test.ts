import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadScenario } from '../node/load-scenario.ts'
import { arrivals, inHandOf, reorderedPackets, replayOf, sumOfPlaces } from './replay.testing.ts'
import { Fate } from './threads/record.ts'
import { WORK_KINDS } from './threads/work.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-'))
after(() => rmSync(folder, { recursive: true }))

/** A few flows at a rate that a busy machine can follow. */
const calm = {
  source: {
    synthetic: { packetsPerSecond: 1000, flows: { count: 8 }, sizes: { fixed: '200B' } },
  },
  duration: '1s',
  warmup: '0s',
  tunQueue: { capacityPackets: 5000 },
  lanes: { queue: { capacityPackets: 5000 } },
} as const
const slow = (mean: string) => ({ fixed: '0us', perByte: '0ns', jitter: { exponential: { mean } } }) as const

test('every packet comes, in the order of its flow, with its times in the order of its way', async () => {
  const { record, counts, label, flows } = await replayOf(inHandOf({ ...calm, policies: ['hash'] }), {
    limit: 500,
  })
  assert.equal(label, 'hash')
  assert.equal(flows.count, 8)
  assert.equal(counts.delivered, 500)
  assert.equal(sumOfPlaces(counts), 500)
  assert.equal(reorderedPackets(record), 0)
  assert.equal(arrivals(record).length, 500)
  for (let row = 0; row < 500; row++) {
    assert.ok(record.plannedNs[row]! <= record.sentNs[row]!)
    assert.ok(record.sentNs[row]! <= record.readNs[row]!)
    assert.ok(record.readNs[row]! <= record.startNs[row]!)
    assert.ok(record.startNs[row]! <= record.collectedNs[row]!)
    assert.ok(record.collectedNs[row]! <= record.finishNs[row]! + 1)
    assert.equal(record.readOrder[row], row)
    assert.equal(record.fate[row], Fate.delivered)
    assert.equal(
      record.lane[row],
      record.lane[arrivals(record).find((i) => record.flow[i] === record.flow[row])!],
    )
  }
})

test('a lane serves one packet after the other, as long as the scenario says', async () => {
  const scenario = { ...calm, lanes: { ...calm.lanes, service: slow('1ms') }, policies: ['round-robin'] }
  const { record } = await replayOf(inHandOf(scenario), { work: 'model', limit: 400 })
  const busyUntilNs = [0, 0, 0, 0]
  let workNs = 0
  for (let row = 0; row < 400; row++) {
    const lane = record.lane[row]!
    assert.equal(lane, row % 4)
    assert.ok(record.startNs[row]! >= busyUntilNs[lane]!)
    assert.ok(record.finishNs[row]! - record.startNs[row]! >= record.workNs[row]!)
    busyUntilNs[lane] = record.finishNs[row]!
    workNs += record.workNs[row]!
  }
  assert.ok(Math.abs(workNs / 400 - 1e6) < 0.2e6, `mean work ${workNs / 400}`)
})

test('lost packets are accounted for where several places lose some at once', async () => {
  const scenario = {
    ...calm,
    source: {
      synthetic: {
        packetsPerSecond: 4000,
        flows: { count: 8 },
        sizes: { empirical: { values: ['100B', '1400B'], weights: [20, 1] } },
      },
    },
    lanes: { queue: { capacityPackets: 40 }, service: slow('1ms') },
    reader: { batch: 4 },
    policies: ['round-robin'],
  }
  const { counts, record } = await replayOf(inHandOf(scenario), {
    work: 'model',
    pace: 'topspeed',
    limit: 3000,
    queueLengthPackets: 20,
    // Four packets of 1000 bytes.
    smallerMtuBytes: 1000,
    receiveBufferBytes: 4 * (1000 + 768),
  })
  assert.equal(sumOfPlaces(counts), 3000)
  assert.equal(counts.unaccounted, 0)
  assert.equal(counts.delivered, arrivals(record).length)
  for (const place of ['delivered', 'tunDropped', 'sendFailed', 'collectorDropped'] as const) {
    assert.ok(counts[place] > 0, `${place}: ${JSON.stringify(counts)}`)
  }
  const { sizeBytes, fate } = record
  assert.equal(counts.sendFailed, sizeBytes.filter((size) => size > 1000).length)
  for (let row = 0; row < 3000; row++) assert.equal(fate[row] === Fate.sendFailed, sizeBytes[row]! > 1000)
})

test('a full lane drops, or is waited for, as the scenario says', async () => {
  const lanes = { count: 2, service: slow('1ms') }
  const of = (onFull: 'drop' | 'hold') =>
    inHandOf({
      ...calm,
      lanes: { ...lanes, queue: { capacityPackets: 2, onFull } },
      policies: ['round-robin'],
    })
  const options = { work: 'model', pace: 'topspeed', limit: 300, queueLengthPackets: 1000 } as const
  const dropped = (await replayOf(of('drop'), options)).counts
  assert.ok(dropped.laneDropped > 200, JSON.stringify(dropped))
  assert.equal(dropped.laneDropped + dropped.delivered, 300)
  const held = (await replayOf(of('hold'), options)).counts
  assert.equal(held.delivered, 300)
})

test('a policy on HOLD is asked again when a lane has finished: any-idle never queues', async () => {
  const scenario = { ...calm, lanes: { ...calm.lanes, service: slow('1ms') }, policies: ['any-idle'] }
  const { record, counts } = await replayOf(inHandOf(scenario), {
    work: 'model',
    pace: 'topspeed',
    limit: 300,
  })
  assert.equal(counts.delivered, 300)
  const lastOnLaneNs = [0, 0, 0, 0]
  const used = new Set<number>()
  for (let row = 0; row < 300; row++) {
    const lane = record.lane[row]!
    used.add(lane)
    // The lane had finished before the reader gave it another packet, so nothing waited in front of it.
    assert.ok(record.startNs[row]! >= lastOnLaneNs[lane]!)
    lastOnLaneNs[lane] = record.finishNs[row]!
  }
  assert.equal(used.size, 4)
})

test('the stage hands packets over in batches, to idle lanes only, and keeps none', async () => {
  const scenario = {
    ...calm,
    reader: { batch: 24, stage: { perLane: 6, total: 24 } },
    lanes: { ...calm.lanes, service: slow('500us') },
    policies: ['round-robin'],
  }
  const { counts } = await replayOf(inHandOf(scenario), { work: 'model', pace: 'topspeed', limit: 500 })
  assert.equal(counts.delivered, 500)
})

for (const topology of ['shared', 'multi-queue'] as const) {
  test(`${topology}: lanes read for themselves`, async () => {
    const { record, counts, label } = await replayOf(inHandOf(calm), { topology, limit: 500 })
    assert.equal(label, topology)
    assert.equal(counts.delivered, 500)
    const lanesOfFlow = new Map<number, Set<number>>()
    for (let row = 0; row < 500; row++) {
      assert.ok(record.lane[row]! >= 0 && record.lane[row]! < 4)
      const lanes = lanesOfFlow.get(record.flow[row]!) ?? new Set()
      lanesOfFlow.set(record.flow[row]!, lanes.add(record.lane[row]!))
    }
    if (topology === 'shared') return
    for (const lanes of lanesOfFlow.values()) assert.equal(lanes.size, 1)
    assert.equal(reorderedPackets(record), 0)
  })
}

for (const work of WORK_KINDS) {
  test(`work ${work} passes every packet on`, async () => {
    const { counts, record } = await replayOf(inHandOf({ ...calm, policies: ['hash'] }), { work, limit: 200 })
    assert.equal(counts.delivered, 200)
    assert.equal(
      record.workNs.every((ns) => ns > 0),
      work === 'model',
    )
  })
}

test('a policy that throws ends its replay with one line', async () => {
  const file = path.join(folder, 'thrower.mjs')
  writeFileSync(
    file,
    `export const policy = { name: 'thrower', description: '', create: () => ({
       name: 'thrower', keepsFlowOrder: false,
       choose(packet) { if (packet.index === 7) throw new Error('no idea'); return 0 } }) }`,
  )
  const scenario = path.join(folder, 'thrower.json')
  writeFileSync(scenario, JSON.stringify(calm))
  const resolved = await loadScenario(scenario, { policies: [file] })
  await assert.rejects(replayOf(resolved, { limit: 100 }), {
    message: 'policy thrower: threw at packet 7, no idea',
  })
  const refusing = await loadScenario(scenario, { policies: ['oracle'] })
  await assert.rejects(replayOf(refusing, { limit: 100 }), { name: 'UserError', message: /^policy oracle: / })
})

test('a policy that holds for ever is told so', async () => {
  const file = path.join(folder, 'holder.mjs')
  writeFileSync(
    file,
    `export const policy = { name: 'holder', description: '', create: () => ({
       name: 'holder', keepsFlowOrder: false, choose: (packet) => packet.index < 5 ? 0 : -1 }) }`,
  )
  const scenario = path.join(folder, 'holder.json')
  writeFileSync(scenario, JSON.stringify(calm))
  const resolved = await loadScenario(scenario, { policies: [file] })
  await assert.rejects(replayOf(resolved, { limit: 100 }), {
    message: /^policy holder: held packet 5 while every lane is idle/,
  })
})

test('a policy that holds until a timer that never comes is found out', async () => {
  const file = path.join(folder, 'sleeper.mjs')
  writeFileSync(
    file,
    `export const policy = { name: 'sleeper', description: '', create: () => ({
       name: 'sleeper', keepsFlowOrder: false, choose: (packet) => packet.index < 5 ? 0 : -1, nextTimerNs: () => 1e15 }) }`,
  )
  const scenario = path.join(folder, 'sleeper.json')
  writeFileSync(scenario, JSON.stringify(calm))
  const resolved = await loadScenario(scenario, { policies: [file] })
  await assert.rejects(replayOf(resolved, { limit: 100 }), {
    message:
      'replay sleeper: its policy held packets for too long, 95 of 100 never came - choose a lane, or set an earlier timer',
  })
})

test("a policy sees departures, timers, passes and packets in the simulator's order", async () => {
  const file = path.join(folder, 'watcher.mjs')
  // Holds every packet for a millisecond by its own timer; counts what would be wrong.
  writeFileSync(
    file,
    `export const policy = { name: 'watcher', description: '', create: (parameters, lanes) => {
       let wakeNs = Infinity, due = -1, lastNs = 0, wrong = 0, holds = 0, timers = 0, departed = 0, passes = 0
       const at = (nowNs) => { if (nowNs < lastNs) wrong++; lastNs = nowNs }
       return { name: 'watcher', keepsFlowOrder: true,
         onPass(packets, lanes, nowNs) { at(nowNs); passes++; if (packets !== 1) wrong++ },
         choose(packet, view, nowNs) {
           at(nowNs)
           if (view.finished(0) !== departed) wrong++
           if (packet.arrivalNs > nowNs || packet.flow.index < 0 || packet.sizeBytes !== 200) wrong++
           if (packet.index === due) return 0
           holds++
           if (wakeNs === Infinity) wakeNs = nowNs + 1e6
           due = packet.index + 1000000
           return -1 },
         onDeparture(packet, lane, nowNs) { at(nowNs); departed++; if (lane !== 0) wrong++ },
         nextTimerNs: () => wakeNs,
         onTimer(nowNs) { at(nowNs); if (nowNs < wakeNs) wrong++; timers++; wakeNs = Infinity; due -= 1000000 },
         counters: () => ({ wrong, holds, timers, departed, passes }) } } }`,
  )
  const scenario = path.join(folder, 'watcher.json')
  writeFileSync(scenario, JSON.stringify(calm))
  const resolved = await loadScenario(scenario, { policies: [file] })
  const { counts, policyCounters } = await replayOf(resolved, { limit: 50, pace: 'topspeed' })
  assert.equal(counts.delivered, 50)
  const { wrong, timers, passes, departed } = policyCounters
  assert.deepEqual({ wrong, timers, passes }, { wrong: 0, timers: 50, passes: 50 })
  assert.ok(departed! >= 49)
})

test('ended early, it is over within a second and says where the packets are', async () => {
  const long = { ...calm, duration: '60s', lanes: { ...calm.lanes, service: slow('20ms') } }
  const control = new AbortController()
  const resolved = inHandOf(long)
  let abortedAtNs = 0n
  const onProgress = (sentPackets: number) => {
    if (sentPackets < 200 || control.signal.aborted) return
    abortedAtNs = process.hrtime.bigint()
    control.abort(new Error('interrupted'))
  }
  const { signal } = control
  const { counts, endedEarly } = await replayOf(resolved, { signal, onProgress, work: 'model' })
  assert.ok(Number(process.hrtime.bigint() - abortedAtNs) < 1e9)
  assert.equal(endedEarly, true)
  assert.equal(sumOfPlaces(counts), counts.packets)
  assert.ok(counts.notSent > 50_000 && counts.delivered > 0 && counts.inFlight > 0, JSON.stringify(counts))
  await assert.rejects(replayOf(resolved, { signal: control.signal, limit: 10 }), { message: 'interrupted' })
})

test('an office capture at a load of 0.6: hash keeps every flow in order, round-robin does not', async () => {
  const capture = fileURLToPath(new URL('../../scenarios/captures/office.pcap.gz', import.meta.url))
  const resolved = inHandOf({
    source: { capture, packetsPerSecond: 2400 },
    lanes: { service: slow('1ms') },
    policies: ['round-robin', 'hash'],
  })
  const sprayed = await replayOf(resolved, { policy: 0, work: 'model', limit: 2000 })
  const hashed = await replayOf(resolved, { policy: 1, work: 'model', limit: 2000 })
  assert.ok(reorderedPackets(sprayed.record) > 100)
  assert.equal(reorderedPackets(hashed.record), 0)
  assert.equal(sumOfPlaces(hashed.counts), 2000)
})
