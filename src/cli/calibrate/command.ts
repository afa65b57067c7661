/** `lanewise calibrate`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { CalibrateOptions } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise calibrate --machine -d 1s -o machine.json
  lanewise compare @voice -r 2 --calibration machine.json

With --machine it measures this machine: encryption of a packet over its size
(AES-256-GCM and ChaCha20-Poly1305), writing it to a TUN device in a network
namespace of its own, and how long a sleeping thread takes to wake up. The
result is a calibration: a part of a scenario with the work of a packet, the
wake-up and the cores. It goes to $XDG_CONFIG_HOME/lanewise/machine.json (by
default in ~/.config) and is used where you say --calibration machine, never by
itself. Under sudo it is that of the user who called it.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .option('--machine', 'measure this machine')
    .option('--cipher <name>', 'what lanes encrypt with: aes-256-gcm (default) or chacha20-poly1305')
    .option('-d, --duration <time>', 'how long it measures, such as 30s (default: 10s)')
    .option('-o, --output <file.json>', 'where the calibration goes (default: that of --calibration machine)')
    .addOption(common.format('table or json'))
    .addOption(common.quiet('no hints on stderr'))
    .addHelpText('after', EXAMPLES)
    .action(async (options: CalibrateOptions) => {
      const { calibrate } = await import('./work.ts')
      done(await calibrate(options, io))
    })
}
