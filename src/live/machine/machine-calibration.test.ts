import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meanNs } from '../../run/draws.ts'
import { parseCalibration } from '../../scenario/schema/calibration.ts'
import { parseDurationNs } from '../../units.ts'
import { costOf } from './cost.ts'
import type { MeasuredMachine } from './machine.ts'
import { machineCalibration } from './machine-calibration.ts'

/** Ten times per size: nine on the line, one beyond it. */
function made(fixedNs: number, perByteNs: number, beyondNs: number) {
  return costOf(
    [100, 1000].map((sizeBytes) => ({
      sizeBytes,
      timesNs: Float64Array.from(
        { length: 10 },
        (_, i) => fixedNs + perByteNs * sizeBytes + (i === 3 ? beyondNs : 0),
      ),
    })),
  )
}

const machine: MeasuredMachine = {
  cores: 2,
  encryption: { 'aes-256-gcm': made(3000, 0.5, 1000), 'chacha20-poly1305': made(4000, 1, 0) },
  tunWrite: made(2000, 0.25, 0),
  wakeUp: { count: 4, nsP50: 20_000, nsP90: 40_000, nsP99: 40_000, nsP999: 40_000, nsMax: 40_000 },
  wakeUpNs: Float64Array.of(10_000, 40_000, 20_000, 30_000),
  date: '2026-11-30',
}

const lanesOf = (of: MeasuredMachine, cipher: 'aes-256-gcm' | 'chacha20-poly1305', without?: string) => {
  const written = JSON.stringify(machineCalibration(of, cipher, without))
  const read = parseCalibration(written, 'machine')
  assert.ok('scenario' in read)
  const { lanes, cores } = read.scenario as {
    lanes: {
      service: { fixed: string; perByte: string; jitter: Parameters<typeof meanNs>[0] }
      wakeUp: unknown
    }
    cores: unknown
  }
  return { lanes, cores, notKnown: read.notKnown, packets: read.calibratedOn.packets }
}

test('the work of a packet is its encryption and its write, and its mean is kept', () => {
  const { lanes, cores, packets } = lanesOf(machine, 'aes-256-gcm')
  const { fixed, perByte, jitter } = lanes.service
  assert.deepEqual([fixed, perByte, cores], ['5us', '0.750ns', { count: 2 }])
  // One of ten takes 1 us longer.
  assert.equal(meanNs(jitter), 100)
  assert.deepEqual(lanes.wakeUp, { empirical: { values: ['10us', '20us', '30us', '40us'] } })
  assert.equal(packets, 20 + 20 + 4)
})

test('the other cipher has its own work; without a TUN device the write is left out, and that is said', () => {
  const { service } = lanesOf(machine, 'chacha20-poly1305').lanes
  assert.deepEqual([service.fixed, service.perByte, meanNs(service.jitter)], ['6us', '1.250ns', 0])
  const without = lanesOf({ ...machine, tunWrite: null }, 'chacha20-poly1305', 'no permission - use sudo')
  assert.deepEqual([without.lanes.service.fixed, without.lanes.service.perByte], ['4us', '1.000ns'])
  assert.equal(without.notKnown.at(-1), 'what a TUN write costs: no permission - use sudo')
  assert.equal(lanesOf(machine, 'aes-256-gcm').notKnown.length, without.notKnown.length - 1)
})

test('where times lie below the line the fixed part is what nearly all take, and the mean stays', () => {
  const timesNs = Float64Array.of(900, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1100)
  const cost = costOf([{ sizeBytes: 64, timesNs }])
  const { service } = lanesOf(
    { ...machine, encryption: { ...machine.encryption, 'aes-256-gcm': cost }, tunWrite: null },
    'aes-256-gcm',
  ).lanes
  assert.equal(service.fixed, '900ns')
  assert.equal(parseDurationNs(service.fixed) + meanNs(service.jitter), 1000)
})
