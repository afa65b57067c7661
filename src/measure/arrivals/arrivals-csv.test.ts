/** Arrival files as people and programs write them, and what is said of those that can't be read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { UserError } from '../../errors.ts'
import { bytesOf } from '../../traffic/capture/captures.testing.ts'
import type { Measured } from './arrivals.ts'
import { arrivalsFrom, readArrivals } from './arrivals-file.ts'

function read(text: string | Buffer, pieceBytes?: number): Promise<Measured> {
  return arrivalsFrom(bytesOf(Buffer.from(text as string), pieceBytes), 'a.csv')
}

/** Each row as "flow sequence sent received size". */
function rows({ arrivals, flows }: Measured): string[] {
  return Array.from({ length: arrivals.count }, (_, i) => {
    const { flow, sequence, sentNs, receivedNs, sizeBytes } = arrivals
    return `${flows.describe(flow[i]!)} ${sequence[i]} ${sentNs[i]} ${receivedNs[i]} ${sizeBytes[i]}`
  })
}

test('columns in any order, rows in order of arrival', async () => {
  const result = await read(
    'sizeBytes,flow,receivedNs,sequence,sentNs\n700,x,30,5,10\n64,y,40,0,20\n64,x,41,4,15\n',
  )
  assert.deepEqual(rows(result), ['x 5 10 30 700', 'y 0 20 40 64', 'x 4 15 41 64'])
  assert.deepEqual([...result.arrivals.flow.subarray(0, 3)], [0, 1, 0])
  assert.equal(result.flows.count, 2)
  assert.equal(result.clock.kind, 'same')
  assert.equal(result.counts.received, 3)
  assert.equal(result.counts.lost, null)
  assert.deepEqual(result.notes, [])
})

test('a sequence alone is one flow, and what is not there is unknown', async () => {
  const result = await read('sequence\n0\n2\n1\n')
  assert.deepEqual(rows(result), ['all 0 NaN NaN -1', 'all 2 NaN NaN -1', 'all 1 NaN NaN -1'])
  assert.equal(result.flows.count, 1)
  assert.equal(result.clock.kind, 'unknown')
  assert.ok(Number.isNaN(result.arrivals.tunnelSequence[0]))
})

const plain = ['x 1 NaN 5 -1', 'y 2 NaN 6 -1']
for (const [what, text] of [
  ['CRLF', 'sequence,flow,receivedNs\r\n1,x,5\r\n2,y,6\r\n'],
  ['a byte-order mark', '\ufeffsequence,flow,receivedNs\n1,x,5\n2,y,6\n'],
  ['no line end at the end', 'sequence,flow,receivedNs\n1,x,5\n2,y,6'],
  ['empty lines', '\n\r\nsequence,flow,receivedNs\n\n1,x,5\n\r\n\n2,y,6\n\n'],
  ['quotes', '"sequence","flow","receivedNs"\n"1","x",5\n2,"y","6"\n'],
  ['blanks around fields', 'sequence , flow, receivedNs\n 1 ,x , 5\n2, y,6 \n'],
  ['semicolons', 'sequence;flow;receivedNs\n1;x;5\n2;y;6\n'],
  ['tabs', 'sequence\tflow\treceivedNs\n1\tx\t5\n2\ty\t6\n'],
  ['gzip', gzipSync('sequence,flow,receivedNs\n1,x,5\n2,y,6\n')],
  ['numbers as data frames write them', 'sequence,flow,receivedNs\n1.0,x,5e0\n2.0,y,6.0\n'],
] as const) {
  test(`the same rows with ${what}, in pieces of any size`, async () => {
    for (const pieceBytes of [1, 2, 7, 65_536])
      assert.deepEqual(rows(await read(text as string, pieceBytes)), plain)
  })
}

