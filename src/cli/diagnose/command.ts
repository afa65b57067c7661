/** `lanewise diagnose`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { DiagnoseOptions } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise diagnose @office
  lanewise diagnose @voice -f markdown > for-the-issue.md
  lanewise diagnose @office -f json | jq .verdict.policies
  lanewise diagnose --sent @voice --received @voice

What the traffic is, whom which policy would hurt, what to choose and at what
price, how sure that is, and the next command: from inspect, a compare of the
default policies and, where a flow table is recommended, tune, by the same code.
With --sent and --received, captures of your own system, it adds what measure
finds between them, and where that and the prediction contradict each other;
without a capture beside them what was sent is the traffic.
Files are written with -o only. The exit code is 0 whatever it finds.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command.argument('[capture]', 'a capture (pcap, pcapng, compressed or not), or the @name of one')
  for (const option of common.capturePair()) command.addOption(option)
  command
    .addOption(common.calibration())
    .addOption(common.builtLike())
    .option('-o, --output <dir>', 'write diagnosis.json there (default: no file)')
    .option('-f, --format <format>', 'stdout: text, markdown or json', 'text')
    .addOption(common.yes())
    .addOption(common.quiet())
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, options: DiagnoseOptions) => {
      const { diagnose } = await import('./work.ts')
      done(await diagnose(file, options, io))
    })
}
