/** The named cases about numbers in one capture, with the values of their expected.json. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { builtMain } from './built.testing.ts'
import { readSharedJson, sharedPath, skipWithout } from './shared.testing.ts'

const bench = mkdtempSync(path.join(tmpdir(), 'lanewise-cases-'))
after(() => rmSync(bench, { recursive: true }))

interface Metric {
  readonly mean: number
  readonly count: number
  readonly of: number
}

/** Where each key of expected.json stands in report.json. */
const places: Readonly<Record<string, (lost: number, metrics: Readonly<Record<string, Metric>>) => number>> =
  {
    reordered: (_, metrics) => metrics.reorderedRatio!.count,
    of: (_, metrics) => metrics.reorderedRatio!.of,
    extentMax: (_, metrics) => metrics.extentMax!.mean,
    lost: (lost) => lost,
    'iperf3.outOfOrder': (_, metrics) => metrics['iperf3.outOfOrder']!.mean,
  }

const cases = [
  ['06-wireguard-counter', 'wireguard'],
  ['08-openvpn-packet-id', 'openvpn'],
  ['10-iperf3-udp-payload', 'iperf3-udp'],
] as const
for (const [name, numbering] of cases) {
  const folder = `cases/field/${name}`
  test(`${name}: one capture is judged by its packets' own numbers`, { skip: skipWithout(folder) }, () => {
    const words = [
      'measure',
      sharedPath(`${folder}/received.pcap`),
      '-f',
      'json',
      '-q',
      '-o',
      path.join(bench, name),
    ]
    const [command, ...first] = [process.execPath, ...builtMain]
    const { status, stdout } = spawnSync(command!, [...first, ...words], { encoding: 'utf8' })
    assert.equal(status, 0)
    const found = JSON.parse(stdout)
    assert.equal(found.numbering, numbering)
    const expected = readSharedJson<Record<string, number>>(`${folder}/expected.json`)
    const { metrics } = found.records[0]
    const got = Object.fromEntries(
      Object.keys(expected).map((key) => [key, places[key]!(found.packets.lost, metrics)]),
    )
    assert.deepEqual(got, expected)
  })
}
