/** Which sizes are those of segments, and what isn't cut: jumbo frames, and what a made-up SYN asks for. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { commonSegment, cutEvery } from './cut-plan.ts'
import { MatchBench, nonZero, tcpPacket } from './match.testing.ts'

const bench = new MatchBench()
after(() => bench.remove())

const sizes = (...all: ReadonlyArray<readonly [size: number, count: number]>) => new Map(all)

test('the size of segments is the one that most larger packets are multiples of', () => {
  const cases = [
    ['frames of 1, 2 and 4 segments', sizes([1448, 10], [2896, 10], [5792, 10]), 1460, 1448],
    ['no single segment was seen', sizes([2896, 10], [4344, 10]), 1460, 1448],
    ['writes end in smaller segments', sizes([1448, 3], [14480, 10], [5000, 2], [656, 2]), 1460, 1448],
    ['nothing is larger than a segment', sizes([100, 10], [200, 10]), 1460, undefined],
    ['sizes without a common one', sizes([1500, 1], [3001, 1], [4999, 1]), 1460, undefined],
    ['jumbo frames and the end of a write', sizes([8948, 20], [1300, 1]), 1460, 8948],
  ] as const
  for (const [what, all, limit, expected] of cases) assert.equal(commonSegment(all, limit), expected, what)
  assert.deepEqual(cutEvery(5000, 1448), [1448, 1448, 1448, 656])
  assert.deepEqual(cutEvery(2896, 1448), [1448, 1448])
})

test('jumbo frames that arrive as they were sent stay whole', async () => {
  const sent = [0, 1, 2, 3].map((i) => tcpPacket(i * 8948, 8948, i + 1))
  const result = await bench.match(sent, [sent[0]!, sent[2]!, sent[1]!, sent[3]!])
  assert.deepEqual(nonZero(result), { sent: 4, received: 4, matched: 4 })
})

test('packets joined on both sides alike count as their segments', async () => {
  const sent = [tcpPacket(0, 1448, 1), tcpPacket(1448, 14_480, 2), tcpPacket(15_928, 2896, 12)]
  const result = await bench.match(sent, [sent[0]!, sent[2]!, sent[1]!])
  assert.deepEqual(nonZero(result), { sent: 13, received: 13, matched: 13 })
  assert.match(result.notes[0]!, /sent\.pcap: 2 packets were joined by the network card or kernel/)
})

test('a packet with the number of another and other bytes is not a part of it', async () => {
  const sent = [tcpPacket(0, 1000, 1), tcpPacket(1000, 1000, 2)]
  const other = tcpPacket(1000, 400, 9)
  other.fill(7, 40)
  const result = await bench.match(sent, [sent[0]!, other])
  assert.deepEqual(nonZero(result), {
    sent: 2,
    received: 2,
    matched: 1,
    lost: 1,
    lostAtEdges: 1,
    unmatched: 1,
  })
})
