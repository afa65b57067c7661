/** Packets as bytes of a connection, worked out by hand: which are held, and what lets them go; in ns. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { sharedPath, skipWithout } from '../../shared.testing.ts'
import {
  choosing,
  happenings,
  inTurn,
  type MadePacket,
  orderOf,
  type Setup,
  sharedByAll,
  timesOf,
} from '../pipeline.testing.ts'
import { WindowRelease } from '../release/window.ts'

const WAY_NS = 10
const MS = 1e6
const stream = { mssBytes: 1000, overheadBytes: 0, pingpong: [false, false, false] }
const pingpong = { ...stream, pingpong: [true, true, true] }
const oneLane = (settings: typeof stream, rest: Setup = {}): Setup => ({
  lanes: 1,
  link: { delayNs: [WAY_NS], stream: settings },
  ...rest,
})
/** Packets of one size that take no time on their lane. */
const sent = (sizeBytes: number, times: readonly number[]): MadePacket[] =>
  times.map((at) => ({ at, work: 0, sizeBytes }))
const everyMs = (count: number) => Array.from({ length: count }, (_, i) => i * MS)

/** How long each packet was on its way. */
function delays(packets: readonly MadePacket[], setup: Setup): number[] {
  const times = timesOf(
    happenings(
      packets,
      choosing(() => 0),
      setup,
    ),
    'delivery',
  )
  return packets.map(({ at }, i) => times[i]! - at)
}

/** Packets that were held for the next one of their lane, which came a millisecond later. */
const held = (packets: readonly MadePacket[], setup: Setup) =>
  delays(packets, setup).flatMap((delayNs, i) => (delayNs >= MS ? [i] : []))

test('less than a full segment waits for the acknowledgement of the one before', () => {
  // The first is there at 10 and acknowledged at 20, when the second sets out.
  assert.deepEqual(delays(sent(600, [0, 5]), oneLane(stream)), [10, 25])
})

test('a full segment goes at once, and what is left over waits: a packet is there with its last byte', () => {
  // At 7 there are 1,200 bytes: 1,000 go, the last 200 of the third when the first is acknowledged, at 20.
  assert.deepEqual(delays(sent(600, [0, 5, 7]), oneLane(stream)), [10, 12, 23])
})

test('a packet longer than a segment goes in two, of which the small one may have to wait', () => {
  assert.deepEqual(delays(sent(1500, [0, 5]), oneLane(stream)), [10, 25])
  // Nothing small is ever on its way here.
  assert.deepEqual(delays(sent(1000, [0, 5, 6]), oneLane(stream)), [10, 10, 10])
})

test('what the tunnel adds counts as bytes', () => {
  const wrapped = { ...stream, overheadBytes: 400 }
  assert.deepEqual(delays(sent(600, [0, 5, 6]), oneLane(wrapped)), [10, 10, 10])
})

test('packets of one size that never meet are not held', () => {
  assert.deepEqual(held(sent(600, everyMs(200)), oneLane(stream)), [])
})

test('once a burst has made a full segment every fourth packet waits for the next one', () => {
  // Three at once in ms 20. The 1,000 bytes of 21 and 22 pass for a full segment from then on; 23 looks like
  // the end of a write and is acknowledged, 24 is of the same size and isn't; 25 waits for 26.
  const times = [...everyMs(21), 20 * MS, 20 * MS, ...everyMs(40).slice(21)]
  const packets = sent(600, times)
  assert.deepEqual(held(packets, oneLane(stream)), [25, 29, 33, 37, 41])
  const waited = delays(packets, oneLane(stream))
  // With 26 come 1,000 bytes, whose acknowledgement lets the rest of 26 go: one way, and three.
  assert.deepEqual(waited.slice(25, 27), [MS + WAY_NS, 3 * WAY_NS])
})

test('a pause that lets the late acknowledgement come, or one of 200 ms, ends that', () => {
  const times = [...everyMs(21), 20 * MS, 20 * MS, ...[21, 22].map((ms) => ms * MS)]
  // 24 is acknowledged 40 ms later; what follows has the size that is taken for full then.
  const later = Array.from({ length: 20 }, (_, i) => (70 + i) * MS)
  assert.deepEqual(held(sent(600, [...times, ...later]), oneLane(stream)), [])
})

test('a far end that has sent data holds every second packet, until its timer was first', () => {
  assert.deepEqual(held(sent(600, everyMs(9)), oneLane(pingpong)), [1, 3, 5, 7])
  // Nobody follows the second one: it waits for the acknowledgement of the first, which comes after 40 ms.
  assert.deepEqual(delays(sent(600, [0, 1]), oneLane(pingpong)), [10, 40 * MS + 29])
  const times = [0, MS, ...Array.from({ length: 10 }, (_, i) => (50 + i) * MS)]
  assert.deepEqual(held(sent(600, times), oneLane(pingpong)), [1])
})

test('a receiver acknowledges when it begins with a packet', () => {
  // By then no segment is acknowledged for its own sake. 20 is there after 10, and read 50 later; its
  // acknowledgement is there after 70, so that 21, sent after 30, is after 80: for 21 it wakes up again.
  const packets = sent(600, [...everyMs(21), 20 * MS + 30]).map((packet) => ({ ...packet, farWakeUp: 50 }))
  assert.deepEqual(delays(packets, oneLane(stream, { receiver: {} })).slice(20), [60, 100])
  // A service under way lasts until 160: only then 21 is begun with.
  const busy = packets.map((packet) => ({ ...packet, farWork: 100 }))
  assert.deepEqual(delays(busy, oneLane(stream, { receiver: {} })).slice(20), [160, 230])
})

