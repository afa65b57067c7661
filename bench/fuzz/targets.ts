/**
 * What is fuzzed: everything that reads bytes from elsewhere. A target has inputs to begin with and a function
 * that must either work or throw a UserError, which is a line for the user. Targets that need files write
 * them into a folder of their own.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { UserError } from '../../src/errors.ts'
import { arrivalsFrom } from '../../src/measure/arrivals/arrivals-file.ts'
import { inspectCapture } from '../../src/measure/inspect/inspect.ts'
import { FlowTable } from '../../src/model/packets/flow-table.ts'
import { captureOf } from '../../src/node/open-capture.ts'
import { simulateWithFiles } from '../../src/node/simulate.ts'
import { charts } from '../../src/plots/charts/index.ts'
import { policyStyles } from '../../src/plots/policy-styles.ts'
import { labelsOf, readSaved } from '../../src/plots/saved.ts'
import { planOf } from '../../src/run/plan.ts'
import { scenarioFromText } from '../../src/scenario/loaded-scenario.ts'
import { parseCalibration } from '../../src/scenario/schema/calibration.ts'
import type { ByteSource } from '../../src/traffic/capture/byte-stream.ts'
import type { Language } from './mutate.ts'
import { randomScenario, sameHoweverRun } from './random-scenarios.ts'

export interface Target extends Language {
  readonly name: string
  /** @param made where the results of some runs are, for targets that read them */
  seeds(made: string): readonly Uint8Array[]
  /** Works, or throws a UserError. @param folder for files */
  run(input: Uint8Array, folder: string): Promise<void> | void
}

const root = path.join(import.meta.dirname, '../..')
const captures = path.join(root, 'scenarios/captures')
/** Of a capture: enough for every kind of record, few enough to be quick. */
const CAPTURE_BYTES = 6000
/** Most packets that a scenario of a stranger is simulated with. */
const PACKETS_MAX = 2000

/** What a replay measures. */
const MEASURED = {
  recordedFrom: {
    scenario: 'office',
    policy: 'hash',
    topology: 'dispatcher',
    lanes: 2,
    packets: 100,
    idleStarts: 60,
    busyStarts: 40,
    stalls: 1,
  },
  service: {
    perByteNs: 1.5,
    lanes: [
      { idleNs: [1000, 2000.5], busyNs: [800] },
      { idleNs: [1], busyNs: [2, 3] },
    ],
  },
  stalls: [{ lanes: [0, 1], perSecond: 2.5, lengthNs: [1e6] }],
  reader: { perPacketNs: 300, afterSendNsP50: null },
  delivery: { afterFinishNsP50: 12 },
}
const CALIBRATION = { kind: 'lanewise calibration', schemaVersion: 2 }
const CALIBRATIONS = [
  { ...CALIBRATION, schemaVersion: 1, ...MEASURED },
  { ...CALIBRATION, measured: MEASURED },
  {
    ...CALIBRATION,
    scenario: { lanes: { service: { fixed: '5us', jitter: 'none' }, speed: [1, 2] }, cores: { count: 2 } },
    calibratedOn: { files: ['a'], sha256: ['b'], packets: 9, policy: null, lanes: 2, lanesAssumed: true },
    heldOut: [{ metric: 'reorderedRatio', predicted: 0.2, measured: null, factor: null, isRight: null }],
    notKnown: ['cores'],
    method: 'moments',
    seed: 1,
  },
]

