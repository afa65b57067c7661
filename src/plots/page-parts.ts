/**
 * Pieces of the HTML page besides charts and tables: what came out, the policies to choose from, what was
 * compared and where the numbers come from.
 */

import { headFacts, winnerText } from '../report/comparison/comparison-text.ts'
import { verdictTexts } from '../report/comparison/verdict-text.ts'
import { choiceTexts } from '../report/live/judged-replays.ts'
import { jsonText } from '../report/parts/json.ts'
import { scanFacts, scanVerdictTexts } from '../report/scan/scan-text.ts'
import type { ChartInput } from './chart.ts'
import { drawnLabels } from './chosen-ttls.ts'
import { escaped } from './markup.ts'
import { plainlyNamed } from './policy-names.ts'
import type { SavedReport, SavedResult } from './saved.ts'

/** Names and texts. */
export function factList(facts: readonly (readonly [name: string, text: string])[]): string {
  const items = facts.map(([name, text]) => `<dt>${escaped(name)}</dt><dd>${escaped(text)}</dd>`)
  return `<dl>${items.join('')}</dl>`
}

/** What came out, in a sentence or two, of all policies. */
export function verdictOf({ answers, whole, ...shown }: SavedResult): readonly string[] {
  const { report, live } = whole ?? shown
  if (report === null) return choiceTexts(live!)
  return answers.length > 0 ? answers.map(([name, text]) => `${name}: ${text}`) : sentencesOf(report)
}

/** What came out, with what it shows in numbers, and what to mind. */
export function findingsOf(result: SavedResult, tables: string, isOneOfSeveral: boolean): string {
  const heading = isOneOfSeveral ? `<h2>${escaped(result.title)}</h2>` : ''
  const verdict = verdictOf(result).map((sentence) => `<p class="answer">${escaped(sentence)}</p>`)
  const { warnings } = (result.report ?? result.live)!
  return `<section class="findings">${heading}${verdict.join('')}${tables}${warningsOf(warnings)}</section>`
}

/** What was compared or replayed, in a few lines. */
export function factsOf(result: SavedResult, isOneOfSeveral: boolean): string {
  const { report, live, title } = result
  const heading = isOneOfSeveral ? `<h3>${escaped(title)}</h3>` : ''
  if (report === null) {
    const facts: [string, string][] = [
      ['replayed', `${live!.packets} packets of ${live!.flows} flows, ${live!.replaysPlanned} replays`],
      ['device', live!.device === 'tun' ? 'a real TUN device' : 'loopback in memory'],
      ['lanes', `${live!.lanes} on ${live!.cores} cores`],
    ]
    return heading + factList(facts)
  }
  const { load } = report
  // Points of a scan have loads of their own, which no single line can tell.
  return heading + factList(load === null ? scanFacts(report) : headFacts({ ...report, load }))
}

/** The verdict; of results that lanewise 0.1.0 saved, who reorders least. */
function sentencesOf({ verdict, ...report }: SavedReport): string[] {
  if (verdict === undefined) return winnerText(report)
  if (report.points !== undefined) return scanVerdictTexts({ ...report, verdict, points: report.points })
  return verdictTexts({ ...report, verdict })
}

function warningsOf(warnings: readonly string[]): string {
  if (warnings.length === 0) return ''
  return `<div class="warnings">${warnings.map((warning) => `<p>${escaped(warning)}</p>`).join('')}</div>`
}

/** A box per policy, with the colour and dash that it has in the charts. */
export function policyControls(input: ChartInput, hasBrush: boolean): string {
  const { results, trace } = input
  const styles = plainlyNamed(input)
  const labels = new Set([...drawnLabels(results), ...(trace?.packets.map(({ policy }) => policy) ?? [])])
  if (labels.size < 2) return ''
  const boxes = [...labels].map((label) => {
    const { colour, dash, name } = styles.get(label)!
    const sample = `<svg viewBox="0 0 26 10" aria-hidden="true"><line x1="0" y1="5" x2="26" y2="5" stroke="${colour}" stroke-width="4" stroke-dasharray="${dash[1] === 0 ? 'none' : dash.join(' ')}"/></svg>`
    return `<label><input type="checkbox" checked data-policy="${escaped(label)}">${sample}${escaped(name ?? label)}</label>`
  })
  const hints = [
    ...(hasBrush
      ? [
          'A rectangle drawn in "Order against latency" selects the policies inside, a click there all of them.',
        ]
      : []),
    'Points and lines tell their numbers under the mouse. In distributions, dragging moves and Shift with the wheel zooms.',
  ]
  return `<div class="controls"><fieldset><legend>Policies</legend>${boxes.join('')}<span class="buttons"><button type="button" id="all">all</button> <button type="button" id="none">none</button></span></fieldset><p class="hint">${escaped(hints.join(' '))}</p></div>`
}

/** How the result was made: everything that is needed to make it again. */
export function provenanceOf({ folder, title, report, live, provenance }: SavedResult): string {
  // The sums of its files are for who checks them, not for people.
  const {
    argv,
    capture,
    files: _,
    ...rest
  } = (provenance ?? {}) as {
    readonly files?: unknown
    readonly argv?: readonly string[]
    readonly capture?: { readonly path: string; readonly sha256: string } | null
  }
  const facts: [string, string][] = [
    ['result', folder],
    ...(argv === undefined
      ? []
      : ([['command', `lanewise ${argv.map(quoted).join(' ')}`]] as [string, string][])),
    ...(capture == null
      ? []
      : ([['capture', `${capture.path}, SHA-256 ${capture.sha256}`]] as [string, string][])),
    ...Object.entries(rest).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    ['seed', String((report ?? live)!.seed)],
  ]
  const scenario = jsonText((report ?? live)!.scenario)
  return `<h3>${escaped(title)}</h3>${factList(facts)}<details><summary>Scenario with all defaults</summary><pre>${escaped(scenario)}</pre></details>`
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
