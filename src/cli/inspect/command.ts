/** `lanewise inspect`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { InspectOptions } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise inspect @office
  lanewise inspect @office @voice --separate -f csv > captures.csv
  tcpdump -i any -w - | lanewise inspect -
  lanewise inspect @office --sort
  lanewise inspect @office -f json | jq .activeFlows10msMax

Captures are pcap or pcapng files, compressed or not; - is standard input.
@office and others come with lanewise: lanewise list captures. ^C ends a capture
that comes through a pipe, and what has come is described.
Several files are one capture where link type and snap length are equal, times
don't overlap and gaps between them are 60 s at most, as in a ring of tcpdump
-C; otherwise each is described. both.pcapng#tun0, any.pcap#in: one interface or
direction of a capture.
-f json prints one object per capture and line, -f csv one row per capture with
the same names. What is read and how times are treated: docs/captures.md.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument('<capture...>', 'captures or their @names')
    .addOption(common.asOne())
    .addOption(common.separate('describe'))
    .option('--sort', 'put packets in order of time first, within a window of 65,536')
    .addOption(common.format())
    .addOption(common.quiet('no warnings on stderr; a capture that fails is still said'))
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: InspectOptions) => {
      const { inspectCaptures } = await import('./work.ts')
      done(await inspectCaptures(files, options, io))
    })
}
