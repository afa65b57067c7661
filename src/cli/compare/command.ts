/** `lanewise compare`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { CompareOptions } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise compare @office
  lanewise compare @office --set source.packetsPerSecond=20000
  lanewise compare @office -p any-idle -p flow-pinned:ttl=5s,assign=idle
  lanewise compare @02 -r 3 --reference hash -f markdown > result.md
  lanewise compare @voice -p openvpn-fork:ttl=30s --trace packets.csv
  lanewise compare @voice -r 2 --columns reordered,drops --sort-rows reordered
  lanewise compare @voice -r 3 -P source.packetsPerSecond=2000:64000:log:6
  lanewise compare @voice -r 2 -P lanes.count=1:4:1 -L reader.batch=1,24
  lanewise compare @office @voice -r 2 --separate

@office, @02 ... come with lanewise (lanewise list captures, list scenarios);
a capture or scenario of your own is named by its path. Several captures are
one where link type and snap length are equal, times don't overlap and gaps
between them are 60 s at most, as in a ring of tcpdump -C; otherwise each is
compared for itself.
Results go to results/<name>/: report.json, summary.csv, runs.csv, flows.csv,
distributions.csv, provenance.json; those of a scan to results/<name>-scan/,
with points.csv and points/.
Policies and their parameters: lanewise list policies.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument(...common.SCENARIO)
    .addOption(common.asOne())
    .addOption(common.separate('compare'))
    .addOption(common.policy())
    .option('--reference <label>', 'the policy to compare with (default: the first)')
    .addOption(common.set())
    .addOption(
      common.repeatable('-P, --scan <path=min:max:step>', 'one point per value, or path=min:max:log:points'),
    )
    .addOption(
      common.repeatable(
        '-L, --scan-list <path=a,b,c>',
        'one point per value; repeatable like -P: all combinations',
      ),
    )
    .option('--resume', 'go on with a scan that was interrupted: keep its finished points')
    .addOption(common.runs())
    .addOption(common.seed())
    .addOption(common.duration())
    .addOption(common.warmup())
    .addOption(common.jobs())
    .addOption(common.calibration())
    .addOption(common.builtLike())
    .addOption(common.output('results/<name>, of a scan results/<name>-scan'))
    .addOption(common.format())
    .addOption(common.columns())
    .addOption(common.sortRows())
    .option('--fits', 'find the highest rate of this traffic of which each policy drops at most 0.1 %')
    .option('--trace <file.csv|file.json>', 'write every packet that met a policy; .json for Perfetto')
    .option('--trace-runs <n|all>', 'runs that --trace has (default: the first)')
    .addOption(common.allowModules())
    .addOption(common.yes())
  for (const gate of common.policyGates()) command.addOption(gate)
  command
    .addOption(common.quiet())
    .addOption(common.verbose())
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: CompareOptions) => {
      const { compare } = await import('./work.ts')
      done(await compare(files, options, io))
    })
}
