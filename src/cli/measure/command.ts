/** `lanewise measure`: its options and its help. What it does is in work.ts, loaded when it is needed. */
import type { Command } from 'commander'
import { gateRules } from '../../measure/gates.ts'
import * as common from '../shared/options.ts'
import type { ProcessIo } from '../shared/process-io.ts'
import type { MeasureOptions } from './options.ts'

const EXAMPLES = `
Examples:
  lanewise measure --sent @office --received @office
  lanewise measure --sent @voice --received @voice --nat --flows all
  printf 'sequence\\n1\\n3\\n2\\n' > arrivals.csv
  lanewise measure arrivals.csv
  lanewise measure arrivals.csv --sequence-bits 16 --playout 20ms,60ms
  printf 'n,when\\n1,0.5\\n3,0.6\\n2,0.7\\n' > export.csv
  lanewise measure export.csv --map sequence=n,receivedS=when
  lanewise measure arrivals.csv --max-reordered 50% --max-extent 1
  lanewise measure @voice                        by numbers that packets carry
  lanewise measure @office --numbering rtp,iperf3-udp
  lanewise measure @full-queues                  what one side tells without

@voice comes with lanewise; captures of your own are named by their paths.
An arrival file is a CSV with a header and a row per packet, in order of
arrival: sequence and, where known, flow, sentNs, receivedNs, sizeBytes; times
also in Us, Ms and S, columns also as tshark -T fields calls them. The output of
owping -R and the receiver's qlog are read too, and the qlogs of both ends by
--sent client.qlog --received server.qlog.
- is standard input. Two captures must see the same packets unencrypted, before
and after the system. One capture alone is judged by numbers that its packets
carry (--numbering auto, wireguard, esp, openvpn, rtp, iperf3-udp, icmp-echo,
ip-id, udp-offset=N:BYTES:be|le), or by its two interfaces where it holds both
sides (both.pcapng#tun0 is one of them); else measure says what it can tell.

A gate (--max-...) that isn't kept makes the exit code 1.
Results go to results/<name>-measured/: report.json, summary.csv, flows.csv,
distributions.csv, provenance.json. Metrics: lanewise list metrics.`

export function define(command: Command, io: ProcessIo, done: (exitCode: number) => void): void {
  command.argument('[file...]', 'arrivals (CSV, owping -R, qlog), or a single capture')
  for (const option of common.capturePair()) command.addOption(option)
  command
    .addOption(
      common.repeatable(
        '--numbering <kind>',
        "which of its packets' numbers order a single capture (default: auto); repeatable",
      ),
    )
    .addOption(common.repeatable('--map <what=column,...>', "the CSV's columns, if named otherwise"))
    .option('--sequence-bits <n|none>', "width of the CSV's numbers (default: found)")
    .option('--rtt <time>', 'round-trip time that TCP and QUIC go by (default: 20ms)')
    .option('--playout <times>', 'depths of play-out buffers (default: 20ms,60ms)')
    .option('--replay-windows <sizes>', 'packets (default: 64,129,1024,8128)')
    .option('--rfc5236 <variant>', 'reorder densities: corrected (default) or literal')
  for (const { name, kind, description } of gateRules) {
    const value = { share: 'share', packets: 'packets', duration: 'time' }[kind]
    command.option(`--max-${name} <${value}>`, `gate: ${description}`)
  }
  command
    .option('--flows <n|all>', 'worst flows in the report (default: 10)')
    .addOption(common.output('results/<name>-measured'))
    .addOption(common.format())
    .addOption(common.packetRows('--trace', 'that arrived'))
    .option('--prometheus <file.prom>', "write the figures for node_exporter's textfile collector")
    .addOption(common.junit())
    .addOption(common.quiet('no hints on stderr; gates are still said'))
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: MeasureOptions) => {
      const { measure } = await import('./work.ts')
      done(await measure(files, options, io))
    })
}
