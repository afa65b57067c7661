/**
 * One measurement for bench/pacing.ts, in a process and a network namespace of its own: tcpreplay or our
 * injector sends equal packets at an even rate into the same kind of TUN device, with or without our reader,
 * lanes and collector behind it. Times are taken by a third party: the kernel's stamps at that device, as
 * tcpdump records them. The arguments are the task as JSON, the file that the result goes to, beside which
 * captures are put, and the process that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuUse } from '../src/live/device/cpu-use.ts'
import { openDevices } from '../src/live/device/device.ts'
import { MarkPlace, PADDING_BYTES_MAX, prepareMark, readMark, writeMark } from '../src/live/device/mark.ts'
import { dieWithParent } from '../src/live/device/namespace.ts'
import { preparePackets } from '../src/live/packets.ts'
import { prepareReplay } from '../src/live/prepare-replay.ts'
import { scheduleOf } from '../src/live/schedule.ts'
import { nowNs } from '../src/live/threads/clock.ts'
import { inject } from '../src/live/threads/injector.ts'
import type { ReplaySetup } from '../src/live/threads/setup.ts'
import { Cell } from '../src/live/threads/shared-counters.ts'
import { startThreads } from '../src/live/threads/threads.ts'
import { latenessOf } from '../src/live/verdict/timing.ts'
import { CaptureWriter } from '../src/node/pcap-writer.ts'
import { policiesOf } from '../src/scenario/policy-specs.ts'
import { scenarioSchema } from '../src/scenario/schema/schema.ts'
import type { PacingResult, PacingTask } from './pacing.ts'

const SIZE_BYTES = 100
const LEAD_NS = 30e6
/** Where nobody reads, the device's queue holds everything. */
const QUEUE_PACKETS = 100_000
/** What may come on top of the time that the packets need, ms. */
const GRACE_MS = 4000
const PCAP_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16

type Task = PacingTask & { readonly folder: string }

async function measure({
  sender,
  hasPipeline,
  packetsPerSecond,
  seconds,
  folder,
}: Task): Promise<PacingResult> {
  const scenario = scenarioSchema.parse({
    source: {
      synthetic: {
        arrivals: 'periodic',
        packetsPerSecond,
        flows: { count: 8 },
        sizes: { fixed: `${SIZE_BYTES}B` },
        protocols: { udp: 1 },
      },
    },
    duration: `${seconds}s`,
    warmup: '0s',
    policies: ['hash'],
  })
  const resolved = { scenario, policies: policiesOf(scenario) }
  const list = await preparePackets(resolved)
  const schedule = scheduleOf(list.columns, { packetsPerSecond })
  const common = { resolved, list, schedule, policy: 0, queueLengthPackets: QUEUE_PACKETS } as const
  const prepared = prepareReplay({ ...common, device: 'tun', topology: 'dispatcher', work: 'none' })
  const devices = await openDevices('tun', prepared.device)
  const setup: ReplaySetup = { ...prepared.setup, device: devices.handle }
  const { cells, packets } = setup
  const { handle } = devices
  if (handle.kind !== 'tun') throw new Error('not a TUN device')
  const deadlineMs = seconds * 1000 + GRACE_MS
  const captured = path.join(folder, 'seen.pcap')
  const tcpdump = await startTcpdump(handle.first.name, captured, packets)
  const threads = hasPipeline ? startThreads(setup) : undefined
  try {
    // The injector thread has nothing to do where tcpreplay sends.
    if (sender === 'tcpreplay') Atomics.store(cells, Cell.stopSending, 1)
    const toSend = path.join(folder, 'sent.pcap')
    if (sender === 'tcpreplay') writeCapture(toSend, setup, schedule.plannedNs)
    if (threads !== undefined) await Promise.race([threads.ready, threads.failed])
    const { stealNs } = cpuUse()
    setup.startNs[0] = nowNs(handle.baseNs) + LEAD_NS - schedule.plannedNs[0]!
    Atomics.store(cells, Cell.started, 1)
    Atomics.notify(cells, Cell.started)
    if (sender === 'tcpreplay') await tcpreplay(handle.first.name, packetsPerSecond, toSend, deadlineMs)
    else if (threads === undefined) inject(setup, () => {})
    for (let i = 0; i < deadlineMs / 20 && threads !== undefined; i++) {
      if (Atomics.load(cells, Cell.read) === packets) break
      await Promise.race([threads.failed, sleep(20)])
    }
    const stealMs = (cpuUse().stealNs - stealNs) / 1e6
    await ended(tcpdump, 'SIGINT', GRACE_MS)
    const times = stampsOf(captured, setup.runId, packets)
    return {
      packets,
      read: threads === undefined ? null : Atomics.load(cells, Cell.read),
      ...deviations(times, packetsPerSecond),
      own: sender === 'lanewise' ? latenessOf(prepared.record, true) : null,
      stealMs,
    }
  } finally {
    for (const flag of [Cell.stopSending, Cell.stopped]) Atomics.store(cells, flag, 1)
    Atomics.notify(cells, Cell.stopped)
    await threads?.end()
    await ended(tcpdump, 'SIGKILL', 0)
    devices.close()
  }
}

