/**
 * Reorder density (RFC 5236): how far packets arrive from the place that their number gives them, on a
 * logarithmic axis.
 */
import { axisFor, ticksToEnds } from '../axes.ts'
import { type Chart, comparisonsOf } from '../chart.ts'
import { quantityTitle } from '../metric-axes.ts'
import { recordsOf } from '../saved.ts'
import type { Row } from '../spec.ts'
import { barPanels, panelOf } from './panels.ts'

const METRIC = 'reorderDensity'
const SHARE_MIN = 1e-5
/** A bar is one displacement wide. */
const HALF_BAR = 0.5

export const reorderDensity: Chart = {
  name: 'reorder-density',
  summary: 'how far packets arrive from their place (RFC 5236)',
  needs: 'no policy reordered a packet - lanewise compare SCENARIO -p any-idle',
  ofOnePoint: { files: ['distributions.csv'] },
  draw(input) {
    const rows: Row[] = comparisonsOf(input).flatMap((drawn) => {
      const { result, report, point } = drawn
      const reordered = new Set(
        recordsOf(report, point).flatMap(({ policy, metrics }) =>
          metrics.reorderedRatio?.mean ? [policy] : [],
        ),
      )
      return [...result.buckets(METRIC, point)].flatMap(([policy, buckets]) => {
        if (!reordered.has(policy)) return []
        const total = buckets.reduce((sum, { count }) => sum + count, 0)
        const panel = panelOf(input, drawn, policy)
        return buckets
          .map(({ low, count }) => ({ panel, policy, bar: low, exact: count / total, low: null, high: null }))
          .filter(({ exact }) => exact >= SHARE_MIN)
      })
    })
    if (rows.length === 0) return null
    const least = rows.reduce((least, { bar }) => Math.min(least, Number(bar)), -1)
    const most = rows.reduce((most, { bar }) => Math.max(most, Number(bar)), 1)
    const y = axisFor([0, ...rows.map(({ exact }) => Number(exact))], {
      title: 'packets (%)',
      percent: true,
      logFrom: 100,
      legroom: 0,
    })
    const xTitle = quantityTitle(METRIC)
    return barPanels(input, {
      title: 'Reorder density',
      note: 'Displacement: place on arrival minus place by number; below 0 a packet came early, above 0 late. Displacements of fewer than 0.001 % of the packets are left out. Over all runs.',
      rows: rows.map((row) => ({
        ...row,
        from: Number(row.bar) - HALF_BAR,
        to: Number(row.bar) + HALF_BAR,
        share: y.place(Number(row.exact)),
        base: y.place(0),
      })),
      x: {
        type: 'quantitative',
        scale: { domain: [least - 1, most + 1], nice: false },
        axis: { title: xTitle, grid: false, values: ticksToEnds(least, most, 5), format: 'd' },
      },
      y,
      xTitle,
      shareTitle: 'of packets',
      hasSpans: true,
    })
  },
}
