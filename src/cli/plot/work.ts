/**
 * The work of `lanewise plot`: reads saved results and a trace, draws the charts that they have data for, and
 * writes them as files or as one page. Everything that can be checked is checked before Vega is loaded.
 */
import { statSync } from 'node:fs'
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { didYouMean, reasonOf, UserError } from '../../errors.ts'
import { checkSums, refuseForeign, refuseInputs, sameFile } from '../../node/files/marker.ts'
import { resultsFolder } from '../../node/files/results-folder.ts'
import { type Chart, type ChartInput, reasonAgainst } from '../../plots/chart.ts'
import { charts } from '../../plots/charts/index.ts'
import { drawnLabels } from '../../plots/chosen-ttls.ts'
import { policyStyles } from '../../plots/policy-styles.ts'
import {
  folderOf,
  labelsOf,
  pointLabels,
  readSaved,
  type SavedResult,
  withPolicies,
} from '../../plots/saved.ts'
import type { Spec } from '../../plots/spec.ts'
import { isTrace, readTraceWindow } from '../../plots/trace-window.ts'
import { jsonText } from '../../report/parts/json.ts'
import { wrap } from '../../report/parts/wrap.ts'
import { parseDurationNs } from '../../units.ts'
import { visible } from '../../visible.ts'
import { interrupted, isInterrupted, type ProcessIo, remark, widthOf } from '../shared/process-io.ts'
import { provenanceAtStart } from '../shared/provenance.ts'
import type { PlotOptions } from './options.ts'

const FORMATS = ['svg', 'png', 'vl.json'] as const
type ChartFormat = (typeof FORMATS)[number]
/** Pixels of a PNG per pixel of the chart: sharp on any screen, and on paper. */
const PNG_SCALE = 2

/** Where the charts go. */
type Target =
  | { readonly kind: 'folder'; readonly path: string; readonly formats: readonly ChartFormat[] }
  | { readonly kind: 'file'; readonly path: string; readonly format: ChartFormat }
  | { readonly kind: 'page'; readonly path: string }

/** One chart that the results have the data for. */
interface Drawing {
  readonly chart: Chart
  readonly spec: Spec
}

/** Does the work; resolves to the exit code. Throws UserError. */
export async function plot(
  given: readonly string[],
  options: PlotOptions,
  { argv, stdout, stderr, signal }: ProcessIo,
): Promise<number> {
  const wanted = chartsNamed(options.chart)
  const formats = formatsOf(options.format)
  const { results, trace, notes } = read(given, options)
  if (!options.quiet) for (const note of notes) remark(note, stderr)
  const styles = policyStyles(
    [...new Set([...drawnLabels(results), ...(trace?.packets.map(({ policy }) => policy) ?? [])])],
    pointLabels(results),
  )
  const input: ChartInput = { results, styles, point: pointOf(options.point, results), trace }
  if (options.list) {
    stdout.write(listText(wanted, given.length === 0 ? null : input, widthOf(stdout)))
    return 0
  }
  const target = targetOf(options.output, given, formats)
  const drawings = wanted.flatMap((chart) => {
    const spec = chart.draw(input)
    return spec === null ? [] : [{ chart, spec }]
  })
  refuse(wanted, drawings, target, options, given, input)
  refuseToReplace(target, drawings, given)
  const files = await written(target, drawings, input, argv, signal)
  for (const file of files) stdout.write(`${file}\n`)
  if (isInterrupted(signal)) {
    const what = files.length === 1 ? '1 file is' : `${files.length} files are`
    return interrupted(`${what} written`, stderr, signal)
  }
  if (!options.quiet && target.kind === 'folder' && options.chart === undefined) {
    const missing = wanted.length - drawings.length
    stderr.write(
      `${drawings.length} ${drawings.length === 1 ? 'chart is' : 'charts are'} in ${target.path}${missing === 0 ? '' : `; ${missing} need other results: --list says which`}\n`,
    )
  }
  return 0
}

function chartsNamed(names: readonly string[] | undefined): readonly Chart[] {
  const known = charts.map(({ name }) => name)
  for (const name of names ?? []) {
    if (known.includes(name)) continue
    const cure = didYouMean(name, known) || ' - lanewise plot --list names them'
    throw new UserError(`--chart ${name}: there is no such chart${cure}`, 2)
  }
  return names === undefined ? charts : charts.filter(({ name }) => names.includes(name))
}