test('names of flows may hold separators, quotes and line ends', async () => {
  const result = await read('flow,sequence\n"a,b",1\n"say ""hi""",2\n"two\nlines",3\n"a,b",4\n,5\nµ,6\n')
  assert.deepEqual(
    rows(result).map((row) => row.replace(/ NaN.*$/s, '')),
    ['a,b 1', 'say "hi" 2', 'two\nlines 3', 'a,b 4', ' 5', 'µ 6'],
  )
})

test('empty times and sizes are unknown, and so is NaN', async () => {
  const result = await read('sequence,sentNs,receivedNs,sizeBytes\n1,,5,\n2,NaN,6,7\n3,1,nan,8\n4,2,7,9\n')
  assert.deepEqual(rows(result), ['all 1 NaN 5 -1', 'all 2 NaN 6 7', 'all 3 1 NaN 8', 'all 4 2 7 9'])
})

test('nanoseconds since 1970 stay exact, relative to the first second', async () => {
  const lines = ['1,1700000000123456789,1700000001123456790', '2,1699999999999999999,1700000002000000001']
  const result = await read(`sequence,sentNs,receivedNs\n${lines.join('\n')}\n`)
  assert.deepEqual(rows(result), ['all 1 123456789 1123456790 -1', 'all 2 -1 2000000001 -1'])
  assert.equal(result.clock.kind, 'same')
})

test('negative times are read, and products that are off a whole number by rounding', async () => {
  const result = await read('sequence,sentNs,receivedNs\n1,-5,0\n2,-1000000000001,20864341.000000004\n')
  // The second delay is above 10 s, so the clocks differ and the smallest delay, 5 ns, becomes 0.
  assert.equal(result.clock.kind, 'offset')
  assert.deepEqual([...result.arrivals.sentNs.subarray(0, 2)], [-5, -1000000000001])
  assert.equal(result.arrivals.receivedNs[0], -5)
})

test('sequences up to 2^53 - 1 are exact', async () => {
  const result = await read('sequence\n9007199254740991\n999999999999999\n1000000000000000\n')
  const { sequence } = result.arrivals
  assert.deepEqual([...sequence.subarray(0, 3)], [9007199254740991, 999999999999999, 1000000000000000])
})

test('columns that mean nothing here are named once', async () => {
  const result = await read('sequence,recievedNs,host\n1,2,x\n2,3,y\n')
  assert.deepEqual(result.notes, ['a.csv:1: not used: "recievedNs" - did you mean "receivedNs"?, "host"'])
})

