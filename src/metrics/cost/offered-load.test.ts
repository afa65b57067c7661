import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketChunk } from '../../model/packets/chunk.ts'
import { OfferedLoadMeter } from './offered-load.ts'

const lanes = (count: number) => ({
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
