/**
 * The simulator against the real OpenVPN fork: calibrates on two spray runs at 4,000 packets/s, as a user
 * would (`lanewise calibrate A B --as openvpn-fork`), predicts all other runs with the packets that they sent,
 * and prints predicted beside measured per set-up, means over the repetitions; and the same for three other
 * ways to come by lanes: ISO (delays of packets that were alone, as jitter, without a fit), the default lanes,
 * and the CPU time per packet of the threads. Fails where a class of cells is met in fewer than 80 % of them.
 *
 *     npm run validate:fork                      runs in ../shared/models/fork-runs/given
 *     npm run validate:fork -- --runs FOLDER     runs elsewhere, of the same names
 *     npm run validate:fork -- --update          ... and keeps the table in results/golden/fork.md
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { calibrateRuns } from '../src/calibrate/calibrate.ts'
import { numbersOf } from '../src/calibrate/held-out.ts'
import { PRESETS } from '../src/calibrate/presets.ts'
import { quantile } from '../src/calibrate/quantile.ts'
import { Simulated } from '../src/calibrate/simulated.ts'
import { readSentArrivals } from '../src/measure/sent-run.ts'
import { findPolicy } from '../src/scenario/known-policies.ts'
import { type Scenario, type ScenarioInput, scenarioSchema } from '../src/scenario/schema/schema.ts'
import type { SentRun } from '../src/traffic/arrivals/sent-run.ts'
import { formatDurationNs, significant } from '../src/units.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const golden = path.join(root, 'results/golden/fork.md')
const LEARNT = ['spray-1f-4000-1200B-r1', 'spray-1f-4000-1200B-r2']
const SIMULATIONS = 3
const MET_SHARE = 0.8

const { values } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    runs: { type: 'string', default: path.join(root, '../shared/models/fork-runs/given') },
  },
})

const QUANTITIES = ['reordered', 'extent mean', 'late p50', 'delay p50', 'delay p99'] as const
type Limits = readonly (number | 'zero' | null)[]
const CLASSES = ['Poisson spray', 'nagle and bulkleak', 'bursty', 'mapping'] as const
type Class = (typeof CLASSES)[number]
/** Factors within which a prediction is right (models/fork-calibration.md). */
const LIMITS: Readonly<Record<Class, Limits>> = {
  'Poisson spray': [2, 1.2, 2, 1.2, 1.3],
  'nagle and bulkleak': [2, 1.2, 2, 1.2, 1.3],
  bursty: [1.25, 2, 2, 2, 1.7],
  mapping: ['zero', null, null, 1.5, 3],
}

/** A way to come by lanes. */
interface Way {
  readonly name: string
  readonly keys: Partial<ScenarioInput>
}

interface SetUp {
  readonly name: string
  readonly class: Class
  readonly runs: readonly SentRun[]
}

function classOf(name: string): Class | undefined {
  if (name.startsWith('mapping')) return 'mapping'
  if (name.startsWith('nagle') || name.startsWith('bulkleak')) return 'nagle and bulkleak'
  // Which addresses the map leaves out isn't in the arrivals.
  if (!name.startsWith('spray')) return undefined
  return /iperf|office|ten/.test(name) ? 'bursty' : 'Poisson spray'
}

/** What of the set-up is known beside its lanes. */
function modeOf(name: string): Partial<ScenarioInput> {
  if (name.startsWith('nagle')) return { link: { stream: { nagle: true } } }
  if (name.startsWith('bulkleak')) return { reader: { stage: { perLane: 6, total: 24 }, batch: 24 } }
  return {}
}

function policyOf(name: string): { readonly name: string; readonly parameters: object } {
  if (name.startsWith('mapping')) return { name: 'openvpn-fork', parameters: { ttl: '30s' } }
  return { name: 'any-idle', parameters: { order: 'last-look' } }
}

function scenarioOf(keys: Partial<ScenarioInput>, mode: Partial<ScenarioInput>): Scenario {
  const merged: Record<string, unknown> = { source: { synthetic: { packetsPerSecond: 1 } }, ...keys }
  for (const [key, value] of Object.entries(mode)) {
    merged[key] = { ...(merged[key] as object | undefined), ...(value as object) }
  }
  return scenarioSchema.parse(merged)
}

function predicted(run: SentRun, scenario: Scenario, name: string): number[] {
  const { name: policy, parameters } = policyOf(name)
  const plugin = findPolicy(policy)!
  const checked = plugin.parameters.parse(parameters)
  const all = Array.from({ length: SIMULATIONS }, (_, k) =>
    numbersOf(
      run,
      new Simulated(run, k, 'fork').receivedNs(scenario, (lanes, random) =>
        plugin.create(checked, lanes, random),
      ),
    ),
  )
  return means(all)
}

