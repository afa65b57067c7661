/**
 * Lanewise beside others: C programs of the same scenario, event simulators on M/M/1, readers of captures.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { significant } from '../src/units.ts'
import { MM1 } from './mm1-engine.ts'
import { compiled, folder, inTurn, lanewise, out, packetsOf, ratioTable, root, timed } from './speed-tools.ts'

export function reference(rounds: number): void {
  out()
  out('## The reference scenario, ten million packets, one core')
  out()
  out(
    "`scenarios/reference.yaml` through the command line with all default metrics, start-up and files included. `baseline.c` has the same scenario by hand: `plain` is an ordinary event loop with the reordering metrics, `blocks` does it in vectorised stages that only this scenario's policy allows. Both measure less than lanewise.",
  )
  const baseline = compiled('cc', 'baseline.c', '-lm')
  if (baseline === undefined) out('\nNo C compiler here: without the baseline.')
  const packets = 10_000_000
  const inC = (name: string, ...args: string[]) =>
    [
      `C, ${name}`,
      () => {
        if (baseline === undefined) return undefined
        return packets / timed(baseline, [String(packets), '1', '0', ...args])!.cpuSeconds
      },
    ] as const
  const rates = inTurn(rounds, [
    [
      'lanewise',
      () => {
        const { cpuSeconds } = lanewise('compare', 'scenarios/reference.yaml', '-d', '100s')
        return packetsOf() / cpuSeconds
      },
    ],
    inC('plain', 'plain'),
    inC('blocks'),
  ])
  ratioTable('program', 'packets', rates)
}

/** Metrics that both have, in the order of the page; those that are 0 in both say nothing. */
const COMPARED = [
  'tunnel.reorderedRatio',
  'tunnel.sackLostRatio',
  'tunnel.quicLostRatio',
  'tunnel.nReordering[1]',
  'tunnel.nReordering[3]',
  'tunnel.nReordering[8]',
  'tunnel.extentMean',
  'tunnel.extentP99',
  'tunnel.lateTimeNsP50',
  'tunnel.lateTimeNsP99',
  'latencyNsMean',
  'latencyNsP50',
  'latencyNsP99',
  'latencyNsP999',
  'flowMoves',
  'laneUtilization[0]',
]

/**
 * Do lanewise and the C program measure the same? Other random numbers, so equal within what seeds differ by.
 */
export function agreement(): void {
  out()
  out('## The same statistics')
  out()
  out(
    'The reference scenario, ten million packets: lanewise with seed 1, the C program with seeds 1 to 5 (other random numbers). z: their distance in standard deviations of a single run.',
  )
  const baseline = compiled('cc', 'baseline.c', '-lm')
  if (baseline === undefined) {
    out('\nNo C compiler here.')
    return
  }
  lanewise('compare', 'scenarios/reference.yaml', '-d', '100s')
  const { records } = JSON.parse(readFileSync(path.join(folder, 'results/report.json'), 'utf8'))
  const own = records[0].metrics as Record<string, { readonly mean: number }>
  const theirs = [1, 2, 3, 4, 5].map((seed) => printed(timed(baseline, ['10000000', String(seed)])!.stdout))
  out()
  out('| metric | lanewise | C, mean | z |')
  out('| --- | --: | --: | --: |')
  for (const name of COMPARED) {
    const values = theirs.map((run) => run.get(name)!)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
    const value = own[name]!.mean
    // One run against the mean of five others.
    const deviation = Math.sqrt(variance * (1 + 1 / values.length))
    const z = deviation === 0 ? (value === mean ? '0' : '-') : significant((value - mean) / deviation)
    out(`| ${name} | ${significant(value, 5)} | ${significant(mean, 5)} | ${z} |`)
  }
}

/** Lines of a name and a number. */
function printed(text: string): Map<string, number> {
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([name, value]) => [name!, Number(value)]),
  )
}

export function captures(): void {
  out()
  out('## Reading captures')
  out()
  out('`npm run bench:captures -- --gigabytes 0.3`: rates, and ratios to tcpdump of the same round.')
  const child = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'bench/captures.ts', '--gigabytes', '0.3', '--rounds', '3'],
    { cwd: root, encoding: 'utf8' },
  )
  out()
  out('```')
  for (const line of child.stdout.trimEnd().split('\n')) out(line)
  out('```')
}

export function mm1(rounds: number): void {
  out()
  out('## M/M/1, events per CPU second')
  out()
  out(
    'An event is an arrival or a departure; load 0.7. The engine alone measures the latency (bench/mm1-engine.ts, start-up left out), the whole command all of its metrics, the others the mean sojourn.',
  )
  const ns3 = compiled('c++', 'mm1_ns3.cc', '-lns3-core') ?? compiled('c++', 'mm1_ns3.cc', '-lns3.37-core')
  if (ns3 === undefined) out('\nWithout ns-3: Debian has it in libns3-dev.')
  const hasSimpy = spawnSync('/usr/bin/python3', ['-c', 'import SimPy']).status === 0
  if (!hasSimpy) out('\nWithout SimPy: Debian has it in python3-simpy.')
  const scenario = path.join(folder, 'mm1.yaml')
  writeFileSync(scenario, MM1)
  const rates = inTurn(rounds, [
    [
      'lanewise, the engine and latency',
      () => {
        const args = ['--import', 'tsx', 'bench/mm1-engine.ts', '30000']
        const measured = printed(timed(process.execPath, args)!.stdout)
        return (2 * measured.get('packets')!) / measured.get('cpuSeconds')!
      },
    ],
    [
      'lanewise compare, all metrics',
      () => {
        const { cpuSeconds } = lanewise('compare', scenario, '-d', '7000s')
        return (2 * packetsOf()) / cpuSeconds
      },
    ],
    ['ns-3 core', () => (ns3 === undefined ? undefined : 10_000_000 / timed(ns3, ['5000000'])!.cpuSeconds)],
    [
      'SimPy',
      () => {
        if (!hasSimpy) return undefined
        return 1_000_000 / timed('/usr/bin/python3', ['bench/mm1_simpy.py', '500000'])!.cpuSeconds
      },
    ],
  ])
  ratioTable('program', 'events', rates, 'the engine')
}
