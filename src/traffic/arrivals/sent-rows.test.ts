/** What an arrivals CSV says was sent: order, lost packets, copies, addresses, and what is no such file. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../../errors.ts'
import { byteStream } from '../../node/open-bytes.ts'
import { bytesOf } from '../capture/captures.testing.ts'
import { lostNames } from './first-look.ts'
import { readSent, type SentFile } from './sent-rows.ts'

const named = async (name: string, text: string) => ({
  name,
  stream: await byteStream(bytesOf(Buffer.from(text))),
})

async function sentOf(text: string, lost?: string): Promise<SentFile> {
  return readSent(
    await named('a.csv', text),
    lost === undefined ? undefined : await named('a.lost.csv', lost),
  )
}

async function failure(text: string, lost?: string): Promise<string> {
  try {
    await sentOf(text, lost)
  } catch (error) {
    if (error instanceof UserError) return error.lines.join('\n')
    throw error
  }
  return 'nothing was wrong'
}

/** Each packet as "sent received size flow". */
function packets({ run, flows }: SentFile): string[] {
  const { count, sentNs, receivedNs, sizeBytes, flow } = run
  return Array.from(
    { length: count },
    (_, i) => `${sentNs[i]} ${receivedNs[i]} ${sizeBytes[i]} ${flows.describe(flow[i]!)}`,
  )
}

test('rows in order of arrival come back in order of sending, from the first packet', async () => {
  const file = await sentOf(
    'sequence,flow,sentNs,receivedNs,sizeBytes\n1,b,2000,2500,200\n0,b,1500,2600,100\n0,a,2500,2700,300\n',
  )
  assert.deepEqual(packets(file), ['0 1100 100 b', '500 1000 200 b', '1000 1200 300 a'])
  const { run, hasAddresses, isNumbered, lost, rewritten } = file
  assert.deepEqual([run.name, run.count, run.flowCount], ['a.csv', 3, 2])
  assert.deepEqual([hasAddresses, isNumbered, lost, rewritten], [false, true, null, null])
})

test('a file needs no more than times and sizes: then all packets are of one flow', async () => {
  const file = await sentOf('sizeBytes;sentUs\n100;7.5\n200;3\n')
  assert.deepEqual(packets(file), ['0 NaN 200 all', '4500 NaN 100 all'])
  assert.equal(file.run.flowCount, 1)
})

test('times since 1970 keep their nanoseconds, in both files', async () => {
  const file = await sentOf(
    'flow,sentNs,receivedNs,sizeBytes\n0,1700000000000000123,1700000000000040123,60\n',
    'sentNs,sizeBytes,why,flow\n1700000000000000124,61,lost,0\n',
  )
  assert.deepEqual(packets(file), ['0 40000 60 0', '1 NaN 61 0'])
})

test('lost packets stand between the others; rewritten ones are counted apart', async () => {
  const file = await sentOf(
    'flow,sentNs,sizeBytes\na,10,100\na,30,100\n',
    'sentNs,sizeBytes,why\n20,50,lost\n40,60,rewritten\n5,70,lost\n',
  )
  assert.deepEqual(
    packets(file).map((line) =>
      line
        .split(' ')
        .filter((_, i) => i !== 1)
        .join(' '),
    ),
    ['0 70 a', '5 100 a', '15 50 a', '25 100 a', '35 60 a'],
  )
  assert.deepEqual([file.lost, file.rewritten, file.problems], [2, 1, []])
})

test('lost packets of unknown flow are one flow of their own among several, and that is said', async () => {
  const file = await sentOf('flow,sentNs,sizeBytes\na,10,100\nb,30,100\n', 'sentNs,sizeBytes\n20,50\n40,60\n')
  assert.deepEqual([...file.run.flow], [0, 2, 1, 2])
  assert.equal(file.run.flowCount, 3)
  assert.deepEqual(file.problems, [
    'a.lost.csv: 2 packets of unknown flow, taken as one flow of their own - add a column flow',
  ])
})

test('further copies of a packet were sent once; equal times go by the numbers', async () => {
  const file = await sentOf(
    'sequence,flow,sentNs,sizeBytes\n2,a,10,102\n1,a,10,101\n1,a,10,101\n1,b,10,201\n3,a,10,103\n',
  )
  assert.deepEqual([...file.run.sizeBytes], [101, 201, 102, 103])
})

test('each flow without addresses has a UDP 5-tuple and an address pair that the exception leaves in', async () => {
  const rows = Array.from({ length: 300 }, (_, i) => `f${i},${i * 1000},100`)
  const { flows } = await sentOf(`flow,sentNs,sizeBytes\n${rows.join('\n')}\n`)
  assert.deepEqual([flows.count, flows.pairCount, flows.tripleCount], [300, 300, 300])
  for (let i = 0; i < flows.count; i++) {
    const flow = flows.get(i)
    assert.deepEqual([flow.version, flow.protocol], [4, 17])
    const [from, to] = [flow.sourceWord(0) >>> 24, flow.destinationWord(0) >>> 24]
    assert.ok((from & 10) !== 10 || (to & 10) !== 10, `${from} ${to}`)
  }
})