/** Of each quantity, over those that have it; NaN where none has. */
function means(all: readonly (readonly number[])[]): number[] {
  return QUANTITIES.map((_, k) => {
    const known = all.map((numbers) => numbers[k]!).filter((value) => !Number.isNaN(value))
    return known.length === 0 ? Number.NaN : known.reduce((sum, value) => sum + value, 0) / known.length
  })
}

function factorOf(one: number, other: number): number {
  if (Number.isNaN(one) && Number.isNaN(other)) return 1
  return Math.max(one / other, other / one) || Number.POSITIVE_INFINITY
}

function isMet(limit: Limits[number], was: number, willBe: number): boolean | undefined {
  if (limit === null) return undefined
  if (limit === 'zero') return was === 0 && willBe === 0
  return factorOf(willBe, was) <= limit
}

/** Delays of packets that were sent more than a millisecond after the one before, as 40 values. */
function isolated(runs: readonly SentRun[]): Partial<ScenarioInput> {
  const delays = runs.flatMap(({ sentNs, receivedNs, count }) => {
    let latestNs = 0
    const alone: number[] = []
    for (let i = 1; i < count; i++) {
      latestNs = Math.max(latestNs, receivedNs[i - 1]!)
      if (sentNs[i]! - sentNs[i - 1]! > 1e6 && sentNs[i]! > latestNs) alone.push(receivedNs[i]! - sentNs[i]!)
    }
    return alone
  })
  const sorted = Float64Array.from(delays).sort()
  const values = Array.from({ length: 40 }, (_, k) => `${quantile(sorted, (k + 0.5) / 40)}ns`)
  return {
    lanes: { count: 4, service: { fixed: '0ns', perByte: '0ns', jitter: { empirical: { values } } } },
  }
}

async function main(): Promise<void> {
  if (!existsSync(values.runs)) {
    process.stderr.write(`${values.runs}: no such folder - name the runs' with --runs\n`)
    process.exitCode = 1
    return
  }
  const setUps = await setUpsIn(values.runs)
  const learnt = await Promise.all(LEARNT.map(read))
  const preset = PRESETS.find(({ name }) => name === 'openvpn-fork')!
  const calibrated = calibrateRuns({ runs: learnt, preset, seed: 1 })
  const ways: readonly Way[] = [
    { name: 'calibrated', keys: calibrated.scenario as Partial<ScenarioInput> },
    { name: 'ISO', keys: isolated(learnt) },
    { name: 'default lanes', keys: { lanes: { count: 4 } } },
    {
      name: 'CPU time',
      keys: {
        reader: { perPacket: '9us', stage: { perLane: 1, total: 1 } },
        lanes: { count: 4, service: { fixed: '17us', perByte: '3ns', jitter: 'none' } },
      },
    },
  ]
  const text = tableOf(setUps, ways)
  process.stdout.write(text.table)
  if (values.update) writeFileSync(golden, text.table)
  for (const failed of text.failed) {
    process.stderr.write(`${failed}\n`)
    process.exitCode = 1
  }
}

function read(name: string): Promise<SentRun> {
  return readSentArrivals(path.join(values.runs, `${name}.csv.gz`)).then(({ run }) => run)
}

async function setUpsIn(folder: string): Promise<SetUp[]> {
  const names = readdirSync(folder).flatMap((file) => /^(.+-r\d+)\.csv\.gz$/.exec(file)?.[1] ?? [])
  const bySetUp = new Map<string, string[]>()
  for (const name of names.toSorted()) {
    const setUp = name.replace(/-r\d+$/, '')
    bySetUp.set(setUp, [...(bySetUp.get(setUp) ?? []), name])
  }
  const setUps: SetUp[] = []
  for (const [name, members] of bySetUp) {
    const of = classOf(name)
    if (of !== undefined) setUps.push({ name, class: of, runs: await Promise.all(members.map(read)) })
  }
  return setUps
}

