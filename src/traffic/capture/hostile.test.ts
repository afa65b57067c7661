/** Malformed captures: nothing but a UserError escapes, and as much is read as tshark or libpcap read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../../errors.ts'
import { openCapture } from '../../node/open-capture.ts'
import { readSharedJson, sharedPath, skipWithout } from '../../shared.testing.ts'
import { packetColumns } from './columns.ts'
import type { PacketReader } from './packet-reader.ts'

const skip = skipWithout('captures/hostile-truth.json')

interface Reading {
  readonly packets: number
  readonly rc: number
}
interface Truth {
  readonly tshark: Reading
  readonly libpcap: Reading
}
const truths = skip ? {} : readSharedJson<Record<string, Truth>>('captures/hostile-truth.json')

/** Frames that we count where the others count another number. */
const OTHERWISE: Readonly<Record<string, number>> = {
  // Both give up at the file header. We count the frames of any link type, then refuse the file by that type.
  'hostile/mut-linktype-65535.pcap': 127,
}

test('the shared hostile captures are there', { skip }, () => {
  assert.equal(Object.keys(truths).length, 98)
})

for (const [name, { tshark, libpcap }] of Object.entries(truths)) {
  test(`${name} gives its packets up to the damage, or one line`, { skip, timeout: 5000 }, async () => {
    const path = sharedPath(`captures/${name}`)
    let reader: PacketReader | undefined
    const lines: string[] = []
    let packets = 0
    try {
      reader = await openCapture(path)
      const columns = packetColumns(16_384)
      while ((await reader.read(columns)) > 0) packets += columns.count
      lines.push(...reader.problems)
    } catch (error) {
      assert.ok(error instanceof UserError, String(error))
      assert.equal(packets, 0)
      lines.push(...error.lines)
    } finally {
      await reader?.close()
    }
    const most = Math.max(tshark.packets, libpcap.packets)
    assert.equal(reader?.stats.frames ?? 0, OTHERWISE[name] ?? most)
    assert.equal(reader?.stats.packets ?? 0, packets)
    for (const line of lines) {
      assert.ok(line.startsWith(`${path}: `))
      assert.doesNotMatch(line, /\n/)
      if (/: (damaged|cut off)/.test(line)) assert.match(line, /: (damaged|cut off) at byte \d+/)
    }
    if (tshark.rc !== 0 && libpcap.rc !== 0) {
      assert.ok(lines.length > 0, 'both others stop, we say nothing')
      if (most > 0) assert.match(lines[0]!, / at byte \d+/)
    }
    if (packets === 0) assert.equal(lines.length, 1)
  })
}
