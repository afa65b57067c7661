/**
 * The simulator against reality: replays captures through a real TUN device and real threads, several
 * policies and topologies, and compares what was measured with predictions that were calibrated on the first
 * replay of each. Then the live path itself: sustained rates, exact accounts of losses, pacing beside
 * tcpreplay, order on one queue read by many. Needs root (or user namespaces) and /dev/net/tun, and a machine
 * that does nothing else.
 *
 *     npm run validate:live                          about half an hour
 *     npm run validate:live -- --update              ... and keeps the page in results/golden/live.md
 *     npm run validate:live -- --only office,rates   parts: captures, rates, one-flow, pacing, encryption
 *     npm run validate:live -- --limit 4000 --repeat 2     a quick look
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ContenderReport, LiveReport, ReplayRow } from '../src/live/verdict/live-report.ts'
import { numberOf } from '../src/metrics/metric.ts'
import { mappingTexts } from '../src/report/live/live-text.ts'
import { formatDurationNs, significant } from '../src/units.ts'
import { pacing } from './pacing.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = path.join(root, 'dist/cli/main.js')
const page = path.join(root, 'results/golden/live.md')

const { values } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    only: { type: 'string' },
    limit: { type: 'string', default: '20000' },
    repeat: { type: 'string', default: '4' },
  },
})

/** Slept work of 600 us on average; with what the machine adds four lanes are busy for 0.6 of the time. */
const WORK = ['--set', 'lanes.service={fixed: 200us, perByte: 0ns, jitter: {exponential: {mean: 400us}}}']
const RATE = ['--pps', '3500']
const POLICIES = [
  'round-robin',
  'any-idle',
  'hash',
  'flow-pinned:ttl=30s',
  'flow-pinned:ttl=5ms',
  'openvpn-fork:ttl=30s',
]
const CAPTURES: ReadonlyArray<readonly [name: string, file: string]> = [
  ['office', 'scenarios/captures/office.pcap.gz'],
  ['voice', 'scenarios/captures/voice.pcap.gz'],
  ['ten-net', 'scenarios/captures/ten-net.pcap.gz'],
  ['lab-veth-mixed', '../shared/captures/lab/lab-veth-mixed.pcap'],
  ['pcpp-example', '../shared/captures/real/pcpp-example.pcap'],
  ['zeek-echo', '../shared/captures/real/zeek-echo-connections.pcap.gz'],
]

const wanted = values.only?.split(',')
const isWanted = (name: string) => wanted === undefined || wanted.includes(name)
const lines: string[] = []
const out = (line = '') => {
  lines.push(line)
  process.stdout.write(`${line}\n`)
}

/** Runs `lanewise replay` and reads its report. */
async function replayed(args: readonly string[]): Promise<LiveReport> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lanewise-live-'))
  try {
    const text = await outputOf(process.execPath, [main, 'replay', ...args, '-f', 'json', '-q', '-o', folder])
    return JSON.parse(text) as LiveReport
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    let complaint = ''
    child.stdout.on('data', (part: Buffer) => {
      text += part
    })
    child.stderr.on('data', (part: Buffer) => {
      complaint += part
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      // 1 with a report: of some contender no replay was valid, which the page says.
      if ((code === 0 || code === 1) && text !== '') resolve(text)
      else reject(new Error(`${command} ${args.join(' ')}: exit ${code}, ${complaint.trim()}`))
    })
  })
}

const percent = (share: number | null | undefined, digits = 3) =>
  share === null || share === undefined ? '-' : `${significant(share * 100, digits)} %`

async function predictions(): Promise<void> {
  out('## Predicted and measured')
  out()
  out(
    `Share of reordered packets, per flow. ${values.repeat} valid replays of each, ${values.limit} packets at 3,500 packets/s, four lanes, slept work of 600 us on average. (a) is the records of the replays through the simulator's lanes, against what these replays measured; (b) is calibrated on the first replay, whose own share stands beside the others', and judged against the others: their mean is to lie where one more simulated run would lie (95 %), or within 10 % or 0.3 points; half the jitter, the negative control, must fail.`,
  )
  for (const [name, file] of CAPTURES) {
    if (!isWanted(name)) continue
    if (!existsSync(path.join(root, file))) {
      out()
      out(`${name}: skipped, there is no ${path.basename(file)}`)
      continue
    }
    const common = [
      file,
      '--loop',
      '1000',
      '--limit',
      values.limit,
      ...RATE,
      ...WORK,
      '--repeat',
      values.repeat,
    ]
    const policies = POLICIES.flatMap((policy) => ['-p', policy])
    const report = await replayed([
      ...common,
      ...policies,
      '--topology',
      'shared',
      '--topology',
      'multi-queue',
    ])
    table(name, report)
  }
}

