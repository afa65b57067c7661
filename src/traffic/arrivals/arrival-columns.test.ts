/** Names of columns: own ones with their units, tshark's, and what --map names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UserError } from '../../errors.ts'
import type { Measured } from '../../measure/arrivals/arrivals.ts'
import { arrivalsFrom } from '../../measure/arrivals/arrivals-file.ts'
import { bytesOf } from '../capture/captures.testing.ts'
import { parseColumnMap } from './arrival-columns.ts'

function read(text: string, ...map: string[]): Promise<Measured> {
  return arrivalsFrom(bytesOf(Buffer.from(text)), 'a.csv', parseColumnMap(map))
}

/** Each row as "flow sequence sent received size". */
function rows({ arrivals, flows }: Measured): string[] {
  return Array.from({ length: arrivals.count }, (_, i) => {
    const { flow, sequence, sentNs, receivedNs, sizeBytes } = arrivals
    return `${flows.describe(flow[i]!)} ${sequence[i]} ${sentNs[i]} ${receivedNs[i]} ${sizeBytes[i]}`
  })
}

test('times are exact in every unit, relative to the first second', async () => {
  const whole = 'sequence,sentNs,receivedNs\n1,1700000000123456789,1700000000223456790\n'
  const expected = ['all 1 123456789 223456790 -1']
  assert.deepEqual(rows(await read(whole)), expected)
  for (const text of [
    'sequence,sentUs,receivedUs\n1,1700000000123456.789,1700000000223456.790\n',
    'sequence,sentMs,receivedMs\n1,1700000000123.456789,1700000000223.45679\n',
    'sequence,sentS,receivedS\n1,1700000000.123456789,1700000000.22345679\n',
    'sequence,sentS,receivedMs\n1,1700000000.123456789,1700000000223.4567900000\n',
  ])
    assert.deepEqual(rows(await read(text)), expected, text)
  assert.deepEqual(rows(await read('sequence,sentS,receivedUs\n1,0.000000001,1.5\n2,-1.5,2e3\n')), [
    'all 1 1 1500 -1',
    'all 2 -1500000000 2000000 -1',
  ])
})

test("a tshark export as it is: numbers, times in seconds, a flow of all its parts, sizes, others' packets", async () => {
  const header = 'ip.src\tip.dst\twg.receiver\twg.counter\tframe.time_epoch\tip.len'
  const from = '10.0.0.1\t10.0.0.2'
  const found = await read(
    [
      header,
      `${from}\t0x0000000a\t0\t1700000000.000000001\t156`,
      `${from}\t\t\t1700000000.000500000\t148`,
      `${from}\t0x0000000a\t2\t1700000000.001000000\t156,80`,
      `10.0.0.2\t10.0.0.1\t"0x0000000b"\t"0"\t"1700000001.5"\t""\n`,
    ].join('\n'),
  )
  assert.deepEqual(rows(found), [
    '10.0.0.1 10.0.0.2 0x0000000a 0 NaN 1 156',
    '10.0.0.1 10.0.0.2 0x0000000a 2 NaN 1000000 156',
    '10.0.0.2 10.0.0.1 0x0000000b 0 NaN 1500000000 -1',
  ])
  assert.deepEqual(found.notes, ['a.csv: 1 row without wg.counter left out'])
  assert.equal(found.sequenceBits, 'none')
})

for (const [name, bits] of [
  ['esp.sequence', 32],
  ['rtp.seq', 16],
  ['iperf3.sequence', 'none'],
  ['openvpn.pid', 32],
  ['ip.id', 16],
] as const) {
  test(`${name} numbers packets, and its width is known: ${bits}`, async () => {
    const found = await read(`frame.time_relative,${name}\n0.000001000,0x0007\n`)
    assert.deepEqual(rows(found), ['all 7 NaN 1000 -1'])
    assert.equal(found.sequenceBits, bits)
  })
}

test("of two of tshark's numbers the tunnel's is taken, and a line says how to take the other", async () => {
  const found = await read('ip.id,esp.sequence\n0x0001,5\n')
  assert.deepEqual([...found.arrivals.sequence.subarray(0, 1)], [5])
  assert.deepEqual(found.notes, [
    'a.csv:1: packets are numbered by esp.sequence, not by ip.id - to go by that: --map sequence=ip.id',
  ])
  const other = await read('ip.id,esp.sequence\n0x0001,5\n', 'sequence=ip.id')
  assert.deepEqual([[...other.arrivals.sequence.subarray(0, 1)], other.notes], [[1], []])
})

test('a time in words is not read, and the line says what to export', async () => {
  const found = await read('frame.time,rtp.seq\n"Nov 14, 2023 22:13:20.1 UTC",7\n')
  assert.deepEqual(found.notes, ['a.csv:1: not used: "frame.time" - export frame.time_epoch'])
})

test('any names will do with --map, in one or several texts, and go before what is there', async () => {
  const text = 'n,when,len,from,to,sequence,receivedNs\n5,1.5,80,a,b,9,7\n'
  const expected = ['a b 5 NaN 1500000000 80']
  const found = await read(text, 'sequence=n,receivedS=when', 'sizeBytes=len,flow=from+to')
  assert.deepEqual(rows(found), expected)
})

for (const [map, exitCode, message] of [
  ['sequence', 2, /^--map sequence: expected what=column - such as sequence=wg\.counter,/],
  ['sequence=', 2, /^--map sequence=: expected what=column/],
  ['seqence=n', 2, /^--map seqence=n: unknown "seqence" - did you mean "sequence"\?$/],
  ['host=n', 2, /^--map host=n: unknown "host" - give sequence, flow, sentNs, /],
  ['sequence=n,sequence=m', 2, /: sequence is given twice - leave one out$/],
  ['sequence=n,flow=n', 2, /: the column "n" is given twice - leave one out$/],
  ['receivedS=n,receivedNs=m', 2, /: receivedS and receivedNs are the same times - leave one out$/],
  ['sequence=nn', 2, /^--map: the file has no column "nn" \(there is: n, m\) - did you mean/],
  ['sequence=frame', 2, /^--map: the file has no column "frame" \(there is: n, m\) - name one of these$/],
] as const) {
  test(`--map ${map} is one line`, async () => {
    await assert.rejects(
      async () => read('n,m\n1,2\n', map),
      (error: UserError) => {
        assert.deepEqual([error.lines.length, error.exitCode], [1, exitCode])
        assert.match(error.message, message)
        return true
      },
    )
  })
}

for (const [text, message] of [
  [
    'receivedNs,receivedS,sequence\n',
    /a\.csv:1: receivedNs and receivedS are the same times - leave one out$/,
  ],
  [
    'tcp.seq,frame.time_epoch\n1,2\n',
    /sequence is missing .* - tcp\.seq counts bytes, not packets: give the/,
  ],
  ['time,number\n1,2\n', /sequence is missing .* - or tell which is which: --map sequence=time$/],
  ['esp.sequence\n12 34\n', /a\.csv:2: esp\.sequence is "12 34" - write a whole number/],
  [
    'ip.id\n0x0007\n0x0007\n0x0007\n',
    /a\.csv: ip\.id is 7 in all rows, so it numbers nothing - name another column/,
  ],
  ['esp.sequence,ip.len\n\n"",5\n', /a\.csv:4: no rows with esp\.sequence - /],
] as const) {
  test(`one line for ${JSON.stringify(text)}`, async () => {
    await assert.rejects(read(text), message)
  })
}
