/** `lanewise calibrate`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { CalibrateOptions } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise calibrate @fork-spray --lanes 4 --policy any-idle
  lanewise calibrate @fork-spray --as openvpn-fork
  lanewise compare @fork-mapping --calibration calibration.json -r 2 -p any-idle
  lanewise calibrate --machine -d 1s -o machine.json
  lanewise compare @voice -r 2 --calibration machine.json

From what entered a running system and what left it (captures by --sent and
--received, or arrivals CSVs with sentNs and receivedNs, several runs together)
it learns a part of a scenario: work over size, what is added by chance and
where, stalls, the way. The last third of each run isn't learnt from: it is
predicted, and compared.
--threads is a CSV of thread (reader, lane, receiver) and cpuNsPerPacket.

With --machine it measures this machine: encryption of a packet over its size
(AES-256-GCM and ChaCha20-Poly1305), writing it to a TUN device in a network
namespace of its own, and how long a sleeping thread takes to wake up. The
result is a calibration: a part of a scenario with the work of a packet, the
wake-up and the cores. It goes to $XDG_CONFIG_HOME/lanewise/machine.json (by
default in ~/.config) and is used where you say --calibration machine, never by
itself. Under sudo it is that of the user who called it.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command
    .argument('[run...]', 'arrivals CSVs with sentNs and receivedNs')
    .addOption(common.repeatable('--sent <capture>', 'what entered the system; repeatable'))
    .addOption(common.repeatable('--received <capture>', 'what left it; repeatable'))
    .option('--lanes <n>', 'how many lanes it has (default: as the runs show, else 4)')
    .option('-p, --policy <name[:key=value,...]>', 'how it chooses them (default: as the runs look)')
    .option('--cores <n>', 'cores that all its threads share (default: one each)')
    .option('--as <system>', 'how it is built, as one that is known (lanewise list presets)')
    .option('--threads <file.csv>', "CPU time of the system's threads per packet")
    .option('--clock <same|different>', 'of both sides (default: found)')
    .option('--seed <seed>', 'for the simulations (default: 1)')
    .option('--machine', 'measure this machine')
    .option('--cipher <name>', 'what lanes encrypt with: aes-256-gcm (default) or chacha20-poly1305')
    .option('-d, --duration <time>', 'how long it measures, such as 30s (default: 10s)')
    .option(
      '-o, --output <file.json>',
      'where the calibration goes (default: calibration.json, of --machine its own)',
    )
    .addOption(common.format('table or json'))
    .addOption(common.quiet('no hints on stderr'))
    .addHelpText('after', EXAMPLES)
    .action(async (files: readonly string[], options: CalibrateOptions) => {
      const { calibrate } = await import('./work.ts')
      done(await calibrate(files, options, io))
    })
}
