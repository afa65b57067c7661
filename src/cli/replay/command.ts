/**
 * `lanewise replay`: its options and its help. What it does is in replaying.ts, which is loaded when it is
 * needed.
 */
import type { Command } from 'commander'
import type { ProcessIo } from '../shared/process-io.ts'

/** As commander gives them. */
export interface ReplayOptions {
  readonly policy?: string[]
  readonly set?: string[]
  readonly seed?: string
  readonly topology?: string[]
  readonly multiplier?: string
  readonly pps?: string
  readonly mbps?: string
  readonly topspeed?: true
  readonly loop?: string
  readonly limit?: string
  readonly duration?: string
  readonly repeat: string
  readonly work: string
  readonly loopback?: true
  readonly host?: true
  readonly predict: boolean
  readonly predictRuns?: string
  readonly packets?: string
  readonly output?: string
  readonly format: string
  readonly quiet?: true
  readonly verbose?: true
}

const EXAMPLES = `
Examples:
  sudo lanewise replay @office --pps 4000 --limit 2000 -p round-robin -p hash
  sudo lanewise replay @voice -x 20 --topology shared --topology multi-queue
  sudo lanewise replay @voice --pps 8000 --work aes-256-gcm -p round-robin
  lanewise replay @voice --pps 8000 --loopback -p hash      in memory, no root

@office, @voice ... come with lanewise (lanewise list captures); a capture or
scenario of your own is named by its path.
Each policy is replayed --repeat times. The first replay calibrates the
simulator, which then predicts the others: measured and predicted stand side by
side. Everything happens in a network namespace of its own.
Results go to results/<name>-replay/: report.json, live.csv, provenance.json,
calibration.json of the first policy, calibration-<policy>.json of the others.
--topology alone replays that topology only; beside -p, the policies too.
What all of it means: docs/live.md.`

const collect = (value: string, before: string[] = []) => [...before, value]

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument(
      '<scenario|capture>',
      'a scenario (YAML, JSON) or a capture (pcap, pcapng, gzipped or not), or the @name of one',
    )
    .option('-p, --policy <name[:key=value,...]>', 'a policy instead of the listed ones; repeatable', collect)
    .option('--topology <name>', 'dispatcher, shared or multi-queue; repeatable', collect)
    .option('--set <path=value>', 'changes one key of the scenario; repeatable', collect)
    .option('-x, --multiplier <factor>', 'this much faster than captured')
    .option('--pps <rate>', 'this many packets per second, evenly')
    .option('--mbps <rate>', 'this many megabits per second')
    .option('--topspeed', 'as fast as it goes')
    .option('--loop <n>', 'play the capture so many times in a row')
    .option('--limit <packets>', 'stop after so many packets')
    .option('-d, --duration <time>', 'stop sending here, such as 10s')
    .option('--repeat <n>', 'replays of each policy', '4')
    .option('--work <kind>', 'model, none, aes-256-gcm or chacha20-poly1305', 'model')
    .option('--loopback', 'an in-memory device instead of a TUN: for tests and other systems')
    .option('--host', "in the host's own network namespace (not recommended)")
    .option('--no-predict', 'only measure')
    .option('--predict-runs <n>', 'simulated runs behind a prediction (default: 20)')
    .option('--seed <n>', 'another seed gives other service times')
    .option('--packets <file.csv>', 'write a row for every packet of every replay')
    .option('-o, --output <dir>', 'folder for the results (default: results/<name>-replay)')
    .option('-f, --format <format>', 'stdout: table, json, csv or markdown', 'table')
    .option('-q, --quiet', 'no progress and no hints on stderr')
    .option('-v, --verbose', 'a line per replay: pacing, losses, steal time')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: ReplayOptions) => {
      const { replay } = await import('./work.ts')
      done(await replay(file, options, io))
    })
}
