/**
 * What two captures say of a system, beside what really went through it: iperf3's packets leave TCP in joined
 * ones (TSO), go over a wire that logs them (live/wire.testing.ts), and are joined again (GRO) or not. Counts
 * are worked out from that log, by the definitions' words.
 */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { builtFile, nodeOptions } from '../../built.testing.ts'
import { skipWithoutTun } from '../../live/live.testing.ts'
import type { Wire } from '../../live/wire.testing.ts'
import { report, values } from './command.testing.ts'

const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
const TOOLS = ['iperf3', 'tcpdump', 'ethtool', 'ip', 'ss', 'unshare', 'taskset']
/** Of Ethernet, with an IP packet of 1,500 bytes. */
const FRAME_BYTES_MAX = 1514

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-wire-'))
after(() => rmSync(folder, { recursive: true }))

function obstacle(): string | false {
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
  return missing.length > 0 ? `needs ${missing.join(', ')}` : skipWithoutTun()
}

interface Run {
  readonly words: string
  readonly gro?: 'on'
  readonly swapEvery: number
  readonly dropEvery?: number
}

async function wireOf({ words, gro, swapEvery, dropEvery = 0 }: Run): Promise<Wire> {
  const script = [builtFile('live/wire.testing'), folder, words, gro ?? 'off', swapEvery, dropEvery]
  // On two CPUs packets overtake each other before they come to the wire: veth has a queue for each.
  const cpu = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]!
  const command = [
    '-c',
    cpu,
    'unshare',
    ...NAMESPACES,
    process.execPath,
    ...nodeOptions,
    ...script.map(String),
  ]
  const options = { timeout: 60_000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const
  const { stdout } = await promisify(execFile)('taskset', command, options)
  return JSON.parse(stdout)
}

/** How many frames of a capture are longer than any that a wire of 1,500 bytes carries. */
function joinedIn(name: string): number {
  const bytes = readFileSync(path.join(folder, name))
  let joined = 0
  for (let at = 24; at < bytes.length; ) {
    const frameBytes = bytes.readUInt32LE(at + 8)
    assert.equal(frameBytes, bytes.readUInt32LE(at + 12))
    if (frameBytes > FRAME_BYTES_MAX) joined++
    at += 16 + frameBytes
  }
  return joined
}

/** RFC 4737: behind a packet of its flow that was sent later. */
function reorderedOf({ written }: Wire): number {
  const highest = new Map<string, number>()
  let reordered = 0
  for (const [flow, number] of written) {
    const before = highest.get(flow) ?? -1
    if (number < before) reordered++
    else highest.set(flow, number)
  }
  return reordered
}

const captures = `--sent ${folder}/sent.pcap --received ${folder}/received.pcap -o ${folder}/results`

const runs: readonly (readonly [what: string, Run, joinedLeast: { sent: number; received: number }])[] = [
  ['TCP joined by the sender', { words: '-n 4M', swapEvery: 20 }, { sent: 15, received: 0 }],
  ['TCP joined on both sides', { words: '-n 4M', swapEvery: 20, gro: 'on' }, { sent: 15, received: 15 }],
  [
    'TCP that sends again what the wire dropped',
    { words: '-n 4M', swapEvery: 30, dropEvery: 60 },
    { sent: 15, received: 0 },
  ],
  ['UDP', { words: '-u -b 40M -l 1200 -n 2M', swapEvery: 20 }, { sent: 0, received: 0 }],
]

for (const [what, run, joinedLeast] of runs) {
  test(`${what}: lost and reordered are those of the wire`, { skip: obstacle() }, async (t) => {
    const wire = await wireOf(run)
    const joined = { sent: joinedIn('sent.pcap'), received: joinedIn('received.pcap') }
    const reordered = reorderedOf(wire)
    const went = `${wire.written.length} packets, ${wire.dropped} dropped, ${reordered} reordered`
    t.diagnostic(`${went}; joined: ${joined.sent} sent, ${joined.received} received`)
    assert.ok(wire.written.length >= 500 && reordered >= 15, went)
    assert.ok(joined.sent >= joinedLeast.sent && joined.received >= joinedLeast.received)
    if (run.gro !== 'on') assert.equal(joined.received, 0)

    const measured = await report(captures)
    const { counts } = measured
    assert.deepEqual(
      { ...measured.packets, duplicated: counts.duplicated, unmatched: counts.unmatched },
      {
        sent: wire.written.length + wire.dropped,
        arrived: wire.written.length,
        lost: wire.dropped,
        corrupted: 0,
        rewritten: 0,
        duplicated: 0,
        unmatched: 0,
      },
    )
    assert.deepEqual(values(measured, 'reorderedRatio'), [[reordered, wire.written.length]])
  })
}