function tableOf(setUps: readonly SetUp[], ways: readonly Way[]): { table: string; failed: string[] } {
  const lines = [
    '# The simulator beside the real OpenVPN fork',
    '',
    'Made by `npm run validate:fork -- --update`. The fork runs four threads and TCP connections, both ends on two cores of one machine, Linux 6.18. *calibrated*: `lanewise calibrate` with `--as openvpn-fork` on two spray runs at 4,000 packets/s (1,200 bytes, one flow); everything else is predicted with the packets that each run sent. *ISO*: delays of packets that were alone in the same two runs, as jitter, without a fit. Below them the default lanes, and the CPU time per packet of the threads.',
    '',
    'A cell is the mean of the repetitions; (x) is the factor between prediction and measurement, **bold** where it is beyond its limit. *spread* is the largest of the repetitions over the smallest.',
  ]
  const failed: string[] = []
  const summary: string[] = []
  for (const of of CLASSES) {
    const members = setUps.filter((setUp) => setUp.class === of)
    if (members.length === 0) continue
    const limits = LIMITS[of]
    const limitTexts = QUANTITIES.map(
      (name, k) =>
        `${name} ${limits[k] === 'zero' ? 'exactly 0' : limits[k] === null ? 'no promise' : `within ${limits[k]}`}`,
    )
    lines.push('', `## ${of}`, '', `Limits: ${limitTexts.join(', ')}.`, '')
    lines.push(
      `| set-up | | ${QUANTITIES.join(' | ')} |`,
      `| --- | --- |${' --: |'.repeat(QUANTITIES.length)}`,
    )
    const met = ways.map(() => ({ met: 0, of: 0, logs: [] as number[] }))
    for (const { name, runs } of members) {
      const each = runs.map((run) => numbersOf(run, run.receivedNs))
      const measured = means(each)
      const spread = QUANTITIES.map((_, k) => spreadOf(each.map((numbers) => numbers[k]!)))
      lines.push(`| ${name} | measured | ${measured.map((value, k) => shown(k, value)).join(' | ')} |`)
      lines.push(
        `| | spread of ${runs.length} | ${spread.map((value) => (Number.isNaN(value) ? '' : significant(value))).join(' | ')} |`,
      )
      for (const [w, { name: way, keys }] of ways.entries()) {
        const scenario = scenarioOf(keys, way === 'calibrated' ? modeOf(name) : {})
        const willBe = means(runs.map((run) => predicted(run, scenario, name)))
        const cells = QUANTITIES.map((_, k) => {
          const right = isMet(limits[k]!, measured[k]!, willBe[k]!)
          if (right !== undefined) {
            met[w]!.of++
            if (right) met[w]!.met++
          }
          if (right !== undefined && typeof limits[k] === 'number') {
            const factor = factorOf(willBe[k]!, measured[k]!)
            if (Number.isFinite(factor)) met[w]!.logs.push(Math.log(factor))
          }
          return cellText(k, measured[k]!, willBe[k]!, right)
        })
        lines.push(`| | ${way} | ${cells.join(' | ')} |`)
      }
    }
    const geo = met.map(({ logs }) =>
      Math.exp(logs.reduce((sum, value) => sum + value, 0) / Math.max(1, logs.length)),
    )
    for (const [w, { name: way }] of ways.entries()) {
      const { met: right, of: cells } = met[w]!
      summary.push(
        `| ${of} | ${way} | ${right} of ${cells} (${Math.round((100 * right) / cells)} %) | ${significant(geo[w]!)} |`,
      )
    }
    const share = met[0]!.met / met[0]!.of
    if (share < MET_SHARE)
      failed.push(`${of}: ${met[0]!.met} of ${met[0]!.of} cells are met, fewer than 80 %`)
  }
  const head = [
    '',
    '## Cells that are met',
    '',
    '| class | lanes | met | geometric mean of the factors |',
    '| --- | --- | --: | --: |',
  ]
  return { table: `${[...lines.slice(0, 5), ...head, ...summary, ...lines.slice(5)].join('\n')}\n`, failed }
}

function spreadOf(values: readonly number[]): number {
  const known = values.filter((value) => value > 0)
  return known.length === 0 ? Number.NaN : Math.max(...known) / Math.min(...known)
}

function cellText(k: number, was: number, willBe: number, right: boolean | undefined): string {
  const text = shown(k, willBe)
  if (Number.isNaN(was) && Number.isNaN(willBe)) return ''
  const factor = factorOf(willBe, was)
  const behind = was === willBe || !Number.isFinite(factor) ? '' : ` (x${factor.toFixed(2)})`
  return right === false ? `**${text}${behind}**` : `${text}${behind}`
}

function shown(k: number, value: number): string {
  if (Number.isNaN(value)) return '-'
  if (k === 0) return `${significant(100 * value)} %`
  return k === 1 ? significant(value) : formatDurationNs(value)
}

await main()