function table(name: string, report: LiveReport): void {
  out()
  out(`### ${name}`)
  out()
  out(
    '| policy | valid | load | first replay | measured (others) | (a) off by | (b) calibrated, interval | (b) | (c) as written | half the jitter | all metrics right |',
  )
  out('| --- | --: | --: | --: | --: | --: | --: | --- | --: | --- | --: |')
  for (const contender of report.subjects) out(`| ${row(contender).join(' | ')} |`)
  const { ranks } = report
  if (ranks !== null) {
    const wrong = ranks.wrong.map(([lower, higher]) => `${lower} below ${higher}`)
    out()
    out(
      `Rank order: ${ranks.pairs - wrong.length} of ${ranks.pairs} pairs whose measured intervals don't overlap are as predicted${wrong.length > 0 ? `; not ${wrong.join(', ')}` : ''}.`,
    )
  }
  for (const text of mappingTexts(report)) out(`\n${text}`)
  const mapped = report.subjects.find(({ topology }) => topology === 'multi-queue')
  if (mapped !== undefined) out(`Lane shares there: ${shares(mapped)}.`)
}

function row(contender: ContenderReport): string[] {
  const { label, topology, replays, measured, bookkeeping, verdict, control, asWritten, error } = contender
  const valid = replays.filter(({ invalid }) => invalid.length === 0)
  const name =
    topology === 'dispatcher' ? label : topology === 'shared' ? 'topology shared' : 'topology multi-queue'
  if (error !== null)
    return [name, `${valid.length} of ${replays.length}`, error, '', '', '', '', '', '', '', '']
  const judged = verdict?.metrics.find(({ metric }) => metric === 'reorderedRatio')
  const controlled = control?.metrics.find(({ metric }) => metric === 'reorderedRatio')
  const { low95 = null, high95 = null, mean = null } = judged?.predicted ?? {}
  return [
    name,
    `${valid.length} of ${replays.length}`,
    significant(loadOf(valid), 2),
    percent(numberOf(replays.find(({ isCalibration }) => isCalibration)?.metrics.reorderedRatio ?? null)),
    `${percent(judged?.measured.mean)}`,
    bookkeeping === null
      ? '-'
      : deviation(bookkeeping.metrics.reorderedRatio?.mean, measured.reorderedRatio?.mean),
    `${percent(mean)} (${percent(low95)} to ${percent(high95)})`,
    judged === undefined
      ? '-'
      : judged.isInInterval
        ? 'in the interval'
        : judged.isInTolerance
          ? 'within 10 %'
          : 'NO',
    percent(asWritten?.reorderedRatio?.mean),
    controlled === undefined
      ? '-'
      : controlled.isRight
        ? controlled.measured.mean === 0
          ? 'nothing to tell'
          : 'PASSES'
        : 'fails',
    verdict === null
      ? '-'
      : `${verdict.metrics.filter(({ isRight }) => isRight).length} of ${verdict.metrics.length}`,
  ]
}

function loadOf(rows: readonly ReplayRow[]): number {
  return rows.reduce((sum, { laneLoad }) => sum + (laneLoad ?? Number.NaN), 0) / rows.length
}

function deviation(simulated: number | null = null, measured: number | null = null): string {
  if (simulated === null || measured === null) return '-'
  return measured === 0
    ? simulated === 0
      ? '0 %'
      : 'from 0'
    : percent(Math.abs(simulated - measured) / measured, 2)
}

function shares({ measured }: ContenderReport): string {
  const found = Object.entries(measured).filter(([metric]) => metric.startsWith('laneShare['))
  return found.map(([, { mean }]) => percent(mean)).join(', ')
}

async function rates(): Promise<void> {
  out()
  out('## Sustained rates and exact accounts')
  out()
  out('Work none, four lanes. Every packet is in one place: delivered, or dropped where the counters say.')
  out()
  out(
    '| case | seconds | sent | delivered | TUN queue | lane | collector | refused | unaccounted | late p50 | late p99 | late max |',
  )
  out('| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |')
  const source = 'scenarios/captures/office.pcap.gz'
  const plain = [source, '--loop', '1000', '-p', 'hash', '--work', 'none', '--repeat', '1', '--no-predict']
  const deep = ['--set', 'tunQueue.capacityPackets=10000', '--set', 'lanes.queue.capacityPackets=10000']
  const cases: ReadonlyArray<readonly [string, readonly string[]]> = [
    ['20,000 packets/s', [...plain, ...deep, '--pps', '20000', '--limit', '1200000']],
    ['50,000 packets/s', [...plain, ...deep, '--pps', '50000', '--limit', '500000']],
    ['50,000 packets/s, queue of 500', [...plain, '--pps', '50000', '--limit', '250000']],
    ['flat out, queue of 500', [...plain, '--topspeed', '--limit', '300000']],
    [
      'overdriven in two places: slept work, lane queues of 20, flat out',
      [
        source,
        '--loop',
        '1000',
        '-p',
        'hash',
        '--repeat',
        '1',
        '--no-predict',
        ...WORK,
        '--set',
        'lanes.queue.capacityPackets=20',
        '--topspeed',
        '--limit',
        '200000',
      ],
    ],
    [
      'overdriven: slept work, lane queues of 20',
      [
        source,
        '--loop',
        '1000',
        '-p',
        'hash',
        '--repeat',
        '1',
        '--no-predict',
        ...WORK,
        '--set',
        'lanes.queue.capacityPackets=20',
        '--pps',
        '20000',
        '--limit',
        '100000',
      ],
    ],
  ]
  for (const [name, args] of cases) {
    const { subjects } = await replayed(args)
    for (const { replays, error } of subjects) {
      if (error !== null) out(`| ${name} | ${error} |`)
      for (const one of replays.slice(0, 1)) out(`| ${[name, ...account(one)].join(' | ')} |`)
    }
  }
}

