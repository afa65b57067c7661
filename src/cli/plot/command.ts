/** `lanewise plot`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { PlotOptions } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise compare @voice -r 2 --trace packets.csv       something to draw
  lanewise compare @office -r 2 -p any-idle -p hash      and something more
  lanewise plot results/office                 all charts, to its plots/
  lanewise plot results/office -o report.html  one page that works offline
  lanewise plot results/office --chart trade-off -o trade-off.png
  lanewise plot results/voice results/office -o both/ -f svg,png
  lanewise plot packets.csv --chart lane-timeline --for 3ms
  lanewise plot results/office --list          the charts, and why not

Results are folders that compare, tune or replay wrote; a packet trace
(compare --trace packets.csv) adds the lane timeline. Nothing is simulated.
stdout: the files that were written.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument('[result...]', 'folders of saved results, and at most one packet trace')
    .option(
      '-o, --output <file|dir>',
      'a folder, or one .html, .svg, .png or .vl.json (default: <result>/plots)',
    )
    .addOption(common.repeatable('--chart <name>', 'only this chart; repeatable'))
    .option('-f, --format <list>', 'of charts in a folder: svg, png, vl.json, several with commas', 'svg')
    .addOption(common.repeatable('-p, --policy <label>', 'only this policy; repeatable'))
    .option('--point <n>', 'of a scan: the point that charts of one comparison show')
    .option(
      '--from <time>',
      'lane timeline: where it begins after the first packet, such as 2.5s (default: the first overtaken one)',
    )
    .option('--for <time>', 'lane timeline: how long it is, such as 3ms')
    .option('--list', 'name the charts, and say why one is not possible')
    .addOption(common.quiet('no hints on stderr'))
    .addHelpText('after', EXAMPLES)
    .action(async (given: string[], options: PlotOptions) => {
      const { plot } = await import('./work.ts')
      done(await plot(given, options, io))
    })
}