function formatsOf(list: string): readonly ChartFormat[] {
  return list.split(',').map((name) => {
    const format = FORMATS.find((format) => format === name.trim())
    if (format !== undefined) return format
    const cure = name.trim() === 'html' ? 'for a page: -o report.html' : `use ${FORMATS.join(', ')}`
    throw new UserError(`-f ${list}: "${name}" isn't a format of charts - ${cure}`, 2)
  })
}

function read(given: readonly string[], options: PlotOptions) {
  if (given.length === 0 && !options.list) {
    throw new UserError(
      'lanewise plot: which results? - name a folder that lanewise compare, tune or replay wrote',
      2,
    )
  }
  const traces = given.filter((name) => statSync(name, { throwIfNoEntry: false })?.isFile() && isTrace(name))
  if (traces.length > 1) throw new UserError(`${traces[1]}: a second packet trace - name one at a time`, 2)
  const { policy } = options
  const folders = new Set(given.filter((name) => !traces.includes(name)))
  const notes: string[] = []
  const all = [...folders].map((name) => {
    const listed = checkSums(folderOf(name))
    // A folder may list charts alone, that were drawn into it.
    if (listed?.has('report.json')) return readSaved(name, (file) => listed.has(file))
    const result = readSaved(name)
    notes.push(
      `${result.folder}: has no sums of its files (provenance.json), so nothing tells whether they belong together`,
    )
    return result
  })
  const fromNs = durationOf('--from', options.from)
  const forNs = durationOf('--for', options.for)
  const [file] = traces
  if (file === undefined && (fromNs ?? forNs) !== undefined) {
    throw new UserError('--from, --for: are about a packet trace, and none was named - add its .csv', 2)
  }
  const trace = file === undefined ? null : readTraceWindow(file, { fromNs, forNs, policies: policy })
  const known = labelsOf(all)
  const ofPoints = pointLabels(all)
  for (const label of policy ?? []) {
    if (
      known.includes(label) ||
      ofPoints.has(label) ||
      trace?.packets.some((packet) => packet.policy === label)
    )
      continue
    const cure = didYouMean(label, [...known, ...ofPoints.keys()]) || ` - there are ${known.join(', ')}`
    throw new UserError(`-p ${label}: no such policy in these results${cure}`, 2)
  }
  const kept = policy === undefined ? all : all.map((result) => withPolicies(result, policy))
  return { results: withOwnTitles(kept), trace, notes }
}

/** Panels of several results are told apart by their titles, or by folders where those are equal. */
function withOwnTitles(results: readonly SavedResult[]): readonly SavedResult[] {
  const titles = new Set(results.map(({ title }) => title))
  if (titles.size === results.length) return results
  return results.map((result) => ({ ...result, title: `${result.title} (${visible(result.folder)})` }))
}

function durationOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  try {
    return parseDurationNs(text)
  } catch (error) {
    throw new UserError(`${option}: ${reasonOf(error)}`, 2)
  }
}

function pointOf(given: string | undefined, results: readonly SavedResult[]): number | undefined {
  if (given === undefined) return undefined
  const last = Math.max(...results.map(({ report }) => (report?.points?.length ?? 0) - 1), -1)
  if (/^\d+$/.test(given) && Number(given) <= last) return Number(given)
  const cure = last < 0 ? "these results aren't of a scan, leave it out" : `name one from 0 to ${last}`
  throw new UserError(`--point ${given}: there is no such point - ${cure}`, 2)
}

function targetOf(
  output: string | undefined,
  given: readonly string[],
  formats: readonly ChartFormat[],
): Target {
  if (output === undefined) {
    const first = given[0]!
    const folder = statSync(first).isDirectory() ? first : path.dirname(first)
    return { kind: 'folder', path: path.join(folder, 'plots'), formats }
  }
  if (/\.html?$/i.test(output)) return { kind: 'page', path: output }
  const format = FORMATS.find((format) => output.toLowerCase().endsWith(`.${format}`))
  if (format !== undefined) return { kind: 'file', path: output, format }
  if (/\.(pdf|eps|ps|jpe?g|gif|webp|json)$/i.test(output)) {
    const name = path.extname(output)
    throw new UserError(
      `-o ${output}: ${name} isn't made - use .svg, .png, .vl.json or .html, or a folder`,
      2,
    )
  }
  return { kind: 'folder', path: output, formats }
}

