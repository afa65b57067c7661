/**
 * `lanewise tune`: its options and its help. What it does is in tune-ttl.ts, which is loaded when it is
 * needed.
 */
import type { Command } from 'commander'
import type { ProcessIo } from '../shared/process-io.ts'

/** As commander gives them. */
export interface TuneOptions {
  readonly policy?: string[]
  readonly ttl?: string
  readonly points: string
  readonly targetReordered: string
  readonly check: boolean
  readonly set?: string[]
  readonly runs?: string
  readonly seed?: string
  readonly duration?: string
  readonly warmup?: string
  readonly jobs?: string
  readonly calibration?: string
  readonly output?: string
  readonly format: string
  readonly quiet?: true
  readonly verbose?: true
}

const EXAMPLES = `
Examples:
  lanewise tune @16
  lanewise tune @16 --ttl 100us:10ms --points 24 -r 3
  lanewise tune @voice -r 2 -p flow-pinned:capacity=4096,assign=least-loaded
  lanewise tune @voice -r 2 -p openvpn-fork --target-reordered 0.01%

@office, @02 ... come with lanewise (lanewise list captures, list scenarios);
a capture or scenario of your own is named by its path.
Policies with a TTL: flow-pinned (ttl), openvpn-fork (ttl, whole seconds from 5
on), flowlet (gap), linux-tun (ageing). Without -p the scenario's first one.
Results go to results/<name>-ttl/: report.json, ttl.csv, summary.csv, runs.csv,
provenance.json.`

const collect = (value: string, before: string[] = []) => [...before, value]

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument(
      '<scenario|capture>',
      'a scenario (YAML, JSON) or a capture (pcap, pcapng, gzipped or not), or the @name of one',
    )
    .option('-p, --policy <name[:key=value,...]>', 'the policy whose TTL is looked for', collect)
    .option('--ttl <min:max>', 'where to look (default: 10us:60s, as far as the gaps of the traffic go)')
    .option('--points <n>', 'values of the first grid; more follow where the curve bends', '16')
    .option('--target-reordered <share>', 'packets that may be reordered, such as 0.001 or 0.1%', '0.1%')
    .option('--no-check', "don't try the recommended TTL on fresh random numbers")
    .option('--set <path=value>', 'changes one key of the scenario; repeatable', collect)
    .option('-r, --runs <n>', 'independent repetitions')
    .option('--seed <n>', 'another seed gives other random numbers')
    .option('-d, --duration <time>', 'stop the source here, such as 10s')
    .option('-w, --warmup <time>', "don't judge earlier packets, such as 100ms")
    .option('-j, --jobs <n>', 'threads to spread the runs over (default: what the machine has)')
    .option('--calibration <file>', "a machine's own service times instead of the scenario's (from replay)")
    .option('-o, --output <dir>', 'folder for the results (default: results/<name>-ttl)')
    .option('-f, --format <format>', 'stdout: table, json, csv or markdown', 'table')
    .option('-q, --quiet', 'no progress and no hints on stderr')
    .option('-v, --verbose', 'a line per run, all warnings, and the counters of the policies')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: TuneOptions) => {
      const { tune } = await import('./work.ts')
      done(await tune(file, options, io))
    })
}
