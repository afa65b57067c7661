import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ethernet, ipv4, ipv6, readAll, tcp, udp } from '../traffic/capture/captures.testing.ts'
import { CaptureWriter } from './pcap-writer.ts'

const folder = mkdtempSync(join(tmpdir(), 'lanewise-'))
after(() => rmSync(folder, { recursive: true }))

const small = ipv4(17, udp(1, 2, 10))
const cut = ipv4(6, tcp(3, 4, 1000, 0x11))

test('what is written is read again: times to the nanosecond, cut packets, both IP versions', async () => {
  const path = join(folder, 'raw.pcap')
  const writer = new CaptureWriter(path)
  writer.write(0, 0, small)
  writer.write(1_700_000_000, 999_999_999, cut.subarray(0, 60), cut.length)
  writer.write(0xffffffff, 1, ipv6(17, udp(5, 6, 0)))
  writer.close()
  writer.close()
  const { packets, reader } = await readAll(readFileSync(path))
  assert.deepEqual(packets, [
    '0.000000000 10.0.0.1:1 > 10.0.0.2:2/udp size 38 payload 10 flags 0',
    '1700000000.999999999 10.0.0.1:3 > 10.0.0.2:4/tcp size 1040 payload 1000 flags 17',
    '4294967295.000000001 [2001:db8::1]:5 > [2001:db8::2]:6/udp size 48 payload 0 flags 0',
  ])
  assert.deepEqual([...reader.stats.linkTypes], [[101, 3]])
  assert.equal(reader.stats.cutFrames, 1)
})

test('more packets than the buffer holds come out whole and in order', async () => {
  const path = join(folder, 'many.pcap')
  const writer = new CaptureWriter(path, 1)
  const frame = ethernet(0x0800, ipv4(17, udp(7, 8, 1400)))
  for (let i = 0; i < 3000; i++) writer.write(i, i, frame)
  writer.close()
  const { packets, reader } = await readAll(readFileSync(path), 65_536, 1000)
  assert.equal(packets.length, 3000)
  packets.forEach((line, i) => {
    assert.ok(line.startsWith(`${i}.${String(i).padStart(9, '0')} 10.0.0.1:7 > `), line)
  })
  assert.deepEqual([...reader.stats.linkTypes], [[1, 3000]])
})

test('what a record cannot hold is refused', () => {
  const writer = new CaptureWriter(join(folder, 'refused.pcap'))
  assert.throws(() => writer.write(0, 0, new Uint8Array(262_145)), RangeError)
  assert.throws(() => writer.write(-1, 0, small), RangeError)
  assert.throws(() => writer.write(2 ** 32, 0, small), RangeError)
  writer.close()
  assert.throws(() => writer.flush(), /refused\.pcap is closed$/)
})

test('a place that cannot be written to is one line with the cure', () => {
  assert.throws(() => new CaptureWriter(join(folder, 'none', 'x.pcap')), {
    name: 'UserError',
    message: /x\.pcap: the capture can't be written, its folder does not exist - make it first$/,
  })
  assert.throws(() => new CaptureWriter(folder), /a folder has that name - name a file$/)
})

const CAPINFOS = 'capinfos'
const skip = spawnSync(CAPINFOS, ['--version']).status === 0 ? false : 'capinfos is not installed'

test('capinfos finds the same packets, bytes and times', { skip }, () => {
  const path = join(folder, 'checked.pcap')
  const writer = new CaptureWriter(path)
  writer.write(1_700_000_000, 5, small)
  writer.write(1_700_000_001, 7, cut.subarray(0, 100), cut.length)
  writer.close()
  const options = ['-M', '-T', '-r', '-c', '-E', '-d', '-a', '-e', '-S', path]
  const { stdout, status } = spawnSync(CAPINFOS, options, { encoding: 'utf8' })
  assert.equal(status, 0)
  const fields = stdout.trim().split('\t').slice(1)
  assert.ok(fields.includes('rawip'), stdout)
  assert.ok(fields.includes('2'), stdout)
  assert.ok(fields.includes(String(38 + 1040)), stdout)
  assert.ok(fields.includes('1700000000.000000005'), stdout)
  assert.ok(fields.includes('1700000001.000000007'), stdout)
})
