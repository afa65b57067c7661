import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { interfaceCounters, parseNetDev, parseSteal, stealNs } from './net-dev.ts'

// Every figure of its own, so that none can be taken for another. The second name is glued to its figure.
const NET_DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:      11      12   13   14   15    16         17        18       21      22   23   24   25    26      27         28
lanewise0:12345678   112  113  114  115   116        117       118      121     122  123  124  125   126     127        128
`

test('counters of an interface are read by name', () => {
  assert.deepEqual(parseNetDev(NET_DEV, 'lanewise0'), {
    receivedPackets: 112,
    receiveErrors: 113,
    receiveDropped: 114,
    sentPackets: 122,
    sendErrors: 123,
    sendDropped: 124,
  })
  assert.equal(parseNetDev(NET_DEV, 'lo')?.sendDropped, 24)
  assert.equal(parseNetDev(NET_DEV, 'lanewise'), undefined)
})

test('steal time is the eighth figure of the first line, in ticks of 10 ms', () => {
  const stat = 'cpu  1 2 3 4 5 6 7 106 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nctxt 5\n'
  assert.equal(parseSteal(stat), 1_060_000_000)
  assert.equal(parseSteal('intr 1\n'), 0)
})

const notLinux = process.platform === 'linux' ? false : 'there is no /proc here'
test('this machine tells: its loopback interface, and no steal time less than before', {
  skip: notLinux,
}, () => {
  const before = interfaceCounters('lo')
  assert.ok(before.sentPackets >= 0 && before.sentPackets === Math.floor(before.sentPackets))
  assert.throws(() => interfaceCounters('no-such-one'), /no interface no-such-one/)
  const fields = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))![1]!.split(' ')
  const stolen = stealNs()
  assert.ok(stolen >= Number(fields[7]) * 1e7)
  assert.ok(stealNs() >= stolen)
})