/** Throws where there is nothing to write, or a file can't hold it. */
function refuse(
  wanted: readonly Chart[],
  drawings: readonly Drawing[],
  target: Target,
  { chart }: PlotOptions,
  given: readonly string[],
  input: ChartInput,
): void {
  if (chart !== undefined) {
    const missing = wanted.find((chart) => !drawings.some((drawing) => drawing.chart === chart))
    if (missing !== undefined)
      throw new UserError(`--chart ${missing.name}: ${reasonAgainst(missing, input)}`)
  }
  if (drawings.length === 0) {
    throw new UserError(
      `${given.join(', ')}: nothing to draw - lanewise plot ${given.join(' ')} --list says why`,
    )
  }
  if (target.kind !== 'file' || drawings.length === 1) return
  const names = drawings.map((drawing) => drawing.chart.name).join(', ')
  throw new UserError(`-o ${target.path}: holds one chart - choose with --chart: ${names}`, 2)
}

/** Throws UserError (2) where what is drawn from would be replaced, or a file that lanewise didn't write. */
function refuseToReplace(target: Target, drawings: readonly Drawing[], given: readonly string[]): void {
  const read = given.flatMap((name) => {
    const files = ['report.json', 'flows.csv', 'distributions.csv']
    return [name, ...files.map((file) => path.join(folderOf(name), file))]
  })
  if (target.kind !== 'folder') {
    if (sameFile(target.path, read)) {
      throw new UserError(`-o ${target.path}: is the file that is read - name another file`, 2)
    }
    return
  }
  const names = drawings.flatMap(({ chart }) => target.formats.map((format) => `${chart.name}.${format}`))
  refuseInputs({ folder: target.path, names, inputs: read })
  refuseForeign({ folder: target.path, names })
}

/** Writes the files, all or none, of what is drawn until the signal aborts; their paths. */
async function written(
  target: Target,
  drawings: readonly Drawing[],
  input: ChartInput,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  if (target.kind === 'page') {
    const { page } = await import('../../plots/page.ts')
    writeFile(target.path, page(drawings, input))
    return [target.path]
  }
  const draw = await drawer(target.kind === 'file' ? [target.format] : target.formats)
  const files: Record<string, string | Uint8Array> = {}
  for (const { chart, spec } of drawings) {
    // Lets signals in.
    await setImmediate()
    if (signal.aborted) break
    for (const [format, content] of await draw(spec)) files[`${chart.name}.${format}`] = content
  }
  if (Object.keys(files).length === 0) return []
  if (target.kind === 'file') {
    writeFile(target.path, Object.values(files)[0]!)
    return [target.path]
  }
  const folder = resultsFolder(target.path)
  folder.add(files, provenanceAtStart(argv))
  return Object.keys(files).map((name) => path.join(folder.path, name))
}

function writeFile(file: string, content: string | Uint8Array): void {
  resultsFolder(path.dirname(file)).put(path.basename(file), content)
}

/** Makes a chart in the formats; Vega is loaded only where one needs it. */
async function drawer(formats: readonly ChartFormat[]) {
  const needsVega = formats.some((format) => format !== 'vl.json')
  const renderer = needsVega ? await (await import('../../plots/render.ts')).makeRenderer() : undefined
  return async (spec: Spec): Promise<Array<readonly [ChartFormat, string | Uint8Array]>> => {
    const svg = (await renderer?.toSvg(spec)) ?? ''
    return formats.map((format) => {
      if (format === 'vl.json') return [format, jsonText(spec)]
      return [format, format === 'svg' ? svg : renderer!.toPng(svg, PNG_SCALE)]
    })
  }
}

function listText(wanted: readonly Chart[], input: ChartInput | null, width: number): string {
  const entries = wanted.map((chart) => {
    const isPossible = input === null || chart.draw(input) !== null
    const text = isPossible ? chart.summary : `not possible: ${reasonAgainst(chart, input)}`
    const lines = wrap(text, width - 4)
    return [chart.name, ...lines.map((line) => `    ${line}`)].join('\n')
  })
  return `${entries.join('\n')}\n`
}
