/** `lanewise tune`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { TuneOptions } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise tune @16
  lanewise tune @16 --ttl 100us:10ms --points 24 -r 3
  lanewise tune @voice -r 2 -p flow-pinned:capacity=4096,assign=least-loaded
  lanewise tune @voice -r 2 -p openvpn-fork --target-reordered 0.01%

@office, @02 ... come with lanewise (lanewise list captures, list scenarios);
a capture or scenario of your own is named by its path.
Policies with a TTL: flow-pinned (ttl), openvpn-fork (ttl, whole seconds from 5
on), linux-tun (ageing), flowlet (gap). Your own, -p ./my-policy.ts, says what
its TTL is: docs/plugins.md. Without -p the scenario's first one.
Results go to results/<name>-ttl/: report.json, ttl.csv, summary.csv, runs.csv,
provenance.json.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument(...common.SCENARIO)
    .addOption(common.asOne())
    .addOption(common.policy('the policy whose TTL is looked for'))
    .option('--ttl <min:max>', 'where to look (default: 10us:60s, as far as the gaps of the traffic go)')
    .option('--points <n>', 'values of the first grid; more follow where the curve bends', '16')
    .option('--target-reordered <share>', 'packets that may be reordered, such as 0.001 or 0.1%', '0.1%')
    .option('--no-check', "don't try the recommended TTL on fresh random numbers")
    .addOption(common.set())
    .addOption(common.runs())
    .addOption(common.seed())
    .addOption(common.duration())
    .addOption(common.warmup())
    .addOption(common.jobs())
    .addOption(common.calibration())
    .addOption(common.builtLike())
    .addOption(common.output('results/<name>-ttl'))
    .addOption(common.format())
    .addOption(common.columns())
    .addOption(common.sortRows())
  for (const gate of common.policyGates()) command.addOption(gate)
  command
    .addOption(common.allowModules())
    .addOption(common.yes())
    .addOption(common.quiet())
    .addOption(common.verbose())
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: TuneOptions) => {
      const { tune } = await import('./work.ts')
      done(await tune(files, options, io))
    })
}
