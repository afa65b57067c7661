/**
 * What `lanewise list` knows: every topic with its entries, read from the registries, so that a new policy or
 * distribution is listed without anything to be done here. Defaults and meanings come from the plug-ins'
 * schemas.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { PRESETS, type Preset } from '../../calibrate/presets.ts'
import { metricGroups, metricInfo, tunnelWide } from '../../metrics/catalogue/catalogue.ts'
import { metricHeads, metricsHeaded, metricsWith } from '../../metrics/catalogue/named.ts'
import { partsOf } from '../../metrics/catalogue/shown.ts'
import type { MetricInfo } from '../../metrics/metric.ts'
import { bundledInputs, isBundledName, namesOf } from '../../node/bundled.ts'
import { policies } from '../../policies/index.ts'
import { distributions } from '../../sim/distributions/index.ts'
import { arrivalProcesses } from '../../traffic/synthetic/index.ts'
import type { TOPICS } from './options.ts'

export interface Parameter {
  readonly name: string
  /** What may be written: choices, or the kind of value. */
  readonly values: string
  /** As written; null when it must be given, or is off. */
  readonly default: unknown
  readonly required: boolean
  readonly description: string
}

export interface Entry {
  readonly name: string
  readonly description: string
  readonly unit?: string
  readonly parameters?: readonly Parameter[]
  /** Heading of the entries that belong together. */
  readonly group?: string
  /** Of metrics: what charts and tables call it, and which of two policies does better by it. */
  readonly title?: string
  readonly shortTitle?: string
  readonly better?: 'less' | 'more'
  readonly lookWhen?: string
  readonly source?: string
  readonly notModelled?: string
  /** Of policies: the real system, and when the order of flows is kept. */
  readonly models?: string
  readonly keepsOrder?: string
  /** Of what comes with lanewise: where it is. */
  readonly file?: string
}

export interface Topic {
  /** One line: how the entries are used. */
  readonly use: string
  entries(): Entry[]
  /** The entries for a name that isn't an entry's own: `nReordering[3]`, the head of a column, `@02`. */
  find?(name: string): readonly Entry[]
  /** What else is close enough to a name to be suggested. */
  readonly heads?: readonly string[]
}

const known: Readonly<Record<(typeof TOPICS)[number], Topic>> = {
  policies: {
    use: 'which lane does a packet go to? -p name:key=value, or below policies: in a scenario',
    entries: () =>
      [...policies.values()].map((policy) => {
        const { models, keepsOrder } = policy
        return {
          ...withParameters(policy),
          ...(models === undefined ? {} : { models }),
          ...(keepsOrder === undefined ? {} : { keepsOrder }),
        }
      }),
  },
  sources: {
    use: 'below source: in a scenario; a capture may also be named alone',
    entries: () => [
      {
        name: 'capture',
        description: 'pcap or pcapng, plain or compressed; its own times, or at packetsPerSecond',
      },
      ...[...arrivalProcesses.values()].map(withParameters),
    ],
  },
  metrics: {
    use: 'names in report.json and the CSV files; docs/metrics.md explains them',
    entries: metricEntries,
    find: (name) => {
      const info = metricInfo(name) ?? metricInfo(`${name}[]`)
      if (info !== undefined) return [listed(info)]
      const headed = metricsHeaded(name)
      const found = partsOf((headed.length > 0 ? headed : metricsWith(name)).map((one) => one.name))
      return metricEntries().filter((entry) => found.includes(entry.name))
    },
    heads: metricHeads(),
  },
  distributions: {
    use: 'of times, such as lanes.service.jitter: { lognormal: { median: 15us, sigma: 0.8 } }',
    entries: () => [...distributions.values()].map(withParameters),
  },
  scenarios: {
    use: 'lanewise compare @02, from any folder; the file, to copy it: lanewise list scenarios @02',
    entries: scenarioEntries,
    find: (name) => bundledEntry(scenarioEntries(), name),
  },
  captures: {
    use: "lanewise compare @office, from any folder; in a scenario, in quotes: capture: '@office'",
    entries: captureEntries,
    find: (name) => bundledEntry(captureEntries(), name),
  },
  presets: {
    use: 'systems that were calibrated: compare @office --as openvpn-fork; or calibrate run.csv --as openvpn-fork',
    entries: () => PRESETS.map(presetEntry),
  },
}

