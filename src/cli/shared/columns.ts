/**
 * What --columns and --sort-rows take: metrics by their names, by the heads of their columns, or by a word of
 * a head where only one metric has it.
 */
import { didYouMean, UserError } from '../../errors.ts'
import { metricInfo } from '../../metrics/catalogue/catalogue.ts'
import { metricHeads, metricsHeaded, metricsWith, simulated } from '../../metrics/catalogue/named.ts'
import { shownMetric } from '../../metrics/catalogue/shown.ts'
import type { MetricDisplay } from '../../metrics/metric.ts'
import type { RowOrder, View } from '../../report/parts/view.ts'
import type { PolicySpec } from '../../scenario/policy-specs.ts'
import type { Format } from './format-names.ts'
import type { ViewOptions } from './options.ts'

/** Where names are looked up. */
export interface Shown {
  /** The metrics that tables show where nothing is chosen: one word of their heads is enough. */
  readonly usual: readonly string[]
  /** Those of the user's may count what they like. */
  readonly policies: readonly Pick<PolicySpec, 'module'>[]
}

/** More candidates than this aren't named one by one. */
const CANDIDATES_MAX = 6
const LIST = 'lanewise list metrics has them'

/** Throws UserError (2) for what isn't a metric. */
export function viewOf({ columns, sortRows }: ViewOptions, format: Format, shown: Shown): View {
  if (columns !== undefined) refuseJson('--columns', columns, format)
  if (sortRows !== undefined) refuseJson('--sort-rows', sortRows, format)
  const metrics = columns?.split(',').map((text) => metricNamed('--columns', text.trim(), shown))
  return {
    metrics: metrics && [...new Set(metrics)],
    order: sortRows === undefined ? undefined : orderOf(sortRows, shown),
  }
}

function refuseJson(flag: string, given: string, format: Format): void {
  if (format !== 'json') return
  throw new UserError(`${flag} ${given}: not with -f json, which has everything - leave one of them out`, 2)
}

function orderOf(given: string, shown: Shown): RowOrder {
  const [, text = '', direction] = /^([^:]*)(?::(.*))?$/s.exec(given)!
  if (direction !== undefined && direction !== 'asc' && direction !== 'desc') {
    throw new UserError(`--sort-rows ${given}: "${direction}" is no direction - use asc or desc`, 2)
  }
  const metric = shownMetric(metricNamed('--sort-rows', text.trim(), shown))
  return { metric, isDescending: direction === undefined ? metric.better === 'more' : direction === 'desc' }
}

/** The name as it stands in a report. */
function metricNamed(flag: string, given: string, shown: Shown): string {
  const fail = (what: string) => new UserError(`${flag} ${given}: ${what}`, 2)
  if (given === '') throw new UserError(`${flag}: a name is missing - ${LIST}`, 2)
  const info = metricInfo(given)
  if (info !== undefined && info.name !== given && simulated.includes(info)) return given
  const found = metricsMeant(given, shown)
  const names = found.map(({ name }) => name)
  if (names.length > 1) {
    throw fail(
      `several metrics are called so - ${names.length > CANDIDATES_MAX ? LIST : `give ${oneOf(names)}`}`,
    )
  }
  const [name] = names
  if (name === undefined) {
    if (mayCount(given, shown)) return given
    throw fail(
      `no metric of a simulation is called so${didYouMean(given, metricHeads(simulated)) || ` - ${LIST}`}`,
    )
  }
  const index = /\[\w+\]$/.exec(name)?.[0]
  if (index !== undefined) throw fail(`there is one for every ${index} - give the name that summary.csv has`)
  return name
}

/** By the whole head, by a word of a usual head, or by a part, as `lanewise list metrics` finds them. */
function metricsMeant(given: string, shown: Shown): readonly Pick<MetricDisplay, 'name'>[] {
  const headed = metricsHeaded(given, simulated)
  if (headed.length > 0) return headed
  const indexed = simulated.filter(({ name }) => name.startsWith(`${given}[`))
  if (indexed.length > 0) return indexed
  const word = given.toLowerCase()
  const usual = shown.usual
    .map(shownMetric)
    .filter(({ shortTitle }) => shortTitle.toLowerCase().split(' ').includes(word))
  if (usual.length > 0 || mayCount(given, shown)) return usual
  return metricsWith(given, simulated)
}

/** Could a policy of the user's count this? It says what it counted only when it has run. */
function mayCount(given: string, { policies }: Shown): boolean {
  return /^\w+$/.test(given) && policies.some(({ module }) => module !== undefined)
}

function oneOf(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