function account(one: ReplayRow): string[] {
  const { counts } = one
  const time = (ns: number | null) => (ns === null ? '-' : formatDurationNs(Math.round(ns)))
  const count = (number: number) => number.toLocaleString('en')
  return [
    one.seconds.toFixed(1),
    count(one.packetsSent),
    count(counts.delivered),
    count(counts.tunDropped),
    count(counts.laneDropped),
    count(counts.collectorDropped),
    count(counts.sendFailed + counts.writeFailed),
    count(counts.unaccounted),
    time(one.latenessNsP50),
    time(one.latenessNsP99),
    time(one.latenessNsMax),
  ]
}

async function oneFlow(): Promise<void> {
  out()
  out('## One flow, flat out')
  out()
  out(
    'A single UDP flow, work none: lanes that read one descriptor overtake each other, queues of their own keep the order.',
  )
  out()
  out('| topology | lanes | sent | delivered | reordered |')
  out('| --- | --: | --: | --: | --: |')
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lanewise-one-'))
  const scenario = path.join(folder, 'one.yaml')
  writeFileSync(
    scenario,
    'source: { synthetic: { arrivals: periodic, packetsPerSecond: 100000, flows: { count: 1 }, sizes: { fixed: 100B }, protocols: { udp: 1 } } }\nduration: 2s\nwarmup: 0s\n',
  )
  for (const topology of ['shared', 'multi-queue']) {
    for (const lanes of [2, 4]) {
      const args = [
        scenario,
        '--topology',
        topology,
        '--topspeed',
        '--work',
        'none',
        '--repeat',
        '1',
        '--no-predict',
        '--set',
        `lanes.count=${lanes}`,
        '--set',
        'tunQueue.capacityPackets=10000',
      ]
      const { subjects } = await replayed(args)
      for (const { replays } of subjects) {
        const [one] = replays
        const { count = 0, of = 0 } = (one?.metrics.reorderedRatio ?? {}) as { count?: number; of?: number }
        out(
          `| ${topology} | ${lanes} | ${one?.packetsSent.toLocaleString('en')} | ${one?.counts.delivered.toLocaleString('en')} | ${count} of ${of} (${percent(of === 0 ? null : count / of)}) |`,
        )
      }
    }
  }
  rmSync(folder, { recursive: true, force: true })
}

async function encryption(): Promise<void> {
  out()
  out('## Real encryption')
  out()
  out('Reported without a target: the work is what node:crypto takes on this machine, at 10,000 packets/s.')
  for (const work of ['aes-256-gcm', 'chacha20-poly1305']) {
    const common = [
      'scenarios/captures/office.pcap.gz',
      '--loop',
      '1000',
      '--limit',
      values.limit,
      '--pps',
      '10000',
      '--work',
      work,
      '--repeat',
      values.repeat,
    ]
    const report = await replayed([
      ...common,
      ...['round-robin', 'any-idle', 'hash', 'flow-pinned:ttl=30s'].flatMap((policy) => ['-p', policy]),
    ])
    table(work, report)
  }
}

const started = new Date().toISOString().slice(0, 10)
out('# The simulator beside a real TUN device')
out()
out(
  `Made by \`npm run validate:live -- --update\`, ${started}: ${os.cpus()[0]?.model}, ${os.availableParallelism()} cores, Linux ${os.release()}, Node ${process.versions.node}.`,
)
out()
if (wanted === undefined || CAPTURES.some(([name]) => wanted.includes(name))) await predictions()
if (isWanted('rates')) await rates()
if (isWanted('one-flow')) await oneFlow()
if (isWanted('pacing')) await pacing(out)
if (isWanted('encryption')) await encryption()
if (values.update) writeFileSync(page, `${lines.join('\n')}\n`)
