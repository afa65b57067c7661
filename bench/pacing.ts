/**
 * Pacing of our injector beside tcpreplay's, a part of `npm run validate:live`: the same packets at the same
 * rates into the same kind of TUN device, each with and without our reader, lanes and collector behind it,
 * seen from the kernel's stamps at that device. Each measurement (pacing-run.ts) has a process and a network
 * namespace of its own.
 *
 *     npm run validate:live -- --only pacing
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNamespace } from '../src/live/device/namespace.ts'
import { formatDurationNs } from '../src/units.ts'

export interface PacingTask {
  readonly sender: 'lanewise' | 'tcpreplay'
  /** Our reader, four lanes with work none and the collector are behind the device; or nobody reads it. */
  readonly hasPipeline: boolean
  readonly packetsPerSecond: number
  readonly seconds: number
}

interface Quantiles {
  readonly p50Ns: number
  readonly p99Ns: number
  readonly maxNs: number
}

export interface PacingResult {
  readonly packets: number
  /** Packets that tcpdump has seen at the device. */
  readonly seen: number
  /** Packets that our reader has got; null: there was none. */
  readonly read: number | null
  /** Of packet i: its stamp minus the first one's, minus i / rate. */
  readonly late: Quantiles & { readonly minNs: number }
  /** Distance of that from its median. */
  readonly off: Quantiles
  /** As the injector recorded it: time before the call minus the planned time. */
  readonly own: Quantiles | null
  readonly stealMs: number
}

const RATES = [1000, 5000, 10_000, 20_000]
const SECONDS = 3
/** Exit codes for SIGHUP, SIGINT and SIGTERM. */
const INTERRUPTED = [129, 130, 143]
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => stop.abort(name))
const CASES: ReadonlyArray<readonly [name: string, task: Pick<PacingTask, 'sender' | 'hasPipeline'>]> = [
  ['ours, alone', { sender: 'lanewise', hasPipeline: false }],
  ['tcpreplay, alone', { sender: 'tcpreplay', hasPipeline: false }],
  ['ours, lanes running', { sender: 'lanewise', hasPipeline: true }],
  ['tcpreplay, lanes running', { sender: 'tcpreplay', hasPipeline: true }],
]

/** Writes the section, about two minutes. */
export async function pacing(out: (line?: string) => void): Promise<void> {
  out()
  out('## Pacing beside tcpreplay')
  out()
  const tcpreplay = versionOf('tcpreplay')
  const missing = [
    tcpreplay === undefined ? 'tcpreplay' : '',
    versionOf('tcpdump') === undefined ? 'tcpdump' : '',
  ]
  const install = missing.filter((name) => name !== '')
  if (install.length > 0) {
    out(`Skipped: ${install.join(' and ')} not installed (apt-get install tcpreplay tcpdump).`)
    return
  }
  out(
    `UDP packets of 100 bytes, ${SECONDS} s at each rate, one run each; ${tcpreplay} with its default timer (--preload-pcap --no-flow-stats --pps), ours with the replay's own injector. Alone: one sending thread, nobody reads the device and its queue holds everything. Lanes running: our reader, four lanes with work none and the collector are behind the device. Times are the kernel's, at the TUN device, by tcpdump. Late is stamp i minus the first stamp minus i / rate; negative is early. Off is how far that is from its own median, early or late: it doesn't depend on how late the first packet was, and slow drift counts. Own is what the injector recorded: the time just before each send call minus the planned time.`,
  )
  out()
  out(
    '| packets/s | sender | seen | late min | late p50 | late p99 | late max | off p50 | off p99 | off max | own p50 | own p99 | own max | steal |',
  )
  out(`| --: | --- |${' --: |'.repeat(12)}`)
  const worst = new Map<string, { offNs: number; rate: number }>()
  for (const packetsPerSecond of RATES) {
    for (const [name, task] of CASES) {
      const result = await measured({ ...task, packetsPerSecond, seconds: SECONDS })
      const rate = packetsPerSecond.toLocaleString('en')
      if (typeof result === 'string') {
        out(`| ${rate} | ${name} | ${result} |${' |'.repeat(11)}`)
        continue
      }
      out(`| ${rate} | ${name} | ${cells(result).join(' | ')} |`)
      if (result.off.maxNs > (worst.get(name)?.offNs ?? -1)) {
        worst.set(name, { offNs: result.off.maxNs, rate: packetsPerSecond })
      }
    }
  }
  const said = [...worst].map(
    ([name, { offNs, rate }]) => `${name} ${time(offNs)} (at ${rate.toLocaleString('en')})`,
  )
  out()
  out(`Worst case, the largest off of any rate: ${said.join('; ')}.`)
}

function cells({ packets, seen, read, late, off, own, stealMs }: PacingResult): string[] {
  const lost = read === null || read === packets ? '' : `, ${(packets - read).toLocaleString('en')} not read`
  const count =
    seen === packets
      ? seen.toLocaleString('en')
      : `${seen.toLocaleString('en')} of ${packets.toLocaleString('en')}`
  const three = (of: Quantiles | null) =>
    of === null ? ['-', '-', '-'] : [of.p50Ns, of.p99Ns, of.maxNs].map(time)
  return [`${count}${lost}`, time(late.minNs), ...three(late), ...three(off), ...three(own), `${stealMs} ms`]
}

function time(ns: number): string {
  return Number.isFinite(ns) ? formatDurationNs(Math.round(ns)) : '-'
}

/** The result, or one line that says why there is none. */
async function measured(task: PacingTask): Promise<PacingResult | string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-pacing-'))
  const file = path.join(folder, 'result.json')
  const script = fileURLToPath(new URL('./pacing-run.ts', import.meta.url))
  try {
    const words = [script, JSON.stringify(task), file, String(process.pid)]
    const { exitCode: code } = await runInNamespace(words, stop.signal)
    // Signals go to the measurement; they are meant for the whole bench.
    if (INTERRUPTED.includes(code)) throw new Error('interrupted')
    return code === 0 ? (JSON.parse(readFileSync(file, 'utf8')) as PacingResult) : `failed (exit ${code})`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** "tcpreplay 4.4.3"; undefined where it isn't installed. */
function versionOf(program: string): string | undefined {
  const { error, stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  if (error !== undefined) return undefined
  return `${program} ${/\d+(\.\d+)+/.exec(`${stdout}${stderr}`)?.[0] ?? ''}`.trim()
}
