/**
 * Joined, split and rewritten packets by generated captures: what a sender's and a receiver's host make of
 * the same wire, with losses, copies, retransmissions, damage and any order. The verdict per segment is the
 * generator's.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { ipv4, ipv6, tcp, udp } from '../../traffic/capture/captures.testing.ts'
import { MatchBench, translated } from './match.testing.ts'
import { matchCaptures } from './match.ts'

const bench = new MatchBench()
after(() => bench.remove())

const SEGMENT_BYTES = 1448
const SYN_BYTES = 1
/** The flow that is IPv6's. */
const WITHOUT_ID = 2

/** A segment or datagram on the wire, or several that were joined. */
interface Unit {
  readonly flow: number
  /** Number in its flow, as sent. */
  readonly number: number
  readonly sequence: number
  readonly payload: Buffer
  readonly times: number
  readonly id: number
  readonly isSyn?: boolean
}

/** How a capture point sees numbers that a firewall shifts, and a SYN's segment size. */
interface Seen {
  readonly shift: number
  readonly idShift: number
  readonly segmentSize: number
  readonly nat: boolean
}

const AS_SENT: Seen = { shift: 0, idShift: 0, segmentSize: 1460, nat: false }

function packetOf({ flow, sequence, payload, times, id, isSyn }: Unit, seen: Seen, isUdp: boolean): Buffer {
  const isSix = flow === WITHOUT_ID && !seen.nat
  const bare = isUdp
    ? udp(100 + flow, 2, payload.length)
    : tcp(100 + flow, 2, payload.length, isSyn ? 2 : 16, 12)
  payload.copy(bare, bare.length - payload.length)
  if (!isUdp) {
    bare.writeUInt32BE((sequence + seen.shift) >>> 0, 4)
    if (!isSyn) bare.writeUInt32BE((5000 + seen.shift * 3) >>> 0, 8)
    if (isSyn) bare.set([2, 4, seen.segmentSize >> 8, seen.segmentSize & 255], 20)
    else bare.set([1, 1, 8, 10, 0, 0, times >> 8, times & 255], 20)
  }
  if (isSix) return ipv6(isUdp ? 17 : 6, bare)
  const packet = ipv4(isUdp ? 17 : 6, bare)
  packet.writeUInt16BE((id + seen.idShift) & 0xffff, 4)
  packet[8] = 64
  return seen.nat ? translatedFlow(packet, flow) : packet
}

function translatedFlow(packet: Buffer, flow: number): Buffer {
  const other = translated(packet)
  other.writeUInt16BE(40_000 + flow, 20)
  return other
}

/** Joins neighbours of one flow that go on where the one before ends: at random, never more than 8. */
function joined(units: readonly Unit[], coins: Iterator<boolean>, isUdp: boolean): Unit[] {
  const frames: Unit[] = []
  const latest = new Map<number, { at: number; many: number }>()
  for (const unit of units) {
    const open = latest.get(unit.flow)
    const frame = open === undefined ? undefined : frames[open.at]!
    const fits =
      frame !== undefined &&
      !unit.isSyn &&
      !frame.isSyn &&
      frame.times === unit.times &&
      frame.id + open!.many === unit.id &&
      (isUdp
        ? frame.payload.length % SEGMENT_BYTES === 0
        : (frame.sequence + frame.payload.length) >>> 0 === unit.sequence)
    if (fits && open!.many < 8 && coins.next().value) {
      frames[open!.at] = { ...frame, payload: Buffer.concat([frame.payload, unit.payload]) }
      open!.many++
    } else {
      latest.set(unit.flow, { at: frames.length, many: 1 })
      frames.push(unit)
    }
  }
  return frames
}

function* coinsOf(bits: readonly boolean[]): Generator<boolean, boolean> {
  for (let i = 0; ; i++) yield bits[i % bits.length]!
}