/** By name. */
export const topics: Readonly<Record<string, Topic>> = known

function withParameters(plugin: { name: string; description: string; parameters: z.ZodType }): Entry {
  const { name, description, parameters } = plugin
  return { name, description, parameters: parametersOf(parameters) }
}

/** What the tables here and the references in docs/ take from a JSON Schema. */
export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly items?: JsonSchema
  readonly default?: unknown
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

function parametersOf(schema: z.ZodType): Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema
  return Object.entries(properties).map(([name, property]) => ({
    name,
    values: valuesOf(property),
    default: property.default ?? null,
    required: required.includes(name),
    description: property.description ?? '',
  }))
}

/** In short: choices, or the kind of value. @param kindOf what a plain type is called */
export function valuesOf(schema: JsonSchema, kindOf = plainKind): string {
  const { anyOf, enum: choices, const: only, title, type, items, properties } = schema
  if (anyOf !== undefined && title !== undefined) return title
  if (anyOf !== undefined) return [...new Set(anyOf.map((one) => valuesOf(one, kindOf)))].join('|')
  if (choices !== undefined) return choices.join('|')
  if (only !== undefined) return String(only)
  if (type === 'array') return `[${items === undefined ? '...' : `${valuesOf(items, kindOf)}, ...`}]`
  if (properties !== undefined) return `{${Object.keys(properties).join(', ')}}`
  return title ?? kindOf(schema)
}

/** What a schema without choices or title is called. */
export function plainKind({ type = 'any' }: JsonSchema): string {
  return [type].flat().join('|').replace('string', 'text')
}

function metricEntries(): Entry[] {
  const ofFlows = metricGroups.flatMap(({ question, metrics }) =>
    metrics.map((info) => ({ ...listed(info), group: question })),
  )
  return [...ofFlows, { ...tunnelWide, group: 'Of the tunnel as a whole' }]
}

function listed({ inTunnel, legend, ...entry }: MetricInfo): Entry {
  return entry
}

/** What is in each bundled capture; scenarios/captures/README.md says more. */
const CAPTURES: Readonly<Record<string, string>> = {
  '@fork-mapping':
    '15,903 packets in 8 s: before and after the OpenVPN fork with its map; a CSV (docs/calibrate.md)',
  '@fork-spray': '15,949 packets in 8 s: the same without its map, so that it sprays',
  '@full-queues': '5,000 packets in 0.2 s: 24 UDP flows with silences below 1.6 ms, computed for @16',
  '@office': '22,982 packets in 12 s: ten hosts with two calls, web pages, DNS, bulk TCP and UDP',
  '@ten-net':
    '9,164 packets in 6 s: one client and four pairs of servers, half of them met by the leak of @04',
  '@voice': '6,390 packets in 10 s: eight calls over a few web pages',
}

function presetEntry({ name, description, calibrated, calibration }: Preset): Entry {
  const { files, packets, date } = calibration.calibratedOn
  return {
    name,
    description,
    source: `calibrated ${calibrated}: ${files.join(', ')}, ${packets.toLocaleString('en-US')} packets, ${date}`,
  }
}

function captureEntries(): Entry[] {
  return bundledInputs()
    .filter(({ kind }) => kind !== 'scenario')
    .map(({ name, path }) => ({ name, description: CAPTURES[name] ?? '', file: path }))
}

function scenarioEntries(): Entry[] {
  return bundledInputs()
    .filter(({ kind }) => kind === 'scenario')
    .map(({ name, path }) => ({ name, description: titleOf(path), file: path }))
}

/** The entry of another way to write its name: `@02`, or without the @. */
function bundledEntry(entries: readonly Entry[], given: string): readonly Entry[] {
  const wanted = isBundledName(given) ? given : `@${given}`
  const input = bundledInputs().find((one) => namesOf(one).includes(wanted))
  return entries.filter(({ name }) => name === input?.name)
}

function titleOf(file: string): string {
  const scenario = parse(readFileSync(file, 'utf8')) as { title?: string } | null
  return scenario?.title ?? ''
}