test('after 200 ms of silence segments are acknowledged before they are read', () => {
  const after = (ms: number) =>
    sent(600, [...everyMs(21), (20 + ms) * MS, (20 + ms) * MS + 30]).map((packet) => ({
      ...packet,
      farWakeUp: 50,
    }))
  // The second one sets out at once and finds the thread, which wakes up for the first one until 60, awake.
  assert.deepEqual(delays(after(201), oneLane(stream, { receiver: {} })).slice(21), [60, 30])
  assert.deepEqual(delays(after(199), oneLane(stream, { receiver: {} })).slice(21), [60, 100])
})

test('one thread may read all connections, and only when it has a core', () => {
  // One core: the reader hands 0 to lane 0 and 1 to lane 1, whose packets a single thread reads in turn.
  const made = [0, 0].map((at) => ({ at, work: 20, sizeBytes: 600, farWork: 7 }))
  const setup: Setup = {
    lanes: 2,
    link: { delayNs: [WAY_NS, WAY_NS], stream },
    receiver: { assign: 'shared', count: 1 },
    allCores: sharedByAll(1),
  }
  // Lane 0 works 0-20, lane 1 20-40; the first packet is there at 30 and waits for the core.
  assert.deepEqual(timesOf(happenings(made, inTurn(), setup), 'delivery'), { 0: 47, 1: 57 })
})

const packets = fc
  .array(fc.record({ gap: fc.nat(2000), work: fc.nat(300), sizeBytes: fc.integer({ min: 20, max: 2500 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((made) => {
    let at = 0
    return made.map(({ gap, ...rest }) => {
      at += gap
      return { at, ...rest }
    })
  })

test('every packet leaves once, whatever reads and releases it', () => {
  const machines: fc.Arbitrary<Setup> = fc.record({
    lanes: fc.constant(3),
    receiver: fc.constantFrom(undefined, {}, { assign: 'shared' as const, count: 2 }),
    allCores: fc.constantFrom(undefined, sharedByAll(2), sharedByAll(1, { timeSliceNs: 50, staysRatio: 1 })),
    release: fc.constantFrom(
      undefined,
      ...(['sender', 'receiver'] as const).map((where) => ({
        at: where,
        create: (host: ConstructorParameters<typeof WindowRelease>[1]) => new WindowRelease(4, host),
      })),
    ),
    link: fc.constantFrom(0, WAY_NS).map((ns) => ({ delayNs: [ns, ns, ns], stream: pingpong })),
  })
  fc.assert(
    fc.property(packets, machines, (made, setup) => {
      const worked = made.map((packet) => ({ ...packet, farWork: packet.work, farWakeUp: 3 }))
      const left = orderOf(happenings(worked, inTurn(), setup), 'delivery')
      assert.deepEqual(
        left.toSorted((a, b) => a - b),
        made.map((_, i) => i),
      )
    }),
    { seed: 8, numRuns: 200 },
  )
})

test('a stream delivers all packets of a lane in order, none sooner than a link, and at most 40 ms later', () => {
  let held = 0
  fc.assert(
    fc.property(
      packets,
      fc.constantFrom(stream, pingpong),
      fc.constantFrom(0, 700),
      (made, settings, wayNs) => {
        const link = { delayNs: [wayNs, wayNs, wayNs] }
        const plain = timesOf(happenings(made, inTurn(), { lanes: 3, link }), 'delivery')
        const log = happenings(made, inTurn(), { lanes: 3, link: { ...link, stream: settings } })
        const times = timesOf(log, 'delivery')
        assert.equal(Object.keys(times).length, made.length)
        for (const i of made.keys()) {
          assert.ok(times[i]! >= plain[i]!)
          assert.ok(times[i]! <= plain[i]! + 40e6 + 3 * wayNs)
          assert.ok(i < 3 || times[i]! >= times[i - 3]!)
          if (times[i]! > plain[i]!) held++
        }
      },
    ),
    { seed: 3, numRuns: 300 },
  )
  assert.ok(held > 150, `${held} packets were held`)
})

const RUN = 'models/fork-runs/given/nagle-1f-2000-1200B-r2.csv.gz'

test('as many packets are held as in a real tunnel', { skip: skipWithout(RUN) }, () => {
  // 1,200 bytes at 2,000/s, which the dispatcher gave lanes 3 and 2 in turn; one of the two held every second
  // packet throughout.
  const [head, ...rows] = gunzipSync(readFileSync(sharedPath(RUN)))
    .toString()
    .trim()
    .split('\n')
  const columns = head!.split(',')
  const numbers = rows.map((row) => row.split(',').map(Number))
  const of = (name: string) => numbers.map((row) => row[columns.indexOf(name)]!)
  const [sentNs, receivedNs] = [of('sentNs'), of('receivedNs')]
  const order = [...sentNs.keys()].sort((a, b) => sentNs[a]! - sentNs[b]!)
  const made = order.map((i) => ({ at: sentNs[i]!, work: 35_000, sizeBytes: 1200, farWork: 8000 }))
  const inTunnel = { mssBytes: 1448, overheadBytes: 26, pingpong: [true, false] }
  const setup = { lanes: 2, receiver: {}, link: { delayNs: [0, 0], stream: inTunnel } }
  const times = timesOf(happenings(made, inTurn(), setup), 'delivery')
  const shareOf = (delaysNs: number[]) => delaysNs.filter((ns) => ns > 200_000).length / delaysNs.length
  const modelled = shareOf(made.map(({ at }, i) => times[i]! - at))
  const measured = shareOf(sentNs.map((ns, i) => receivedNs[i]! - ns))
  assert.ok(Math.abs(modelled - measured) < 0.03, `${modelled} for ${measured}`)
})
