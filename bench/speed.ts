/**
 * How fast is it, beside what, and at what cost in memory: whole processes, in turn, in one run, so that ratios mean
 * something on a machine whose speed changes. The reference scenario beside C (bench/baseline.c, both ways of it),
 * M/M/1 beside SimPy and ns-3's core, each policy's and each metric's cost, memory over 1 to 100 million packets, start-up.
 * What isn't installed is left out and said. CPU time is of the process and its children, start-up included.
 *
 *     npm run bench                              all of it: about a quarter of an hour
 *     npm run bench -- --only reference,mm1      parts: reference, mm1, policies, metrics, memory, start
 *     npm run bench -- --rounds 5 --update       ... and keep the page in results/golden/speed.md
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { policies } from '../src/policies/index.ts'
import { significant } from '../src/units.ts'
import { metricCosts } from './metric-costs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const main = path.join(root, 'dist/cli/main.js')
const page = path.join(root, 'results/golden/speed.md')
const folder = mkdtempSync(path.join(os.tmpdir(), 'lanewise-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    update: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const PARTS = ['reference', 'mm1', 'policies', 'metrics', 'memory', 'start'] as const
const wanted = values.only?.split(',') ?? [...PARTS]
const lines: string[] = []

function out(line = ''): void {
  lines.push(line)
  process.stdout.write(`${line}\n`)
}

interface Timed {
  readonly wallSeconds: number
  /** User and system time. */
  readonly cpuSeconds: number
  /** Peak resident memory, MB. */
  readonly peakMB: number
  readonly stdout: string
}

/** Runs a program to its end; undefined where it isn't there. */
function timed(command: string, args: readonly string[]): Timed | undefined {
  const measured = path.join(folder, 'time')
  const format = ['-f', '%e %U %S %M', '-o', measured]
  const child = spawnSync('/usr/bin/time', [...format, command, ...args], { cwd: root, encoding: 'utf8' })
  if (child.error !== undefined || child.status === 127) return undefined
  if (child.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: exit ${child.status}, ${child.stderr}`)
  const [wall = 0, user = 0, system = 0, kB = 0] = readFileSync(measured, 'utf8')
    .trim()
    .split(' ')
    .map(Number)
  return { wallSeconds: wall, cpuSeconds: user + system, peakMB: kB / 1000, stdout: child.stdout }
}

function lanewise(...args: string[]): Timed {
  const result = timed(process.execPath, [main, ...args, '-j', '1', '-q', '-o', path.join(folder, 'results')])
  if (result === undefined) throw new Error('this needs /usr/bin/time (Debian: time)')
  return result
}

const packetsOf = (): number =>
  JSON.parse(readFileSync(path.join(folder, 'results/report.json'), 'utf8')).load.first.packets
const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!
const millions = (rate: number) => `${significant(rate / 1e6)} M/s`

/** Compiles a C or C++ file of this folder; undefined where it can't be. */
function compiled(compiler: string, file: string, ...libraries: string[]): string | undefined {
  const program = path.join(folder, path.parse(file).name)
  const args = ['-O3', '-march=native', '-o', program, path.join(root, 'bench', file), ...libraries]
  const child = spawnSync(compiler, args, { encoding: 'utf8' })
  return child.status === 0 ? program : undefined
}

/** Several programs in turn, so many rounds; the median of what each gives. */
function inTurn(programs: ReadonlyArray<readonly [name: string, rate: () => number | undefined]>) {
  const rates = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, rate] of programs) {
      const value = rate()
      if (value !== undefined) rates.set(name, [...(rates.get(name) ?? []), value])
    }
  }
  return new Map([...rates].map(([name, list]) => [name, median(list)]))
}

function ratioTable(title: string, unit: string, rates: ReadonlyMap<string, number>): void {
  const own = rates.get('lanewise')!
  out()
  out(`| ${title} | ${unit} per CPU second | lanewise is |`)
  out('| --- | --: | --: |')
  for (const [name, rate] of rates) out(`| ${name} | ${millions(rate)} | ${significant(own / rate)} of it |`)
}

function reference(): void {
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
  const rates = inTurn([
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

function mm1(): void {
  out()
  out('## M/M/1, events per CPU second')
  out()
  out(
    'An event is an arrival or a departure; load 0.7. lanewise counts all of its metrics, the others the mean sojourn.',
  )
  const ns3 = compiled('c++', 'mm1_ns3.cc', '-lns3-core') ?? compiled('c++', 'mm1_ns3.cc', '-lns3.37-core')
  if (ns3 === undefined) out('\nWithout ns-3: Debian has it in libns3-dev.')
  const hasSimpy = spawnSync('/usr/bin/python3', ['-c', 'import SimPy']).status === 0
  if (!hasSimpy) out('\nWithout SimPy: Debian has it in python3-simpy.')
  const scenario = path.join(folder, 'mm1.yaml')
  writeFileSync(
    scenario,
    `source: { synthetic: { arrivals: poisson, packetsPerSecond: 700, flows: { count: 1 } } }
tunQueue: { capacityPackets: unlimited }
lanes: { count: 1, service: { fixed: 0ns, perByte: 0ns, jitter: { exponential: { mean: 1ms } } }, queue: { capacityPackets: unlimited } }
policies: [round-robin]
runs: 1
warmup: 0s
`,
  )
  const rates = inTurn([
    [
      'lanewise',
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
  ratioTable('program', 'events', rates)
}

function policyCosts(): void {
  out()
  out("## Each policy's cost")
  out()
  out(
    'The reference scenario, three million packets, one policy at a time: CPU time per packet, source and metrics included.',
  )
  const names = [...policies.keys()].filter((name) => name !== 'oracle')
  const rates = inTurn(
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

async function metrics(): Promise<void> {
  out()
  out("## Each metric's cost")
  out()
  out('Observers alone, on a million deliveries of the reference scenario kept in memory.')
  out()
  out('| observer | ns per packet |')
  out('| --- | --: |')
  for (const [name, ns] of await metricCosts(rounds)) out(`| ${name} | ${Math.round(ns)} |`)
}

function memory(): void {
  out()
  out('## Memory')
  out()
  out('| packets | peak resident memory |')
  out('| --: | --: |')
  for (const seconds of [10, 100, 1000]) {
    const { peakMB } = lanewise('compare', 'scenarios/reference.yaml', '-d', `${seconds}s`)
    out(`| ${packetsOf().toLocaleString('en')} | ${Math.round(peakMB)} MB |`)
  }
}

function start(): void {
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

const [{ model = 'unknown' } = {}] = os.cpus()
out('# Speed')
out()
out(
  `Made by \`npm run bench${values.update ? ' -- --update' : ''}\`, ${new Date().toISOString().slice(0, 10)}: ${model}, ${os.cpus().length} cores, Linux ${os.release()}, Node ${process.versions.node}; medians of ${rounds} rounds in turn. Ratios say more than figures: the machine is shared.`,
)
const parts: Readonly<Record<(typeof PARTS)[number], () => void | Promise<void>>> = {
  reference,
  mm1,
  policies: policyCosts,
  metrics,
  memory,
  start,
}
for (const part of PARTS) if (wanted.includes(part)) await parts[part]()
if (values.update) writeFileSync(page, `${lines.join('\n')}\n`)