test('columns of addresses make the flows, whatever the IP version', async () => {
  const header = 'source,destination,protocol,sourcePort,destinationPort,sentNs,sizeBytes,flow'
  const { run, flows, hasAddresses } = await sentOf(
    `${header}\n10.8.0.2,1.1.1.1,tcp,1000,443,1,60,x\nfd08::2,fd00::1,17,53,54,2,60,x\n10.8.0.2,1.1.1.1,6,1000,443,3,60,y\n10.8.0.2,1.1.1.1,icmp,,,4,60,x\n`,
  )
  assert.equal(hasAddresses, true)
  assert.deepEqual([...run.flow], [0, 1, 0, 2])
  assert.deepEqual(
    [0, 1, 2].map((flow) => flows.describe(flow)),
    ['10.8.0.2:1000 > 1.1.1.1:443/tcp', '[fd08::2]:53 > [fd00::1]:54/udp', '10.8.0.2 > 1.1.1.1/icmp'],
  )
})

const ADDRESSED = 'source,destination,protocol,sourcePort,destinationPort,sentNs,sizeBytes'
for (const [what, text, expected] of [
  [
    'no sentNs',
    'flow,sizeBytes\na,1\n',
    /^a\.csv:1: sentNs is missing \(there is: flow, sizeBytes\) - .*sentNs,flow,sizeBytes$/,
  ],
  ['no sizeBytes', 'flow,sentNs\na,1\n', /^a\.csv:1: sizeBytes is missing \(there is: flow, sentNs\) - /],
  ['no rows', 'flow,sentNs,sizeBytes\n', /^a\.csv: no rows behind the header - /],
  ['an empty file', '', /^a\.csv:1: the file is empty - .*sentNs,flow,sizeBytes$/],
  [
    'an empty time',
    'sentNs,sizeBytes\n,100\n',
    /^a\.csv:2: sentNs is empty - a source needs the time of every packet$/,
  ],
  [
    'a size of 0',
    'sentNs,sizeBytes\n1,0\n',
    /^a\.csv:2: sizeBytes is "0" - write the length of the IP packet, 20 to 65535$/,
  ],
  ['a size too large', 'sentNs,sizeBytes\n1,70000\n', /^a\.csv:2: sizeBytes is "70000" - /],
  [
    'words for a time',
    'sentNs,sizeBytes\n1,60\nsoon,60\n',
    /^a\.csv:3: sentNs is "soon" - write nanoseconds /,
  ],
  ['seconds for ns', 'sentNs,sizeBytes\n1.5,60\n', /^a\.csv:2: sentNs is "1\.5" - /],
  ['a field too many', 'sentNs,sizeBytes\n1,60,7\n', /^a\.csv:2: 3 fields, the header has 2 - /],
  [
    'a source alone',
    'source,sentNs,sizeBytes\n1.1.1.1,1,60\n',
    /^a\.csv:1: destination is missing beside source - give both, or neither$/,
  ],
  [
    'no protocol',
    'source,destination,sentNs,sizeBytes\n1.1.1.1,2.2.2.2,1,60\n',
    /^a\.csv:1: protocol is missing beside /,
  ],
  [
    'one port',
    'source,destination,protocol,sourcePort,sentNs,sizeBytes\n',
    /^a\.csv:1: destinationPort is missing beside sourcePort - /,
  ],
  [
    'no address',
    `${ADDRESSED}\n1.1.1,2.2.2.2,6,1,2,1,60\n`,
    /^a\.csv:2: source is "1\.1\.1" - write an address /,
  ],
  [
    'two versions',
    `${ADDRESSED}\n1.1.1.1,fd00::1,6,1,2,1,60\n`,
    /^a\.csv:2: destination is "fd00::1", of another IP version/,
  ],
  [
    'no such protocol',
    `${ADDRESSED}\n1.1.1.1,2.2.2.2,xyz,1,2,1,60\n`,
    /^a\.csv:2: protocol is "xyz" - write tcp, udp /,
  ],
  ['no port', `${ADDRESSED}\n1.1.1.1,2.2.2.2,6,70000,2,1,60\n`, /^a\.csv:2: sourcePort is "70000" - /],
] as const) {
  test(`${what} ends with one line that names place and cure`, async () => {
    assert.match(await failure(text), expected)
  })
}

test('a file of lost packets is named by itself in its mistakes', async () => {
  assert.match(
    await failure('sentNs,sizeBytes\n1,60\n', 'sentNs,why\n1,lost\n'),
    /^a\.lost\.csv:1: sizeBytes is missing /,
  )
})

test('the file of lost packets is called as the file is, without its endings', () => {
  assert.deepEqual(lostNames('runs/a.b-r1.csv.gz'), ['runs/a.b-r1.lost.csv', 'runs/a.b-r1.lost.csv.gz'])
  assert.equal(lostNames('run.csv')[0], 'run.lost.csv')
  assert.equal(lostNames('in.x/run')[0], 'in.x/run.lost.csv')
})
