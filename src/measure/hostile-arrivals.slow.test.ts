/**
 * A thousand damaged arrival files of every kind: each is read, or refused with one line, at once. Seeded, so
 * that a failure comes again.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UserError } from '../errors.ts'
import { someMetricSettings } from '../metrics/settings.testing.ts'
import { type ColumnMap, parseColumnMap } from '../traffic/arrivals/arrival-columns.ts'
import { bytesOf } from '../traffic/capture/captures.testing.ts'
import { arrivalsFrom } from './arrivals/arrivals-file.ts'
import { judge } from './judge.ts'

const EVENT =
  '{"time":1.5,"name":"transport:packet_received","data":{"header":{"packet_type":"1RTT","packet_number":7},"raw":{"length":9}}}'
const TRACE = '"vantage_point":{"type":"server"},"common_fields":{"ODCID":"c1","time_format":"delta"}'
const SEEDS: readonly string[] = [
  'sequence,sentS,receivedS\n1,1700000000.000000001,1700000000.5\n3,1700000000.1,1700000000.6\n2,,1700000000.7\n',
  'ip.src\tesp.spi\tesp.sequence\tframe.time_epoch\tip.len\n"1.2.3.4"\t0x1\t4294967295\t1.5\t10,9\n1.2.3.4\t0x1\t0\t1.6\t\n',
  'rtp.seq,frame.time_relative\n65534,0.1\n65535,0.2\n0,0.3\n1,0.4\n2,0.5\n',
  [
    '0 16788979056430284800 1 1e-05 16788979056451759636 1 1e-05 251',
    '2 16788979056473234472 1 1e-05 0 0 0 255',
    '1 16788979056473234472 0 1e-05 16788979056494709309 1 1e-05 251\n',
  ].join('\n'),
  `{"qlog_version":"0.3","traces":[{${TRACE},"events":[${EVENT},${EVENT}]}]}`,
  `\x1e{"qlog_version":"0.3","trace":{${TRACE}}}\n\x1e${EVENT}\n\x1e${EVENT}\n`,
  `{"qlog_version":"0.3","trace":{${TRACE}}}\n${EVENT}\n${EVENT}\n`,
  `{"qlog_version":"draft-01","traces":[{"event_fields":["time","category","event","data"],"events":[[1,"transport","packet_received",{"header":{"packet_number":"4"}}]]}]}`,
]
const WORDS = [
  '0',
  '9007199254740991',
  '18446744073709551615',
  '-1',
  '1e308',
  '0x',
  '.',
  ',',
  '\t',
  '\n',
  '"',
  '{',
  '[',
  ']',
  '}',
  'null',
  ':',
  '\x1e',
  '\0',
  '\ufeff',
  ' ',
  'true',
  '"traces"',
  '"time"',
  '__proto__',
]
const VARIANTS = 1000

/** Numbers from 0 to below `count`: xorshift32, Marsaglia 2003. */
function randomNumbers(seed: number) {
  let state = seed
  return (count: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % count
  }
}

function damaged(text: string, random: (count: number) => number): Buffer {
  let bytes = Buffer.from(text)
  for (let changes = 1 + random(2); changes > 0; changes--) {
    const at = random(bytes.length + 1)
    const until = Math.min(bytes.length, at + random(12))
    const kind = random(5)
    const word = Buffer.from(WORDS[random(WORDS.length)]!)
    const piece =
      kind === 0
        ? Buffer.alloc(0)
        : kind === 1
          ? word
          : kind === 2
            ? Buffer.from([random(256)])
            : bytes.subarray(random(at + 1), until)
    bytes =
      kind === 4
        ? bytes.subarray(0, at)
        : Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(kind === 1 ? at : until)])
  }
  return bytes
}

test(`${VARIANTS} damaged files are read or refused with one line each`, async () => {
  const random = randomNumbers(18)
  const maps: readonly ColumnMap[] = [new Map(), parseColumnMap(['receivedNs=ip.len'])]
  let read = 0
  let refused = 0
  for (let variant = 0; variant < VARIANTS; variant++) {
    const input = damaged(SEEDS[variant % SEEDS.length]!, random)
    try {
      const measured = await arrivalsFrom(bytesOf(input), 'h', maps[random(8) === 0 ? 1 : 0])
      judge(measured, { worstFlows: 1, settings: (judgesAll) => ({ ...someMetricSettings, judgesAll }) })
      read++
    } catch (error) {
      if (!(error instanceof UserError))
        throw new Error(`variant ${variant}: ${JSON.stringify(input.toString('latin1'))}`, { cause: error })
      assert.equal(error.lines.length, 1)
      assert.ok(error.message.length < 400, error.message)
      assert.doesNotMatch(error.message, /undefined|NaN|\[object/, error.message)
      refused++
    }
  }
  assert.ok(read > 150 && refused > 150, `${read} read, ${refused} refused`)
})
