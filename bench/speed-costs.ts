/**
 * What parts of lanewise cost: policies, metrics, memory, start-up, more threads, and runs of a size nobody
 * tries.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { policies } from '../src/policies/index.ts'
import { significant } from '../src/units.ts'
import { metricCosts } from './metric-costs.ts'
import {
  folder,
  inTurn,
  lanewise,
  main,
  median,
  millions,
  out,
  packetsOf,
  root,
  together,
} from './speed-tools.ts'

export function policyCosts(rounds: number): void {
  out()
  out("## Each policy's cost")
  out()
  out(
    'The reference scenario, three million packets, one policy at a time: CPU time per packet, source and metrics included.',
  )
  const names = [...policies.keys()].filter((name) => name !== 'oracle')
  const rates = inTurn(
    rounds,
    names.map((name) => [
      name,
      () => {
        const { cpuSeconds } = lanewise('compare', 'scenarios/reference.yaml', '-d', '30s', '-p', name)
        return (cpuSeconds * 1e9) / packetsOf()
      },
    ]),
  )
  out()
  out('| policy | ns per packet |')
  out('| --- | --: |')
  for (const [name, ns] of rates) out(`| ${name} | ${Math.round(ns)} |`)
}

export async function metrics(rounds: number): Promise<void> {
  out()
  out("## Each metric's cost")
  out()
  out('Observers alone, on a million deliveries of the reference scenario kept in memory.')
  out()
  out('| observer | ns per packet |')
  out('| --- | --: |')
  for (const [name, ns] of await metricCosts(rounds)) out(`| ${name} | ${Math.round(ns)} |`)
}

export function memory(): void {
  out()
  out('## Memory, and the rate of long runs')
  out()
  out(
    'The reference scenario, start-up and files included; what V8 compiles counts less the longer a run is.',
  )
  out()
  out('| packets | peak resident memory | packets per CPU second |')
  out('| --: | --: | --: |')
  for (const seconds of [10, 100, 1000]) {
    const { peakMB, cpuSeconds } = lanewise('compare', 'scenarios/reference.yaml', '-d', `${seconds}s`)
    const packets = packetsOf()
    const rate = millions(packets / cpuSeconds)
    out(`| ${packets.toLocaleString('en')} | ${Math.round(peakMB)} MB | ${rate} |`)
  }
}

export function start(): void {
  out()
  out('## Start-up')
  out()
  out('Median wall time of ten runs.')
  out()
  out('| command | ms |')
  out('| --- | --: |')
  const cases: ReadonlyArray<readonly [string, readonly string[]]> = [
    ['node -e 0', ['-e', '0']],
    ['lanewise --help', [main, '--help']],
    [
      'lanewise compare, 1000 packets',
      [
        main,
        'compare',
        'scenarios/reference.yaml',
        '-d',
        '10ms',
        '-j',
        '1',
        '-q',
        '-o',
        path.join(folder, 'small'),
      ],
    ],
  ]
  for (const [name, args] of cases) {
    const ms = Array.from({ length: 10 }, () => {
      const begin = process.hrtime.bigint()
      spawnSync(process.execPath, args, { cwd: root, stdio: 'ignore' })
      return Number(process.hrtime.bigint() - begin) / 1e6
    })
    out(`| ${name} | ${Math.round(median(ms))} |`)
  }
}

/** Two runs on two threads against two processes side by side with one run each, in the same rounds. */
export async function parallel(rounds: number): Promise<void> {
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const common = ['compare', 'scenarios/reference.yaml', '-d', '100s', '-q']
    const at = (name: string) => ['-o', path.join(folder, name)]
    const apart = await together([
      [...common, '-r', '1', '-j', '1', '--seed', '1', ...at('one')],
      [...common, '-r', '1', '-j', '1', '--seed', '2', ...at('two')],
    ])
    const jointly = await together([[...common, '-r', '2', '-j', '2', ...at('both')]])
    ratios.push(apart / jointly)
  }
  out()
  out('## Two threads')
  out()
  out(
    `Two runs of ten million packets with \`-j 2\` reach ${significant(median(ratios))} of the rate of two processes side by side (${ratios.map((ratio) => significant(ratio)).join(', ')}).`,
  )
}

/**
 * A thousand million packets in one run; a million flows, 64 lanes and a table with room for a sixteenth of
 * them.
 */
export function soak(): void {
  out()
  out('## Soak')
  out()
  out('| scenario | packets | peak memory | CPU | reordered, tunnel-wide | p99 latency | dropped |')
  out('| --- | --: | --: | --: | --: | --: | --: |')
  const flows = path.join(folder, 'flows.yaml')
  writeFileSync(
    flows,
    `source: { synthetic: { arrivals: poisson, packetsPerSecond: 1600000, flows: { count: 1000000 }, sizes: { fixed: 700B } } }
lanes: { count: 64, service: { fixed: 8us, perByte: 4ns, jitter: { lognormal: { median: 15us, sigma: 0.8 } } }, queue: { capacityPackets: 1024, onFull: drop } }
policies: [{ flow-pinned: { ttl: 100ms, capacity: 65536 } }]
runs: 1
warmup: 0s
`,
  )
  soaked('the reference scenario', 'scenarios/reference.yaml', '10000s')
  soaked('64 lanes, 1,000,000 flows, a table of 65,536', flows, '62.5s')
}

function soaked(name: string, scenario: string, duration: string): void {
  const { peakMB, cpuSeconds } = lanewise('compare', scenario, '-d', duration)
  const packets = packetsOf()
  const { records } = JSON.parse(readFileSync(path.join(folder, 'results/report.json'), 'utf8'))
  const value = (metric: string) => records[0].metrics[metric].mean as number
  const share = (metric: string) => `${significant(value(metric) * 100)} %`
  const p99 = `${significant(value('latencyNsP99') / 1000)} us`
  out(
    `| ${name} | ${packets.toLocaleString('en')} | ${Math.round(peakMB)} MB | ${Math.round(cpuSeconds)} s | ${share('tunnel.reorderedRatio')} | ${p99} | ${share('laneDropRatio')} |`,
  )
}
