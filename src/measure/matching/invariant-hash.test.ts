/**
 * Fingerprints of real packets against the bytes themselves, masked the slow way: equal exactly where those
 * are.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlowTable } from '../../model/packets/flow-table.ts'
import { openCapture } from '../../node/open-capture.ts'
import { sharedPath, skipWithout } from '../../shared.testing.ts'
import { packetColumns } from '../../traffic/capture/columns.ts'
import type { IpHeaders } from '../../traffic/capture/ip.ts'
import { InvariantHash } from './invariant-hash.ts'
import { nonZero } from './match.testing.ts'
import { matchCaptures } from './match.ts'

/** What counts of a packet, as text. */
function masked(view: DataView, at: number, end: number, headers: IpHeaders, bytesMax: number): string {
  const bytes = Buffer.from(view.buffer.slice(at, Math.min(end, at + headers.sizeBytes)))
  const blank = (from: number, to: number) =>
    bytes.fill(0, Math.min(from, bytes.length), Math.min(to, bytes.length))
  if (headers.version === 4) {
    blank(1, 4)
    blank(8, 9)
    blank(10, 12)
  } else {
    bytes[0]! &= 0xf0
    blank(1, 6)
    blank(7, 8)
  }
  const transport = headers.transportAt - at
  if (headers.transportAt >= 0 && headers.protocol === 6) blank(transport + 16, transport + 18)
  if (headers.transportAt >= 0 && headers.protocol === 17) blank(transport + 6, transport + 8)
  return `${headers.sizeBytes} ${bytes.toString('latin1', 0, Math.min(bytes.length, bytesMax))}`
}

const captures = [
  'lab/lab-veth-mixed.pcap',
  'lab/lab-tun-reorder.pcap',
  'lab/lab-any-sll2.pcap',
  'formats/ndpi-rtsp-sll.pcapng',
]
for (const name of captures) {
  const skip = skipWithout(`captures/${name}`)

  test(`${name}: two packets have one fingerprint exactly where their bytes are the same`, {
    skip,
  }, async () => {
    for (const bytesMax of [Number.POSITIVE_INFINITY, 43]) {
      const hash = new InvariantHash(false, bytesMax)
      const fingerprints = new Map<string, string>()
      const texts = new Set<string>()
      const watcher = {
        packet(view: DataView, at: number, end: number, headers: IpHeaders) {
          hash.read(view, at, end, headers)
          const fingerprint = `${hash.low} ${hash.high}`
          const text = masked(view, at, end, headers, bytesMax)
          assert.equal(fingerprints.get(fingerprint) ?? text, text)
          fingerprints.set(fingerprint, text)
          texts.add(text)
        },
      }
      const reader = await openCapture(sharedPath(`captures/${name}`), new FlowTable(), name, watcher)
      const columns = packetColumns(1000)
      while ((await reader.read(columns)) > 0);
      await reader.close()
      assert.ok(texts.size > 50, `${texts.size} different packets`)
      assert.equal(fingerprints.size, texts.size)
    }
  })

  test(`${name} matched with itself is whole and in order`, { skip }, async () => {
    const path = sharedPath(`captures/${name}`)
    const result = await matchCaptures(path, path)
    const { arrivals, counts, clock } = result
    assert.equal(counts.matched, counts.sent)
    assert.equal(counts.matched, counts.received)
    assert.equal(arrivals.count, counts.sent)
    for (let i = 0; i < arrivals.count; i++) assert.equal(arrivals.tunnelSequence[i], i)
    assert.equal(clock.kind, 'same')
    const { identical: _, otherFramesSent, otherFramesReceived, ...rest } = nonZero(result)
    assert.equal(otherFramesSent, otherFramesReceived)
    assert.deepEqual(Object.keys(rest), ['sent', 'received', 'matched'])
  })
}
