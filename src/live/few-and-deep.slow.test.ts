/** Replays of few packets on many lanes, and of packets whose marks stand behind many headers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ipv4, udp } from '../traffic/capture/captures.testing.ts'
import { captureOf, deepPackets } from './few-and-deep.testing.ts'
import { preparePackets } from './packets.ts'
import { inHandOf, replayOf, sumOfPlaces } from './replay.testing.ts'

test('few packets on many lanes all come, with a reader and without', async () => {
  for (const [packets, lanes] of [
    [1, 1],
    [1, 8],
    [3, 8],
    [5, 4],
  ] as const) {
    const frames = Array.from({ length: packets }, (_, i) => ipv4(17, udp(1000 + i, 2, 30)))
    const source = { capture: captureOf(frames) }
    const resolved = inHandOf({ source, warmup: '0s', lanes: { count: lanes }, policies: ['round-robin'] })
    for (const topology of ['dispatcher', 'shared'] as const) {
      const { counts } = await replayOf(resolved, { topology, pace: 'topspeed' })
      assert.equal(counts.delivered, packets, `${packets} packets, ${lanes} lanes, ${topology}`)
      assert.equal(sumOfPlaces(counts), packets)
    }
  }
})

test('packets behind 1 to 8 extension headers all come, wherever their marks stand', async () => {
  const frames = deepPackets()
  const resolved = inHandOf({ source: { capture: captureOf(frames) }, warmup: '0s', policies: ['hash'] })
  const list = await preparePackets(resolved)
  assert.equal(list.columns.packets, frames.length)
  assert.ok(list.markEndBytes > 2000 && list.mtuBytes > 2000, `${list.markEndBytes}, ${list.mtuBytes}`)
  const { counts } = await replayOf(resolved, { list, pace: 'topspeed' })
  assert.equal(counts.delivered, frames.length, JSON.stringify(counts))
})
