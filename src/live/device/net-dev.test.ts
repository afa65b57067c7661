import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interfaceCounters, parseNetDev } from './net-dev.ts'

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

const notLinux = process.platform === 'linux' ? false : 'there is no /proc here'
test('this machine tells of its loopback interface', { skip: notLinux }, () => {
  const { sentPackets } = interfaceCounters('lo')
  assert.ok(sentPackets >= 0 && sentPackets === Math.floor(sentPackets))
  assert.throws(() => interfaceCounters('no-such-one'), /no interface no-such-one/)
})
