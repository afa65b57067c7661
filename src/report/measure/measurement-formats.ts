/** Measurements for a terminal, in markdown, and as the CSV of flows. */
import { styleText } from 'node:util'
import type { FlowMeasurement, Measurement } from '../../measure/measurement.ts'
import { visibleIn } from '../../visible.ts'
import type { TableOptions } from '../comparison/table.ts'
import { metricsCsv } from '../parts/csv.ts'
import { factLines, namesLast, pipes, plain } from '../parts/small-table.ts'
import { wrap } from '../parts/wrap.ts'
import { measurementLegend, measurementSections, worstFlowsTable } from './measurement-text.ts'

const NAME_WIDTH = 12

export function measurementTable(made: Measurement, { width, colour }: TableOptions): string {
  const found = visibleIn(made)
  const style = (format: 'bold' | 'dim', text: string) =>
    colour ? styleText(format, text, { validateStream: false }) : text
  const sections = measurementSections(found).flatMap(({ title, facts }, i) => [
    ...(i === 0 ? [] : ['']),
    ...wrap(title, width).map((line) => style('bold', line)),
    ...factLines(facts, NAME_WIDTH, width),
  ])
  const worst = worstFlowsTable(found)
  const [head = '', ...flows] = worst === undefined ? [] : namesLast(worst, width)
  const table = worst === undefined ? [] : ['', style('bold', head), ...flows]
  const legend = measurementLegend(found).flatMap((line) => wrap(line, width))
  return [...sections, ...table, '', ...legend.map((line) => style('dim', line))]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

export function measurementMarkdown(made: Measurement): string {
  const found = visibleIn(made)
  const sections = measurementSections(found).flatMap(({ title, facts }) => [
    `**${plain(title)}**`,
    '',
    ...facts.map(([name, text]) => `- ${name}: ${plain(text)}`),
    '',
  ])
  const worst = worstFlowsTable(found)
  const table = worst === undefined ? [] : [...pipes(worst), '']
  return [...sections, ...table, ...measurementLegend(found).map((line) => `${plain(line)}\n`)]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

/** `flow,sent,arrived,lost,duplicated,reordered`, then all metrics of the flow; the worst flow first. */
export function measuredFlowsCsv(flows: readonly FlowMeasurement[]): string {
  const header = ['flow', 'sent', 'arrived', 'lost', 'duplicated', 'reordered']
  return metricsCsv(
    header,
    flows.map(({ flow, sent, arrived, lost, duplicated, reordered, metrics }) => {
      return { cells: [flow, sent, arrived, lost, duplicated, reordered], metrics }
    }),
  )
}