const refused: ReadonlyArray<readonly [what: string, text: string | Buffer, message: RegExp]> = [
  ['nothing', '', /^a\.csv:1: the file is empty - give a CSV whose first line is: sequence,flow,/],
  ['only line ends', '\n\n', /^a\.csv:3: no header - name the columns in the first line: sequence,flow,/],
  ['a header alone', 'sequence,flow\n', /^a\.csv:2: no rows behind the header - /],
  ['no header', '1,2,3\n4,5,6\n', /^a\.csv:1: no header, the first line is "1,2,3" - name the columns/],
  ['a misspelt sequence', 'seqence,flow\n1,x\n', /^a\.csv:1: sequence is missing .* - rename "seqence"$/],
  [
    'no sequence',
    'time,flow\n1,x\n',
    /^a\.csv:1: sequence is missing \(there is: time, flow\) - name the col/,
  ],
  ['a column twice', 'sequence,flow,flow\n', /^a\.csv:1: flow stands there twice - leave one out$/],
  ['a word for a number', 'sequence\n1\ntwo\n', /^a\.csv:3: sequence is "two" - write a whole number/],
  ['a fraction', 'sequence\n1.5\n', /^a\.csv:2: sequence is "1\.5" - /],
  ['a negative number', 'sequence\n-1\n', /^a\.csv:2: sequence is "-1" - /],
  ['a number beyond 2^53', 'sequence\n9007199254740993\n', /^a\.csv:2: sequence is "9007199254740993" - /],
  ['hexadecimal', 'sequence\n0x10\n', /^a\.csv:2: sequence is "0x10" - /],
  [
    'no sequence in a row',
    'flow,sequence\nx,1\n\nx,\n',
    /^a\.csv:4: sequence is empty - write a whole number/,
  ],
  ['a bad time', 'sequence,sentNs\n1,5us\n', /^a\.csv:2: sentNs is "5us" - write nanoseconds within/],
  ['times years apart', 'sequence,sentNs\n1,5\n2,1700000000000000000\n', /^a\.csv:3: sentNs is "17000000000/],
  [
    'times years apart the other way',
    'sequence,sentNs\n1,1700000000000000000\n2,5\n',
    /^a\.csv:3: sentNs is "5"/,
  ],
  [
    'a size that is none',
    'sequence,sizeBytes\n1,-5\n',
    /^a\.csv:2: sizeBytes is "-5" - write a whole number of b/,
  ],
  ['too few fields', 'sequence,flow\n1\n', /^a\.csv:2: 1 fields, the header has 2 - quote fields/],
  ['too many fields', 'sequence,flow\n1,a,b\n', /^a\.csv:2: 3 fields, the header has 2 - quote fields/],
  ['an open quote', 'sequence,flow\n1,"x\n2,y\n', /^a\.csv:2: a quote is left open/],
  ['text behind a quote', 'sequence,flow\n1,"x"y\n', /^a\.csv:2: .*text stands behind it/],
  ['the line after two in quotes', 'flow,sequence\n"a\nb\nc",1\nx,y\n', /^a\.csv:5: sequence is "y"/],
  ['binary rubbish', Buffer.alloc(2_000_000, 7), /^a\.csv:1: no line end in 1 MB - give a CSV/],
  [
    'a cut gzip',
    gzipSync('sequence\n1\n').subarray(0, 12),
    /^a\.csv:1: the gzip data is damaged .* - copy the file again$/,
  ],
]
for (const [what, text, message] of refused) {
  test(`${what}: one line says where, what and the cure`, async () => {
    for (const pieceBytes of [1000, 65_536]) {
      await assert.rejects(read(text as string, pieceBytes), (error: UserError) => {
        assert.ok(error instanceof UserError, error.stack)
        assert.equal(error.lines.length, 1)
        assert.match(error.message, message)
        return true
      })
    }
  })
}

test('a file that is not there is said so', async () => {
  await assert.rejects(readArrivals('no-such.csv'), /no-such\.csv: no such file - check the path/)
})

test('the rows before a gzip file breaks off are used, the half one is not', async () => {
  const text = `sequence,flow\n${Array.from({ length: 50_000 }, (_, i) => `${i},flow ${i % 7}`).join('\n')}\n`
  const zipped = gzipSync(text)
  const result = await read(zipped.subarray(0, zipped.length / 2))
  const { count, sequence } = result.arrivals
  assert.ok(count > 1000 && count < 50_000, `${count}`)
  for (let i = 0; i < count; i++) assert.equal(sequence[i], i)
  assert.match(result.notes[0]!, /^a\.csv: the gzip data is damaged .* - the [\d,]+ rows before are used$/)
})

test('what is written is read again, however it is cut into pieces', async () => {
  const row = fc.record({
    flow: fc.string({ maxLength: 6 }).map((name) => name.trim()),
    sequence: fc.nat(),
    sentNs: fc.maxSafeNat().map((ns) => ns % 1e9),
  })
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1 }),
      fc.integer({ min: 1, max: 40 }),
      async (list, pieceBytes) => {
        const lines = list.map(({ flow, sequence, sentNs }) => `${quoted(flow)},${sentNs},${sequence}`)
        const result = await read(`flow,sentNs,sequence\n${lines.join('\n')}`, pieceBytes)
        assert.deepEqual(
          rows(result),
          list.map(({ flow, sequence, sentNs }) => `${flow} ${sequence} ${sentNs} NaN -1`),
        )
      },
    ),
    { numRuns: 200, seed: 3 },
  )
})
