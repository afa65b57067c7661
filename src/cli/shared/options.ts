/**
 * The options that several verbs have, declared once: a verb's command.ts picks those it needs, in the order
 * of its help. Their texts are the same wherever they mean the same. Loads nothing but commander, so that
 * help is quick; what the words mean is checked elsewhere (format-names.ts, jobs.ts, options.ts of a verb).
 */
import { Option } from 'commander'

/** As commander gives them: of verbs that print something. */
export interface PrintOptions {
  readonly format: string
  readonly quiet?: true
}

/** Of verbs that write results too. */
export interface ResultOptions extends PrintOptions {
  readonly output?: string
}

/** Of verbs that take a scenario or a capture. */
export interface ScenarioOptions extends ResultOptions {
  readonly policy?: string[]
  readonly set?: string[]
  readonly seed?: string
  readonly duration?: string
  readonly verbose?: true
  readonly calibration?: string
  readonly as?: string
  /** Modules that a scenario from elsewhere names may be run. */
  readonly allowModules?: true
  /** Large work is meant. */
  readonly yes?: true
}

/** Of verbs that take several captures: are they one? */
export interface JoinOptions {
  readonly asOne?: true
  readonly separate?: true
}

/** Of verbs that judge a system by captures of what enters it and of what leaves it. */
export interface PairOptions {
  readonly sent?: string[]
  readonly received?: string[]
  readonly asOne?: true
  readonly nat?: true
  readonly order?: string
  readonly direction?: string
}

/** Of verbs that simulate it. */
export interface SimulationOptions extends ScenarioOptions {
  readonly runs?: string
  readonly warmup?: string
  readonly jobs?: string
}

/** Of verbs that show a table of metrics. */
export interface ViewOptions {
  readonly columns?: string
  readonly sortRows?: string
}

/** Of verbs that compare policies: limits that make the exit code 1. */
export interface PolicyGateOptions {
  readonly maxReordered?: string
  readonly maxDrops?: string
  readonly maxP99?: string
  readonly maxLateTime?: string
  readonly gate?: string[]
  readonly junit?: string
}

/** Name and meaning of the argument of verbs that take a scenario. */
export const SCENARIO = [
  '<scenario|capture...>',
  'a scenario (YAML, JSON), captures (pcap, pcapng, compressed or not) or arrivals CSVs, or the @name of one',
] as const

/** The option of every verb, and of lanewise itself. */
export const HELP = ['-h, --help', 'print this help'] as const

/** An option that may be given several times; its values make a list. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: string[] = []) => [
    ...before,
    value,
  ])
}

export const policy = (what = 'a policy instead of the listed ones; repeatable') =>
  repeatable('-p, --policy <name[:key=value,...]>', what)

export const asOne = () => new Option('--as-one', 'join several captures, even if their times overlap')

/** Two captures, and how their packets are matched. */
export const capturePair = () => [
  repeatable('--sent <capture>', 'what enters the system; repeatable for the files of one capture'),
  repeatable('--received <capture>', 'what leaves it'),
  asOne(),
  new Option('--nat', 'addresses and ports change on the way'),
  new Option('--order <file|time>', "order of the captures' packets: of the file or by time").default('file'),
  new Option('--direction <auto|all>', 'auto leaves out packets on the way back').default('auto'),
]

/** @param does what happens to each */
export const separate = (does: string) => new Option('--separate', `${does} several captures one by one`)

export const set = () => repeatable('--set <path=value>', 'changes one key of the scenario; repeatable')

export const runs = () => new Option('-r, --runs <n>', 'independent repetitions')

/** @param what differs with it */
export const seed = (what = 'random numbers') => new Option('--seed <n>', `another seed gives other ${what}`)

/** @param what ends then */
export const duration = (what = 'stop the source') =>
  new Option('-d, --duration <time>', `${what} so long after the first packet, such as 10s`)

export const warmup = () =>
  new Option('-w, --warmup <time>', "don't judge so much from the first packet on, such as 100ms")

export const jobs = () =>
  new Option('-j, --jobs <n>', 'threads to spread the runs over (default: what the machine has)')

export const calibration = () =>
  new Option('--calibration <file>', 'lanes as replay or calibrate found them (their file, or machine)')

export const builtLike = () =>
  new Option('--as <system>', 'lanes of a system that was calibrated (lanewise list presets)')

/** @param usual where results go without it */
export const output = (usual: string) =>
  new Option('-o, --output <dir>', `folder for the results (default: ${usual})`)

export const format = (formats = 'table, json, csv or markdown') =>
  new Option('-f, --format <format>', `stdout: ${formats}`).default('table')

export const columns = () =>
  new Option('--columns <a,b,...>', 'metrics that are shown, by name or head (table, csv, markdown)')

export const sortRows = () =>
  new Option('--sort-rows <metric[:asc|desc]>', 'rows in the order of a metric, the best first unless said')

/** @param packets which have a row in it */
export const packetRows = (flags: string, packets: string) =>
  new Option(`${flags} <file.csv>`, `write a row for every packet ${packets}`)

/** Of verbs that run policies which a scenario names. */
export const allowModules = () =>
  new Option('--allow-modules', 'run policy modules that a scenario outside the current folder names')

/** Of verbs that check the size of their work. */
export const yes = () => new Option('--yes', 'go on however much memory or disk it takes')

/** @param what is left unsaid */
export const quiet = (what = 'no progress and no hints on stderr') => new Option('-q, --quiet', what)

export const verbose = (what = 'a line per run, all warnings, and the counters of the policies') =>
  new Option('-v, --verbose', what)

/** Of verbs with gates. */
export const junit = () => new Option('--junit <file.xml>', 'write the gates as test cases (JUnit)')

/** Limits for continuous integration, judged by the upper 95 % bound. */
export const policyGates = () => [
  new Option('--max-reordered <share>', 'gate: packets overtaken within their flow, such as 0.1%'),
  new Option('--max-drops <share>', 'gate: packets dropped at the TUN queue or a lane'),
  new Option('--max-p99 <time>', 'gate: p99 latency, such as 5ms'),
  new Option('--max-late-time <time>', 'gate: late time of any packet'),
  repeatable('--gate <label>', 'the policy that gates judge (default: those of -p, or the recommended)'),
  junit(),
]
