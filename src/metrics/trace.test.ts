import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Observer } from '../model/observer.ts'
import { FlowTable } from '../model/packets/flow-table.ts'
import { choosing, happenings } from '../model/pipeline.testing.ts'
import { promptly } from './deliveries.testing.ts'
import { FlowReordering, TunnelReordering } from './order/reordering.ts'
import { someMetricSettings } from './settings.testing.ts'
import { csvField, Trace } from './trace.ts'

test('the trace has a row for every packet that met the policy, in source order', () => {
  const flows = new FlowTable()
  flows.key[0] = 0x0a000001
  flows.key[4] = 0x0a000002
  flows.intern(4, 17, 53, 1234)
  let text = ''
  let inFlow: (FlowReordering & Observer) | undefined
  let inTunnel: (TunnelReordering & Observer) | undefined
  let trace: Trace | undefined
  const packets = [
    { at: 0, work: 50 },
    { at: 1, work: 50 },
    { at: 2, work: 50 },
    { at: 3, work: 5 },
  ]
  happenings(
    packets,
    choosing((packet) => (packet.index === 3 ? 1 : 0)),
    {
      laneQueue: { capacityPackets: 1, onFull: 'drop' },
      observers: [
        (store) => {
          inFlow = promptly(store, new FlowReordering(flows, someMetricSettings))
          return inFlow
        },
        (store) => {
          inTunnel = promptly(store, new TunnelReordering(someMetricSettings))
          return inTunnel
        },
        (store) => {
          const judges = { inFlow: inFlow!, inTunnel: inTunnel! }
          trace = new Trace(store, flows, 'a,b', 2, judges, (lines) => {
            text += lines
          })
          return trace
        },
      ],
    },
  )
  trace!.end()
  assert.deepEqual(text.split('\n'), [
    '"a,b",2,0,10.0.0.1:53 > 10.0.0.2:1234/udp,100,0,0,50,1,1,0,50',
    '"a,b",2,1,10.0.0.1:53 > 10.0.0.2:1234/udp,100,1,0,100,1,1,50,100',
    '"a,b",2,2,10.0.0.1:53 > 10.0.0.2:1234/udp,100,2,0,,,,,',
    '"a,b",2,3,10.0.0.1:53 > 10.0.0.2:1234/udp,100,3,1,8,0,0,3,8',
    '',
  ])
})

test('fields are quoted where RFC 4180 wants it', () => {
  assert.deepEqual(['plain', 'a,b', 'say "x"', 'two\nlines'].map(csvField), [
    'plain',
    '"a,b"',
    '"say ""x"""',
    '"two\nlines"',
  ])
})
