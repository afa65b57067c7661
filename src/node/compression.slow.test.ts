/** Captures that are compressed, by every command that is installed, and what becomes of the command. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as after } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bytesOf, ethernet, ipv4, pcap, readAll, udp } from '../traffic/capture/captures.testing.ts'
import { compressionOf } from './compression.ts'
import { commandDecoder } from './decoders.ts'
import { Decompressed } from './decompressed.ts'
import { byteStream } from './open-bytes.ts'

const frame = ethernet(0x0800, ipv4(17, udp(1, 2, 10)))
const many = pcap(Array.from({ length: 20_000 }, (_, seconds) => ({ seconds, frame })))
const half = 24 + 10_000 * (16 + frame.length) + 5

function missing(command: string): string | false {
  return spawnSync(command, ['--version']).error === undefined ? false : `${command} is not installed`
}

/** In the smallest blocks that the command has. */
const SMALL: Readonly<Record<string, string[]>> = { lz4: ['-B4'], bzip2: ['-1'] }

function compress(command: string, bytes: Uint8Array): Buffer {
  return spawnSync(command, ['-c', ...(SMALL[command] ?? [])], { input: bytes, maxBuffer: 1 << 26 }).stdout
}

/** Blocks of other bytes, so that half of the compressed ones are half of the others. */
function uneven(): Buffer {
  const bytes = Buffer.from(many)
  let state = 7
  for (let i = 0; i < 20_000; i++) {
    state = (state * 48_271) % 0x7fffffff
    bytes.writeUInt32BE(state, 24 + i * (16 + frame.length) + 16 + frame.length - 4)
  }
  return bytes
}

for (const command of ['gzip', 'zstd', 'lz4', 'xz', 'bzip2']) {
  const skip = missing(command)

  test(`a capture compressed by ${command} is read, whatever its name and pieces`, { skip }, async () => {
    const whole = compress(command, many)
    const parts = Buffer.concat([
      compress(command, many.subarray(0, half)),
      compress(command, many.subarray(half)),
    ])
    for (const bytes of [whole, parts]) {
      assert.equal(compressionOf(bytes)?.name, command)
      const { packets, reader } = await readAll(bytes, 1000, 16_384)
      assert.equal(packets.length, 20_000)
      assert.ok(packets.every((line, i) => line.startsWith(`${i}.000000000 `)))
      assert.deepEqual(reader.problems, [])
    }
  })

  test(`a capture of ${command} that ends early gives the packets before, and one line says so`, {
    skip,
  }, async () => {
    const bytes = compress(command, uneven())
    const { packets, reader } = await readAll(bytes.subarray(0, Math.floor(bytes.length / 2)))
    assert.ok(packets.length < 15_000)
    assert.ok(packets.length > 2000)
    assert.equal(reader.problems.length, 1)
    assert.match(
      reader.problems[0]!,
      new RegExp(`at byte \\d+ of the decompressed data.*: the ${command} data is damaged \\(.+\\) - the `),
    )
  })
}

test('of zstd, skippable frames and what pzstd writes are read', { skip: missing('zstd') }, async () => {
  const skippable = Buffer.from('502a4d180400000001020304', 'hex')
  const parts = [many.subarray(0, 1000), many.subarray(1000, 70_000), many.subarray(70_000)]
  const frames = parts.flatMap((part) => [skippable, compress('zstd', part)])
  const { packets, reader } = await readAll(Buffer.concat([...frames, skippable]), 4096, 16_384)
  assert.equal(packets.length, 20_000)
  assert.deepEqual(reader.problems, [])
})

test('other bytes behind zstd are said, and everything before them is used', {
  skip: missing('zstd'),
}, async () => {
  const { packets, reader } = await readAll(Buffer.concat([compress('zstd', many), Buffer.from('garbage')]))
  assert.equal(packets.length, 20_000)
  assert.match(
    reader.problems[0]!,
    /: the zstd data is damaged \(.+\) - the 20,000 frames before it are used$/,
  )
})

test('a command that is not there is one line with the pipe to type', async () => {
  const zstd = { name: 'zstd', command: 'lanewise-has-no-such-command' }
  const bytes = Buffer.from('28b52ffd00000000', 'hex')
  const source = new Decompressed(bytesOf(bytes), zstd, (onEnd) => commandDecoder(zstd, onEnd))
  await assert.rejects(source.read(new Uint8Array(10), 0, 10), {
    message: 'this is compressed with zstd, and there is no command lanewise-has-no-such-command here',
    cure: 'install it, or decompress where it is: lanewise-has-no-such-command -dc FILE | lanewise inspect -',
  })
  await source.close()
})

test('a few bytes of zstd that say many take no memory', { skip: missing('zstd') }, async () => {
  // By a shell, so that the zeros aren't garbage here.
  const bytes = spawnSync('sh', ['-c', `head -c ${1 << 26} /dev/zero | zstd -c`]).stdout
  const memory = () => process.memoryUsage().arrayBuffers
  const before = memory()
  const stream = await byteStream(bytesOf(bytes))
  // Long enough for a decoder to run ahead of who reads it.
  assert.ok(await stream.ensure(1))
  await after(500)
  const held = memory() - before
  assert.ok(held < 16 << 20, `${held} bytes`)
  let count = 0
  while (await stream.ensure(1)) {
    count += stream.end - stream.start
    stream.start = stream.end
  }
  assert.equal(count, 1 << 26)
  assert.equal(stream.failure, undefined)
  await stream.close()
})
test('the command is in a group of its own and ends with the process that reads it, killed or not', {
  skip: missing('xz') || (existsSync('/proc/self/task') ? false : 'no /proc'),
}, async () => {
  const module = fileURLToPath(new URL(`open-bytes${path.extname(import.meta.url)}`, import.meta.url))
  // A source that has begun and never ends.
  const code = `
    const { byteStream } = await import(${JSON.stringify(module)})
    let isBegun = false
    await byteStream({
      read: async (target, at) => {
        if (isBegun) await new Promise((resolve) => setTimeout(resolve, 60_000))
        isBegun = true
        target.set(Buffer.from('fd377a585a0000000000', 'hex'), at)
        return 10
      },
      close: async () => {},
    })
    console.log('begun')`
  const reader = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code])
  await new Promise((resolve) => reader.stdout.once('data', resolve))
  const children = readFileSync(`/proc/${reader.pid}/task/${reader.pid}/children`, 'utf8').trim().split(' ')
  const commands = children.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'xz\n')
  assert.equal(commands.length, 1)
  const group = readFileSync(`/proc/${commands[0]}/stat`, 'utf8').split(') ')[1]!.split(' ')[2]
  assert.equal(group, commands[0])
  reader.kill('SIGKILL')
  const until = performance.now() + 5000
  while (existsSync(`/proc/${commands[0]}`) && performance.now() < until) await after(20)
  assert.ok(!existsSync(`/proc/${commands[0]}`))
})
