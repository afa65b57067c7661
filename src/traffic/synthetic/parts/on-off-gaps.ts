/**
 * Gaps of a source that is on and off in turns and sends Poisson packets while on. Because those have no
 * memory, the wait for the next packet is drawn anew whenever an on period begins.
 */

import { exponentialDraws } from '../../../sim/exponential.ts'
import type { Random } from '../../../sim/random.ts'
import { EMPTY_PERIODS_MAX, type Gaps } from './arrival-process.ts'

export interface OnOff {
  /** Length of the next on and of the next off period, ns. */
  onNs(): number
  offNs(): number
  /** Is it on at time zero, and for how long does that last, ns? */
  readonly startsOn: boolean
  readonly firstNs: number
  /** Mean gap while on: 1e9 on / (packetsPerSecond (on + off)), with the mean lengths of the periods. */
  readonly peakGapNs: number
  /** 1e9 / packetsPerSecond. */
  readonly meanGapNs: number
}

export function onOffGaps(
  { onNs, offNs, startsOn, firstNs, peakGapNs, meanGapNs }: OnOff,
  random: Random,
): Gaps {
  const exponential = exponentialDraws(random)
  let onLeftNs = startsOn ? firstNs : onNs()
  let silenceNs = startsOn ? 0 : firstNs
  return () => {
    let gapNs = silenceNs
    silenceNs = 0
    for (let empty = 0; empty < EMPTY_PERIODS_MAX; empty++) {
      const waitNs = exponential() * peakGapNs
      if (waitNs <= onLeftNs) {
        onLeftNs -= waitNs
        return gapNs + waitNs
      }
      gapNs += onLeftNs + offNs()
      onLeftNs = onNs()
    }
    return gapNs + exponential() * meanGapNs
  }
}
