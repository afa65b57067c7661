/** How far reordered packets fell behind (the extent of RFC 4737, section 4.2), in classes that double. */
import { axisFor } from '../axes.ts'
import { type Chart, comparisonsOf } from '../chart.ts'
import { quantityTitle } from '../metric-axes.ts'
import { recordsOf } from '../saved.ts'
import type { Row } from '../spec.ts'
import { barPanels, panelOf } from './panels.ts'
import { type TtlLines, tuningsAsLines } from './ttl-lines.ts'

const METRIC = 'extent'

const OVER_TTL: TtlLines = {
  title: 'How far reordered packets fell behind, over the TTL',
  note: 'Extent: arrivals from the first packet that overtook one until it came itself. Where a line ends nothing was reordered.',
  panels: [
    {
      title: 'extent',
      logFrom: 20,
      series: [
        ['extentMean', 'mean'],
        ['extentP99', 'p99'],
        ['extentMax', 'maximum'],
      ],
    },
  ],
}

export const extentHistogram: Chart = {
  name: 'extent-histogram',
  summary: 'how far reordered packets fell behind, in packets',
  needs: 'no policy reordered a packet - lanewise compare SCENARIO -p any-idle',
  ofOnePoint: { files: ['distributions.csv'] },
  draw(input) {
    const lines = tuningsAsLines(input.results, OVER_TTL)
    if (lines !== null) return lines
    const rows: Row[] = comparisonsOf(input).flatMap((drawn) => {
      const { result, report, point } = drawn
      const delivered = new Map(
        recordsOf(report, point).map(({ policy, metrics }) => [policy, metrics.reorderedRatio?.of]),
      )
      return [...result.buckets(METRIC, point)].flatMap(([policy, buckets]) => {
        const of = delivered.get(policy)
        if (!of) return []
        const counts = new Map<number, number>()
        for (const { low, count } of buckets) {
          const doubling = Math.ceil(Math.log2(low) - 1e-9)
          counts.set(doubling, (counts.get(doubling) ?? 0) + count)
        }
        return [...counts].map(([doubling, count]) => ({
          panel: panelOf(input, drawn, policy),
          policy,
          doubling,
          bar: className(doubling),
          exact: count / of,
        }))
      })
    })
    if (rows.length === 0) return null
    const last = rows.reduce((most, { doubling }) => Math.max(most, Number(doubling)), 0)
    const y = axisFor([0, ...rows.map(({ exact }) => Number(exact))], {
      title: 'delivered packets (%)',
      percent: true,
      logFrom: 1000,
      ticks: 4,
      legroom: 0,
    })
    const xTitle = quantityTitle(METRIC)
    return barPanels(input, {
      title: 'How far reordered packets fell behind',
      note: 'Extent: arrivals from the first packet that overtook one until it came itself; 1 is the smallest. Over all runs.',
      rows: rows.map((row) => ({
        ...row,
        share: y.place(Number(row.exact)),
        base: y.place(0),
        low: null,
        high: null,
      })),
      x: {
        type: 'ordinal',
        sort: null,
        scale: { domain: Array.from({ length: last + 1 }, (_, doubling) => className(doubling)) },
        axis: { title: xTitle, labelAngle: last > 5 ? -45 : 0, labelOverlap: false },
      },
      y,
      xTitle,
      shareTitle: 'of delivered packets',
    })
  },
}

/** 1, 2, 3-4, 5-8, ... */
function className(doubling: number): string {
  const high = 2 ** doubling
  const low = doubling < 2 ? high : high / 2 + 1
  return low === high ? String(high) : `${low}\u2013${high}`
}
