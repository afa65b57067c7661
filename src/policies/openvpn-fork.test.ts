import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { simulate } from '../run/simulate.testing.ts'
import { sharedPath, skipWithout } from '../shared.testing.ts'
import { ask, packetBetween } from './policies.testing.ts'

const address = (text: string) => text.split('.').reduce((word, byte) => word * 256 + Number(byte), 0)
const between = (source: string, destination: string, protocol = 17) =>
  packetBetween(address(source), address(destination), protocol)

test('a pair keeps its lane whatever the ports and the protocol', () => {
  const fork = ask('openvpn-fork', { ttl: '5s', cursor: 'free-running' }, 4)
  assert.equal(fork.lane(between('192.168.1.2', '8.8.8.8'), 0), 3)
  assert.equal(fork.lane(between('192.168.1.2', '9.9.9.9'), 0), 0)
  assert.equal(fork.lane(between('192.168.1.2', '8.8.8.8', 6), 1e9), 3)
})

test('the way back has a home slot, and so an entry, of its own', () => {
  // Either direction would match the other's entry, but the two are looked up in different places.
  const fork = ask('openvpn-fork', { cursor: 'free-running' }, 4)
  assert.equal(fork.lane(between('192.168.1.2', '8.8.8.8'), 0), 3)
  assert.equal(fork.lane(between('8.8.8.8', '192.168.1.2'), 0), 0)
  assert.equal(fork.policy.counters!().tableEntriesMax, 2)
  // Where the home slots are near enough, one entry serves both: equal addresses have one home.
  assert.equal(fork.lane(between('8.8.8.8', '8.8.8.8'), 0), 1)
  assert.equal(fork.lane(between('8.8.8.8', '8.8.8.8'), 0), 1)
})

test('an entry expires after ttl whole seconds without a packet, and slides with every packet', () => {
  const fork = ask('openvpn-fork', { ttl: '5s', cursor: 'free-running' }, 4)
  const packet = between('192.168.1.2', '8.8.8.8')
  const lanes = [0, 4.9, 9.8, 14.1, 19.0].map((seconds) => fork.lane(packet, seconds * 1e9))
  // 4.9 to 9.8 is 5 whole seconds (4 to 9): expired. 9.8 to 14.1 is 5 (9 to 14), 14.1 to 19.0 is 5.
  assert.deepEqual(lanes, [3, 3, 1, 2, 3])
})

test('it says how much of the traffic its exception leaves out of the table, in whole runs and in words', () => {
  const outside = between('192.168.1.2', '8.8.8.8')
  const inside = between('10.77.0.1', '10.77.0.2')
  const said = (exceptions: number, others: number, exception = 'as-coded') => {
    const fork = ask('openvpn-fork', { exception }, 4)
    for (let i = 0; i < exceptions; i++) fork.lane(inside, 0)
    for (let i = 0; i < others; i++) fork.lane(outside, 0)
    return fork.policy.remarks!().map((line) => /leaves (\w+) of these packets/.exec(line)?.[1])
  }
  assert.deepEqual(said(7, 0), ['all'])
  assert.deepEqual(said(7, 6), ['most'])
  assert.deepEqual(said(1, 999), ['some'])
  assert.deepEqual(said(1, 1000), [])
  assert.deepEqual(said(0, 0), [])
  assert.deepEqual(said(7, 0, 'none'), [])
})

test('pairs whose first bytes both have the bits of 10 follow the cursor, as coded', () => {
  const leak = between('10.8.0.2', '142.250.1.1')
  const coded = ask('openvpn-fork', { cursor: 'free-running' }, 4)
  assert.deepEqual(
    [0, 1, 2, 3].map(() => coded.lane(leak, 0)),
    [3, 0, 1, 2],
  )
  const meant = ask('openvpn-fork', { cursor: 'free-running', exception: 'as-meant' }, 4)
  assert.deepEqual(
    [0, 1, 2, 3].map(() => meant.lane(leak, 0)),
    [3, 3, 3, 3],
  )
  const private10 = between('10.8.0.2', '10.8.0.1')
  assert.deepEqual(
    [0, 1].map(() => meant.lane(private10, 0)),
    [3, 0],
  )
  assert.match(meant.policy.remarks!()[0]!, /^its exception leaves some of these .* a first byte of 10 - /)
  const none = ask('openvpn-fork', { cursor: 'free-running', exception: 'none' }, 4)
  assert.deepEqual(
    [0, 1].map(() => none.lane(private10, 0)),
    [3, 3],
  )
})

test('multicast, IGMP and all-zero or all-one addresses never enter the table', () => {
  const unmapped = [
    between('192.168.1.2', '224.0.0.251'),
    between('192.168.1.2', '239.255.255.250'),
    between('192.168.1.2', '192.168.1.1', 2),
    between('0.0.0.0', '192.168.1.1'),
    between('192.168.1.2', '255.255.255.255'),
  ]
  for (const packet of unmapped) {
    const fork = ask('openvpn-fork', { cursor: 'free-running' }, 4)
    assert.deepEqual(
      [0, 1].map(() => fork.lane(packet, 0)),
      [3, 0],
    )
    assert.equal(fork.policy.counters!().tableEntriesMax, 0)
  }
})

test('each reader pass sets the cursor to the highest idle lane', () => {
  const fork = ask('openvpn-fork', {}, 4)
  fork.idle = [true, true, false, false]
  assert.equal(fork.lane(between('192.168.1.2', '8.8.8.8'), 0), 1)
  fork.idle = [false, false, false, false]
  assert.equal(fork.lane(between('192.168.1.2', '9.9.9.9'), 0), 2)
})

const folder = 'models/openvpn-fork-decisions'
test("the original function's decisions are reproduced digit by digit", {
  skip: skipWithout(folder),
}, async () => {
  let packets = 0
  for (const file of readdirSync(sharedPath(folder))) {
    const [, capture, ttl, lanes] = /^(.*)\.ttl(\d+)\.lanes(\d+)\.txt$/.exec(file)!
    const path = sharedPath(`captures/real/${capture}`)
    assert.ok(existsSync(path), capture)
    const expected = readFileSync(sharedPath(`${folder}/${file}`), 'utf8').trim()
    let decisions = ''
    await simulate(
      {
        source: { capture: path },
        lanes: { count: Number(lanes) },
        policies: [{ 'openvpn-fork': { ttl: `${ttl}s`, cursor: 'free-running' } }],
      },
      {
        observe: (_label, store) => ({
          onChoice(row) {
            decisions += store.lane[row]
          },
        }),
      },
    )
    assert.equal(decisions, expected, file)
    packets += expected.length
  }
  assert.ok(packets > 0)
})
