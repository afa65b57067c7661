/** Every capture of ../shared/captures against what tshark reads there; definitions in truth.py beside it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../../errors.ts'
import { openCapture } from '../../node/open-capture.ts'
import { readSharedJson, sharedPath, skipWithout } from '../../shared.testing.ts'
import { packetColumns } from './columns.ts'
import type { CaptureTime } from './stats.ts'

const skip = skipWithout('captures/truth.json')

interface Truth {
  readonly [key: string]: unknown
  readonly packets: number
  readonly ipv4: number
  readonly ipv6: number
  readonly flows_uni: number
  readonly flows_uni_noport: number
  readonly top20: readonly (readonly [string, number, string, number, number, number])[]
}

const truths = skip ? {} : readSharedJson<Record<string, Truth>>('captures/truth.json')

/** 802.11, which is refused by name; its frames and times are counted all the same. */
const REFUSED = new Set(['formats/wireshark-wpa-Induction.pcap.gz'])

function written(time: CaptureTime | undefined): string | null {
  return time === undefined ? null : `${time.seconds}.${String(time.nanoseconds).padStart(9, '0')}`
}

test('the shared captures are there', { skip }, () => {
  assert.equal(Object.keys(truths).length, 38)
})

for (const [name, truth] of Object.entries(truths)) {
  test(`${name} is read as tshark reads it`, { skip }, async () => {
    const reader = await openCapture(sharedPath(`captures/${name}`))
    const columns = packetColumns(1000)
    const packetsOfFlow: number[] = []
    let packets = 0
    try {
      while ((await reader.read(columns)) > 0) {
        packets += columns.count
        for (let row = 0; row < columns.count; row++) {
          const flow = columns.flow[row]!
          packetsOfFlow[flow] = (packetsOfFlow[flow] ?? 0) + 1
        }
      }
      assert.ok(!REFUSED.has(name))
    } catch (error) {
      assert.ok(REFUSED.has(name) && error instanceof UserError)
      assert.match(error.message, /all 1,093 frames are 802\.11 with radiotap header \(link type 127\)/)
    }
    await reader.close()

    const { stats, flows } = reader
    const ports = Array.from({ length: flows.count }, (_, i) => flows.get(i)).filter(
      (flow) => flow.sourcePort >= 0,
    )
    const ends = ports.map((flow) => flow.toString().split(/ > |\//))
    const conversations = new Set(ends.map(([from, to, protocol]) => `${[from, to].sort()} ${protocol}`))
    const read = {
      packets: stats.frames,
      linktypes: Object.fromEntries(stats.linkTypes),
      first_ts: written(stats.first),
      last_ts: written(stats.last),
      min_ts: written(stats.earliest),
      max_ts: written(stats.latest),
      ts_backward: stats.backwardTimes,
      captured_bytes: stats.capturedBytes,
      wire_bytes: stats.wireBytes,
      snaplen_cut_packets: stats.cutFrames,
      ipv4: stats.ipv4,
      ipv6: stats.ipv6,
      tcp: stats.tcp,
      udp: stats.udp,
      fragments: stats.fragments,
      fragments_later: stats.laterFragments,
      flows_uni: ports.length,
      flows_bi: conversations.size,
      flows_uni_noport: flows.count - ports.length,
    }
    assert.deepEqual(read, Object.fromEntries(Object.keys(read).map((key) => [key, truth[key]])))
    assert.equal(packets, truth.ipv4 + truth.ipv6)
    assert.deepEqual(reader.problems, [])

    const packetsByName = new Map(packetsOfFlow.map((count, flow) => [flows.describe(flow), count]))
    for (const [source, sourcePort, destination, destinationPort, protocol, count] of truth.top20) {
      const end = (address: string, port: number) =>
        address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
      const flow = `${end(source, sourcePort)} > ${end(destination, destinationPort)}/${protocol === 6 ? 'tcp' : 'udp'}`
      assert.equal(packetsByName.get(flow), count, flow)
    }
  })
}