const wires = fc.record({
  flows: fc.integer({ min: 1, max: 3 }),
  order: fc.array(fc.nat(2), { minLength: 60, maxLength: 60 }),
  delays: fc.array(fc.nat(6), { minLength: 80, maxLength: 80 }),
  copies: fc.array(fc.constantFrom(0, 1, 1, 1, 1, 1, 1, 2), { minLength: 80, maxLength: 80 }),
  again: fc.array(fc.constantFrom(false, false, false, true), { minLength: 60, maxLength: 60 }),
  joinSent: fc.array(fc.boolean(), { minLength: 13, maxLength: 13 }),
  joinReceived: fc.array(fc.boolean(), { minLength: 17, maxLength: 17 }),
  start: fc.constantFrom(1, 0x7fffff00, 0xfffff000),
  /** Payloads repeat. */
  period: fc.constant<number>(60),
  /** Some segments are sent again in the same tick of TCP's clock: only IP's identification tells. */
  isSoon: fc.constant<boolean>(false),
})
type Wire = typeof wires extends fc.Arbitrary<infer T> ? T : never

/** What is sent, in order: every flow begins with a SYN, some segments are sent twice. */
function sentUnits({ flows, order, again, start, period, isSoon }: Wire, isUdp: boolean): Unit[] {
  const units: Unit[] = []
  const numbers = new Uint32Array(flows)
  const next = new Float64Array(flows).fill(start)
  const add = (unit: Omit<Unit, 'number' | 'id'>) => {
    const number = numbers[unit.flow]!++
    units.push({ ...unit, number, id: 1 + 1000 * unit.flow + number })
  }
  for (const [i, which] of order.entries()) {
    const flow = which % flows
    if (!isUdp && numbers[flow] === 0) {
      add({ flow, sequence: start, payload: Buffer.alloc(0), times: 0, isSyn: true })
      next[flow]! += SYN_BYTES
    }
    const payload = Buffer.alloc(SEGMENT_BYTES)
    for (let at = 0; at < payload.length; at += 4) payload.writeUInt32BE((i % period) * 7919 + at, at)
    const sequence = next[flow]! % 2 ** 32
    add({ flow, sequence, payload, times: 1 })
    next[flow]! += payload.length
    const times = isSoon && flow !== WITHOUT_ID && i % 2 === 0 ? 1 : 2 + i
    if (!isUdp && again[i]) add({ flow, sequence, payload, times })
  }
  return units
}

/** What arrives, in order of arrival. */
function arrivingUnits(sent: readonly Unit[], { delays, copies }: Wire): Unit[] {
  const arriving = sent.flatMap((unit, i) => {
    const many = unit.isSyn ? 1 : copies[i % copies.length]!
    return Array.from({ length: many }, (_, k) => ({ unit, at: i + delays[(i + k * 31) % delays.length]! }))
  })
  return arriving.sort((a, b) => a.at - b.at).map(({ unit }) => unit)
}

async function judgedAs(
  wire: Wire,
  seen: Seen,
  { isUdp = false, isJoinedAtSender = true, isJoinedAtReceiver = true },
) {
  const sent = sentUnits(wire, isUdp)
  const arriving = arrivingUnits(sent, wire)
  const sentFrames = isJoinedAtSender ? joined(sent, coinsOf(wire.joinSent), isUdp) : sent
  const receivedFrames = isJoinedAtReceiver ? joined(arriving, coinsOf(wire.joinReceived), isUdp) : arriving
  const timed = (units: readonly Unit[], as: Seen, from: number) =>
    units.map((unit, i) => ({ packet: packetOf(unit, as, isUdp), ns: from + i * 1000 }))
  const before = bench.write(
    'sent.pcap',
    timed(sentFrames, seen.nat ? { ...AS_SENT, nat: false } : AS_SENT, 0),
  )
  const after = bench.write('received.pcap', timed(receivedFrames, seen, 1e6))
  const { arrivals, counts, flows } = await matchCaptures(before, after, { nat: seen.nat })
  const found: string[] = []
  for (let row = 0; row < arrivals.count; row++)
    found.push(`${/:(\d+) >/.exec(flows.describe(arrivals.flow[row]!))![1]}/${arrivals.sequence[row]}`)
  const ofFlow = (rows: readonly string[]) =>
    Array.from({ length: wire.flows }, (_, flow) => rows.filter((row) => row.startsWith(`${100 + flow}/`)))
  const expected = arriving.map(({ flow, number }) => `${100 + flow}/${number}`)
  return { sent, arriving, counts, found: ofFlow(found), expected: ofFlow(expected) }
}

