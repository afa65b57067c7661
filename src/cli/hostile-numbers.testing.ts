/**
 * Test support: one number after the other for one key after the other, each a comparison of its own, in a
 * process that may be killed. Prints a line of JSON when it begins with one and when it has ended.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { scenarioJsonSchema } from '../scenario/schema/json-schema.ts'
import type { JsonSchema } from './list/topics.ts'
import { runProgram } from './run-program.testing.ts'

/** What was tried, and what came of it; without the latter it has only begun. */
export interface Tried {
  readonly words: readonly string[]
  readonly exitCode?: number
  readonly stderr?: string
  readonly ms?: number
  readonly rssBytes?: number
}

const HOSTILE = ['0', '-1', '5e-324', '1e-9', '2147483648', '9007199254740992', '1e308', '.nan', '.inf']

/** Paths of keys that take a number, from the top; of lists and one per lane the list itself. */
function numericPaths(at: string, { type, title, properties = {}, anyOf = [] }: JsonSchema): string[] {
  // A distribution, say, whose numbers make sense beside its others only: see PLUGINS.
  if (at !== '' && title !== undefined) return []
  const own = type === 'number' || type === 'integer' ? [at] : []
  const below = Object.entries(properties).flatMap(([key, schema]) =>
    numericPaths(at === '' ? key : `${at}.${key}`, schema),
  )
  return [...new Set([...own, ...below, ...anyOf.flatMap((one) => numericPaths(at, one))])]
}

/** Flags with a hole for the number. */
const PLUGINS = [
  ['--set', 'lanes.service.jitter={gamma: {mean: 1us, shape: #}}'],
  ['--set', 'lanes.service.jitter={weibull: {scale: 1us, shape: #}}'],
  ['--set', 'lanes.service.jitter={lognormal: {median: 1us, sigma: #}}'],
  ['--set', 'lanes.wakeUp={pareto: {minimum: 1us, shape: #}}'],
  ['--set', 'lanes.stalls={perSecond: #, length: {constant: {value: 1us}}}'],
  ['--set', 'lanes.stalls={perSecond: 1000000, length: {pareto: {minimum: 1h, shape: #}}}'],
  [
    '--set',
    'lanes.stalls={perSecond: 1000, length: {constant: 1us}}',
    '--set',
    'lanes.wakeUp={pareto: {minimum: 1s, shape: 0.01}}',
    '--set',
    'lanes.speed=#',
  ],
  ['--set', 'link.jitter={empirical: {values: [1us, 2us], weights: [#, 1]}}'],
  ['--set', 'source.synthetic.sizes={empirical: {values: [64B, 128B], weights: [#, 1]}}'],
  ['--set', 'source.synthetic.arrivals={pareto-on-off: {on: 1us, off: 1us, shape: #}}'],
  [
    '--set',
    'source.synthetic.arrivals={markov-modulated: {states: [{rate: #, sojourn: 1us}, {rate: 1, sojourn: 1us}]}}',
  ],
  ['--set', 'release={window: {size: #}}'],
  ['--set', 'release={turns: {packets: #}}'],
  ['--set', 'release={sequence: {bound: #}}'],
  ['-p', 'flow-pinned:capacity=#'],
  ['-p', 'maglev:tableSize=#'],
  ['-p', 'maglev:weights=[#,1,1,1]'],
  ['-p', 'rendezvous:weights=[#,1,1,1]'],
  ['-p', 'random:weights=[#,1,1,1]'],
  ['-p', 'rss:tableSize=#'],
  ['-p', 'rss-rebalance:threshold=#'],
  ['-p', 'two-choices:choices=#'],
  ['-p', 'split-by-protocol:udpLanes=#'],
  ['-r', '#'],
  ['-j', '#'],
]

const folder = mkdtempSync(path.join(tmpdir(), 'lanewise-hostile-'))
const file = path.join(folder, 's.yaml')
writeFileSync(
  file,
  'source: { synthetic: { packetsPerSecond: 10000, flows: { count: 20 } } }\nduration: 50ms\nruns: 1\npolicies: [hash, any-idle]\n',
)
process.once('exit', () => rmSync(folder, { recursive: true }))
const say = (tried: Tried) => process.stdout.write(`${JSON.stringify(tried)}\n`)

const paths = numericPaths('', scenarioJsonSchema() as JsonSchema)
const flags = [...paths.map((at) => ['--set', `${at}=#`]), ...PLUGINS]
for (const flag of flags) {
  for (const value of HOSTILE) {
    const words = flag.map((word) => word.replace('#', value))
    say({ words })
    const before = performance.now()
    const jobs = words.includes('-j') ? [] : ['-j', '1']
    const argv = ['compare', file, ...words, ...jobs, '-q', '-o', path.join(folder, 'out')]
    const { exitCode, stderr } = await runProgram(argv)
    const rssBytes = process.memoryUsage().rss
    say({ words, exitCode, stderr, ms: performance.now() - before, rssBytes })
  }
}
