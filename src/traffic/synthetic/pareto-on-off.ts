/**
 * On-off arrivals with Pareto periods: long-range dependent traffic, whose bursts don't average out over
 * longer times. Poisson packets come while on, at packetsPerSecond (on + off) / on. With a shape between 1
 * and 2 the number of packets in time t has a variance that grows as t^(3 - shape), Hurst parameter (3 -
 * shape) / 2. So the rate of a single run may be far from the mean, and a run shorter than an off period may
 * be empty; give it time and runs. Source: Willinger, Taqqu, Sherman and Wilson, IEEE/ACM Trans. Networking
 * 5(1), 1997. Validation: arrival-processes.slow.test.ts (tail exponents, first period, Hurst parameter),
 * traffic.slow.test.ts (contract).
 */

import { z } from 'zod'
import { exp, log, log1p } from '../../sim/elementary.ts'
import type { Random } from '../../sim/random.ts'
import { durationNs } from '../../unit-schemas.ts'
import { type ArrivalProcess, period } from './parts/arrival-process.ts'
import { onOffGaps } from './parts/on-off-gaps.ts'

const parameters = z.strictObject({
  on: period.describe('mean length of the periods with packets'),
  off: durationNs.describe('mean length of the periods without'),
  shape: z
    .number()
    .gt(1)
    .max(1e6)
    .default(1.5)
    .describe('tail exponent of both lengths; below 2 their variance is infinite'),
})

export const paretoOnOff: ArrivalProcess<typeof parameters> = {
  name: 'pareto-on-off',
  description: 'synthetic: Pareto on and off periods, Poisson packets while on; long-range dependent',
  parameters,
  create({ on, off, shape }, packetsPerSecond, random) {
    const startsOn = random() * (on + off) < on
    return onOffGaps(
      {
        onNs: pareto(on, shape, random),
        offNs: pareto(off, shape, random),
        startsOn,
        firstNs: residual(startsOn ? on : off, shape, random()),
        meanGapNs: 1e9 / packetsPerSecond,
        peakGapNs: ((1e9 / packetsPerSecond) * on) / (on + off),
      },
      random,
    )
  },
}

function pareto(mean: number, shape: number, random: Random): () => number {
  const minimum = (mean * (shape - 1)) / shape
  return () => minimum * exp(-log1p(-random()) / shape)
}

/**
 * What is left at time zero of a period that began long before, u uniform on [0, 1): the inverse of the
 * equilibrium distribution, whose density is P(length > x) / mean.
 */
function residual(mean: number, shape: number, u: number): number {
  const minimum = (mean * (shape - 1)) / shape
  if (u * mean < minimum) return u * mean
  return minimum * exp(-log(shape * (1 - u)) / (shape - 1))
}
