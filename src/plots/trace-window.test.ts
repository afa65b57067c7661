import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { TRACE_HEADER } from '../metrics/trace.ts'
import { isTrace, readTraceWindow } from './trace-window.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-window-'))
after(() => rmSync(folder, { recursive: true }))

/** Packet i arrives at i us, is served for 2 us on lane i % 2; packets 200 and 300 are overtaken. */
function rowsOf(policy: string, run: number, reorders: boolean): string[] {
  return Array.from({ length: 400 }, (_, i) => {
    const startNs = i * 1000 + 100
    const reordered = reorders && (i === 200 || i === 300) ? 1 : 0
    return `${policy},${run},${i},a > b/udp,700,${i * 1000},${i % 2},${startNs + 2000},${reordered},0,${startNs},${startNs + 2000}`
  })
}
const put = (name: string, header: string, rows: readonly string[]) => {
  const file = path.join(folder, name)
  writeFileSync(file, `${header}${rows.join('\n')}\n`)
  return file
}
const traced = put('trace.csv', TRACE_HEADER, [
  'hash,0,999,a > b/udp,700,0,0,,,,,',
  ...rowsOf('hash', 0, false),
  ...rowsOf('"random:weights=1,2"', 0, true),
  ...rowsOf('"random:weights=1,2"', 1, true),
])

test('without a moment it is around the first overtaken packet, with all policies', () => {
  const { packets, fromNs, toNs } = readTraceWindow(traced, {})
  const random = packets.filter(({ policy }) => policy === 'random:weights=1,2')
  assert.ok(random.some(({ index, reordered }) => index === 200 && reordered))
  assert.ok(fromNs < 200_100 && toNs > 202_100 && toNs - fromNs < 60_000, `${fromNs} to ${toNs}`)
  assert.ok(packets.some(({ policy }) => policy === 'hash'))
  assert.equal(new Set(random.map(({ index }) => index)).size, random.length, 'of the first run alone')
  assert.ok(random.length >= 30 && random.length < 50, String(random.length))
})

test('a window holds exactly what is served in it; dropped packets are in none', () => {
  const { packets } = readTraceWindow(traced, { fromNs: 10_000, forNs: 5000, policies: ['hash'] })
  assert.deepEqual(
    packets.map(({ index, startNs, finishNs, lane }) => [index, startNs, finishNs, lane]),
    [8, 9, 10, 11, 12, 13, 14].map((i) => [i, i * 1000 + 100, i * 1000 + 2100, i % 2]),
  )
})

test('moments count from the first packet of the trace', () => {
  const shifted = put('shifted.csv', TRACE_HEADER, [
    'hash,0,0,a > b/udp,700,936000000,,,,,,',
    'hash,0,1,a > b/udp,700,936010000,0,936012000,0,0,936010100,936012000',
    'hash,0,2,a > b/udp,700,936020000,0,936022000,0,0,936020100,936022000',
  ])
  const { packets, firstNs, fromNs, toNs } = readTraceWindow(shifted, { fromNs: 15_000, forNs: 10_000 })
  assert.deepEqual([firstNs, fromNs, toNs], [936_000_000, 936_015_000, 936_025_000])
  assert.deepEqual(
    packets.map(({ index }) => index),
    [2],
  )
  assert.throws(() => readTraceWindow(shifted, { fromNs: 5e6, forNs: 1e6 }), /in the 1 ms from 5 ms on/)
})

test('where nothing is overtaken it is the beginning', () => {
  const { packets, fromNs } = readTraceWindow(traced, { policies: ['hash'] })
  assert.equal(fromNs, 100)
  assert.equal(packets[0]!.index, 0)
})

test('too many policies or packets are left out, and counted', () => {
  const many = put(
    'many.csv',
    TRACE_HEADER,
    ['a', 'b', 'c', 'd', 'e', 'f'].flatMap((policy) => rowsOf(policy, 0, false)),
  )
  const { packets, policiesLeftOut } = readTraceWindow(many, { fromNs: 0, forNs: 1e6 })
  assert.deepEqual([...new Set(packets.map(({ policy }) => policy))], ['a', 'b', 'c', 'd'])
  assert.equal(policiesLeftOut, 2)
})

test('with too many packets the window ends where the first one is left out, so that nothing is missing in it', () => {
  const rows = Array.from({ length: 900 }, (_, i) => `busy,0,${i},a > b/udp,700,${i * 1000},0,${i * 1000 + 900},0,0,${i * 1000},${i * 1000 + 900}`) // biome-ignore format: a row
  const long = put('long.csv', TRACE_HEADER, [...rows, ...rowsOf('calm', 0, false)])
  const { packets, toNs, askedToNs } = readTraceWindow(long, { fromNs: 0, forNs: 5e6 })
  assert.deepEqual([toNs, askedToNs], [400_000, 5e6])
  for (const policy of ['busy', 'calm']) {
    const shown = packets.filter((packet) => packet.policy === policy)
    assert.equal(shown.length, 400, policy)
    assert.ok(Math.max(...shown.map(({ startNs }) => startNs)) < 400_000, policy)
  }
  assert.equal(readTraceWindow(long, { fromNs: 0, forNs: 399e3 }).askedToNs, null)
})

test('other files, older traces and empty windows are refused with the cure', () => {
  const older = put('older.csv', 'policy,run,index,flow,sizeBytes,arrivalNs,lane,departureNs,reordered\n', [])
  assert.ok(isTrace(older))
  assert.throws(
    () => readTraceWindow(older, {}),
    /older.csv: lacks startNs, finishNs - .*--trace packets.csv/,
  )
  assert.ok(!isTrace(put('summary.csv', 'point,policy\n', [])))
  assert.throws(
    () => readTraceWindow(traced, { fromNs: 1e9 }),
    /no packet was served in the 2 ms from 1 s on - see --from and --for$/,
  )
  assert.throws(() => readTraceWindow(traced, { policies: ['rss'] }), /no packet of the first run was served/)
})
