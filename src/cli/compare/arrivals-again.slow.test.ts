/**
 * The way back: what a simulation delivers, written as an arrivals CSV with its file of lost packets and sent
 * again through the same lanes, is delivered as it was, and measured as it was simulated.
 */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { Report } from '../../report/comparison/report.ts'
import { ownFolder } from '../own-folder.testing.ts'
import { runProgram, withOneJob } from '../run-program.testing.ts'

ownFolder('arrivals')

const run = (words: string) => runProgram(withOneJob(words))
const reportIn = (of: string): Report => JSON.parse(readFileSync(path.join(of, 'report.json'), 'utf8'))

interface Traced {
  readonly index: number
  readonly flow: string
  readonly sizeBytes: string
  readonly arrivalNs: number
  /** NaN for a packet that was dropped. */
  readonly departureNs: number
}

/** The packets of a trace. */
function traced(file: string): Traced[] {
  const [header, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const names = header!.split(',')
  return rows.map((row) => {
    const cells = row.split(',')
    const cell = (name: string) => cells[names.indexOf(name)]!
    const departure = cell('departureNs')
    return {
      index: Number(cell('index')),
      flow: cell('flow'),
      sizeBytes: cell('sizeBytes'),
      arrivalNs: Number(cell('arrivalNs')),
      departureNs: departure === '' ? Number.NaN : Number(departure),
    }
  })
}

/** Writes the packets as a running system's: those that arrived as NAME.csv.gz, the others beside it. */
function writeArrivals(name: string, packets: readonly Traced[]): { readonly lost: number } {
  const sent = packets.toSorted((a, b) => a.index - b.index)
  const counts = new Map<string, number>()
  const numbers = new Map<Traced, number>()
  for (const packet of sent) {
    const number = counts.get(packet.flow) ?? 0
    numbers.set(packet, number)
    counts.set(packet.flow, number + 1)
  }
  const arrived = sent.filter(({ departureNs }) => !Number.isNaN(departureNs))
  arrived.sort((a, b) => a.departureNs - b.departureNs)
  const rows = arrived.map(
    (packet) =>
      `${numbers.get(packet)},${packet.flow},${packet.arrivalNs},${packet.departureNs},${packet.sizeBytes}\n`,
  )
  writeFileSync(`${name}.csv.gz`, gzipSync(`sequence,flow,sentNs,receivedNs,sizeBytes\n${rows.join('')}`))
  const lost = sent.filter(({ departureNs }) => Number.isNaN(departureNs))
  const lostRows = lost.map(({ flow, arrivalNs, sizeBytes }) => `${arrivalNs},${sizeBytes},lost,${flow}\n`)
  rmSync(`${name}.lost.csv`, { force: true })
  if (lost.length > 0) writeFileSync(`${name}.lost.csv`, `sentNs,sizeBytes,why,flow\n${lostRows.join('')}`)
  return { lost: lost.length }
}

const COMPARED = ['reorderedRatio', 'extentMean', 'lateTimeNsP50', 'lateTimeNsP99', 'flowsReorderedRatio']

test('a run that was simulated, written as a CSV and sent again gives what was measured of it', async () => {
  let lostInAll = 0
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        packetsPerSecond: fc.constantFrom(20_000, 120_000),
        flows: fc.integer({ min: 1, max: 40 }),
        lanes: fc.integer({ min: 2, max: 4 }),
        policy: fc.constantFrom('any-idle', 'round-robin'),
        /** What a lane's queue holds; what finds it full is lost. */
        capacity: fc.constantFrom(1, 4, 'unlimited'),
        seed: fc.integer({ min: 1, max: 1000 }),
      }),
      async ({ packetsPerSecond, flows, lanes, policy, capacity, seed }) => {
        const machine = `seed: ${seed}\nruns: 1\nwarmup: 0s\nlanes: { count: ${lanes}, queue: { capacityPackets: ${capacity} } }\ntunQueue: { capacityPackets: 5000 }\npolicies: [${policy}]\n`
        const synthetic = `{ synthetic: { packetsPerSecond: ${packetsPerSecond}, flows: { count: ${flows} } } }`
        writeFileSync('before.yaml', `source: ${synthetic}\nduration: 15ms\n${machine}`)
        const first = await run('compare before.yaml -q -o before --trace trace.csv')
        assert.deepEqual([first.exitCode, first.stderr], [0, ''])
        const { lost } = writeArrivals('run', traced('trace.csv'))

        writeFileSync('again.yaml', `source: { arrivals: run.csv.gz }\n${machine}`)
        const second = await run('compare again.yaml -q -o again')
        assert.deepEqual([second.exitCode, second.stderr], [0, ''])
        const measure = await runProgram('measure run.csv.gz -q -f json -o measured'.split(' '))
        const report = reportIn('again')
        const predicted = report.records[0]!.metrics
        const simulated = reportIn('before').records[0]!.metrics
        const found = JSON.parse(measure.stdout).records[0].metrics
        for (const [name, value] of Object.entries(report.measured!))
          assert.equal(value, found[name].mean, name)
        assert.equal(report.lost, lost)
        for (const name of COMPARED) {
          assert.equal(predicted[name]!.mean, simulated[name]!.mean, name)
          if (lost === 0 && simulated[name]!.mean !== null)
            assert.equal(report.measured![name], simulated[name]!.mean, name)
        }
        assert.equal(predicted.laneDropRatio!.count, lost)
        lostInAll += lost
      },
    ),
    {
      numRuns: 6,
      seed: 11,
      includeErrorInReport: true,
      examples: [
        [{ packetsPerSecond: 120_000, flows: 5, lanes: 2, policy: 'round-robin', capacity: 4, seed: 3 }],
      ],
    },
  )
  assert.ok(lostInAll > 0)
})
