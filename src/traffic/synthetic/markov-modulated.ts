/**
 * Markov-modulated Poisson arrivals (MMPP): a list of states, each with a rate and an exponential time of
 * stay; the next state is any of the others, equally likely. Every state is then entered equally often, so
 * state i is on for the share p_i = sojourn_i / sum of sojourns, and sends rate_i / sum(p_j rate_j) times
 * packetsPerSecond while it is. Source: Fischer and Meier-Hellstern, The MMPP cookbook, Performance
 * Evaluation 18(2), 1993. Validation: arrival-processes.slow.test.ts (shares of the states, index of
 * dispersion), traffic.slow.test.ts (contract).
 */

import { z } from 'zod'
import { exponentialDraws } from '../../sim/exponential.ts'
import { weightedIndex } from '../../sim/weighted-index.ts'
import { type ArrivalProcess, EMPTY_PERIODS_MAX, period } from './parts/arrival-process.ts'

const STATES_MAX = 1000

const state = z.strictObject({
  rate: z.number().min(0).max(1e9).describe('relative to those of the other states'),
  sojourn: period.describe('mean time of a stay'),
})
const parameters = z.strictObject({
  states: z
    .array(state)
    .min(2, { error: 'has fewer than two states - use poisson for one, or add a state' })
    .max(STATES_MAX)
    .refine((states) => states.some(({ rate }) => rate > 0), {
      error: 'all rates are 0 - give one above 0',
    })
    .describe('relative rate and mean time of each stay'),
})

export const markovModulated: ArrivalProcess<typeof parameters> = {
  name: 'markov-modulated',
  description: 'synthetic: Poisson packets whose rate changes with a hidden state (MMPP)',
  parameters,
  create({ states }, packetsPerSecond, random) {
    const exponential = exponentialDraws(random)
    const sojourns = states.map(({ sojourn }) => sojourn)
    const total = sojourns.reduce((sum, sojourn) => sum + sojourn, 0)
    const meanRate = states.reduce((sum, { rate, sojourn }) => sum + (rate * sojourn) / total, 0)
    const meanGapNs = states.map(({ rate }) => ((1e9 / packetsPerSecond) * meanRate) / rate)
    let current = weightedIndex(sojourns, random)()
    let stayNs = exponential() * sojourns[current]!
    return () => {
      let gapNs = 0
      for (let stays = 0; stays < EMPTY_PERIODS_MAX; stays++) {
        const waitNs = exponential() * meanGapNs[current]!
        if (waitNs <= stayNs) {
          stayNs -= waitNs
          return gapNs + waitNs
        }
        gapNs += stayNs
        const step = 1 + Math.floor(random() * (states.length - 1))
        current = (current + step) % states.length
        stayNs = exponential() * sojourns[current]!
      }
      return gapNs + (exponential() * 1e9) / packetsPerSecond
    }
  },
}
