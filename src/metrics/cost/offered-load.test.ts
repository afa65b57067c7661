import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketChunk } from '../../model/packets/chunk.ts'
import { linkSettings, sharedByAll } from '../../model/pipeline.testing.ts'
import type { MachineSettings } from '../../model/pipeline-settings.ts'
import { OfferedLoadMeter } from './offered-load.ts'

const lanes = (count: number, rest: Partial<MachineSettings> = {}): MachineSettings => ({
  tunQueue: { capacityPackets: 10, onFull: 'drop' },
  reader: { perPacketNs: 0, perPassNs: 0, batch: 1 },
  lanes: lanesOnly(count),
  link: linkSettings(count),
  ...rest,
})
const lanesOnly = (count: number) => ({
  count,
  speed: new Array<number>(count).fill(1),
  fixedNs: new Array<number>(count).fill(1000),
  perByteNs: new Array<number>(count).fill(2),
  capacityPackets: 10,
  onFull: 'drop' as const,
})

function chunkOf(arrivalsNs: readonly number[]): PacketChunk {
  const chunk = new PacketChunk()
  chunk.count = arrivalsNs.length
  arrivalsNs.forEach((ns, i) => {
    chunk.arrivalNs[i] = ns
    chunk.sizeBytes[i] = 500
    chunk.flowNumber[i] = i
  })
  return chunk
}

test('load is work per time and capacity, here 2 us of work every 4 us on two lanes', () => {
  const meter = new OfferedLoadMeter(lanes(2))
  meter.add(chunkOf([0, 4000, 8000]))
  assert.deepEqual(meter.result(), {
    packets: 3,
    bytes: 1500,
    flows: 1,
    spanNs: 8000,
    packetsPerSecond: 250_000,
    workNsMean: 2000,
    load: 6000 / 16000,
    loadPeak10ms: 6000 / 20e6,
    overlappingRatio: 0,
    packetsPerSecondAtLoad70: 700_000,
  })
})

test('packets overlap when one arrives before an earlier one could be done', () => {
  const meter = new OfferedLoadMeter(lanes(1))
  meter.add(chunkOf([0, 1999, 4000]))
  assert.equal(meter.result().overlappingRatio, 1 / 3)
})

test('the peak is that of the busiest 10 ms', () => {
  const meter = new OfferedLoadMeter(lanes(1))
  meter.add(chunkOf([1e6, 2e6, 3e6, 15e6]))
  assert.equal(meter.result().loadPeak10ms, 6000 / 10e6)
})

test('nothing and a single packet have no rate', () => {
  const meter = new OfferedLoadMeter(lanes(1))
  assert.equal(meter.result().packetsPerSecond, null)
  assert.equal(meter.result().overlappingRatio, null)
  meter.add(chunkOf([5]))
  assert.equal(meter.result().load, null)
  assert.equal(meter.result().overlappingRatio, 0)
})

test('on shared cores reader, lanes and receivers are the load, if that is more than what the lanes have', () => {
  const receiver = { count: 4, assign: 'own' as const, speed: [1, 1, 1, 1] }
  const far = { ...receiver, fixedNs: [900, 900, 900, 900], perByteNs: [0, 0, 0, 0] }
  const reader = { perPacketNs: 600, perPassNs: 1000, batch: 2 }
  const loads = [1, 2, 8].map((count) => {
    const meter = new OfferedLoadMeter(lanes(4, { reader, receiver: far, cores: sharedByAll(count) }))
    meter.add(chunkOf([0, 4000, 8000]))
    const { load, loadPeak10ms, workNsMean, packetsPerSecondAtLoad70 } = meter.result()
    return [load, loadPeak10ms, workNsMean, packetsPerSecondAtLoad70]
  })
  // A packet takes 600 + 1,000 / 2 of the reader, 2,000 of a lane and 900 of a receiver: 4,000 in all.
  assert.deepEqual(loads, [
    [12_000 / 8000, 12_000 / 10e6, 2000, 175_000],
    [12_000 / 16_000, 12_000 / 20e6, 2000, 350_000],
    // Eight cores leave a quarter of the four lanes' load, which is 6,000 of 32,000.
    [6000 / 32_000, 6000 / 40e6, 2000, 1_400_000],
  ])
})