export const targets: readonly Target[] = [
  {
    name: 'captures',
    isText: false,
    words: [],
    seeds: () => [
      ...['office.pcap.gz', 'voice.pcap.gz', 'ten-net.pcap.gz'].map((name) =>
        gunzipSync(readFileSync(path.join(captures, name))).subarray(0, CAPTURE_BYTES),
      ),
      readFileSync(path.join(captures, 'voice.pcap.gz')).subarray(0, CAPTURE_BYTES),
      asPcapng(gunzipSync(readFileSync(path.join(captures, 'office.pcap.gz'))).subarray(0, CAPTURE_BYTES)),
    ],
    async run(input) {
      const reader = await captureOf(sourceOf(input), 'fuzz.pcap', new FlowTable())
      try {
        await inspectCapture(reader, false)
      } finally {
        await reader.close()
      }
    },
  },
  {
    name: 'arrivals',
    isText: true,
    words: [
      ',',
      '\n',
      '\r\n',
      '"',
      '""',
      'sequence',
      'flow',
      'sentNs',
      'receivedNs',
      ';',
      '\t',
      '\ufeff',
      '-',
      '1.5',
    ],
    seeds: () => [
      Buffer.from('sequence\n1\n3\n2\n'),
      Buffer.from(
        'flow,sequence,sentNs,receivedNs,sizeBytes\na,0,0,10,100\nb,0,1,11,100\na,2,3,12,9\na,1,2,13,9\n',
      ),
      Buffer.from('"flow","sequence"\n"x ""y""",1\n"x ""y""",2\n'),
      Buffer.from(
        'ip.src\tesp.sequence\tframe.time_epoch\n1.2.3.4\t4294967295\t1700000000.5\n1.2.3.4\t0\t\n',
      ),
      Buffer.from(
        '0 16788979056430284800 1 1e-05 16788979056451759636 1 1e-05 251\n1 16788979056473234472 1 1e-05 0 0 0 255\n',
      ),
      Buffer.from(
        '{"qlog_version":"0.3","traces":[{"events":[{"time":1.5,"name":"transport:packet_received","data":{"header":{"packet_type":"1RTT","packet_number":7}}}]}]}',
      ),
      Buffer.from(
        '\x1e{"qlog_version":"0.3","trace":{}}\n\x1e{"time":1.5,"name":"quic:packet_received","data":{"header":{"packet_number":"7"}}}\n',
      ),
    ],
    async run(input) {
      await arrivalsFrom(sourceOf(input), 'fuzz.csv')
    },
  },
  {
    name: 'scenarios',
    isText: true,
    words: [
      ...[
        '{',
        '}',
        '[',
        ']',
        ': ',
        '- ',
        '&a ',
        '*a',
        '!!map ',
        '? ',
        '|\n',
        '"',
        "'",
        '#',
        '\n',
        '\n  ',
        '%',
        '\0',
      ],
      ...[
        'source',
        'synthetic',
        'packetsPerSecond',
        'policies',
        'lanes',
        'jitter',
        'release',
        'window',
        'stalls',
      ],
      ...[
        'perSecond',
        'hash',
        'flow-pinned',
        'ttl',
        '5ms',
        '1us',
        'unlimited',
        'arrivals',
        'link',
        'tunQueue',
        'runs',
      ],
    ],
    seeds: () => scenarioFiles().map((file) => readFileSync(file)),
    async run(input) {
      const loaded = scenarioFromText(
        Buffer.from(input).toString('utf8'),
        path.join(root, 'scenarios/fuzz.yaml'),
      )
      const { source } = loaded.scenario
      if (!('synthetic' in source) || source.synthetic.packetsPerSecond > 1e9) return
      const plan = planOf(loaded)
      let packets = 0
      await simulateWithFiles(plan, 0, {
        observe: () => ({
          onArrival() {
            if (++packets > PACKETS_MAX * plan.policies.length) throw new UserError('enough')
          },
        }),
      })
    },
  },
  {
    name: 'calibrations',
    isText: true,
    words: [
      'null',
      '[]',
      '{}',
      '-1',
      '1e400',
      '"',
      ',',
      'lanes',
      'idleNs',
      'busyNs',
      'stalls',
      'groups',
      'true',
    ],
    seeds: () => CALIBRATIONS.map((one) => Buffer.from(JSON.stringify(one))),
    run(input) {
      parseCalibration(Buffer.from(input).toString('utf8'), 'fuzz.json')
    },
  },
  {
    name: 'reports',
    isText: true,
    words: [
      'null',
      '[]',
      '{}',
      '-1',
      '1e400',
      '""',
      ',',
      '"records"',
      '"metrics"',
      '"mean"',
      '"labels"',
      '"points"',
    ],
    seeds: (made) =>
      ['compare', 'scan', 'tune', 'replay'].map((name) => readFileSync(path.join(made, name, 'report.json'))),
    run(input, folder) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(path.join(folder, 'report.json'), input)
      const results = [readSaved(folder)]
      const styles = policyStyles(labelsOf(results))
      for (const chart of charts) chart.draw({ results, styles, point: undefined, trace: null })
    },
  },
  {
    name: 'machines',
    isText: false,
    words: [],
    seeds: () => [new Uint8Array(8)],
    async run(input) {
      await sameHoweverRun(randomScenario(input))
    },
  },
]

function scenarioFiles(): string[] {
  const folder = path.join(root, 'scenarios')
  const wanted = readdirSync(folder).filter((name) => /^(01|03|06|09|12|16)-.*\.yaml$/.test(name))
  return wanted.map((name) => path.join(folder, name))
}

/** The bytes of a file, from memory. */
function sourceOf(input: Uint8Array): ByteSource {
  let from = 0
  return {
    async read(target, at, length) {
      const piece = input.subarray(from, from + length)
      target.set(piece, at)
      from += piece.length
      return piece.length
    },
    async close() {},
  }
}

/** The packets of a little-endian pcap as a pcapng of one interface. */
function asPcapng(pcap: Uint8Array): Uint8Array {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.byteLength)
  const block = (type: number, body: Buffer) => {
    const length = 12 + Math.ceil(body.length / 4) * 4
    const made = Buffer.alloc(length)
    made.writeUInt32LE(type, 0)
    made.writeUInt32LE(length, 4)
    body.copy(made, 8)
    made.writeUInt32LE(length, length - 4)
    return made
  }
  const section = Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex')
  const describing = Buffer.alloc(8)
  describing.writeUInt16LE(view.getUint16(20, true), 0)
  const blocks = [block(0x0a0d0d0a, section), block(1, describing)]
  for (let at = 24; at + 16 <= pcap.length; ) {
    const length = view.getUint32(at + 8, true)
    if (at + 16 + length > pcap.length) break
    const head = Buffer.alloc(20)
    const microseconds = BigInt(view.getUint32(at, true)) * 1_000_000n + BigInt(view.getUint32(at + 4, true))
    head.writeUInt32LE(Number(microseconds >> 32n), 4)
    head.writeUInt32LE(Number(microseconds & 0xffffffffn), 8)
    head.writeUInt32LE(length, 12)
    head.writeUInt32LE(view.getUint32(at + 12, true), 16)
    blocks.push(block(6, Buffer.concat([head, pcap.subarray(at + 16, at + 16 + length)])))
    at += 16 + length
  }
  return Buffer.concat(blocks)
}
