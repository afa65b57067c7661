/**
 * From what was measured of this machine to a calibration: the work of a packet is its encryption and its
 * write, as a line over size with what goes beyond it as jitter; a lane wakes up as the sleeping thread did;
 * reader, lanes and far end share the cores that there are. What a tail is made of isn't known: programs
 * that took the core are in it, so lanes have no stalls beside it.
 */

import type { ScenarioCalibration } from '../../scenario/schema/calibration.ts'
import { writeDuration } from '../../units.ts'
import type { Cipher } from './ciphers.ts'
import type { Cost } from './cost.ts'
import type { MeasuredMachine } from './machine.ts'
import { quantileOf, reduced } from './quantiles.ts'

/** Values that stand for the times: the last one is the mean of the longest 2 of 1000. */
const TIMES_MAX = 500
/** What nearly every packet takes is work; the rest is drawn. */
const LEAST_SHARE = 0.01
/** Steps of it fall everywhere alike: the golden ratio. */
const STEP = (Math.sqrt(5) - 1) / 2

/**
 * @param withoutTun why there is no TUN write, and the cure; undefined where it was measured
 */
export function machineCalibration(
  { cores, encryption, tunWrite, wakeUpNs, date }: MeasuredMachine,
  cipher: Cipher,
  withoutTun: string | undefined,
): ScenarioCalibration {
  const cost = encryption[cipher]
  const beyondNs = tunWrite === null ? cost.beyondLineNs : summed(cost.beyondLineNs, tunWrite.beyondLineNs)
  const leastNs = quantileOf(beyondNs.slice().sort(), LEAST_SHARE)
  const jitter = reduced(
    beyondNs.map((ns) => Math.max(0, ns - leastNs)),
    TIMES_MAX,
  )
  const sum = (of: (cost: Cost) => number) => of(cost) + (tunWrite === null ? 0 : of(tunWrite))
  const fixedNs = Math.max(0, Math.round(sum(({ fixedNs: ns }) => ns) + leastNs))
  const steps = tunWrite === null ? cipher : `${cipher} and a TUN write`
  return {
    kind: 'lanewise calibration',
    schemaVersion: 2,
    scenario: {
      lanes: {
        cores: 'all',
        speed: 1,
        service: {
          fixed: writeDuration(fixedNs),
          perByte: `${sum(({ perByteNs }) => perByteNs).toFixed(3)}ns`,
          jitter: drawnFrom(jitter),
        },
        wakeUp: drawnFrom(reduced(wakeUpNs, TIMES_MAX)),
        stalls: 'none',
      },
      cores: { count: cores },
    },
    calibratedOn: {
      files: [],
      sha256: [],
      packets: cost.beyondLineNs.length + (tunWrite?.beyondLineNs.length ?? 0) + wakeUpNs.length,
      policy: null,
      lanes: cores,
      lanesAssumed: true,
      date,
    },
    heldOut: [],
    notKnown: [
      'what a VPN does with a packet besides encrypting and writing it, and what reading it costs',
      'how the kernel places threads: cores.wakeOnSameCore and cores.takeOver are those of the scenario',
      'stalls apart from the tails of work and wake-up',
      ...(withoutTun === undefined ? [] : [`what a TUN write costs: ${withoutTun}`]),
    ],
    method: `${steps}: a line through the medians of ${cost.sizes.length} sizes by least squares; jitter and wake-up are ${TIMES_MAX} means of equal shares of the times`,
    seed: null,
  }
}

function drawnFrom(timesNs: readonly number[]) {
  return { empirical: { values: timesNs.map(writeDuration) } }
}

/** The times of two steps that know nothing of each other, one after the other. */
function summed(one: Float64Array, other: Float64Array): Float64Array {
  return one.map((ns, i) => ns + other[Math.floor(((i * STEP) % 1) * other.length)]!)
}
