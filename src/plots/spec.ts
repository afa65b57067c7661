/**
 * What all charts share: font and sizes, title and subtitle, the policies' scales and legend, panels. A chart
 * is a Vega-Lite specification as plain data, with its numbers in it, 800 pixels wide. Every chart has the
 * parameter `hidden`, labels that aren't drawn, by which a page switches policies off.
 */
import { wrap } from '../report/parts/wrap.ts'
import type { PolicyStyle } from './policy-styles.ts'

/** A piece of a Vega-Lite specification. */
export interface Spec {
  readonly [key: string]: unknown
}

export type Row = Readonly<Record<string, string | number | boolean | null>>

/** Verdana is as wide as DejaVu Sans, for pages on machines without it. */
export const FONT = 'DejaVu Sans, Verdana, sans-serif'
export const CHART_WIDTH = 800
const TEXT_COLOUR = '#222222'
const GRID_COLOUR = '#e4e4e4'
/** Of the text at 12 px, for layout; a little wide. */
export const CHARACTER_WIDTH = 7.2
const SUBTITLE_CHARACTERS = 120

const CONFIG: Spec = {
  font: FONT,
  background: 'white',
  padding: 12,
  view: { stroke: null },
  title: {
    anchor: 'start',
    frame: 'bounds',
    fontSize: 17,
    fontWeight: 'normal',
    subtitleFontSize: 12,
    subtitleColor: '#555555',
    subtitleLineHeight: 16,
    subtitlePadding: 5,
    color: TEXT_COLOUR,
    offset: 14,
  },
  axis: {
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    labelColor: TEXT_COLOUR,
    titleColor: TEXT_COLOUR,
    gridColor: GRID_COLOUR,
    domainColor: '#888888',
    tickColor: '#888888',
    titlePadding: 8,
    labelLimit: 400,
  },
  axisX: { labelFlush: false },
  legend: {
    symbolOpacity: 1,
    labelFontSize: 12,
    labelLimit: 0,
    labelColor: TEXT_COLOUR,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  header: { labelFontSize: 13, labelColor: TEXT_COLOUR, labelAnchor: 'start', labelLimit: 0, title: null },
  text: { fontSize: 12, color: TEXT_COLOUR },
}

export interface Drawing {
  readonly title: string
  /** Lines below the title; long ones are wrapped. */
  readonly subtitle: readonly string[]
  readonly rows: readonly Row[]
  /** Unit specifications that share the rows. */
  readonly layers: readonly Spec[]
  /** Of a panel's plotting area, pixels. */
  readonly width: number
  readonly height: number | Spec
  /** The row's field that makes panels; one panel where all rows have the same value. */
  readonly panel?: { readonly field: string; readonly perRow: number; readonly order?: readonly string[] }
  /** Of panels. */
  readonly resolve?: Spec
}

/** The specification of one chart. */
export function chartSpec(drawing: Drawing): Spec {
  const { rows, layers, width, height, panel, resolve } = drawing
  const head = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...titleOf(drawing.title, drawing.subtitle),
    params: [{ name: 'hidden', value: [] }],
    config: CONFIG,
    ...rowsIn(rows),
  }
  const panels = panel === undefined ? [] : [...new Set(rows.map((row) => row[panel.field]))]
  if (panel === undefined || panels.length < 2) return { ...head, width, height, layer: layers }
  return {
    ...head,
    facet: {
      field: panel.field,
      type: 'nominal',
      sort: panel.order ?? panels,
      header: { title: null, labelExpr: headerLabel(width) },
    },
    columns: panel.perRow,
    spec: { width, height, layer: layers },
    ...(resolve && { resolve }),
  }
}

/** Rows as the data of a specification, without those of hidden policies. */
export function rowsIn(rows: readonly Row[]): Spec {
  return { data: { values: rows }, transform: [{ filter: 'indexof(hidden, datum.policy) < 0' }] }
}

/** The title of one of several {@link concatenated} specifications. */
export function panelTitle(text: string): Spec {
  return { text, fontSize: 13, anchor: 'start', offset: 6 }
}

/** Several specifications in one picture, side by side. */
export function concatenated(
  { title, subtitle }: Pick<Drawing, 'title' | 'subtitle'>,
  panels: readonly Spec[],
  columns: number,
): Spec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...titleOf(title, subtitle),
    params: [{ name: 'hidden', value: [] }],
    config: CONFIG,
    columns,
    concat: panels,
  }
}

/** A label that is longer than its panel is wide breaks behind colons and commas. */
function headerLabel(width: number): string {
  return `length(datum.label) * ${CHARACTER_WIDTH} <= ${width} ? datum.label : split(replace(datum.label, /([:,]) ?/g, '$1\\n'), '\\n')`
}

/** The title, and its lines once more as they were before they were wrapped, for pages. */
function titleOf(title: string, subtitle: readonly string[]): Spec {
  const notes = subtitle.filter((line) => line !== '')
  const lines = notes.flatMap((line) => wrap(line, SUBTITLE_CHARACTERS))
  return { title: { text: title, subtitle: lines }, usermeta: { title, notes } }
}

type Channel = 'color' | 'fill' | 'stroke' | 'strokeDash' | 'shape'

/** Encodings that show the policy; those of one chart share one legend below it. */
export function policyChannels(
  rows: readonly Row[],
  styles: ReadonlyMap<string, PolicyStyle>,
  channels: readonly Channel[],
  legend = true,
): Spec {
  const domain = [...styles.keys()].filter((label) => rows.some(({ policy }) => policy === label))
  const range = (channel: Channel) =>
    domain.map((label) => {
      const { colour, dash, shape } = styles.get(label)!
      return channel === 'strokeDash' ? dash : channel === 'shape' ? shape : colour
    })
  return Object.fromEntries(
    channels.map((channel) => [
      channel,
      {
        field: 'policy',
        type: 'nominal',
        scale: { domain, range: range(channel) },
        legend: legend ? policyLegend(domain, styles) : null,
      },
    ]),
  )
}

function policyLegend(domain: readonly string[], styles: ReadonlyMap<string, PolicyStyle>): Spec {
  const names = domain.map((label) => styles.get(label)!.name ?? label)
  const named = Object.fromEntries(domain.map((label, i) => [label, names[i]!]))
  const isNamed = domain.some((label, i) => label !== names[i])
  return { ...bottomLegend(names), ...(isNamed && { labelExpr: `(${JSON.stringify(named)})[datum.label]` }) }
}

/** A legend below the chart, in as many columns as its labels leave room for. */
export function bottomLegend(labels: readonly string[], title: string | null = null): Spec {
  const longest = Math.max(1, ...labels.map((label) => label.length))
  const columns = Math.floor((CHART_WIDTH - 40) / (longest * CHARACTER_WIDTH + 44))
  return {
    title,
    orient: 'bottom',
    direction: 'horizontal',
    columns: Math.max(1, Math.min(columns, labels.length)),
    columnPadding: 20,
    rowPadding: 4,
    symbolSize: 110,
    symbolStrokeWidth: 2,
    offset: 12,
  }
}
