/** `lanewise replay`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { ReplayOptions } from './options.ts'

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

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument(...common.SCENARIO)
    .addOption(common.asOne())
    .addOption(common.policy())
    .addOption(common.repeatable('--topology <name>', 'dispatcher, shared or multi-queue; repeatable'))
    .addOption(common.set())
    .option('-x, --multiplier <factor>', 'this much faster than captured')
    .option('--pps <rate>', 'this many packets per second, evenly')
    .option('--mbps <rate>', 'this many megabits per second')
    .option('--topspeed', 'as fast as it goes')
    .option('--loop <n>', 'play the capture so many times in a row')
    .option('--limit <packets>', 'stop after so many packets')
    .addOption(common.duration('stop sending'))
    .option('--repeat <n>', 'replays of each policy', '4')
    .option('--work <kind>', 'model, none, aes-256-gcm or chacha20-poly1305', 'model')
    .option('--loopback', 'an in-memory device instead of a TUN: for tests and other systems')
    .option('--host', "in the host's own network namespace (not recommended)")
    .option('--no-predict', 'only measure')
    .option('--predict-runs <n>', 'simulated runs behind a prediction (default: 20)')
    .addOption(common.seed('service times'))
    .addOption(common.calibration())
    .addOption(common.builtLike())
  for (const gate of common.policyGates()) command.addOption(gate)
  command
    .addOption(common.packetRows('--packets', 'of every replay'))
    .addOption(common.output('results/<name>-replay'))
    .addOption(common.format())
    .addOption(common.allowModules())
    .addOption(common.yes())
    .addOption(common.quiet())
    .addOption(common.verbose('a line per replay: pacing, losses, steal time'))
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: ReplayOptions) => {
      const { replay } = await import('./work.ts')
      done(await replay(files, options, io))
    })
}
