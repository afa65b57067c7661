/** Runs as what was sent: from two captures, and from a CSV without numbers to something that is judged. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { MatchBench, udpPacket } from './matching/match.testing.ts'
import { matchedRun, measuredRun, readSentArrivals } from './sent-run.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-sent-run-'))
const bench = new MatchBench()
after(() => {
  rmSync(folder, { recursive: true })
  bench.remove()
})

test('of two captures every packet that was sent is there, with NaN for one that was lost', async () => {
  const packets = [1, 2, 3, 4].map((i) => udpPacket(i))
  const timed = (order: readonly number[], shiftNs: number) =>
    order.map((number, i) => ({ packet: packets[number]!, ns: i * 1e6 + shiftNs }))
  const run = await matchedRun(
    bench.write('sent.pcap', timed([0, 1, 2, 3], 7e6)),
    bench.write('received.pcap', timed([2, 0, 3], 10.5e6)),
  )
  assert.deepEqual([run.count, run.flowCount], [4, 1])
  assert.deepEqual([...run.flow], [0, 0, 0, 0])
  assert.deepEqual([...run.sizeBytes], [60, 60, 60, 60])
  assert.deepEqual([...run.sentNs], [0, 1e6, 2e6, 3e6])
  assert.deepEqual([...run.receivedNs], [4.5e6, Number.NaN, 3.5e6, 5.5e6])
})

test('a CSV without numbers is judged by its times: numbered as sent, in order of arrival', async () => {
  const file = path.join(folder, 'run.csv')
  writeFileSync(file, 'flow,sentNs,receivedNs,sizeBytes\na,0,90,60\na,10,50,61\nb,20,60,62\n')
  writeFileSync(path.join(folder, 'run.lost.csv'), 'flow,sentNs,sizeBytes,why\na,5,63,lost\n')
  const sent = await readSentArrivals(file, 'run.csv')
  assert.equal(sent.run.count, 4)
  const { arrivals } = measuredRun(sent)!
  const rows = [0, 1, 2].map((i) => `${arrivals.flow[i]} ${arrivals.sequence[i]} ${arrivals.sizeBytes[i]}`)
  assert.deepEqual(rows, ['0 2 61', '1 0 62', '0 0 60'])
})

test('a run of which no arrival is known is nothing that could be judged', async () => {
  const file = path.join(folder, 'sent.csv')
  writeFileSync(file, 'sentNs,sizeBytes\n0,60\n')
  assert.equal(measuredRun(await readSentArrivals(file)), undefined)
})
