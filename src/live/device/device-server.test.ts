/** That descriptors pass from one process to another, and that whoever asks for devices is not believed. */
import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import { receiveDescriptor, sendDescriptor, socketPair } from './descriptors.ts'
import { serveDevices } from './device-server.ts'
import type { DeviceOpener } from './opener.ts'

const skip = process.platform === 'linux' ? false : 'descriptors are passed on Linux'

test('an open file comes through a socket, and a socket that ends is told', { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-descriptors-'))
  try {
    const file = path.join(folder, 'file')
    writeFileSync(file, 'what is in it')
    const [one, other] = socketPair()
    const opened = openSync(file, 'r')
    sendDescriptor(one, opened)
    sendDescriptor(one, opened)
    closeSync(opened)
    closeSync(one)
    for (const received of [receiveDescriptor(other), receiveDescriptor(other)]) {
      assert.equal(readFileSync(`/proc/self/fd/${received}`, 'utf8'), 'what is in it')
      closeSync(received)
    }
    assert.throws(() => receiveDescriptor(other), UserError)
    closeSync(other)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** What a server answers to these lines, and what it then asked its opener for. */
async function ask(lines: readonly string[]): Promise<{ answers: unknown[]; asked: unknown[] }> {
  const asked: unknown[] = []
  const refuse = (what: unknown) => {
    asked.push(what)
    throw new UserError('refused')
  }
  const opener: DeviceOpener = { tun: refuse, packetSocket: refuse }
  const [ours, theirs] = socketPair()
  serveDevices(ours, opener)
  const client = new Socket({ fd: theirs })
  let text = ''
  client.on('data', (piece) => {
    text += piece
  })
  client.write(lines.map((line) => `${line}\n`).join(''))
  for (let i = 0; i < 200 && text.split('\n').length <= lines.length; i++) await sleep(5)
  client.destroy()
  return {
    answers: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).failure),
    asked,
  }
}

test('a request is opened as it was asked for, and its failure is told', { skip }, async () => {
  const tun = { mtuBytes: 1500, queueLengthPackets: 500, queues: 4 }
  const { answers, asked } = await ask([JSON.stringify({ tun }), '{"receiveBufferBytes":65536}'])
  assert.deepEqual(answers, ['refused', 'refused'])
  assert.deepEqual(asked, [tun, 65_536])
})

test('nothing is opened for a request that no replay makes', { skip }, async () => {
  const { answers, asked } = await ask([
    'nonsense',
    'null',
    '{}',
    '{"receiveBufferBytes":1e12}',
    '{"receiveBufferBytes":-1}',
    '{"receiveBufferBytes":"65536"}',
    '{"tun":{"mtuBytes":1500,"queueLengthPackets":500,"queues":1000000}}',
    '{"tun":{"mtuBytes":1e9,"queueLengthPackets":500,"queues":1}}',
    '{"tun":{"mtuBytes":1500,"queueLengthPackets":0.5,"queues":1}}',
    '{"tun":null}',
  ])
  assert.deepEqual(asked, [])
  assert.equal(answers.filter((line) => typeof line === 'string').length, 10)
})