function assertSame({ sent, arriving, counts, found, expected }: Awaited<ReturnType<typeof judgedAs>>) {
  const { size } = new Set(arriving)
  assert.deepEqual(found, expected)
  const { matched, lost, duplicated, corrupted, unmatched } = counts
  assert.deepEqual(
    { sent: counts.sent, matched, lost, duplicated, corrupted, unmatched },
    {
      sent: sent.length,
      matched: size,
      lost: sent.length - size,
      duplicated: arriving.length - size,
      corrupted: 0,
      unmatched: 0,
    },
  )
}

const ways: ReadonlyArray<readonly [how: string, seen: Seen, rewritten: 'all' | 'syn' | 'none']> = [
  ['as sent', AS_SENT, 'none'],
  ["with TCP's numbers shifted", { ...AS_SENT, shift: 0x12345678 }, 'all'],
  ["with TCP's numbers shifted by less than the stream is long", { ...AS_SENT, shift: 1000 }, 'all'],
  ['with another segment size in SYNs', { ...AS_SENT, segmentSize: 8960 }, 'syn'],
]
for (const [how, seen, rewritten] of ways) {
  test(`TCP segments ${how}, joined at random on either side, have the generator's verdicts`, async () => {
    await fc.assert(
      fc.asyncProperty(
        wires,
        fc.boolean(),
        fc.boolean(),
        async (wire, isJoinedAtSender, isJoinedAtReceiver) => {
          const isSoon = rewritten !== 'all'
          const result = await judgedAs({ ...wire, isSoon }, seen, { isJoinedAtSender, isJoinedAtReceiver })
          assertSame(result)
          const syns = result.sent.filter(({ isSyn }) => isSyn).length
          if (rewritten !== 'all') assert.equal(result.counts.rewritten, rewritten === 'syn' ? syns : 0)
          else assert.equal(result.counts.rewritten, result.counts.matched)
        },
      ),
      { numRuns: 40, seed: 7, endOnFailure: true },
    )
  })
}

test("TCP segments of a program that sends the same bytes over and over aren't taken for shifted ones", async () => {
  await fc.assert(
    fc.asyncProperty(wires, fc.integer({ min: 1, max: 4 }), async (wire, period) => {
      const result = await judgedAs({ ...wire, period }, AS_SENT, {})
      assertSame(result)
      assert.equal(result.counts.rewritten, 0)
    }),
    { numRuns: 100, seed: 10, endOnFailure: true },
  )
})

test("TCP segments behind NAT, joined at random on either side, have the generator's verdicts", async () => {
  await fc.assert(
    fc.asyncProperty(wires, async (wire) => {
      const only = { ...wire, flows: Math.min(wire.flows, 2) }
      assertSame(await judgedAs(only, { ...AS_SENT, nat: true }, {}))
    }),
    { numRuns: 40, seed: 8, endOnFailure: true },
  )
})

test('datagrams joined on one side (UDP GSO, GRO) are found by their bytes', async () => {
  await fc.assert(
    fc.asyncProperty(wires, fc.boolean(), async (wire, isAtSender) => {
      const where = { isUdp: true, isJoinedAtSender: isAtSender, isJoinedAtReceiver: !isAtSender }
      const inOrder = isAtSender ? wire : { ...wire, delays: wire.delays.map(() => 0) }
      assertSame(await judgedAs(inOrder, AS_SENT, where))
    }),
    { numRuns: 40, seed: 9, endOnFailure: true },
  )
})
