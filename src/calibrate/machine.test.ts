/** A machine in numbers, and the scenario that it is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarioSchema } from '../scenario/schema/schema.ts'
import { JITTER_SHARES, type Machine, machineKeys } from './machine.ts'

const NONE = JITTER_SHARES.map(() => 0)
const machine: Machine = {
  linkNs: 50_000,
  readerNs: 1500,
  laneNs: 20_000,
  perByteNs: 2.25,
  receiverNs: 0,
  wakeUpNs: 0,
  jitterNs: NONE,
  jitterAt: 'lane',
  linkJitterRatio: 0,
  writeRatio: 0,
}
const rising = JITTER_SHARES.map((_, k) => 10 * k)
const keysOf = (change: Partial<Machine>, structure = {}) =>
  machineKeys({ ...machine, ...change }, { lanes: 4, ...structure })

test('shares of what is added make up all packets', () => {
  const sum = JITTER_SHARES.reduce((total, share) => total + share, 0)
  assert.ok(Math.abs(sum - 1) < 1e-12, `${sum}`)
  assert.ok(JITTER_SHARES.every((share) => share > 0 && share <= 0.005))
})

test('a plain machine is a reader, lanes and a way, without anything else', () => {
  assert.deepEqual(keysOf({}), {
    reader: { perPacket: '1500ns' },
    lanes: {
      count: 4,
      service: { fixed: '20us', perByte: '2.25ns', jitter: 'none' },
      wakeUp: 'none',
      stalls: 'none',
    },
    link: { delay: '50us', jitter: 'none' },
  })
})

test('what is added stands where it is added, and nowhere else', () => {
  const values = rising.map((ns) => (ns === 0 ? '0s' : ns % 1000 === 0 ? `${ns / 1000}us` : `${ns}ns`))
  const jitter = { empirical: { values, weights: [...JITTER_SHARES] } }
  const places = (keys: ReturnType<typeof keysOf>) => [
    keys.lanes.service.jitter,
    keys.lanes.wakeUp,
    keys.receiver?.service.jitter,
    keys.link.jitter,
  ]
  const added = { jitterNs: rising }
  assert.deepEqual(places(keysOf({ ...added, jitterAt: 'lane' })), [jitter, 'none', undefined, 'none'])
  assert.deepEqual(places(keysOf({ ...added, jitterAt: 'wakeUp' })), ['none', jitter, undefined, 'none'])
  assert.deepEqual(places(keysOf({ ...added, jitterAt: 'receiver' })), ['none', 'none', jitter, 'none'])
  assert.deepEqual(places(keysOf({ ...added, jitterAt: 'link' })), ['none', 'none', undefined, jitter])
})

test('a constant wake-up is a time of its own, and added to what is drawn there', () => {
  assert.deepEqual(keysOf({ wakeUpNs: 4000 }).lanes.wakeUp, { constant: { value: '4us' } })
  const { wakeUp } = keysOf({ wakeUpNs: 4000, jitterNs: rising, jitterAt: 'wakeUp' }).lanes
  assert.deepEqual((wakeUp as { empirical: { values: string[] } }).empirical.values.slice(0, 2), [
    '4us',
    '4010ns',
  ])
})

test('early idle is a share of the work, jitter of the way one of what is added', () => {
  const { lanes, link } = keysOf({ writeRatio: 0.3, jitterNs: rising, linkJitterRatio: 0.5 })
  assert.deepEqual([lanes.idleAt, lanes.service.write], ['start-of-write', '6us'])
  assert.deepEqual((link.jitter as { empirical: { values: string[] } }).empirical.values.slice(1, 3), [
    '5ns',
    '10ns',
  ])
})

test('stalls, cores, a far end and keys of a structure are in it', () => {
  const keys = keysOf(
    { receiverNs: 3000, stalls: { perSecond: 12.5, lengthNs: [1000, 2e6] } },
    { cores: 2, keys: { reader: { whenLaneBusy: 'spin' } } },
  )
  assert.deepEqual(keys.receiver, { service: { fixed: '3us', perByte: '0ns', jitter: 'none' } })
  assert.deepEqual(keys.lanes.stalls, { perSecond: 12.5, length: { empirical: { values: ['1us', '2ms'] } } })
  assert.deepEqual([keys.cores, keys.reader], [{ count: 2 }, { whenLaneBusy: 'spin', perPacket: '1500ns' }])
})

test('times below half a nanosecond are none, and below zero too', () => {
  const keys = keysOf({ linkNs: -3, receiverNs: 0.4, wakeUpNs: 0.4, jitterNs: NONE.map(() => 0.4) })
  assert.deepEqual([keys.link.delay, keys.receiver, keys.lanes.wakeUp], ['0s', undefined, 'none'])
})

test('each of these is a scenario', () => {
  for (const jitterAt of ['lane', 'wakeUp', 'receiver', 'link'] as const) {
    const keys = keysOf({ jitterAt, jitterNs: rising, writeRatio: 0.2, linkJitterRatio: 0.1 })
    const scenario = scenarioSchema.parse({ source: { synthetic: { packetsPerSecond: 1 } }, ...keys })
    assert.equal(scenario.lanes.count, 4)
  }
})
