/**
 * Pairs of captures as people bring them, and of real VPNs: the inputs beside the repository, if they are
 * there. What they are about has tests of its own in src/measure/matching.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runProgram } from './cli/run-program.testing.ts'
import { sharedPath, skipWithout } from './shared.testing.ts'

interface Report {
  readonly packets: Readonly<Record<'sent' | 'arrived' | 'lost' | 'corrupted' | 'rewritten', number>>
  readonly notes: readonly string[]
  readonly worstFlows: ReadonlyArray<{
    readonly flow: string
    readonly lost: number
    readonly reordered: number
  }>
  readonly records: ReadonlyArray<{
    readonly metrics: Readonly<Record<string, { readonly count: number; readonly of: number }>>
  }>
}

async function measured(sent: string, received: string): Promise<Report> {
  const out = mkdtempSync(join(tmpdir(), 'lanewise-case-'))
  const argv = ['measure', '--sent', sent, '--received', received, '--flows', 'all', '-q', '-o', out]
  const { exitCode, stderr } = await runProgram(argv)
  assert.equal(exitCode, 0, stderr)
  return JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')) as Report
}

const field = 'cases/field'
const cases = [
  '01-tso-small-superframes',
  '02-gro-receiver-no-hint',
  '05-fragmented-on-the-way',
  '18-two-esp-sas',
  '33-firewall-rewrites-tcp-numbers',
]
for (const name of cases) {
  const folder = `${field}/${name}`
  test(`${name} has the right value`, { skip: skipWithout(folder) }, async () => {
    const inputs = ['sent.pcap', 'received.pcap'].map((file) => sharedPath(`${folder}/${file}`))
    const { packets, records } = await measured(inputs[0]!, inputs[1]!)
    const found: Record<string, number> = {
      ...packets,
      sentSegments: packets.sent,
      reordered: records[0]!.metrics.reorderedRatio!.count,
    }
    const expected = JSON.parse(readFileSync(sharedPath(`${folder}/expected.json`), 'utf8'))
    assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]])), expected)
  })
}

const vpn = 'captures/vpn'
const pairs = [
  // Packets sent, lost, SYNs whose segment size the VPN lowered, reordered (2 of leak's are such SYNs).
  ['spray-iperf-udp', 4186, 0, 1, 1187],
  ['spray-iperf-tcp', 4649, 0, 2, 3313],
  ['leak-10x-ten-net', 5963, 0, 34, 486],
  ['wireguard-go-tcp-loss', 3806, 42, 0, 0],
] as const
for (const [name, sent, lost, rewritten, reordered] of pairs) {
  test(`the pair ${name} has the counts that are known of it`, { skip: skipWithout(vpn) }, async () => {
    const ends = ['sent', 'recv'].map((end) => sharedPath(`${vpn}/${name}.${end}.pcap.gz`))
    const { packets, records, worstFlows, notes } = await measured(ends[0]!, ends[1]!)
    assert.deepEqual(packets, { sent, arrived: sent - lost, lost, corrupted: 0, rewritten })
    assert.equal(records[0]!.metrics.reorderedRatio!.count, reordered)
    assert.equal(
      worstFlows.reduce((sum, flow) => sum + flow.lost, 0),
      lost,
    )
    assert.equal(
      worstFlows.reduce((sum, flow) => sum + flow.reordered, 0),
      reordered,
    )
    if (rewritten > 0) assert.match(notes.join('\n'), /the segment size in a SYN changed - rewritten/)
  })
}
