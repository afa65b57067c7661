/**
 * Reads two captures of 1 GB, one of 1400-byte packets and one of 100-byte packets (1000 flows in random
 * order, Ethernet), with tcpdump and capinfos where they are installed and with lanewise, each as a whole
 * process, in turn and over several rounds. tcpdump's way to read a file and do nothing is `-r FILE -w
 * /dev/null`; ours also finds every packet's flow, and `inspect` keeps statistics of them. Prints rates,
 * ratios to tcpdump of the same round, peak memory.
 *
 *     npm run bench:captures
 *     npm run bench:captures -- --rounds 7 --gigabytes 0.1
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CaptureWriter } from '../src/node/pcap-writer.ts'
import { randomStream } from '../src/sim/random.ts'

const FLOWS = 1000
const GAP_NS = 10_000
const ETHERNET = 1
const FREE_BYTES_MIN = 1e9

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const option = (name: string, usual: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? usual : Number(process.argv[at + 1]) || usual
}
const rounds = option('rounds', 5)
const captureBytes = option('gigabytes', 1) * 1e9

/** Reads to the end, resolving flows: the bare reader. */
const READ = `
import { packetColumns } from '${dist}traffic/capture/columns.js'
import { openCapture } from '${dist}traffic/capture/reader.js'
const reader = await openCapture(process.argv[1])
const columns = packetColumns(16384)
let packets = 0
while ((await reader.read(columns)) > 0) packets += columns.count
console.log(packets, reader.flows.count)`

interface Tool {
  readonly name: string
  command(file: string): readonly [program: string, ...args: string[]]
}
const isInstalled = (program: string) => spawnSync(program, ['--version']).error === undefined
const others: readonly Tool[] = [
  { name: 'tcpdump -w /dev/null', command: (file) => ['tcpdump', '-r', file, '-w', '/dev/null'] },
  // All but its checksums.
  { name: 'capinfos', command: (file) => ['capinfos', '-csduaeyizxtEo', file] },
]
const tools: readonly Tool[] = [
  ...others.filter(({ name }) => isInstalled(name.split(' ')[0]!)),
  {
    name: 'lanewise, reader alone',
    command: (file) => [process.execPath, '--input-type=module', '-e', READ, file],
  },
  { name: 'lanewise inspect', command: (file) => [process.execPath, `${dist}cli/main.js`, 'inspect', file] },
]

/** An Ethernet frame with a TCP packet of `sizeBytes`, its addresses and ports those of flow 0. */
function frameOf(sizeBytes: number): Buffer {
  const frame = Buffer.alloc(14 + sizeBytes)
  frame.writeUInt16BE(0x0800, 12)
  frame[14] = 0x45
  frame.writeUInt16BE(sizeBytes, 16)
  frame[22] = 64
  frame[23] = 6
  frame.writeUInt32BE(0x0a000000, 26)
  frame.writeUInt32BE(0x0a800001, 30)
  frame.writeUInt16BE(443, 36)
  frame[46] = 0x50
  return frame
}

function makeCapture(path: string, sizeBytes: number): number {
  const random = randomStream(1, 0, 'flows')
  const frame = frameOf(sizeBytes)
  const packets = Math.floor(captureBytes / (frame.length + 16))
  const writer = new CaptureWriter(path, ETHERNET)
  for (let i = 0; i < packets; i++) {
    const flow = Math.floor(random() * FLOWS)
    frame.writeUInt32BE(0x0a000000 + (flow >> 2), 26)
    frame.writeUInt16BE(40_000 + (flow & 3), 34)
    const ns = i * GAP_NS
    writer.write(1_700_000_000 + Math.floor(ns / 1e9), ns % 1e9, frame)
  }
  writer.close()
  return packets
}

interface Timed {
  readonly seconds: number
  readonly peakMB: number
}

async function timed(tool: Tool, file: string): Promise<Timed> {
  const [program, ...args] = tool.command(file)
  const begin = process.hrtime.bigint()
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint += text
  })
  let peakMB = Number.NaN
  const poll = setInterval(() => {
    peakMB = peakOf(child.pid!) ?? peakMB
  }, 20)
  const code = await new Promise((done) => child.on('close', done))
  clearInterval(poll)
  if (code !== 0) throw new Error(`${tool.name}: exit code ${code}\n${complaint}`)
  return { seconds: Number(process.hrtime.bigint() - begin) / 1e9, peakMB }
}

/** Peak resident memory, from /proc; undefined where that isn't Linux. */
function peakOf(pid: number): number | undefined {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return line === null ? undefined : Number(line[1]) / 1000
  } catch {
    return undefined
  }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

async function compare(file: string, packets: number): Promise<void> {
  const results = new Map<Tool, Timed[]>(tools.map((tool) => [tool, []]))
  // Once unmeasured, so that the file is in the page cache for all of them.
  await timed(tools[0]!, file)
  for (let round = 0; round < rounds; round++) {
    for (const tool of tools) results.get(tool)!.push(await timed(tool, file))
  }
  const bytes = statSync(file).size
  const first = tools[0]!
  for (const [tool, all] of results) {
    const seconds = median(all.map((result) => result.seconds))
    const ratios = all.map((result, round) => results.get(first)![round]!.seconds / result.seconds)
    const memory = Math.max(...all.map(({ peakMB }) => peakMB))
    const figures = [
      `${seconds.toFixed(2)} s`,
      `${(packets / seconds / 1e6).toFixed(2)} M packets/s`,
      `${(bytes / seconds / 1e9).toFixed(2)} GB/s`,
      `${median(ratios).toFixed(2)} of ${first.name.split(' ')[0]} (${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`,
      `${memory.toFixed(0)} MB`,
    ]
    console.log(`  ${tool.name.padEnd(24)}${figures.join(', ')}`)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'lanewise-bench-'))
try {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < captureBytes + FREE_BYTES_MIN) {
    throw new Error(`${folder} has ${(bavail * bsize) / 1e9} GB free, too little - set TMPDIR`)
  }
  for (const sizeBytes of [1400, 100]) {
    const file = join(folder, 'made.pcap')
    const packets = makeCapture(file, sizeBytes)
    const size = (statSync(file).size / 1e9).toFixed(2)
    console.log(`${size} GB of ${sizeBytes}-byte packets, ${packets.toLocaleString('en-US')} of them:`)
    await compare(file, packets)
  }
} finally {
  rmSync(folder, { recursive: true })
}
