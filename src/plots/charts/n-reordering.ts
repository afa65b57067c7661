/**
 * n-reordering (RFC 4737, section 5): packets right before which n or more came in a row that were sent
 * later.
 */
import { axisFor } from '../axes.ts'
import { type Chart, comparisonsOf } from '../chart.ts'
import { quantityTitle } from '../metric-axes.ts'
import { recordsOf } from '../saved.ts'
import type { Row } from '../spec.ts'
import { barPanels, panelOf } from './panels.ts'
import { type TtlLines, tuningsAsLines } from './ttl-lines.ts'

const OVER_TTL: TtlLines = {
  title: 'n-reordering over the TTL',
  note: 'Packets right before which n or more arrived in a row that were all sent later. n = 3 stands for the three duplicate acknowledgements of TCP.',
  panels: [
    {
      title: 'delivered packets',
      series: [1, 2, 3, 5, 8].map((n) => [`nReordering[${n}]`, `n = ${n}`] as const),
    },
  ],
}

export const nReordering: Chart = {
  name: 'n-reordering',
  summary: 'packets right before which n or more later ones came in a row',
  needs: 'no policy reordered a packet - lanewise compare SCENARIO -p any-idle',
  ofOnePoint: { files: [] },
  draw(input) {
    const lines = tuningsAsLines(input.results, OVER_TTL)
    if (lines !== null) return lines
    const rows: Row[] = comparisonsOf(input).flatMap((drawn) =>
      recordsOf(drawn.report, drawn.point).flatMap(({ policy, metrics }) => {
        if (!metrics['nReordering[1]']?.mean) return []
        return Object.entries(metrics).flatMap(([name, { mean, low95, high95 }]) => {
          const degree = /^nReordering\[(\d+)\]$/.exec(name)?.[1]
          if (degree === undefined || mean === null) return []
          const panel = panelOf(input, drawn, policy)
          return [{ panel, policy, bar: Number(degree), exact: mean, low95, high95 }]
        })
      }),
    )
    if (rows.length === 0) return null
    const y = axisFor([0, ...rows.flatMap(({ exact, high95 }) => [Number(exact), Number(high95 ?? 0)])], {
      title: 'delivered packets (%)',
      percent: true,
      logFrom: Number.POSITIVE_INFINITY,
      ticks: 4,
    })
    const xTitle = quantityTitle('nReordering')
    return barPanels(input, {
      title: 'n-reordering',
      note: 'Packets right before which n or more arrived in a row that were all sent later. n = 3 stands for the three duplicate acknowledgements of TCP. Lines: 95 % confidence intervals.',
      rows: rows.map(({ low95, high95, ...row }) => ({
        ...row,
        share: row.exact!,
        base: 0,
        low: low95!,
        high: high95!,
      })),
      x: { type: 'ordinal', axis: { title: xTitle, labelAngle: 0 } },
      y,
      xTitle,
      shareTitle: 'of delivered packets',
    })
  },
}
