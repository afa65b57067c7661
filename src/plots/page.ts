/**
 * All charts of some results as one HTML page: self-contained, readable offline from a file, without any
 * request. Its content security policy lets only the scripts and styles run whose hashes it names; Vega
 * interprets its expressions instead of compiling them, so nothing is evaluated. What the page does is in
 * assets/report.js.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ChartInput } from './chart.ts'
import { escaped, factList, headOf, policyControls, provenanceOf } from './page-parts.ts'
import { pageTables } from './page-tables.ts'
import type { Spec } from './spec.ts'

export interface PageChart {
  readonly chart: { readonly name: string; readonly summary: string }
  readonly spec: Spec
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
  const style = asset('report.css')
  const scripts = [...['vega', 'vega-lite', 'vega-embed'].map(minified), asset('report.js')].map((script) =>
    script.replaceAll('</script', '<\\/script'),
  )
  const data = charts.map(({ chart: { name }, spec }) => ({ name, ...interactive(name, spec) }))
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const links = charts.map(
    ({ chart, spec }) => `<li><a href="#${chart.name}">${escaped(titleOf(spec))}</a></li>`,
  )
  const figures = charts.map(
    ({ chart: { name, summary } }) =>
      `<figure id="${name}" aria-label="${escaped(summary)}"><div class="chart" id="chart-${name}"></div></figure>`,
  )
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
${results.map((result) => headOf(result, results.length > 1)).join('\n')}
<nav aria-label="Charts"><ul>${links.join('')}<li><a href="#tables">Tables</a></li><li><a href="#provenance">Provenance</a></li></ul></nav>
</header>
<main>
<noscript><p class="failure">The charts need JavaScript, which is switched off here. The tables don't.</p></noscript>
<p class="failure" id="failure" role="alert"></p>
${policyControls(
  input,
  data.some(({ brush }) => brush !== undefined),
)}
${figures.join('\n')}
<h2 id="tables">Tables</h2>
<p class="hint">A click on a head sorts.</p>
${pageTables(results)}
<h2 id="provenance">Provenance</h2>
${results.map((result) => provenanceOf(result)).join('\n')}
${input.trace === null ? '' : factList([['packet trace', input.trace.path]])}
</main>
<script type="application/json" id="charts">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`
}

/** The specification with what a reader can do to it in a browser. */
function interactive(name: string, spec: Spec): { readonly spec: Spec; readonly brush?: string } {
  const layers = spec.layer as readonly Spec[] | undefined
  if (layers === undefined) return { spec }
  const last = layers.length - 1
  const withParam = (param: Spec) => ({
    ...spec,
    layer: layers.map((layer, i) => (i === last ? { ...layer, params: [param] } : layer)),
  })
  if (name === BRUSHED) {
    return { spec: withParam({ name: BRUSH, select: { type: 'interval' } }), brush: BRUSH }
  }
  if (!ZOOMED.includes(name)) return { spec }
  const zoom = { type: 'interval', encodings: ['x'], zoom: 'wheel![event.shiftKey]' }
  return { spec: withParam({ name: 'zoom', select: zoom, bind: 'scales' }) }
}

function titleOf(spec: Spec): string {
  return (spec.title as { readonly text: string }).text
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
