/** Poisson arrivals: independent, exponentially distributed gaps. */

import { z } from 'zod'
import { BulkDraws } from '../../sim/bulk-draws.ts'
import { exponentialDraws } from '../../sim/exponential.ts'
import type { ArrivalProcess } from './parts/arrival-process.ts'

const parameters = z.strictObject({})

export const poisson: ArrivalProcess<typeof parameters> = {
  name: 'poisson',
  description: 'synthetic: exponential gaps at a mean rate',
  parameters,
  create(_parameters, packetsPerSecond, random) {
    const draw = exponentialDraws(random)
    const meanNs = 1e9 / packetsPerSecond
    const one = () => draw() * meanNs
    const bulk = BulkDraws.of(random)
    return bulk === undefined
      ? one
      : Object.assign(one, {
          fill: (outNs: Float64Array, count: number) => bulk.exponentials(meanNs, outNs, count),
        })
  },
}
