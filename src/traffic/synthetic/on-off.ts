/**
 * On-off arrivals: on and off periods of exponential length in turns, Poisson packets while on. The rate
 * while on is packetsPerSecond (on + off) / on. This is the interrupted Poisson process of Kuczura (Bell
 * System Technical Journal 52(3), 1973), the two-state Markov-modulated process that is silent in one state:
 * bursts of geometric length. Validation: arrival-processes.slow.test.ts (duty cycle, index of dispersion),
 * traffic.slow.test.ts (contract).
 */

import { z } from 'zod'
import { exponentialDraws } from '../../sim/exponential.ts'
import { durationNs } from '../../unit-schemas.ts'
import { type ArrivalProcess, period } from './parts/arrival-process.ts'
import { onOffGaps } from './parts/on-off-gaps.ts'

const parameters = z.strictObject({
  on: period.describe('mean length of the periods with packets'),
  off: durationNs.describe('mean length of the periods without'),
})

export const onOff: ArrivalProcess<typeof parameters> = {
  name: 'on-off',
  description: 'synthetic: exponential on and off periods, Poisson packets while on',
  parameters,
  create({ on, off }, packetsPerSecond, random) {
    const exponential = exponentialDraws(random)
    const startsOn = random() * (on + off) < on
    return onOffGaps(
      {
        onNs: () => exponential() * on,
        offNs: () => exponential() * off,
        startsOn,
        firstNs: exponential() * (startsOn ? on : off),
        meanGapNs: 1e9 / packetsPerSecond,
        peakGapNs: ((1e9 / packetsPerSecond) * on) / (on + off),
      },
      random,
    )
  },
}