/** Watches the device from now on; ends by itself after so many packets. */
async function startTcpdump(device: string, file: string, packets: number): Promise<ChildProcess> {
  const options = ['-i', device, '-n', '-B', '65536', '-s', '128', '-Z', 'root', '-c', String(packets)]
  const precise = ['--time-stamp-precision=nano', '-w', file, 'udp']
  const child = spawn('tcpdump', [...options, ...precise], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  for await (const part of child.stderr.iterator({ destroyOnReturn: false })) {
    said += part
    if (said.includes('listening on')) break
  }
  if (!said.includes('listening on')) throw new Error(`tcpdump: ${said.trim()}`)
  child.stderr.resume()
  return child
}

/** Waits for a process to end by itself, then tells it to. */
async function ended(child: ChildProcess, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  await Promise.race([exit, sleep(timeoutMs, undefined, { ref: false })])
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await Promise.race([exit, sleep(GRACE_MS, undefined, { ref: false })])
}

/** The very packets that the injector would send, marks included, so that our threads take them for ours. */
function writeCapture(file: string, setup: ReplaySetup, plannedNs: Float64Array): void {
  const { bytes, bytesAt, bytesKept, sizeBytes } = setup.columns
  const place = new MarkPlace()
  const packet = Buffer.alloc(SIZE_BYTES + PADDING_BYTES_MAX)
  const writer = new CaptureWriter(file)
  for (let row = 0; row < setup.packets; row++) {
    packet.set(bytes.subarray(bytesAt[row]!, bytesAt[row]! + bytesKept[row]!))
    if (!prepareMark(packet, 0, bytesKept[row]!, sizeBytes[row]!, place))
      throw new Error('no place for a mark')
    writeMark(packet, 0, place, setup.runId, row)
    const ns = plannedNs[row]!
    writer.write(Math.floor(ns / 1e9), ns % 1e9, packet.subarray(0, place.lengthBytes))
  }
  writer.close()
}

async function tcpreplay(device: string, pps: number, file: string, timeoutMs: number): Promise<void> {
  const options = ['-q', '--preload-pcap', '--no-flow-stats', `--pps=${pps}`, '-i', device, file]
  const child = spawn('tcpreplay', options, { stdio: ['ignore', 'ignore', 'pipe'], timeout: timeoutMs })
  let complaint = ''
  child.stderr.on('data', (part: Buffer) => {
    complaint += part
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`tcpreplay: exit ${code}, ${complaint.trim()}`)
}

/** When the device was given each packet, ns from the first second; NaN: tcpdump hasn't seen it. */
function stampsOf(file: string, runId: number, packets: number): Float64Array {
  const bytes = readFileSync(file)
  if (bytes.readUInt32LE(0) !== 0xa1b23c4d) throw new Error('tcpdump did not write nanoseconds')
  const times = new Float64Array(packets).fill(Number.NaN)
  const firstSecond = bytes.length > PCAP_HEADER_BYTES ? bytes.readUInt32LE(PCAP_HEADER_BYTES) : 0
  let at = PCAP_HEADER_BYTES
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at + 8)
    const row = readMark(bytes, at + RECORD_HEADER_BYTES, length, runId)
    if (row >= 0 && row < packets) {
      times[row] = (bytes.readUInt32LE(at) - firstSecond) * 1e9 + bytes.readUInt32LE(at + 4)
    }
    at += RECORD_HEADER_BYTES + length
  }
  return times
}

/** @param times per packet, as {@link stampsOf} gives them */
function deviations(times: Float64Array, pps: number): Pick<PacingResult, 'seen' | 'late' | 'off'> {
  const late = times.map((ns, row) => ns - times[0]! - (row * 1e9) / pps).filter((ns) => !Number.isNaN(ns))
  late.sort()
  const { p50Ns } = quantiles(late)
  return {
    seen: late.length,
    late: quantiles(late),
    off: quantiles(late.map((ns) => Math.abs(ns - p50Ns)).sort()),
  }
}

function quantiles(sorted: Float64Array): PacingResult['late'] {
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { minNs: at(0), p50Ns: at(0.5), p99Ns: at(0.99), maxNs: at(1) }
}

const [task, resultFile, parent] = process.argv.slice(2)
dieWithParent(Number(parent))
const result = await measure({ ...(JSON.parse(task!) as PacingTask), folder: path.dirname(resultFile!) })
writeFileSync(resultFile!, JSON.stringify(result))
