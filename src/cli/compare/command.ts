/**
 * `lanewise compare`: its options and its help. What it does is in simulate.ts, which is loaded when it is
 * needed.
 */
import type { Command } from 'commander'
import type { ProcessIo } from '../shared/process-io.ts'

/** As commander gives them. */
export interface CompareOptions {
  readonly policy?: string[]
  readonly reference?: string
  readonly set?: string[]
  readonly scan?: string[]
  readonly scanList?: string[]
  readonly resume?: true
  readonly runs?: string
  readonly seed?: string
  readonly duration?: string
  readonly warmup?: string
  readonly jobs?: string
  readonly calibration?: string
  readonly output?: string
  readonly format: string
  readonly trace?: string
  readonly quiet?: true
  readonly verbose?: true
}

const EXAMPLES = `
Examples:
  lanewise compare @office
  lanewise compare @office --set source.packetsPerSecond=20000
  lanewise compare @office -p any-idle -p flow-pinned:ttl=5s,assign=idle
  lanewise compare @02 -r 3 --reference hash -f markdown > result.md
  lanewise compare @voice -p openvpn-fork:ttl=30s --trace packets.csv
  lanewise compare @voice -r 3 -P source.packetsPerSecond=2000:64000:log:6
  lanewise compare @voice -r 2 -P lanes.count=1:4:1 -L reader.batch=1,24

@office, @02 ... come with lanewise (lanewise list captures, list scenarios);
a capture or scenario of your own is named by its path.
Results go to results/<name>/: report.json, summary.csv, runs.csv, flows.csv,
distributions.csv, provenance.json; those of a scan to results/<name>-scan/,
with points.csv and points/.
Policies and their parameters: lanewise list policies.`

const collect = (value: string, before: string[] = []) => [...before, value]

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument(
      '<scenario|capture>',
      'a scenario (YAML, JSON) or a capture (pcap, pcapng, gzipped or not), or the @name of one',
    )
    .option('-p, --policy <name[:key=value,...]>', 'a policy instead of the listed ones; repeatable', collect)
    .option('--reference <label>', 'the policy to compare with (default: the first)')
    .option('--set <path=value>', 'changes one key of the scenario; repeatable', collect)
    .option('-P, --scan <path=min:max:step>', 'one point per value, or path=min:max:log:points', collect)
    .option(
      '-L, --scan-list <path=a,b,c>',
      'one point per value; repeatable like -P: all combinations',
      collect,
    )
    .option('--resume', 'go on with a scan that was interrupted: keep its finished points')
    .option('-r, --runs <n>', 'independent repetitions')
    .option('--seed <n>', 'another seed gives other random numbers')
    .option('-d, --duration <time>', 'stop the source here, such as 10s')
    .option('-w, --warmup <time>', "don't judge earlier packets, such as 100ms")
    .option('-j, --jobs <n>', 'threads to spread the runs over (default: what the machine has)')
    .option('--calibration <file>', "a machine's own service times instead of the scenario's (from replay)")
    .option(
      '-o, --output <dir>',
      'folder for the results (default: results/<name>, of a scan results/<name>-scan)',
    )
    .option('-f, --format <format>', 'stdout: table, json, csv or markdown', 'table')
    .option('--trace <file.csv>', 'write a row for every packet that met a policy')
    .option('-q, --quiet', 'no progress and no hints on stderr')
    .option('-v, --verbose', 'a line per run, all warnings, and the counters of the policies')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: CompareOptions) => {
      const { compare } = await import('./work.ts')
      done(await compare(file, options, io))
    })
}
