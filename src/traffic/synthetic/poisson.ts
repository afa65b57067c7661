/** Poisson arrivals: independent, exponentially distributed gaps. */
import { randomExponential } from 'd3-random'
import { z } from 'zod'
import { BulkDraws } from '../../sim/bulk-draws.ts'
import type { ArrivalProcess } from './parts/arrival-process.ts'

const parameters = z.strictObject({})

export const poisson: ArrivalProcess<typeof parameters> = {
  name: 'poisson',
  description: 'synthetic: exponential gaps at a mean rate',
  parameters,
  create(_parameters, packetsPerSecond, random) {
    const draw = randomExponential.source(random)(1)
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
