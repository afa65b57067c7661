/**
 * Results as one HTML page: what came out, tables, charts, then what was compared and how. Self-contained and
 * readable offline from a file, without any request. Its content security policy lets only the scripts and
 * styles run whose hashes it names; Vega interprets its expressions instead of compiling them, so nothing is
 * evaluated. What the page does is in assets/report.js, colours on a dark page in page-colours.ts.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { visibleJson } from '../visible.ts'
import type { ChartInput } from './chart.ts'
import { escaped } from './markup.ts'
import { darkRules } from './page-colours.ts'
import { factList, factsOf, findingsOf, policyControls, provenanceOf } from './page-parts.ts'
import { tablesOf } from './page-tables.ts'
import type { Spec } from './spec.ts'

export interface PageChart {
  readonly chart: { readonly name: string; readonly summary: string }
  readonly spec: Spec
}

/** What assets/report.js gets of a chart. */
interface Embedded {
  readonly name: string
  readonly spec: Spec
  /** Policies in its legends. */
  readonly shown: readonly string[]
  /** The parameter of its rectangle of policies. */
  readonly brush?: string
}

/** Charts where dragging moves along the x axis, and the wheel with Shift zooms. */
const ZOOMED = ['latency-cdf', 'late-time-cdf']
/** Where dragging selects the policies inside. */
const BRUSHED = 'trade-off'
const BRUSH = 'brush'

/** The page as text. */
export function page(charts: readonly PageChart[], input: ChartInput): string {
  const { results } = input
  const titles = [...new Set(results.map(({ title }) => title))]
  const title =
    titles.length > 2 ? `${titles.length} results side by side` : titles.join(' and ') || 'Packet trace'
  const style = asset('report.css') + darkRules()
  const scripts = [...['vega', 'vega-lite', 'vega-embed'].map(minified), asset('report.js')].map((script) =>
    script.replaceAll('</script', '<\\/script'),
  )
  const data: Embedded[] = charts.map(({ chart: { name }, spec }) => ({ name, ...interactive(name, spec) }))
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const links = charts.map(
    ({ chart, spec }) => `<li><a href="#${chart.name}">${escaped(textsOf(spec).title)}</a></li>`,
  )
  const figures = charts.map(({ chart: { name, summary }, spec }) => {
    const { title, notes } = textsOf(spec)
    const lines = notes.map((line) => `<p>${escaped(line)}</p>`)
    const caption = `<figcaption><h3>${escaped(title)}</h3>${lines.join('')}</figcaption>`
    return `<figure id="${name}" aria-label="${escaped(summary)}">${caption}<div class="chart" id="chart-${name}"></div></figure>`
  })
  const isOneOfSeveral = results.length > 1
  const findings = results.map((result) => findingsOf(result, tablesOf(result), isOneOfSeveral))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="lanewise">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
</header>
<main>
<noscript><p class="failure">The charts need JavaScript, which is switched off here. The tables don't.</p></noscript>
<p class="failure" id="failure" role="alert"></p>
${findings.join('\n')}
${results.length > 0 ? '<p class="hint">A click on a head sorts.</p>' : ''}
<h2 id="charts-head">Charts</h2>
<nav aria-label="Charts"><ul>${links.join('')}</ul></nav>
${policyControls(
  input,
  data.some(({ brush }) => brush !== undefined),
)}
${figures.join('\n')}
<h2 id="facts">What was simulated or replayed</h2>
${results.map((result) => factsOf(result, isOneOfSeveral)).join('\n')}
${input.trace === null ? '' : factList([['packet trace', input.trace.path]])}
<h2 id="provenance">Provenance</h2>
${results.map((result) => provenanceOf(result)).join('\n')}
</main>
<script type="application/json" id="charts">${visibleJson(JSON.stringify(data)).replaceAll('<', '\\u003c')}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`
}

/**
 * The specification with what a reader can do to it in a browser, without the title, which the page has as
 * text; and the policies in its legends, which follow the switches.
 */
function interactive(name: string, { title: _, usermeta: __, ...spec }: Spec): Omit<Embedded, 'name'> {
  const shown: string[] = []
  const switched = withShown(spec, shown) as Spec
  const params = [...(spec.params as readonly Spec[]), { name: 'shown', value: shown }]
  const embedded = { ...switched, params }
  const layers = switched.layer as readonly Spec[] | undefined
  if (layers === undefined) return { spec: embedded, shown }
  const last = layers.length - 1
  const withParam = (param: Spec) => ({
    ...embedded,
    layer: layers.map((layer, i) => (i === last ? { ...layer, params: [param] } : layer)),
  })
  // Of a tuning the chart has no point per policy to select.
  if (name === BRUSHED && shown.length > 0) {
    return { spec: withParam({ name: BRUSH, select: { type: 'interval' } }), shown, brush: BRUSH }
  }
  if (!ZOOMED.includes(name) || shown.length === 0) return { spec: embedded, shown }
  const zoom = { type: 'interval', encodings: ['x'], zoom: 'wheel![event.shiftKey]' }
  return { spec: withParam({ name: 'zoom', select: zoom, bind: 'scales' }), shown }
}

/** Legends of policies list those in the parameter `shown`; all that there are go to `labels`. */
function withShown(part: unknown, labels: string[]): unknown {
  if (typeof part !== 'object' || part === null) return part
  if (Array.isArray(part)) return part.map((inner) => withShown(inner, labels))
  const { data, ...rest } = part as Spec
  const inner = Object.fromEntries(Object.entries(rest).map(([key, of]) => [key, withShown(of, labels)]))
  const all = data === undefined ? inner : { ...inner, data }
  if (rest.field !== 'policy' || rest.legend == null) return all
  for (const label of (rest.scale as { readonly domain: readonly string[] }).domain) {
    if (!labels.includes(label)) labels.push(label)
  }
  return { ...all, legend: { ...(rest.legend as Spec), values: { expr: 'shown' } } }
}

function textsOf(spec: Spec): { readonly title: string; readonly notes: readonly string[] } {
  return spec.usermeta as { readonly title: string; readonly notes: readonly string[] }
}

function asset(name: string): string {
  return readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8')
}

/** The build for browsers, which stands beside a package's entry. */
function minified(name: string): string {
  return readFileSync(fileURLToPath(new URL(`${name}.min.js`, import.meta.resolve(name))), 'utf8')
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
