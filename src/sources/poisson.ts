/** Poisson arrivals: independent, exponentially distributed gaps. */
import { randomExponential } from 'd3-random'
import type { ArrivalProcess } from './arrival-process.ts'

export const poisson: ArrivalProcess = {
  name: 'poisson',
  description: 'synthetic: exponential gaps at a mean rate',
  usesRandom: true,
  create(packetsPerSecond, random) {
    const draw = randomExponential.source(random)(1)
    const meanNs = 1e9 / packetsPerSecond
    return () => draw() * meanNs
  },
}
