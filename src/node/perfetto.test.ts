/** The .json trace: events worked out by hand, and all packets of a comparison against its CSV trace. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { csvField } from '../metrics/trace.ts'
import { loadScenario } from './load-scenario.ts'
import { rowsOf, writePerfetto } from './perfetto.ts'
import { runScenario } from './runs.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-perfetto-'))
after(() => rmSync(folder, { recursive: true }))

interface Event {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid?: number
  readonly ts?: number
  readonly dur?: number
  readonly id?: string
  readonly args?: Readonly<Record<string, unknown>>
}

function eventsOf(...parts: string[]): Event[] {
  const files = parts.map((text, i) => {
    const file = path.join(folder, `part${i}`)
    writeFileSync(file, text)
    return file
  })
  let written = ''
  writePerfetto(files, (text) => {
    written += text
  })
  return JSON.parse(written).traceEvents
}

test('a packet is a wait, a service on its lane, and a way to its delivery', () => {
  const events = eventsOf('hash,0,7,10.0.0.1:1 > 10.0.0.2:2/udp,700,1000,2,9500,1,0,2005,7001\n')
  const packets = events.filter(({ ph }) => ph !== 'M')
  assert.deepEqual(
    packets.map(({ name, ph, ts, dur, tid, id }) => [name, ph, ts, dur, tid, id]),
    [
      ['queueing', 'b', 1, undefined, 3, '0x1'],
      ['queueing', 'e', 2.005, undefined, 3, '0x1'],
      ['packet 7', 'X', 2.005, 4.996, 3, undefined],
      ['link and release', 'b', 7.001, undefined, 3, '0x1'],
      ['link and release', 'e', 9.5, undefined, 3, '0x1'],
    ],
  )
  assert.deepEqual(packets[2]!.args, {
    index: 7,
    flow: '10.0.0.1:1 > 10.0.0.2:2/udp',
    sizeBytes: 700,
    arrivalNs: 1000,
    startNs: 2005,
    finishNs: 7001,
    deliveredNs: 9500,
    reordered: 1,
    reorderedTunnel: 0,
  })
  assert.deepEqual(
    events.filter(({ ph }) => ph === 'M').map(({ name, args }) => [name, args!.name ?? args!.sort_index]),
    [
      ['process_name', 'hash, run 0'],
      ['process_sort_index', 1],
      ['thread_name', 'lane 2'],
      ['thread_sort_index', 3],
    ],
  )
})

test('dropped and lost packets are instants, and every run is a process', () => {
  const events = eventsOf('a,0,1,f,60,5,0,,,,,\n', '"b:x=1,y=""2""",1,2,f,60,10,1,,,,20,30\n')
  assert.deepEqual(
    events.filter(({ ph }) => ph === 'i').map(({ name, pid, ts }) => [name, pid, ts]),
    [
      ['dropped 1', 1, 0.005],
      ['lost 2', 2, 0.03],
    ],
  )
  const names = events.filter(({ name }) => name === 'process_name').map(({ args }) => args!.name)
  assert.deepEqual(names, ['a, run 0', 'b:x=1,y="2", run 1'])
})

test('nothing traced is a trace without events', () => {
  assert.deepEqual(eventsOf(''), [])
})

test('rows read back, wherever pieces are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', 'é') }), { minLength: 2 })),
      fc.nat(50),
      (rows, cut) => {
        const text = rows.map((row) => `${row.map(csvField).join(',')}\n`).join('')
        const found: string[][] = []
        const rest = rowsOf(text.slice(0, cut), (row) => found.push(row))
        assert.equal(
          rowsOf(rest + text.slice(cut), (row) => found.push(row)),
          '',
        )
        assert.deepEqual(found, rows)
      },
    ),
    { seed: 9, numRuns: 300 },
  )
})

test('a comparison has the same packets as JSON and as CSV, and lanes serve one at a time', async () => {
  const loaded = await loadScenario('@02', { runs: 1, duration: '1s', policies: ['hash', 'any-idle'] })
  const traced = async (name: string) => {
    const trace = path.join(folder, name)
    await runScenario(loaded, { jobs: 1, trace })
    return readFileSync(trace, 'utf8')
  }
  const rows: string[][] = []
  rowsOf(await traced('t.csv'), (row) => rows.push(row))
  const events: Event[] = JSON.parse(await traced('t.json')).traceEvents
  const served = rows.slice(1).filter((row) => row[10] !== '')
  const slices = events.filter(({ ph }) => ph === 'X')
  assert.ok(slices.length > 200, `${slices.length} slices`)
  assert.deepEqual(
    slices.map(({ args }) => [
      String(args!.index),
      args!.flow,
      String(args!.startNs),
      String(args!.finishNs),
    ]),
    served.map((row) => [row[2], row[3], row[10], row[11]]),
  )
  const ends = new Map<string, number>()
  for (const { pid, tid, args } of slices.toSorted(
    (a, b) => a.pid - b.pid || Number(a.args!.startNs) - Number(b.args!.startNs),
  )) {
    const lane = `${pid} ${tid}`
    assert.ok(Number(args!.startNs) >= (ends.get(lane) ?? 0), lane)
    ends.set(lane, Number(args!.finishNs))
  }
  const opened = new Map<string, number>()
  for (const { ph, id, ts } of events) {
    if (ph === 'b') opened.set(id!, ts!)
    else if (ph === 'e') {
      assert.ok(ts! >= opened.get(id!)!)
      opened.delete(id!)
    }
  }
  assert.equal(opened.size, 0)
})
