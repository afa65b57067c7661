/**
 * The files that a document's commands may ask for (`with=`): small ones, as its readers would have them. The
 * captures and arrivals are of one simulated system that sprays: what enters it, and what leaves it.
 */
import assert from 'node:assert/strict'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { repository } from '../../built.testing.ts'
import { inputPath } from '../../node/bundled.ts'
import { CaptureWriter } from '../../node/pcap-writer.ts'
import { ipv4, udp } from '../../traffic/capture/captures.testing.ts'
import { runProgram } from '../run-program.testing.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url))
const POLICY = path.join(EXAMPLES, 'small-first.ts')
const EPOCH_SECONDS = 1_700_000_000
const SYSTEM = `source:
  synthetic: { packetsPerSecond: 20000, flows: { count: 20 }, sizes: { fixed: 300B } }
lanes: { count: 4, service: { fixed: 5us, jitter: { exponential: { mean: 60us } } } }
policies: [any-idle]
duration: 100ms
warmup: 0s
runs: 1
`
const GATEWAY = `title: A gateway with four threads
source: { capture: '@voice' }
lanes: { count: 4 }
policies:
  - any-idle
  - hash
  - flow-pinned: { ttl: 5s }
runs: 2
`

interface Passage {
  readonly flow: number
  readonly sequence: number
  readonly sentNs: number
  readonly receivedNs: number
  readonly sizeBytes: number
}

/** Results that are asked for by another name than results/<a comparison's>. */
const RESULTS: ReadonlyArray<readonly [RegExp, string]> = [
  [/-scan$/, 'compare @voice -d 2s -r 2 -L lanes.count=2,4'],
  [/-ttl$/, 'tune @16 --points 6 -r 2'],
  [/-measured$/, 'measure --sent @voice --received COPY'],
  [/./, 'compare @voice -d 2s -r 2'],
]

/** A maker of files, which simulates what several need once. */
export function documentFiles() {
  const home = mkdtempSync(path.join(tmpdir(), 'lanewise-document-files-'))
  const finished = new Map<string, Promise<string>>()
  let system: Promise<Passage[]> | undefined

  /** Makes one; throws an Error for a name that it doesn't know. */
  async function make(folder: string, name: string): Promise<void> {
    const target = path.join(folder, name)
    mkdirSync(path.dirname(target), { recursive: true })
    system ??= simulate(home)
    if (name === 'gateway.yaml') writeFileSync(target, GATEWAY)
    else if (name.startsWith('examples/')) copyFileSync(path.join(repository, name), target)
    else if (name === 'small-first.ts') copyFileSync(POLICY, target)
    else if (name === 'my-policy.ts')
      writeFileSync(target, readFileSync(POLICY, 'utf8').replaceAll("'small-first'", "'my-policy'"))
    else if (name === 'before.pcap') writeCapture(target, await system, 'sentNs')
    else if (name === 'after.pcap') writeCapture(target, await system, 'receivedNs')
    else if (name === 'ring0.pcap') writeCapture(target, halfOf(await system, 0), 'sentNs')
    else if (name === 'ring1.pcap') writeCapture(target, halfOf(await system, 1), 'sentNs')
    else if (name === 'arrivals.csv') writeArrivals(target, await system)
    else if (name === 'client.qlog') writeQlog(target, await system, 'sent')
    else if (name === 'server.qlog') writeQlog(target, await system, 'received')
    else if (name.startsWith('results/')) cpSync(await resultsFor(name), target, { recursive: true })
    else throw new Error(`with=${name}: nobody knows how to make it`)
  }

  function resultsFor(name: string): Promise<string> {
    const [, command] = RESULTS.find(([pattern]) => pattern.test(name))!
    let result = finished.get(command)
    if (result === undefined) {
      const folder = path.join(home, `results-${finished.size}`)
      const copy = path.join(home, 'voice.pcap.gz')
      copyFileSync(inputPath('@voice'), copy)
      result = succeed(`${command.replace('COPY', copy)} -o ${folder}`).then(() => folder)
      finished.set(command, result)
    }
    return result
  }

  return { make, remove: () => rmSync(home, { recursive: true, force: true }) }
}

async function succeed(command: string): Promise<void> {
  const { exitCode, stderr } = await runProgram([...command.split(' '), '-q'])
  assert.equal(exitCode, 0, `${command}: ${stderr}`)
}

/** What the packets of the system met, in order of sending. */
async function simulate(home: string): Promise<Passage[]> {
  const [scenario, trace] = [path.join(home, 'system.yaml'), path.join(home, 'system.csv')]
  writeFileSync(scenario, SYSTEM)
  await succeed(`compare ${scenario} --trace ${trace} -o ${path.join(home, 'system')}`)
  const [head, ...rows] = readFileSync(trace, 'utf8').trim().split('\n')
  const column = (name: string) => head!.split(',').indexOf(name)
  const flows = new Map<string, number>()
  const sent = new Map<number, number>()
  return rows.flatMap((row) => {
    const cells = row.split(',')
    const name = cells[column('flow')]!
    if (!flows.has(name)) flows.set(name, flows.size)
    const flow = flows.get(name)!
    const sequence = sent.get(flow) ?? 0
    sent.set(flow, sequence + 1)
    if (cells[column('departureNs')] === '') return []
    const sentNs = Number(cells[column('arrivalNs')])
    const receivedNs = Number(cells[column('departureNs')])
    return [{ flow, sequence, sentNs, receivedNs, sizeBytes: Number(cells[column('sizeBytes')]) }]
  })
}

/** What was sent in the first or second half of the time. */
function halfOf(passages: readonly Passage[], half: 0 | 1): Passage[] {
  const middleNs = passages.reduce((most, { sentNs }) => Math.max(most, sentNs), 0) / 2
  return passages.filter(({ sentNs }) => sentNs >= middleNs === (half === 1))
}

function writeCapture(target: string, passages: readonly Passage[], time: 'sentNs' | 'receivedNs'): void {
  const writer = new CaptureWriter(target)
  for (const passage of passages.toSorted((a, b) => a[time] - b[time])) {
    const datagram = udp(5000 + passage.flow, 443, passage.sizeBytes - 28)
    datagram.writeUInt32BE(passage.sequence + 1, 8)
    writer.write(EPOCH_SECONDS, passage[time], ipv4(17, datagram))
  }
  writer.close()
}

function writeArrivals(target: string, passages: readonly Passage[]): void {
  const rows = passages
    .toSorted((a, b) => a.receivedNs - b.receivedNs)
    .map(({ sequence, flow, sentNs, receivedNs, sizeBytes }) =>
      [sequence, flow, sentNs, receivedNs, sizeBytes].join(','),
    )
  writeFileSync(target, `sequence,flow,sentNs,receivedNs,sizeBytes\n${rows.join('\n')}\n`)
}

/** A connection per flow, an event per line. */
function writeQlog(target: string, passages: readonly Passage[], side: 'sent' | 'received'): void {
  const head = { qlog_version: '0.3', trace: { common_fields: { time_format: 'absolute' } } }
  const events = passages
    .toSorted((a, b) => a[`${side}Ns`] - b[`${side}Ns`])
    .map((passage) => ({
      time: EPOCH_SECONDS * 1000 + passage[`${side}Ns`] / 1e6,
      name: `transport:packet_${side}`,
      group_id: `c${passage.flow}`,
      data: {
        header: { packet_type: '1RTT', packet_number: passage.sequence },
        raw: { length: passage.sizeBytes },
      },
    }))
  writeFileSync(target, [head, ...events].map((record) => `${JSON.stringify(record)}\n`).join(''))
}
