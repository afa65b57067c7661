/**
 * Every kind of numbering over generated captures: the kind is found, and the verdict on every packet is the
 * generator's, however counters are interleaved and wherever their numbers begin. Where tshark is installed
 * it reads the same numbers.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, test } from 'node:test'
import { someMetricSettings } from '../../metrics/settings.testing.ts'
import { sharedPath, skipWithout } from '../../shared.testing.ts'
import type { Measured } from '../arrivals/arrivals.ts'
import { judge } from '../judge.ts'
import { MatchBench } from '../matching/match.testing.ts'
import type { Judged } from '../measurement.ts'
import { type MadeKind, type MadeTraffic, madeKinds, madeTraffic } from './numberings.testing.ts'
import { readNumbered } from './read-numbered.ts'

const bench = new MatchBench()
after(() => bench.remove())

interface Verdicts extends Judged {
  readonly measured: Measured
  /** Flow's name and what is said of it, packet by packet. */
  readonly rows: readonly string[]
}

async function found({ arrivals }: MadeTraffic): Promise<Verdicts> {
  const measured = await readNumbered(bench.write('made.pcap', arrivals), 'auto')
  assert.ok(measured !== undefined)
  const rows: string[] = []
  const judged = judge(measured, {
    worstFlows: 100,
    settings: (judgesAll) => ({ ...someMetricSettings, judgesAll }),
    onRow: (row, { isCopy, isReordered }) =>
      rows.push(
        `${measured.flows.describe(measured.arrivals.flow[row]!)} ${isCopy ? 'copy' : isReordered ? 'late' : 'fine'}`,
      ),
  })
  return { ...judged, measured, rows }
}

function agrees({ rows, worstFlows, counts }: Verdicts, { flows }: MadeKind, made: MadeTraffic): void {
  assert.deepEqual(
    rows,
    made.arrivals.map(({ counter, verdict }) => `${flows[counter]} ${verdict}`),
  )
  for (const { flow, sent, lost } of worstFlows) {
    const counter = flows.indexOf(flow)
    assert.deepEqual([sent, lost], [made.sent[counter], made.lost[counter]], flow)
  }
  assert.equal(
    counts.lost,
    made.lost.reduce((sum, lost) => sum + lost, 0),
  )
  assert.ok(counts.lost! > 0 && rows.some((row) => row.endsWith('late')) && counts.duplicated! > 0)
}

for (const [i, kind] of madeKinds.entries()) {
  test(`${kind.name} (${kind.flows[0]}): the generator's verdict on every packet`, async () => {
    for (let seed = 0; seed < 8; seed++) {
      const made = madeTraffic(kind, seed * 100 + i)
      const judged = await found(made)
      assert.equal(judged.numbering, kind.name)
      agrees(judged, kind, made)
      assert.deepEqual(
        judged.notes.filter((note) => !note.includes('IP-ID')),
        [],
      )
    }
  })

  test(`${kind.name} (${kind.flows[0]}): numbers begin anywhere, and go on behind the largest`, async () => {
    const { range } = kind
    const begin = range === undefined ? 2 ** 31 : range - 40
    const made = madeTraffic(kind, 7 + i, { first: (counter) => begin + counter * 10 })
    const judged = await found(made)
    agrees(judged, kind, made)
    const isEsp = kind.name === 'esp'
    assert.equal(
      judged.notes.some((note) => note.includes('extended sequence numbers (ESN)')),
      isEsp,
    )
  })
}

const hasTshark = spawnSync('tshark', ['--version']).status === 0
for (const kind of madeKinds.filter(({ tshark }) => tshark !== undefined)) {
  test(`${kind.name} (${kind.flows[0]}): tshark reads the same numbers`, {
    skip: hasTshark ? false : 'tshark is not installed',
  }, async () => {
    const made = madeTraffic(kind, 3, { packets: 150, first: () => 1000 })
    const measured = (await found(made)).measured
    const { field, decodeAs } = kind.tshark!
    const { stdout } = spawnSync(
      'tshark',
      ['-r', bench.path('made.pcap'), ...(decodeAs ? ['-d', decodeAs] : []), '-T', 'fields', '-e', field],
      { encoding: 'utf8' },
    )
    const theirs = stdout.trim().split('\n').map(Number)
    const { flow, sequence, count } = measured.arrivals
    assert.equal(theirs.length, count)
    const lowest = new Map<number, number>()
    for (let row = 0; row < count; row++)
      lowest.set(flow[row]!, Math.min(lowest.get(flow[row]!) ?? Number.POSITIVE_INFINITY, theirs[row]!))
    const ours = Array.from({ length: count }, (_, row) => sequence[row]! + lowest.get(flow[row]!)!)
    assert.deepEqual(ours, theirs)
  })
}

const RECORDED = 'captures/real/nfstream-wireguard.pcap'
test('a recorded WireGuard capture: the counters that tshark reads, of both directions and three rekeys', {
  skip: skipWithout(RECORDED) || (hasTshark ? false : 'tshark is not installed'),
}, async () => {
  const { arrivals, flows } = (await readNumbered(sharedPath(RECORDED), 'auto'))!
  const { stdout } = spawnSync(
    'tshark',
    ['-r', sharedPath(RECORDED), '-T', 'fields', '-e', 'wg.receiver', '-e', 'wg.counter'],
    { encoding: 'utf8' },
  )
  const theirs = stdout.split('\n').filter((line) => /\t\d/.test(line))
  const lowest = new Map<string, number>()
  for (const line of theirs) {
    const [receiver, counter] = line.split('\t') as [string, string]
    lowest.set(receiver, Math.min(lowest.get(receiver) ?? Number.POSITIVE_INFINITY, Number(counter)))
  }
  const ours = Array.from({ length: arrivals.count }, (_, row) => {
    const receiver = /0x\w+$/.exec(flows.describe(arrivals.flow[row]!))![0]
    return `${receiver}\t${arrivals.sequence[row]! + lowest.get(receiver)!}`
  })
  assert.deepEqual(ours, theirs)
  assert.equal(ours.length, 2393)
})
