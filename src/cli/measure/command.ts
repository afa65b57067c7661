/**
 * `lanewise measure`: its options and its help. What it does is in measure-system.ts, loaded when it is
 * needed.
 */
import type { Command } from 'commander'
import { gateRules } from '../../measure/gates.ts'
import type { ProcessIo } from '../shared/process-io.ts'

/** As commander gives them. */
export interface MeasureOptions {
  readonly sent?: string
  readonly received?: string
  readonly nat?: true
  readonly order?: string
  readonly direction?: string
  readonly sequenceBits?: string
  readonly rtt?: string
  readonly playout?: string
  readonly replayWindows?: string
  readonly rfc5236?: string
  readonly flows?: string
  readonly output?: string
  readonly format: string
  readonly trace?: string
  readonly quiet?: true
  /** Limits of gates, such as maxReordered. */
  readonly [limit: `max${string}`]: string | undefined
}

const EXAMPLES = `
Examples:
  lanewise measure --sent @office --received @office
  lanewise measure --sent @voice --received @voice --nat --flows all
  printf 'sequence\\n1\\n3\\n2\\n' > arrivals.csv
  lanewise measure arrivals.csv
  lanewise measure arrivals.csv --sequence-bits 16 --playout 20ms,60ms
  lanewise measure arrivals.csv --max-reordered 50% --max-extent 1
  lanewise measure @voice                        what one side can tell

@office and @voice come with lanewise and stand for captures of yours here.
An arrival file is a CSV with a header and a row per packet, in order of
arrival: sequence and, where known, flow, sentNs, receivedNs, sizeBytes.
- is standard input. Two captures must see the same packets unencrypted, before
and after the system. One capture alone can't tell; measure says what it can.

A gate (--max-...) that isn't kept makes the exit code 1.
Results go to results/<name>-measured/: report.json, summary.csv, flows.csv,
distributions.csv, provenance.json. Metrics: lanewise list metrics.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument('[file...]', 'arrivals (CSV, gzipped or not), or a single capture')
    .option('--sent <capture>', 'what enters the system (pcap, pcapng, gzipped or not)')
    .option('--received <capture>', 'what leaves it')
    .option('--nat', 'addresses and ports change on the way')
    .option('--order <file|time>', "order of the captures' packets: of the file or by time", 'file')
    .option('--direction <auto|all>', 'auto leaves out packets on the way back', 'auto')
    .option('--sequence-bits <n>', "width of the CSV's sequence numbers, if they wrap")
    .option('--rtt <time>', 'round-trip time that TCP and QUIC go by (default: 20ms)')
    .option('--playout <times>', 'depths of play-out buffers (default: 20ms,60ms)')
    .option('--replay-windows <sizes>', 'packets (default: 64,129,1024,8128)')
    .option('--rfc5236 <variant>', 'reorder densities: corrected (default) or literal')
  for (const { name, kind, description } of gateRules) {
    const value = { share: 'share', packets: 'packets', duration: 'time' }[kind]
    command.option(`--max-${name} <${value}>`, `gate: ${description}`)
  }
  command
    .option('--flows <n|all>', 'worst flows in the report (default: 10)')
    .option('-o, --output <dir>', 'folder for the results (default: results/<name>-measured)')
    .option('-f, --format <format>', 'stdout: table, json, csv or markdown', 'table')
    .option('--trace <file.csv>', 'write a row for every packet that arrived')
    .option('-q, --quiet', 'no hints on stderr; gates are still said')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: MeasureOptions) => {
      const { measure } = await import('./work.ts')
      done(await measure(files, options, io))
    })
}
