/**
 * Reordered packets over a flow table's TTL, with the recommended and the smallest safe TTL that `tune`
 * found.
 */
import { HEADLINE } from '../../report/comparison/columns.ts'
import type { Chart } from '../chart.ts'
import { ttlLines } from './ttl-lines.ts'

export const reorderOverTtl: Chart = {
  name: 'reorder-over-ttl',
  summary: "reordered packets over a flow table's TTL, recommended and safe TTL marked",
  needs: 'no TTL was tuned, or no packet arrived - lanewise tune SCENARIO',
  draw: ({ results }) =>
    ttlLines(results, {
      title: 'Reordered packets over the TTL',
      panels: [{ series: [[HEADLINE, 'reordered']], hasTarget: true }],
    }),
}
